"""Films and pictures made on the spot."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

from laterna.server.settings import Limits

LIMITS = Limits(upload_bytes=4 << 20, upload_seconds=10, upload_frames=300, decode_seconds=20)


def still(size: tuple[int, int] = (64, 48), form: str = "PNG", **options: object) -> bytes:
    """Red on its left half, blue on its right."""
    pixels = np.zeros((size[1], size[0], 3), np.uint8)
    pixels[:, : size[0] // 2, 0] = 255
    pixels[:, size[0] // 2 :, 2] = 255
    return saved(Image.fromarray(pixels), form, **options)


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def shoot(
    path: Path,
    frames: int = 16,
    size: tuple[int, int] = (64, 48),
    *,
    fps: int = 8,
    codec: str = "libx264",
    form: str | None = None,
    pixels: str = "yuv420p",
) -> Path:
    """A film that grows lighter from frame to frame."""
    with av.open(str(path), "w", format=form) as container:
        stream = container.add_stream(codec, rate=Fraction(fps))
        stream.width, stream.height, stream.pix_fmt = *size, pixels
        for n in range(frames):
            level = np.full((size[1], size[0], 3), n * 255 // max(1, frames), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(level)))
        container.mux(stream.encode(None))
    return path


def sound(path: Path) -> Path:
    """An MP4 that holds sound alone."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44100)
        frame = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), "fltp", "stereo")
        frame.sample_rate = 44100
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
