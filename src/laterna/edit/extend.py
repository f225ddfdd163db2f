"""What happens next, or what happened before: the film is the lead or the trail of a new shot."""

from __future__ import annotations

from typing import Any

from laterna.edit.strips import Film, fields_of, head, tail
from laterna.shot import Shot


def extend(
    film: Film, prompt: str, seconds: float = 4.0, *, before: bool = False, **fields: Any
) -> Shot:
    """A Shot of `seconds` that goes on from the end of `film`, or leads up to its beginning.

    It holds the new frames alone: film + shot, or with `before` shot + film, play as one.
    `fields` are further fields of Shot; size and quality are those of `film` unless given.
    """
    fields = fields_of(film, fields)
    if before:
        return Shot(prompt, seconds=seconds, trail=head(film), **fields)
    return Shot(prompt, seconds=seconds, lead=tail(film), **fields)
