"""More picture around the film: it lies on a wider canvas, and what is outside is filmed."""

from __future__ import annotations

from typing import Any

import numpy as np

from laterna.edit.strips import Film, fields_of, frames_of, strip_of
from laterna.errors import InputError
from laterna.shot import Shot, Strip, parse_size
from laterna.size import aspect


def outpaint(
    film: Film,
    size: str | tuple[int, int],
    prompt: str,
    *,
    across: float = 0.5,
    down: float = 0.5,
    **fields: Any,
) -> Shot:
    """A Shot of `size` with `film` in it, whole, and new picture around.

    The canvas is the smallest of that shape that holds the film's frames. `across` and `down`
    (0 to 1) say where on it the film lies: 0.5 is the middle, 0 the left or upper edge. Raises
    InputError when the film has that shape already and there is nothing to add.
    """
    for name, share in (("across", across), ("down", down)):
        if not 0 <= share <= 1:
            raise InputError(name, share, "give 0 (left or upper edge) to 1")
    frames = frames_of(film)
    total, height, width = frames.shape[:3]
    asked = parse_size(size)
    wide, high = _canvas(width, height, *aspect(asked))
    if (wide, high) == (width, height):
        raise InputError("size", size, "the film has this shape already; ask for another")
    left, top = round((wide - width) * across), round((high - height) * down)
    # The edge goes on outward: an engine that peeks under the mask meets no black border.
    around = ((0, 0), (top, high - height - top), (left, wide - width - left), (0, 0))
    mask = np.ones((high, wide), np.bool_)
    mask[top : top + height, left : left + width] = False
    strip = strip_of(film)
    fields = {"seconds": total / strip.fps, **fields_of(film, fields), "size": asked}
    source = Strip(np.pad(frames, around, mode="edge"), strip.fps)
    return Shot(prompt, source=source, mask=mask, **fields)


def _canvas(width: int, height: int, wide: int, high: int) -> tuple[int, int]:
    """The smallest even canvas of the shape wide:high that holds width x height."""
    if wide * height >= high * width:
        return max(width, _even(height * wide / high)), height
    return width, max(height, _even(width * high / wide))


def _even(length: float) -> int:
    return 2 * round(length / 2)
