"""The film an edit builds on: a Clip as it was filmed, or a Strip from a file.

Latents describe four frames each, so a piece of film takes its latents along only where it is cut
between them.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from laterna.clip import Clip
from laterna.errors import InputError
from laterna.shot import MAX_SIDE, MIN_SIDE, Frames, Size, Strip, size_name

__all__ = ["CONTEXT", "Film", "fields_of", "frames_of", "head", "strip_of", "tail"]

CONTEXT = 4.0  # seconds of film an engine is given to go on from
PER_LATENT = 4  # frames

Film = Clip | Strip


def strip_of(film: Film) -> Strip:
    """`film` as a Strip; of a Clip its own frames and latents."""
    return film.strip() if isinstance(film, Clip) else film


def frames_of(film: Film) -> Frames:
    """The frames of `film`. Raises InputError for a strip of latents alone."""
    frames = strip_of(film).frames
    if frames is None:
        raise InputError("source", "latents alone", "this edit needs the frames too")
    return frames


def fields_of(film: Film, given: dict[str, Any]) -> dict[str, Any]:
    """The fields of a Shot that goes on from `film`: its size and quality, then what is `given`.

    A Strip has no shot; its size is the ratio its frames have the draft or quick size of, else
    the size nearest to theirs that a shot can have.
    """
    if isinstance(film, Clip):
        return {"size": film.shot.size, "quality": film.shot.quality, **given}
    if film.frames is None:
        return dict(given)
    height, width = film.frames.shape[1:3]
    return {"size": _deliverable(width, height), **given}


def tail(film: Film, seconds: float = CONTEXT) -> Strip:
    """The last `seconds` of `film`, or all of it."""
    strip = strip_of(film)
    groups = _groups(strip, seconds)
    if strip.frames is None:
        return replace(strip, latents=_part(strip.latents, -groups, None))
    total = len(strip.frames)
    first = max(0, total - groups * PER_LATENT) // PER_LATENT
    whole = total % PER_LATENT == 0 and _matches(strip)
    latents = _part(strip.latents, first, None) if whole else None
    return Strip(strip.frames[first * PER_LATENT :], strip.fps, latents)


def head(film: Film, seconds: float = CONTEXT) -> Strip:
    """The first `seconds` of `film`, or all of it."""
    strip = strip_of(film)
    groups = _groups(strip, seconds)
    latents = _part(strip.latents, None, groups)
    if strip.frames is None:
        return replace(strip, latents=latents)
    return Strip(
        strip.frames[: groups * PER_LATENT], strip.fps, latents if _matches(strip) else None
    )


def _groups(strip: Strip, seconds: float) -> int:
    """How many latents cover `seconds`."""
    return max(1, math.ceil(seconds * strip.fps / PER_LATENT))


def _matches(strip: Strip) -> bool:
    """Whether the latents are those of all the frames."""
    if strip.frames is None or strip.latents is None:
        return False
    return len(strip.latents) == -(-len(strip.frames) // PER_LATENT)


def _part(
    latents: NDArray[np.float32] | None, start: int | None, stop: int | None
) -> NDArray[np.float32] | None:
    return None if latents is None else latents[start:stop]


def _deliverable(width: int, height: int) -> str | Size:
    """The size a shot can have that is nearest to `width` x `height` and of its shape."""
    scale = min(1.0, MAX_SIDE / max(width, height))
    scale = max(scale, MIN_SIDE / min(width, height))
    sides = [min(MAX_SIDE, max(MIN_SIDE, 2 * round(side * scale / 2))) for side in (width, height)]
    return size_name(sides[0], sides[1])
