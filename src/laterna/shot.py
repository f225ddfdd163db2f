"""Shot: what to film. One request type for every engine and every feature.

Text-to-video is a Shot with a prompt; image-to-video has a keyframe at second 0; an extension has
`lead` frames; a loop closes on itself; in- and outpainting have a source and a mask; a remix has a
source and a strength. Nothing else in the house describes a wish.

A Shot that exists is right: every field is checked when it is made, so an engine
never meets a length of NaN seconds or a mask without its source.
"""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from laterna.checks import (
    MAX_PROMPT,
    check_number,
    check_pictures,
    check_text,
    check_whole,
)
from laterna.errors import InputError
from laterna.size import (
    MAX_SIDE,
    MIN_SIDE,
    RATIOS,
    DraftGrid,
    Size,
    draft_grid,
    parse_size,
    size_name,
)

__all__ = [
    "CONTROLS",
    "DRAFT_FPS",
    "MAX_FRAMES",
    "MAX_PROMPT",
    "MAX_SECONDS",
    "MAX_SEED",
    "MAX_SIDE",
    "MAX_STEPS",
    "MIN_SECONDS",
    "MIN_SIDE",
    "QUALITIES",
    "RATIOS",
    "Control",
    "Cue",
    "DraftGrid",
    "Frames",
    "Keyframe",
    "Shot",
    "Size",
    "Strip",
    "draft_frames",
    "draft_grid",
    "frame_at",
    "frame_count",
    "length",
    "parse_size",
    "resolved",
    "seeded",
    "size_name",
    "validate",
]

DRAFT_FPS = 8
MAX_SECONDS = 60.0
MIN_SECONDS = 1 / DRAFT_FPS  # one frame
MAX_FRAMES = int(MAX_SECONDS * DRAFT_FPS)
MAX_SEED = 2**63 - 1
MAX_STEPS = 100
QUALITIES = ("draft", "quick", "final")
CONTROLS = ("depth", "normal", "edge")

Frames = NDArray[np.uint8]  # (T, H, W, 3), sRGB


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """Film that already exists and that a Shot builds on.

    `frames` (T, H, W, 3) uint8 at `fps`; `latents` (F, C, h, w) float32, the latents of
    the same film where a sidecar has them (an engine that speaks them then loses nothing).
    """

    frames: Frames | None = None
    fps: float = DRAFT_FPS
    latents: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Keyframe:
    """A picture (H, W, 3) uint8 that the shot passes through at `second`."""

    second: float
    image: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Control:
    """Film that says where things are and not how they look; an engine with control follows it.

    kind      "depth" (white is near), "normal" (x, y, z as red, green, blue, each -1..1 as 0..255)
              or "edge" (white lines on black)
    film      frames (T, H, W, 3) uint8 at their own rate, as long as the shot
    strength  how closely to follow, 0 to 1
    """

    kind: str
    film: Strip
    strength: float = 1.0


@dataclass(frozen=True, slots=True)
class Cue:
    """From `second` on, the shot follows `prompt`."""

    second: float
    prompt: str


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """What to film. Fields that are None or empty are left to the engine.

    prompt      what the shot shows, 1 to 2,000 characters
    seconds     length, 1/8 to 60; a still has frames=1
    size        ratio ("16:9", "9:16", "1:1", "2.39:1") or (width, height), even, 64 to 1920
    seed        0 to 2**63 - 1; None draws one (see `resolved`)
    steps       denoising steps, 1 to 100; None is the engine's default
    negative    what to keep away from (unbaked guidance: slower)
    guidance    guidance scale, 1 to 20 (unbaked)
    cues        prompt changes at given seconds, in order
    keyframes   pictures at given seconds: first, last or between
    lead        film that comes right before the shot (extension forward)
    trail       film that comes right after it (extension backward)
    source      film to work on: with `mask` (T, H, W) or (H, W) bool, True is filmed anew;
                with `strength` 0..1, how far the result may leave it
    control     film of the shot's blocking (depth, normals or edges) that it has to follow
    loop        the last frame precedes the first
    frames      exact number of draft frames, instead of seconds; 1 is a still
    quality     "draft", "quick" or "final"
    extra       options of one engine alone, by name

    Raises InputError, naming the field, for anything outside these bounds.
    """

    prompt: str
    seconds: float = 4.0
    size: str | tuple[int, int] = "16:9"
    seed: int | None = None
    steps: int | None = None
    negative: str = ""
    guidance: float | None = None
    cues: tuple[Cue, ...] = ()
    keyframes: tuple[Keyframe, ...] = ()
    lead: Strip | None = None
    trail: Strip | None = None
    source: Strip | None = None
    mask: NDArray[np.bool_] | None = None
    strength: float | None = None
    control: Control | None = None
    loop: bool = False
    frames: int | None = None
    quality: str = "quick"
    extra: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        validate(self)


