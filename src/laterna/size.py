"""Picture sizes: what is asked for, what is filmed, and what is delivered.

A model films on a grid of tokens of 32 x 32 pixels, at most 8 x 5 of them (5 x 8 upright). Every
size is filmed on the smallest grid that covers its aspect inside that frame, cropped to the aspect,
and scaled to what was asked:

    asked        filmed     cropped to   draft        quick finish
    16:9         256 x 160  256 x 144    256 x 144    512 x 288
    9:16         160 x 256  144 x 256    144 x 256    288 x 512
    1:1          160 x 160  160 x 160    160 x 160    320 x 320
    2.39:1       256 x 128  256 x 106    256 x 106    512 x 212
    1280 x 720   256 x 160  256 x 144    1280 x 720   1280 x 720
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from laterna.checks import is_whole
from laterna.errors import InputError

MIN_SIDE, MAX_SIDE = 64, 1920
TOKEN = 32  # pixels a side
LONG, SHORT = 256, 160  # the frame every grid fits into
RATIOS: dict[str, tuple[int, int]] = {  # name: exact draft size
    "16:9": (256, 144),
    "9:16": (144, 256),
    "1:1": (160, 160),
    "2.39:1": (256, 106),
}

REMEDY = (
    f"give one of {', '.join(RATIOS)}, or WIDTHxHEIGHT with both even and {MIN_SIDE} to {MAX_SIDE}"
)

Size = tuple[int, int]  # width, height


@dataclass(frozen=True, slots=True)
class DraftGrid:
    """How a size is filmed and delivered; every pair is (width, height) in pixels.

    film    what the model films; multiples of 32
    crop    (left, top, width, height) of the filmed picture that is shown, centred, even sides:
            the size of an engine's chunk frames
    draft   what is delivered without finishing
    quick   what the quick finish delivers: twice the draft for a ratio, else the size asked for
    """

    film: Size
    crop: tuple[int, int, int, int]
    draft: Size
    quick: Size

    @property
    def tokens(self) -> Size:
        """Columns and rows of 32-pixel tokens."""
        return self.film[0] // TOKEN, self.film[1] // TOKEN

    @property
    def frame(self) -> Size:
        """Width and height of the frames in an engine's chunks."""
        return self.crop[2], self.crop[3]


def parse_size(size: object) -> str | Size:
    """Give `size` its one spelling: a name from RATIOS, or (width, height).

    Takes a ratio's name, "1280x720", or a pair of integers. Raises InputError.
    """
    if isinstance(size, str):
        name = size.strip().lower()
        if name in RATIOS:
            return name
        match = re.fullmatch(r"(\d{1,9})\s*[x×*]\s*(\d{1,9})", name, re.ASCII)
        if match is None:
            raise InputError("size", size, REMEDY)
        sides = [int(match[1]), int(match[2])]
    elif isinstance(size, tuple | list):
        sides = [int(side) for side in size if is_whole(side)]
        if len(sides) != len(size):
            raise InputError("size", size, REMEDY)
    else:
        raise InputError("size", size, REMEDY)
    if len(sides) != 2 or any(s % 2 or not MIN_SIDE <= s <= MAX_SIDE for s in sides):
        raise InputError("size", size, REMEDY)
    return sides[0], sides[1]


def aspect(size: object) -> Size:
    """Two numbers, width and height, that have the shape of `size`. Raises InputError."""
    asked = parse_size(size)
    return RATIOS[asked] if isinstance(asked, str) else asked


def draft_grid(size: object) -> DraftGrid:
    """Say how `size` is filmed and delivered. Raises InputError for what is not a size."""
    asked = parse_size(size)
    width, height = aspect(asked)
    crop_w, crop_h = _fit(width, height)
    film = (_up(crop_w), _up(crop_h))
    crop = ((film[0] - crop_w) // 2, (film[1] - crop_h) // 2, crop_w, crop_h)
    if isinstance(asked, str):
        return DraftGrid(film, crop, (crop_w, crop_h), (2 * crop_w, 2 * crop_h))
    return DraftGrid(film, crop, asked, asked)


def size_name(width: int, height: int) -> str | Size:
    """The ratio whose draft or quick size is `width` x `height`, else the pair itself."""
    for name in RATIOS:
        grid = draft_grid(name)
        if (width, height) in (grid.draft, grid.quick):
            return name
    return width, height


def _fit(width: int, height: int) -> Size:
    """The largest even size of this aspect inside the frame of 256 x 160 (upright: 160 x 256)."""
    limit_w, limit_h = (LONG, SHORT) if width >= height else (SHORT, LONG)
    if width * limit_h >= height * limit_w:
        return limit_w, _even(limit_w * height / width)
    return _even(limit_h * width / height), limit_h


def _even(length: float) -> int:
    return max(2, 2 * math.floor(length / 2 + 0.5))


def _up(length: int) -> int:
    return -(-length // TOKEN) * TOKEN
