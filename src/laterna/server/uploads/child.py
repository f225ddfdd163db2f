"""The process that decodes one upload: takes its limits first, then looks at the file.

Reads a request as JSON from standard input and writes two files: raw RGB, and an answer that is
{"shape", "fps"} or {"error"}. Memory, processor time, the size of files and their number are
rationed by the system, so that a decoder gone wild ends this process and nothing else. Where the
system lets it, the process also leaves the network behind.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.error import FFmpegError
from PIL import Image

from laterna.errors import LaternaError, MediaError
from laterna.media.read import iterate, read_image
from laterna.shot import Frames

MIN_SIDE, MAX_SIDE = 16, 8192
MAX_FPS = 240
MAX_STREAMS = 32
CODECS = {
    "av1", "dnxhd", "ffv1", "gif", "h264", "hevc", "mjpeg", "mpeg4", "png", "prores", "vp8", "vp9",
}  # fmt: skip
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000


def main() -> int:
    """Decode what standard input asks for; the exit status."""
    asked = json.load(sys.stdin)
    limits = asked["limits"]
    _ration(limits)
    field, source = asked["field"], Path(asked["source"])
    try:
        frames, fps = (_picture if asked["kind"] == "picture" else _film)(asked, limits)
        shape = _write(frames, Path(asked["pixels"]), limits["memory"], field)
        answer: dict[str, Any] = {"shape": shape, "fps": fps}
    except LaternaError as error:
        # Messages name the file by its path, which is ours and not the client's to know.
        answer = {"error": str(error).replace(os.fspath(source), "the file")}
    except MemoryError:
        answer = {"error": f"{field}: the file takes more memory than uploads may"}
    Path(asked["answer"]).write_text(json.dumps(answer))
    return 0


def _ration(limits: dict[str, Any]) -> None:
    with contextlib.suppress(OSError, AttributeError, TypeError):
        unshare = ctypes.CDLL(None).unshare
        if unshare(CLONE_NEWNET):  # for root alone; others need a user namespace for it
            unshare(CLONE_NEWUSER | CLONE_NEWNET)
    try:
        import resource
    except ImportError:  # Windows has no such rations; time is kept by the parent
        return
    cpu = int(limits["cpu"])
    for kind, most in (
        (resource.RLIMIT_AS, limits["memory"]),
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_FSIZE, limits["memory"]),
        (resource.RLIMIT_NOFILE, 32),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        # Some systems know a ration by name only; the others still hold.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))


def _sides(width: int, height: int, most: int, field: str) -> None:
    if not (min(width, height) >= MIN_SIDE and max(width, height) <= MAX_SIDE):
        raise MediaError(
            f"{field}: the file is {width}x{height}; sides of {MIN_SIDE} to {MAX_SIDE} are taken"
        )
    if width * height > most:
        raise MediaError(
            f"{field}: the file is {width}x{height}; at most {most:,} pixels are taken"
        )


def _picture(asked: dict[str, Any], limits: dict[str, Any]) -> tuple[Iterator[Frames], float]:
    field, source = asked["field"], Path(asked["source"])
    Image.MAX_IMAGE_PIXELS = None  # our own bound follows, before a pixel is decoded
    try:
        with Image.open(source, formats=[asked["format"]]) as image:
            width, height = image.size
    except (OSError, ValueError, SyntaxError) as error:
        raise MediaError(f"{field}: the file is not a whole picture") from error
    _sides(width, height, limits["pixels"], field)
    return iter([read_image(source, field=field)]), 0.0


def _film(asked: dict[str, Any], limits: dict[str, Any]) -> tuple[Iterator[Frames], float]:
    field, source = asked["field"], Path(asked["source"])
    rate = _check_film(source, asked["format"], limits, field)
    fps, fastest, size = asked["fps"], asked["fastest"], asked["size"]
    if fps is None and fastest is not None:
        fps = min(rate, fastest)
    frames = iterate(
        source,
        fps=fps,
        size=tuple(size) if size else None,
        max_seconds=limits["seconds"],
        field=field,
    )
    return _at_most(limits["frames"], frames, field), float(fps or rate)


def _check_film(source: Path, form: str, limits: dict[str, Any], field: str) -> Fraction:
    """Its rate, once everything that it says of itself is within bounds."""
    options = {"protocol_whitelist": "file", "format_whitelist": f"{form},mov,matroska,webm,gif"}
    try:
        with av.open(os.fspath(source), format=form, container_options=options) as container:
            return _check_streams(container, limits, field)
    except (OSError, FFmpegError) as error:
        raise MediaError(f"{field}: the file is not film; MP4, MOV or WebM will do") from error


def _check_streams(
    container: av.container.InputContainer, limits: dict[str, Any], field: str
) -> Fraction:
    if len(container.streams) > MAX_STREAMS:
        raise MediaError(f"{field}: the file has {len(container.streams)} streams, too many")
    if not container.streams.video:
        raise MediaError(f"{field}: the file has no picture stream; give a film")
    stream = container.streams.video[0]
    context = stream.codec_context
    codec = context.codec.canonical_name
    if codec not in CODECS:
        raise MediaError(f"{field}: film coded as {codec} is not taken; H.264 in MP4 will do")
    _sides(context.width, context.height, limits["pixels"], field)
    rate = Fraction(stream.average_rate or stream.guessed_rate or 25)
    if not 0 < rate <= MAX_FPS:
        raise MediaError(f"{field}: {float(rate):g} frames a second; at most {MAX_FPS} are taken")
    if stream.frames > limits["frames"]:
        raise MediaError(
            f"{field}: {stream.frames:,} frames; at most {limits['frames']:,} are taken"
        )
    seconds = _seconds(container, stream)
    if seconds > limits["seconds"]:
        most = limits["seconds"]
        raise MediaError(f"{field}: the file lasts {seconds:.1f} s; at most {most:g} s are taken")
    return rate


def _seconds(container: av.container.InputContainer, stream: av.VideoStream) -> float:
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return (container.duration or 0) / av.time_base


def _at_most(count: int, frames: Iterator[Frames], field: str) -> Iterator[Frames]:
    for index, frame in enumerate(frames):
        if index >= count:
            raise MediaError(f"{field}: the file has more than {count:,} frames")
        yield frame


def _write(frames: Iterator[Frames], path: Path, most: int, field: str) -> tuple[int, ...]:
    """Raw RGB to `path`, frame by frame; (T, H, W, 3)."""
    count, shape = 0, (0, 0, 3)
    with path.open("wb") as file:
        for frame in frames:
            if count and frame.shape != shape:
                raise MediaError(f"{field}: the frames of the file differ in size")
            count, shape = count + 1, frame.shape
            if count * frame.nbytes > most:
                raise MediaError(
                    f"{field}: decoded, the file is over {most >> 20:,} MB; give it shorter or "
                    "smaller"
                )
            file.write(frame.tobytes())
    return (count, *shape)


if __name__ == "__main__":
    raise SystemExit(main())
