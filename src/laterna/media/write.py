"""Frames into files: one writer, the format chosen by the name, nothing half-written ever.

Every format is written to a hidden neighbour of its final name, counted again, and renamed only
when it is whole. An exception, Ctrl-C or a full disk inside the `with` block removes the neighbour
and leaves whatever stood under the name before untouched. Memory does not grow with length.

    NAME.mp4   H.264 yuv420p, BT.709, index in front (faststart)
    NAME.mov   ProRes 422, BT.709
    NAME.webm  VP9 yuv420p, BT.709
    NAME.gif   256 colours a frame, endless
    NAME.png   one still
    NAME or NAME/   a folder of PNG, NAME.1001.png and on (the visual effects house's first frame)
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import numpy as np
from av.error import FFmpegError

from laterna.errors import InputError, OutputError
from laterna.media.formats import FILMS, Folder, Sink, Still
from laterna.shot import Frames

__all__ = ["FORMATS", "Writer", "ensure_writable", "open_writer", "write_whole"]

FORMATS = (".mp4", ".mov", ".webm", ".gif", ".png")


class Writer:
    """A file being written; made by `open_writer`, used as a context manager.

    `write` takes (T, H, W, 3) uint8 sRGB of the writer's size, any T; `frames` counts them. The
    file takes its name when the block ends well. Raises OutputError when it cannot.
    """

    def __init__(
        self, path: Path, size: tuple[int, int], fps: Fraction, overwrite: bool, quality: int
    ) -> None:
        self.path, self.size, self.fps, self.overwrite = path, size, fps, overwrite
        self.frames = 0
        self._draft = _neighbour(path)
        self._sink: Sink | None = None
        suffix = path.suffix.lower()
        try:
            self._sink = self._open(suffix, quality)
        except (OSError, FFmpegError) as error:
            self._discard()
            raise _explain(error, path) from error
        except BaseException:
            self._discard()
            raise

    def _open(self, suffix: str, quality: int) -> Sink:
        if suffix in FILMS:
            self._draft.touch(exist_ok=False)
            return FILMS[suffix](self._draft, self.size, self.fps, quality)
        if suffix == ".png":
            self._draft.touch(exist_ok=False)
            return Still(self._draft, self.path)
        self._draft.mkdir()
        return Folder(self._draft, self.path.name)

    def write(self, frames: Frames) -> None:
        """Append (T, H, W, 3) uint8 frames."""
        if self._sink is None:
            raise OutputError(f"output: {self.path} is closed already")
        width, height = self.size
        if frames.dtype != np.uint8 or frames.ndim != 4 or frames.shape[1:] != (height, width, 3):
            raise InputError(
                "frames", f"{frames.dtype} {frames.shape}", f"uint8 (T, {height}, {width}, 3) fits"
            )
        try:
            for frame in frames:
                self._sink.put(np.ascontiguousarray(frame))
                self.frames += 1
        except (OSError, FFmpegError) as error:
            raise _explain(error, self.path) from error

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._finish()
        except (OSError, FFmpegError) as failure:
            raise _explain(failure, self.path) from failure
        finally:
            self._discard()

    def _finish(self) -> None:
        if not self.frames:
            raise OutputError(f"output: no frame was filmed for {self.path}")
        assert self._sink is not None
        sink, self._sink = self._sink, None
        sink.close(whole=True)
        counted = sink.count()
        if counted != self.frames:
            raise OutputError(
                f"output: {self.path} holds {counted} of {self.frames} frames; is the disk full?"
            )
        if not self.overwrite:
            _refuse_existing(self.path)
        _sync(self._draft)
        _rename(self._draft, self.path)

    def _discard(self) -> None:
        """Take away what is not whole; never touches the final name."""
        sink, self._sink = self._sink, None
        try:
            if sink is not None:
                with suppress(OSError, FFmpegError):  # a full disk fails once more on closing
                    sink.close(whole=False)
        finally:
            shutil.rmtree(self._draft, ignore_errors=True)
            with suppress(OSError):
                self._draft.unlink(missing_ok=True)


def open_writer(
    path: str | os.PathLike[str],
    *,
    size: tuple[int, int],
    fps: float | Fraction,
    overwrite: bool = False,
    quality: int = 17,
) -> Writer:
    """Open `path` for frames of `size` (width, height) at `fps`; the name chooses the format.

    `quality` is the constant rate factor of x264 (0 to 51, lower is better). Raises OutputError
    when the name exists and `overwrite` is false, or when nothing can be written there: before
    any frame is made, so that no filming is lost. Raises InputError on an unknown suffix.
    """
    rate = Fraction(fps).limit_denominator(1001)
    if rate <= 0:
        raise InputError("fps", fps, "give frames per second above 0")
    target = ensure_writable(path, overwrite=overwrite)
    return Writer(target, size, rate, overwrite, quality)


def ensure_writable(path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
    """Check that `path` can be written, without writing it; the path without a trailing slash.

    Raises InputError on a suffix that is no format, OutputError on everything else.
    """
    text = os.fspath(path)
    target = Path(text)
    if not target.name or target.name == "..":
        raise InputError("output", text, "give a file name, such as clip.mp4")
    if target.name.lower() in FORMATS:
        raise InputError("output", text, f"give it a name, such as clip{target.name.lower()}")
    suffix = target.suffix.lower()
    folder = text.endswith(("/", os.sep)) or not suffix
    if not folder and suffix not in FORMATS:
        known = ", ".join(FORMATS)
        raise InputError("output", text, f"a name ends in {known}, or in / for a folder of PNG")
    if folder and suffix in FORMATS:
        raise InputError("output", text, f"a folder of PNG does not end in {suffix}")
    try:
        if not overwrite:
            _refuse_existing(target)
        elif target.is_dir():
            _refuse_foreign(target, folder)
        elif folder and target.exists():
            raise OutputError(f"output: {target} is a file, not a folder; choose another name")
        _probe(target)
    except OSError as error:
        raise _explain(error, target) from error
    return target


def write_whole(path: Path, data: bytes) -> None:
    """Put `data` under `path` in one step, replacing what is there. Raises OutputError."""
    draft = _neighbour(path)
    try:
        draft.write_bytes(data)
        _sync(draft)
        os.replace(draft, path)
    except OSError as error:
        raise _explain(error, path) from error
    finally:
        draft.unlink(missing_ok=True)


def _refuse_existing(path: Path) -> None:
    if os.path.lexists(path):
        raise OutputError(
            f"output: {path} exists; choose another name, or overwrite it with --force"
        )


def _refuse_foreign(path: Path, folder: bool) -> None:
    """Only a folder of numbered PNG of this name may be replaced: never someone's documents."""
    ours = re.compile(re.escape(path.name) + r"\.\d{4,}\.png")
    if not folder or any(not ours.fullmatch(entry.name) for entry in path.iterdir()):
        raise OutputError(f"output: {path} is a folder that holds other files; choose another name")


