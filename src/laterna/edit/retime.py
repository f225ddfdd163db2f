"""Slower, with the moments between filmed: frames of the film are keyframes further apart."""

from __future__ import annotations

from typing import Any

from laterna.edit.strips import Film, fields_of, frames_of, strip_of
from laterna.errors import InputError
from laterna.shot import DRAFT_FPS, Keyframe, Shot


def retime(film: Film, prompt: str, speed: float = 0.5, **fields: Any) -> Shot:
    """A Shot in which `film` plays at `speed` times its pace.

    Below 1 every frame of the film is a keyframe and what lies between is filmed; above 1 frames
    are left out. Raises InputError for a speed outside 1/16 to 16 or a result longer than a shot
    may be.
    """
    if not 1 / 16 <= speed <= 16:
        raise InputError("speed", speed, "give 1/16 (slow motion) to 16")
    frames, fps = frames_of(film), strip_of(film).fps
    seconds = len(frames) / fps / speed
    # One keyframe a draft frame at most; where several fall on one, the first is kept.
    at: dict[int, Keyframe] = {}
    for index, image in enumerate(frames):
        moment = round(index / fps / speed * DRAFT_FPS)
        at.setdefault(moment, Keyframe(moment / DRAFT_FPS, image))
    last = int(seconds * DRAFT_FPS + 0.5) - 1
    keyframes = tuple(keyframe for moment, keyframe in at.items() if moment <= last)
    return Shot(prompt, keyframes=keyframes, **{"seconds": seconds, **fields_of(film, fields)})
