"""Files into frames: film, stills and masks, with limits that hold before anything is decoded.

A file from outside is untrusted. Its claimed size and length are checked first, playlists and
other containers that would make the decoder open further files are not recognised at all, and
what is cut short or damaged is an error, not a shorter film.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray
from PIL import Image, ImageOps

from laterna.errors import MediaError
from laterna.media.scale import cover
from laterna.shot import DRAFT_FPS, MAX_SECONDS, Frames, Strip

__all__ = ["Media", "iterate", "probe", "read_image", "read_mask", "read_strip"]

MAX_PIXELS = 8192 * 4320  # of one frame
MAX_BYTES = 2 << 30  # of a strip in memory
SLACK = 0.002  # seconds; some containers keep time in whole milliseconds
FILMS = (".mp4", ".mov", ".m4v", ".webm", ".mkv", ".gif", ".avi", ".mxf", ".mpg", ".ts", ".apng")
# Only containers that carry their own frames; hls, concat and the like open other files.
CONTAINERS = "mov,mp4,matroska,webm,gif,avi,mxf,mpeg,mpegts,apng,ogg,yuv4mpegpipe"


@dataclass(frozen=True, slots=True)
class Media:
    """What a file says of itself. `size` is as displayed: upright, with square pixels."""

    size: tuple[int, int]
    fps: Fraction
    seconds: float | None
    codec: str
    pixels: str


def _open(path: Path, field: str) -> av.container.InputContainer:
    if not path.is_file():
        raise MediaError(f"{field}: {path} is not a file that can be read")
    options = {"format_whitelist": CONTAINERS, "protocol_whitelist": "file"}
    try:
        container = av.open(os.fspath(path.absolute()), container_options=options)
    except (OSError, FFmpegError) as error:
        if isinstance(error, PermissionError):
            raise MediaError(f"{field}: {path} may not be read; change its permissions") from error
        raise MediaError(f"{field}: {path} is not film; MP4, MOV, WebM or GIF will do") from error
    if not container.streams.video:
        container.close()
        raise MediaError(f"{field}: {path} has no picture stream; give a film")
    return container


def _describe(container: av.container.InputContainer, path: Path, field: str) -> Media:
    stream = container.streams.video[0]
    context = stream.codec_context
    width, height = context.width, context.height
    if not width or not height:
        raise MediaError(f"{field}: {path} does not say its frame size; it may be damaged")
    if width * height > MAX_PIXELS:
        raise MediaError(
            f"{field}: {path} is {width}x{height}; at most {MAX_PIXELS:,} pixels a frame are read"
        )
    aspect = stream.sample_aspect_ratio or Fraction(1)
    fps = Fraction(stream.average_rate or stream.guessed_rate or 25)
    seconds = None
    if stream.duration is not None and stream.time_base is not None:
        seconds = float(stream.duration * stream.time_base)
    elif container.duration is not None:
        seconds = container.duration / av.time_base
    size = (max(1, round(width * aspect)), height)
    return Media(size, fps, seconds, context.name, context.pix_fmt or "unknown")


def probe(path: str | os.PathLike[str], field: str = "source") -> Media:
    """What the film at `path` is, without decoding it. Raises MediaError."""
    path = Path(path)
    with _open(path, field) as container:
        media = _describe(container, path, field)
        # Which way is up comes with the frames, not with the stream.
        try:
            first = next(iter(container.decode(video=0)), None)
        except (OSError, FFmpegError) as error:
            raise MediaError(f"{field}: {path} cannot be decoded; it may be damaged") from error
    if first is not None and first.rotation % 180:
        return Media(media.size[::-1], media.fps, media.seconds, media.codec, media.pixels)
    return media


def _upright(frame: av.VideoFrame, stream: av.VideoStream) -> Frames:
    picture = frame.to_ndarray(format="rgb24")
    aspect = stream.sample_aspect_ratio or Fraction(1)
    if aspect != 1 and aspect > 0:
        height, width = picture.shape[:2]
        square = (max(1, round(width * aspect)), height)
        picture = np.asarray(Image.fromarray(picture).resize(square, Image.Resampling.LANCZOS))
    return np.ascontiguousarray(np.rot90(picture, frame.rotation // 90))


def _timed(
    container: av.container.InputContainer, media: Media
) -> Iterator[tuple[float, float, Frames]]:
    """(second, length in seconds, picture) of every frame, the first at second 0."""
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    start: float | None = None
    for count, frame in enumerate(container.decode(stream)):
        second = float(frame.time) if frame.time is not None else count / float(media.fps)
        start = second if start is None else start
        length = 1 / float(media.fps)
        if frame.duration and frame.time_base:
            length = float(frame.duration * frame.time_base)
        yield second - start, length, _upright(frame, stream)


def iterate(
    path: str | os.PathLike[str],
    *,
    fps: float | Fraction | None = None,
    size: tuple[int, int] | None = None,
    max_seconds: float = MAX_SECONDS,
    field: str = "source",
) -> Iterator[Frames]:
    """Yield the film at `path` frame by frame, (H, W, 3) uint8 sRGB, at constant memory.

    With `fps` the film is resampled: frame k is what the screen shows at second k / fps. With
    `size` (width, height) each frame is scaled and cropped to cover it. Raises MediaError when the
    file is no film, is damaged, or is longer than `max_seconds`.
    """
    path = Path(path)
    with _open(path, field) as container:
        media = _describe(container, path, field)
        if media.seconds is not None and media.seconds > max_seconds + 0.5:
            raise _too_long(path, media.seconds, max_seconds, field)
        end = 0.0
        shown: Frames | None = None
        due = 0  # frames given out so far, when resampling
        try:
            for second, length, picture in _timed(container, media):
                end = second + length
                if end > max_seconds + 0.5:
                    raise _too_long(path, end, max_seconds, field)
                if fps is None:
                    yield cover(picture, size) if size else picture
                    continue
                while shown is not None and due / float(fps) + SLACK < second:
                    yield shown
                    due += 1
                shown = cover(picture, size) if size else picture
        except (OSError, FFmpegError) as error:
            raise MediaError(f"{field}: {path} cannot be decoded; it may be damaged") from error
        if end == 0.0:
            raise MediaError(f"{field}: {path} holds no frame; it may be cut short")
        if media.seconds is not None and end < media.seconds - max(0.5, 0.1 * media.seconds):
            raise MediaError(
                f"{field}: {path} is cut short, {end:.1f} of {media.seconds:.1f} s are there"
            )
        if fps is not None and shown is not None:
            yield from [shown] * max(int(due == 0), round(end * float(fps)) - due)


def _too_long(path: Path, seconds: float, limit: float, field: str) -> MediaError:
    return MediaError(f"{field}: {path} lasts {seconds:.1f} s; at most {limit:g} s are read")


def read_strip(
    path: str | os.PathLike[str],
    fps: float = DRAFT_FPS,
    max_seconds: float = MAX_SECONDS,
    *,
    size: tuple[int, int] | None = None,
    most: int | None = None,
    field: str = "source",
) -> Strip:
    """Read a film into a Strip of (T, H, W, 3) uint8 at `fps`.

    `size` (width, height) scales and crops each frame while reading. The film is read whole; of its
    frames at most the first `most` are kept. Raises MediaError, before decoding wherever the file
    tells its length and size truthfully.
    """
    path = Path(path)
    media = probe(path, field)
    width, height = size or media.size
    count = (media.seconds or 0.0) * fps
    if min(count, most or count) * width * height * 3 > MAX_BYTES:
        raise MediaError(
            f"{field}: {path} would take more than {MAX_BYTES >> 30} GB of memory at "
            f"{width}x{height}; shorten it or make it smaller"
        )
    film = iterate(path, fps=fps, size=size, max_seconds=max_seconds, field=field)
    frames = [frame for number, frame in enumerate(film) if most is None or number < most]
    return Strip(np.stack(frames), fps)


def _picture(path: Path, field: str) -> Image.Image:
    if not path.is_file():
        raise MediaError(f"{field}: {path} is not a file that can be read")
    try:
        with Image.open(path) as image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                raise MediaError(
                    f"{field}: {path} is {width}x{height}; at most {MAX_PIXELS:,} pixels are read"
                )
            image.load()
            upright = ImageOps.exif_transpose(image)
    except PermissionError as error:
        raise MediaError(f"{field}: {path} may not be read; change its permissions") from error
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise MediaError(
            f"{field}: {path} is not a whole picture; PNG, JPEG or WebP will do"
        ) from error
    if upright.mode.startswith(("I", "F")):  # deep greys: Pillow would clip, not scale
        deep = np.asarray(upright, np.float64)
        top = 65535.0 if upright.mode.startswith("I") else 1.0
        upright = Image.fromarray(np.uint8(np.clip(deep / top, 0, 1) * 255 + 0.5))
    if upright.has_transparency_data:
        over = Image.new("RGBA", upright.size, (0, 0, 0, 255))
        upright = Image.alpha_composite(over, upright.convert("RGBA"))
    return upright.convert("RGB")


def read_image(
    path: str | os.PathLike[str], size: tuple[int, int] | None = None, *, field: str = "image"
) -> NDArray[np.uint8]:
    """Read a picture as (H, W, 3) uint8 sRGB, upright, transparency over black.

    `size` (width, height) scales and crops it to cover. Raises MediaError.
    """
    picture = np.array(_picture(Path(path), field), np.uint8)
    return cover(picture, size) if size else picture


def read_mask(
    path: str | os.PathLike[str],
    size: tuple[int, int] | None = None,
    *,
    fps: float = DRAFT_FPS,
    max_seconds: float = MAX_SECONDS,
    field: str = "mask",
) -> NDArray[np.bool_]:
    """Read a mask: a picture gives (H, W), a film (T, H, W) at `fps`. True (white) is filmed anew.

    Grey counts as white from half brightness up. Raises MediaError.
    """
    path = Path(path)
    if path.suffix.lower() not in FILMS:
        return _is_white(read_image(path, size, field=field))
    film = iterate(path, fps=fps, size=size, max_seconds=max_seconds, field=field)
    return np.stack([_is_white(frame) for frame in film])


def _is_white(frame: NDArray[np.uint8]) -> NDArray[np.bool_]:
    white: NDArray[np.bool_] = frame.mean(axis=-1) >= 127.5
    return white
