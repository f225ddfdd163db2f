"""The same film, told anew: it is the source, and `strength` says how far the result may leave."""

from __future__ import annotations

from typing import Any

from laterna.edit.strips import Film, fields_of, frames_of, strip_of
from laterna.shot import Shot


def remix(film: Film, prompt: str, strength: float = 0.6, **fields: Any) -> Shot:
    """A Shot as long as `film` that shows `prompt`; strength 0 keeps the film, 1 forgets it.

    Raises InputError for a strength outside 0..1 or film that is longer than a shot may be.
    """
    length = len(frames_of(film)) / strip_of(film).fps
    return Shot(
        prompt,
        source=strip_of(film),
        strength=strength,
        **{"seconds": length, **fields_of(film, fields)},
    )
