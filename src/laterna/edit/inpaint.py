"""A part of the picture filmed anew: a mask over the source."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from laterna.edit.strips import Film, fields_of, frames_of, strip_of
from laterna.shot import Shot


def inpaint(film: Film, mask: NDArray[np.bool_], prompt: str, **fields: Any) -> Shot:
    """A Shot as long as `film` in which the masked part shows `prompt`.

    `mask` is bool (H, W) or (T, H, W) at the size of the film's frames; True is filmed anew, the
    rest is kept. Raises InputError for a mask of another shape or one that is all False.
    """
    length = len(frames_of(film)) / strip_of(film).fps
    return Shot(
        prompt,
        source=strip_of(film),
        mask=mask,
        **{"seconds": length, **fields_of(film, fields)},
    )
