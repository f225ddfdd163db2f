"""Shot: what to film. One request type for every engine and every feature.

Text-to-video is a Shot with a prompt; image-to-video has a keyframe at second 0; an extension has
`lead` frames; a loop closes on itself; in- and outpainting have a source and a mask; a remix has a
source and a strength. Nothing else in the house describes a wish.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

MAX_SECONDS = 60.0
MAX_PROMPT = 2000
MIN_SIDE, MAX_SIDE = 64, 1920
DRAFT_FPS = 8

Frames = NDArray[np.uint8]  # (T, H, W, 3), sRGB


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """Film that already exists and that a Shot builds on.

    `frames` (T, H, W, 3) uint8 at `fps`; `latents` (F, C, h, w) float32, the whitened latents of
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


@dataclass(frozen=True, slots=True)
class Cue:
    """From `second` on, the shot follows `prompt`."""

    second: float
    prompt: str


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """What to film. Fields that are None or empty are left to the engine.

    prompt      what the shot shows, 1 to 2,000 characters
    seconds     length, up to 60; a still has frames=1
    size        ratio ("16:9", "9:16", "1:1", "2.39:1") or (width, height), even, 64 to 1920
    seed        0 to 2**63 - 1; None draws one (see `resolved`)
    steps       denoising steps, 1 to 100; None is the engine's default
    negative    what to keep away from (unbaked guidance: slower)
    guidance    guidance scale, 1 to 20 (unbaked)
    cues        prompt changes at given seconds
    keyframes   pictures at given seconds: first, last or between
    lead        film that comes right before the shot (extension forward)
    trail       film that comes right after it (extension backward)
    source      film to work on: with `mask` (T, H, W) or (H, W) bool, True is filmed anew;
                with `strength` 0..1, how far the result may leave it
    loop        the last frame precedes the first
    frames      exact number of draft frames, instead of seconds; 1 is a still
    quality     "draft", "quick" or "final"
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
    loop: bool = False
    frames: int | None = None
    quality: str = "quick"
    extra: dict[str, object] = field(default_factory=dict)
