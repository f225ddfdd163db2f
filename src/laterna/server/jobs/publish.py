"""From spooled chunks to the files people get, all written beside and then given their names, once.

    video.mp4           at the size and quality asked
    video.mp4.laterna   latents and shot, where the engine has latents
    thumbnail.webp      the middle frame, at most 640 pixels a side
    spritesheet.jpg     5 x 5 frames spread over the film, row by row
    draft/              what extensions, edits and remixes build on (`draft`)
    passes/NAME.npy     depth, motion or matte of every draft frame, where asked

`stage` writes a folder of these under a name of its own; `unveil` moves them to where they are
looked for and never replaces what is there: of two processes that both think the job theirs, the
first has published, and the second finds it done. The film comes last, so that whoever sees it
sees the rest.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from laterna.clip import deliver
from laterna.engines.protocol import Chunk
from laterna.errors import MediaError, OutputError
from laterna.media.sidecar import Sidecar, sidecar_path
from laterna.media.write import open_writer
from laterna.server.jobs.draft import DRAFT, DraftWriter
from laterna.server.jobs.spool import WORK
from laterna.server.jobs.stitch import Film
from laterna.shot import Frames, Shot

__all__ = [
    "PASSES", "SHEET", "SPRITESHEET", "STAGE", "THUMBNAIL", "VIDEO", "clean", "stage", "unveil",
]  # fmt: skip

VIDEO, THUMBNAIL, SPRITESHEET = "video.mp4", "thumbnail.webp", "spritesheet.jpg"
PASSES = "passes"
STAGE = ".publish"  # what names of folders being written begin with
SHEET = 5  # pictures across and down a spritesheet
SHEET_SIDE, THUMBNAIL_SIDE = 256, 640  # pixels, at most

Progress = Callable[[float], None]


def stage(
    folder: Path, film: Film, shot: Shot, passes: tuple[str, ...], attempt: int, progress: Progress
) -> Path:
    """Write everything of `film` into a new folder in `folder`, and give back its path.

    `progress` hears the share that is done, and may raise to give up. Raises OutputError and
    MediaError; then nothing is left behind.
    """
    staged = folder / f"{STAGE}.{attempt}.{secrets.token_hex(4)}"
    try:
        (staged / DRAFT).mkdir(parents=True)
        _write(staged, film, shot, passes, progress)
        _sync(staged)
    except OSError as error:
        shutil.rmtree(staged, ignore_errors=True)
        raise OutputError(f"output: the film cannot be written ({error.strerror})") from error
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)
        raise
    return staged


def unveil(folder: Path, staged: Path) -> int:
    """Give what was staged its names; the bytes it takes. May be called again after a crash."""
    names = sorted(staged.iterdir(), key=lambda path: path.name == VIDEO)
    for path in names:
        if path.is_dir():
            _rename(path, folder / path.name)
        else:
            _link(path, folder / path.name)
    shutil.rmtree(staged, ignore_errors=True)
    _sync(folder)
    kept = [folder / path.name for path in names]
    return sum(_size(path) for path in kept)


def _rename(path: Path, target: Path) -> None:
    """Move a folder, unless its name is taken: a folder replaces only an empty one."""
    try:
        path.rename(target)
    except OSError:
        if not target.is_dir():
            raise


def _link(path: Path, target: Path) -> None:
    """Give `path` a second name, unless that is taken."""
    try:
        os.link(path, target)
    except FileExistsError:
        return
    except OSError:  # a disk without hard links
        if not target.exists():
            path.rename(target)


def _size(path: Path) -> int:
    if path.is_dir():
        return sum(_size(inner) for inner in path.iterdir())
    return path.stat().st_size


def _sync(folder: Path) -> None:
    """Ask the disk to keep the names; the files' contents were synced when they were written."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _write(
    staged: Path, film: Film, shot: Shot, passes: tuple[str, ...], progress: Progress
) -> None:
    """One pass over the film, from which everything is written at once."""
    latents: list[NDArray[np.float16]] = []
    with ExitStack() as stack:
        chunks = _draft(film, staged / DRAFT, stack, latents)
        chunks = _passes(chunks, film, staged / PASSES, passes)
        chunks = _counted(chunks, film.total, progress)
        blocks = deliver(chunks, _delivered(film, shot), film.maker.fps)
        pictures = _Pictures()
        plan, block = next(blocks)
        pictures.plan(plan.frames(film.total))
        writer = stack.enter_context(open_writer(staged / VIDEO, size=plan.size, fps=plan.fps))
        while True:
            writer.write(block)
            pictures.see(block)
            following = next(blocks, None)
            if following is None:
                break
            block = following[1]
    pictures.write(staged)
    whole = film.joined(latents)
    if whole is not None:
        Sidecar(whole, shot, film.maker.weights).write(sidecar_path(staged / VIDEO))


