"""The film an edit builds on: a Clip as it was filmed, or a Strip from a file.

Latents describe four frames each, so a piece of film takes its latents along only where it is cut
between them.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from laterna.clip import Clip
from laterna.errors import InputError
from laterna.shot import DRAFT_FPS, Frames, Strip, size_name

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
    their very size.
    """
    if isinstance(film, Clip):
        return {"size": film.shot.size, "quality": film.shot.quality, **given}
    if film.frames is None:
        return dict(given)
    height, width = film.frames.shape[1:3]
    return {"size": size_name(width, height), **given}


def tail(film: Film, seconds: float = CONTEXT) -> Strip:
    """The last `seconds` of `film`, or all of it."""
    strip = strip_of(film)
    return _cut(strip, -_count(strip, seconds), None)


def head(film: Film, seconds: float = CONTEXT) -> Strip:
    """The first `seconds` of `film`, or all of it."""
    strip = strip_of(film)
    return _cut(strip, None, _count(strip, seconds))


def _count(strip: Strip, seconds: float) -> int:
    """Frames in `seconds`, up to a whole number of latents."""
    return max(1, math.ceil(seconds * strip.fps / PER_LATENT)) * PER_LATENT


def _cut(strip: Strip, start: int | None, stop: int | None) -> Strip:
    frames, latents = strip.frames, strip.latents
    if frames is None:
        edges = (None if e is None else int(e / PER_LATENT) for e in (start, stop))
        return replace(strip, latents=None if latents is None else latents[slice(*edges)])
    total = len(frames)
    first, last, _ = slice(start, stop).indices(total)
    if latents is not None:
        aligned = (
            strip.fps == DRAFT_FPS
            and len(latents) == -(-total // PER_LATENT)
            and first % PER_LATENT == 0
            and (last % PER_LATENT == 0 or last == total)
        )
        latents = latents[first // PER_LATENT : -(-last // PER_LATENT)] if aligned else None
    return Strip(frames[first:last], strip.fps, latents)