def draft_frames(shot: Shot) -> int:
    """How many draft frames the shot has: `frames`, else seconds x 8, halves rounded up."""
    return _frames_in(shot.seconds) if shot.frames is None else int(shot.frames)


def frame_count(shot: Shot, fps: float) -> int:
    """How many frames the shot has at `fps`, halves rounded up; a still has one at any rate."""
    return 1 if draft_frames(shot) == 1 else max(1, _frames_in(length(shot), fps))


def length(shot: Shot) -> float:
    """Seconds the shot lasts: `seconds` as given, unless `frames` says something else."""
    count = draft_frames(shot)
    return float(shot.seconds) if _frames_in(shot.seconds) == count else count / DRAFT_FPS


def _frames_in(seconds: float, fps: float = DRAFT_FPS) -> int:
    return math.floor(seconds * fps + 0.5)


def frame_at(second: float, count: int, fps: float = DRAFT_FPS) -> int:
    """The frame shown at `second` in a shot of `count` frames; its very end is the last frame."""
    return min(count - 1, math.floor(second * fps + 1e-6))


def resolved(shot: Shot) -> Shot:
    """The same shot with nothing left open: what is printed, recorded and can be made again.

    Draws the seed, spells the size one way, fixes the number of draft frames and the seconds they
    last. A shot that is resolved already comes back as it is.
    """
    count = draft_frames(shot)
    seconds = length(shot)
    seed = secrets.randbelow(2**32) if shot.seed is None else int(shot.seed)
    size = parse_size(shot.size)
    if (seed, size, count, seconds) == (shot.seed, shot.size, shot.frames, shot.seconds):
        return shot
    return replace(shot, seed=seed, size=size, frames=count, seconds=seconds)


def seeded(shot: Shot) -> Shot:
    """The same shot resolved, with seed 0 where it has none: as engines film it.

    An engine draws no seed (whoever records the clip does), so that a state goes on with the shot
    as it was given.
    """
    return resolved(replace(shot, seed=shot.seed or 0))


def validate(shot: Shot) -> None:
    """Raise InputError for the first field of `shot` that cannot be right."""
    check_text("prompt", shot.prompt)
    check_number("seconds", shot.seconds, MIN_SECONDS, MAX_SECONDS, "seconds; one frame is 1/8")
    parse_size(shot.size)
    if shot.seed is not None:
        check_whole("seed", shot.seed, 0, MAX_SEED)
    if shot.steps is not None:
        check_whole("steps", shot.steps, 1, MAX_STEPS)
    if shot.frames is not None:
        check_whole("frames", shot.frames, 1, MAX_FRAMES)
    if shot.negative != "":
        check_text("negative", shot.negative)
    if shot.guidance is not None:
        check_number("guidance", shot.guidance, 1, 20)
    if shot.strength is not None:
        check_number("strength", shot.strength, 0, 1, "(how far the result may leave the source)")
    if not isinstance(shot.loop, bool | np.bool_):
        raise InputError("loop", shot.loop, "say True or False")
    if shot.quality not in QUALITIES:
        raise InputError("quality", shot.quality, f"give one of {', '.join(QUALITIES)}")
    if not isinstance(shot.extra, dict) or not all(isinstance(key, str) for key in shot.extra):
        raise InputError("extra", shot.extra, "give options by name")
    for name in ("lead", "trail", "source"):
        _check_strip(name, getattr(shot, name))
    _check_cues(shot)
    _check_keyframes(shot)
    _check_source(shot)
    _check_control(shot)
    _check_loop(shot)