def _delivered(film: Film, shot: Shot) -> Shot:
    """What the whole film is finished as: a film with more before or behind it is no loop."""
    if film.before is None and film.after is None:
        return shot
    return Shot(shot.prompt, size=shot.size, quality=shot.quality)


def _counted(chunks: Iterator[Chunk], total: int, progress: Progress) -> Iterator[Chunk]:
    done = 0
    for chunk in chunks:
        yield chunk
        done = chunk.start + len(chunk.frames)
        progress(done / total)
    if done != total:
        raise MediaError(f"spool: the film ends after {done} of {total} frames")


def _draft(
    film: Film, folder: Path, stack: ExitStack, latents: list[NDArray[np.float16]]
) -> Iterator[Chunk]:
    """Pass chunks on and keep them; the draft is closed by `stack`."""
    writer: DraftWriter | None = None
    for chunk in film.chunks():
        if writer is None:
            height, width = chunk.frames.shape[1:3]
            writer = stack.enter_context(DraftWriter(folder, film.maker, (width, height)))
        writer.write(chunk.frames)
        if chunk.latents is not None:
            latents.append(chunk.latents)
        yield chunk
    if writer is not None:
        writer.latents = film.joined(latents)


def _passes(
    chunks: Iterator[Chunk], film: Film, folder: Path, names: tuple[str, ...]
) -> Iterator[Chunk]:
    """Pass chunks on and keep the passes asked for, of the frames that are new."""
    count = film.parts[-1].stop
    files: dict[str, Any] = {}
    for chunk in chunks:
        for name in names:
            array = chunk.passes.get(name)
            if array is None:
                continue
            if name not in files:
                folder.mkdir(exist_ok=True)
                shape = (count, *array.shape[1:])
                files[name] = np.lib.format.open_memmap(
                    folder / f"{name}.npy", "w+", array.dtype, shape
                )
            start = chunk.start - film.first
            files[name][start : start + len(array)] = array
        yield chunk
    for file in files.values():
        file.flush()


class _Pictures:
    """Chooses, from frames as they go by, those of the thumbnail and the spritesheet."""

    def __init__(self) -> None:
        self._seen = 0
        self._sheet: dict[int, Image.Image] = {}
        self._thumbnail: Image.Image | None = None

    def plan(self, total: int) -> None:
        """`total` frames are delivered."""
        cells = SHEET * SHEET
        self._middle = total // 2
        self._wanted = [(2 * cell + 1) * total // (2 * cells) for cell in range(cells)]

    def see(self, block: Frames) -> None:
        for index, frame in enumerate(block, self._seen):
            if index == self._middle:
                self._thumbnail = _small(frame, THUMBNAIL_SIDE)
            if index in self._wanted:
                self._sheet[index] = _small(frame, SHEET_SIDE)
        self._seen += len(block)

    def write(self, folder: Path) -> None:
        assert self._thumbnail is not None
        self._thumbnail.save(folder / THUMBNAIL, "WEBP", quality=85)
        width, height = self._sheet[self._wanted[0]].size
        sheet = Image.new("RGB", (SHEET * width, SHEET * height))
        for cell, index in enumerate(self._wanted):
            place = (cell % SHEET * width, cell // SHEET * height)
            sheet.paste(self._sheet[index], place)
        sheet.save(folder / SPRITESHEET, "JPEG", quality=85)


def _small(frame: Frames, side: int) -> Image.Image:
    picture = Image.fromarray(np.ascontiguousarray(frame))
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    return picture


def clean(folder: Path) -> None:
    """Take away what was only needed to get there."""
    for path in (folder / WORK, *folder.glob(f"{STAGE}.*")):
        shutil.rmtree(path, ignore_errors=True)