def _neighbour(path: Path) -> Path:
    """A hidden name beside `path`, on the same disk, so that renaming is one step."""
    return path.parent / f".{path.name}.{secrets.token_hex(4)}.part"


def _probe(path: Path) -> None:
    """Make and remove an empty file: permission bits alone do not tell (root, read-only disks)."""
    if not path.parent.is_dir():
        raise OutputError(f"output: the folder {path.parent} does not exist; make it first")
    probe = _neighbour(path)
    try:
        probe.touch(exist_ok=False)
    finally:
        with suppress(OSError):
            probe.unlink(missing_ok=True)


def _rename(draft: Path, path: Path) -> None:
    """Give `draft` its name; a folder in its place steps aside first and goes afterwards."""
    if not (draft.is_dir() and path.is_dir()):
        os.replace(draft, path)
        return
    aside = draft.with_suffix(".old")
    os.rename(path, aside)
    try:
        os.rename(draft, path)
    except OSError:
        os.rename(aside, path)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _sync(path: Path) -> None:
    """Ask the disk to keep what it was given; a full disk may only admit it here."""
    for entry in path.iterdir() if path.is_dir() else (path,):
        handle = os.open(entry, os.O_RDWR)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _explain(error: Exception, path: Path) -> OutputError:
    """One line a film maker can act on."""
    number = getattr(error, "errno", None)
    if number in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
        return OutputError(f"output: no space left for {path}; free some disk or shorten the shot")
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return OutputError(f"output: {path.parent} is not writable; choose another folder")
    if number == errno.ENAMETOOLONG:
        return OutputError(f"output: the name of {path.name[:40]}... is too long; shorten it")
    reason = getattr(error, "strerror", None) or str(error)
    return OutputError(f"output: {path} cannot be written ({reason})")
