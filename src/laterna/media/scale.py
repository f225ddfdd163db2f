"""Frames to another size: Lanczos, and a centred crop where the shape differs.

The crop and the scaling are one step (a fractional source box), so that a token grid that covers
the wanted picture comes down to exactly its size with no edge doubled or lost.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from laterna.shot import Frames

__all__ = ["cover", "cover_box", "cover_nearest", "cropped_size", "same_shape"]

T = TypeVar("T", bound=np.generic)


def cover_box(
    source: tuple[int, int], target: tuple[int, int]
) -> tuple[float, float, float, float]:
    """The centred part (left, top, right, bottom) of `source` that has the shape of `target`.

    Sizes are (width, height) in pixels; the box is in source pixels and may be fractional.
    """
    (width, height), (wide, high) = source, target
    scale = min(width / wide, height / high)
    box_width, box_height = wide * scale, high * scale
    left, top = (width - box_width) / 2, (height - box_height) / 2
    return (left, top, left + box_width, top + box_height)


def same_shape(source: tuple[int, int], target: tuple[int, int], within: float = 0.01) -> bool:
    """Whether covering `target` with `source` crops less than `within` of either side."""
    left, top, right, bottom = cover_box(source, target)
    return (right - left) >= source[0] * (1 - within) and (bottom - top) >= source[1] * (1 - within)


def cropped_size(source: tuple[int, int], shape: tuple[int, int], most: int) -> tuple[int, int]:
    """The size of the centred part of `source` with the shape of `shape`, at most `most` a side.

    Covering it with `source` crops whole pixels, and scales them only where `most` is exceeded. A
    `source` that has the shape already (`same_shape`) is not cropped.
    """
    width, height = source
    if not same_shape(source, shape):
        left, top, _, _ = cover_box(source, shape)
        width, height = width - 2 * round(left), height - 2 * round(top)
    shrink = min(1.0, most / max(width, height))
    return max(1, round(width * shrink)), max(1, round(height * shrink))


def cover(frames: NDArray[np.uint8], size: tuple[int, int]) -> Frames:
    """Scale and crop (T, H, W, 3) or (H, W, 3) uint8 to `size` (width, height), centred.

    Upwards with a bicubic kernel's bigger brother (Lanczos, three lobes), downwards with the same
    kernel widened, so that fine detail does not alias. Returns the input where nothing is to do.
    """
    if frames.ndim == 3:
        still: Frames = cover(frames[None], size)[0]
        return still
    height, width = frames.shape[1:3]
    if (width, height) == size:
        return frames
    box = cover_box((width, height), size)
    out = np.empty((len(frames), size[1], size[0], 3), np.uint8)
    for index, frame in enumerate(frames):
        picture = Image.fromarray(np.ascontiguousarray(frame))
        out[index] = np.asarray(picture.resize(size, Image.Resampling.LANCZOS, box=box))
    return out


def cover_nearest(image: NDArray[T], size: tuple[int, int]) -> NDArray[T]:
    """The same of one picture or mask (H, W, ...) by nearest pixels, never a mixture."""
    left, top, right, bottom = cover_box((image.shape[1], image.shape[0]), size)
    across = left + (np.arange(size[0]) + 0.5) * (right - left) / size[0]
    down = top + (np.arange(size[1]) + 0.5) * (bottom - top) / size[1]
    picked: NDArray[T] = image[down.astype(int)[:, None], across.astype(int)[None]]
    return picked
