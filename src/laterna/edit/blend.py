"""A bridge from one film into another: the first leads, the second trails."""

from __future__ import annotations

from typing import Any

from laterna.edit.strips import Film, fields_of, head, tail
from laterna.shot import Shot


def blend(first: Film, second: Film, prompt: str, seconds: float = 2.0, **fields: Any) -> Shot:
    """A Shot of `seconds` between the end of `first` and the beginning of `second`.

    first + shot + second play as one. Size and quality are those of `first` unless given.
    """
    return Shot(
        prompt, seconds=seconds, lead=tail(first), trail=head(second), **fields_of(first, fields)
    )