def _check_strip(name: str, strip: Strip | None) -> None:
    if strip is None:
        return
    if not isinstance(strip, Strip):
        raise InputError(name, strip, "give a Strip of frames or latents")
    if strip.frames is None and strip.latents is None:
        raise InputError(name, strip, "the strip is empty; give it frames or latents")
    if strip.frames is not None:
        check_pictures(name, strip.frames, "(T, H, W, 3)")
    latents = strip.latents
    if latents is not None:
        good = isinstance(latents, np.ndarray) and latents.ndim == 4 and latents.size
        if not good or latents.dtype.kind != "f":
            raise InputError(f"{name}.latents", latents, "give floats (F, C, h, w)")
        if not np.isfinite(latents).all():
            raise InputError(f"{name}.latents", latents, "they have to be finite")
    check_number(f"{name}.fps", strip.fps, 0.1, 1000, "frames per second")


def _check_cues(shot: Shot) -> None:
    last = -1.0
    for number, cue in enumerate(_tuple("cues", shot.cues)):
        name = f"cues[{number}]"
        if not isinstance(cue, Cue):
            raise InputError(name, cue, "give a Cue(second, prompt)")
        check_text(f"{name}.prompt", cue.prompt)
        _check_within(f"{name}.second", cue.second, shot)
        if cue.second <= last:
            raise InputError(f"{name}.second", cue.second, f"put cues in order, after {last:g} s")
        last = float(cue.second)


def _check_keyframes(shot: Shot) -> None:
    taken: dict[int, float] = {}
    for number, keyframe in enumerate(_tuple("keyframes", shot.keyframes)):
        name = f"keyframes[{number}]"
        if not isinstance(keyframe, Keyframe):
            raise InputError(name, keyframe, "give a Keyframe(second, image)")
        check_pictures(f"{name}.image", keyframe.image, "(H, W, 3)")
        _check_within(f"{name}.second", keyframe.second, shot)
        frame = frame_at(keyframe.second, draft_frames(shot))
        if frame in taken:
            remedy = f"the frame there is given by the keyframe at {taken[frame]:g} s already"
            raise InputError(f"{name}.second", keyframe.second, remedy)
        taken[frame] = float(keyframe.second)


def _check_source(shot: Shot) -> None:
    if shot.source is None:
        for name in ("mask", "strength"):
            value = getattr(shot, name)
            if value is not None:
                raise InputError(name, value, "it is about a source; give one")
        return
    if shot.mask is None and shot.strength is None:
        remedy = "say what to do with it: give a mask (what is filmed anew) or a strength (remix)"
        raise InputError("source", shot.source.frames, remedy)
    if shot.mask is not None:
        _check_mask(shot.mask, shot.source)


def _check_mask(mask: object, source: Strip) -> None:
    if not isinstance(mask, np.ndarray) or mask.dtype != np.bool_ or mask.ndim not in (2, 3):
        raise InputError("mask", mask, "give bool (H, W) or (T, H, W); True is filmed anew")
    if source.frames is None:
        raise InputError("mask", mask, "a mask needs a source with frames")
    right = source.frames.shape[:3][-mask.ndim :]
    if mask.shape != right:
        raise InputError("mask", mask, f"give it the source's shape {right}")
    if not mask.any():
        raise InputError("mask", "all black", "white is filmed anew; paint some of it white")


def _check_control(shot: Shot) -> None:
    control = shot.control
    if control is None:
        return
    if not isinstance(control, Control):
        raise InputError("control", control, "give a Control(kind, film)")
    if control.kind not in CONTROLS:
        raise InputError("control", control.kind, f"give one of {', '.join(CONTROLS)}")
    _check_strip("control.film", control.film)
    if control.film is None or control.film.frames is None:
        raise InputError("control.film", control.film, "give it frames (T, H, W, 3)")
    check_number("control.strength", control.strength, 0, 1, "(how closely to follow)")


def _check_loop(shot: Shot) -> None:
    if not shot.loop:
        return
    for name in ("lead", "trail"):
        if getattr(shot, name) is not None:
            remedy = f"a loop has no beginning and no end; leave out {name} or the loop"
            raise InputError("loop", True, remedy)
    if draft_frames(shot) < 2:
        raise InputError("loop", True, f"a loop needs at least 2 frames, {2 / DRAFT_FPS} seconds")


def _check_within(name: str, second: object, shot: Shot) -> None:
    """A moment lies in the shot; its end is a moment too (the last frame)."""
    check_number(name, second, 0, length(shot), "seconds, inside the shot")


def _tuple(name: str, items: object) -> tuple[object, ...]:
    if not isinstance(items, tuple | list):
        raise InputError(name, items, "give them as a tuple")
    return tuple(items)
