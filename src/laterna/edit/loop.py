"""Film without an end: a bridge from the last frame of a film back to its first."""

from __future__ import annotations

from typing import Any

from laterna.edit.blend import blend
from laterna.edit.strips import Film
from laterna.shot import Shot


def loop(film: Film, prompt: str, seconds: float = 2.0, **fields: Any) -> Shot:
    """A Shot of `seconds` that leads from the end of `film` to its beginning.

    film + shot, played over and over, has no seam. A shot that closes on itself without any film
    to start from is Shot(prompt, loop=True).
    """
    return blend(film, film, prompt, seconds, **fields)
