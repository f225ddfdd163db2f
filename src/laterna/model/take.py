"""Take: what is to be filmed, in the model's own terms, and the manner the weights like.

Where a Shot speaks of prompts, pictures and seconds, a Take speaks of latent frames, of tokens and
of how far each token may leave what is known of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from laterna.errors import WeightsError
from laterna.model.noise import frame_noise
from laterna.model.sampler import Floats, add_noise
from laterna.model.schedule import Pace

__all__ = [
    "ANCHOR",
    "CAMERA",
    "SECONDS",
    "STILL",
    "VIDEO",
    "Given",
    "Manner",
    "Network",
    "Prompt",
    "Take",
]

VIDEO, STILL, ANCHOR = 0, 1, 2  # kinds of tokens
SECONDS = 0.5  # of film in a latent frame
CAMERA = 8  # numbers that describe the camera of a latent frame


class Network(Protocol):
    """The transformer as arrays: the clean latents it sees in noisy ones.

    latents (B, F, S, D); sigma and step (B, F, S or 1) in [0, 1]; position (B, F, S, 3): seconds,
    then down and right from the centre in picture heights; kind (B, F, S or 1) int64; camera
    (B, F, 8); text (B, M, 384); text_mask (B, M) bool. Returns (B, F, S, D).
    """

    def __call__(
        self,
        latents: Floats,
        sigma: Floats,
        step: Floats,
        position: Floats,
        kind: NDArray[np.int64],
        camera: Floats,
        text: Floats,
        text_mask: NDArray[np.bool_],
        /,
    ) -> Floats: ...


@dataclass(frozen=True, slots=True, eq=False)
class Prompt:
    """A prompt as the network reads it: tokens (M, 384) float32, mask (M,) bool."""

    tokens: Floats
    mask: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """A latent frame that is known beforehand.

    latents (S, D); strength (S,) in [0, 1], how far each token may leave them; `still` if it was
    encoded from one picture.
    """

    latents: Floats
    strength: Floats
    still: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """What to film, in latents.

    frames, grid   length and tokens (down, across); tokens hold `width` numbers
    prompts        and `prompt_of`, which of them each frame follows (empty: the first)
    given          known frames by index; the film before has indices below 0, the one after from
                   `frames` on, `lead` and `trail` of them without a gap
    loop           the last frame precedes the first
    still          one picture instead of film
    camera         (frames, 8), zeros if None
    unwanted       what guidance of scale `guidance` leads away from
    """

    frames: int
    grid: tuple[int, int]
    seed: int
    prompts: tuple[Prompt, ...]
    prompt_of: tuple[int, ...] = ()
    given: Mapping[int, Given] = field(default_factory=dict)
    lead: int = 0
    trail: int = 0
    loop: bool = False
    still: bool = False
    camera: Floats | None = None
    unwanted: Prompt | None = None
    guidance: float = 1.0
    width: int = 64

    @property
    def tokens(self) -> int:
        """Tokens of a latent frame."""
        return self.grid[0] * self.grid[1]

    def own(self, frame: int) -> int:
        """The frame that stands at place `frame`: in a loop they come round."""
        return frame % self.frames if self.loop else frame

    def strength(self, frame: int) -> Floats:
        """How far each token (S,) of a frame may leave what is known of it: 0 is given, 1 new."""
        if frame in self.given:
            return self.given[frame].strength
        return np.ones(self.tokens, np.float32)

    def start(self, frame: int) -> Floats:
        """A frame (S, D) before its first tick: noise, and what is given of it."""
        noise = frame_noise(self.seed, frame, (self.tokens, self.width))
        if frame not in self.given:
            return noise
        return add_noise(self.given[frame].latents, noise, self.given[frame].strength)


@dataclass(frozen=True, slots=True)
class Manner:
    """How the weights like to be used; ships beside them.

    pace            steps, shifts and windows
    eta             how much of the noise is put in anew at each step, 0 to 1
    history, veil   noise levels under which finished and given tokens are shown
    guidance        scale where a shot asks for none; 1 once it is baked into the weights
    interval        noise levels that are guided
    shortcut        whether the network is told the size of its step
    leftover        noise level the decoder is told of, 0 to 0.2
    """

    pace: Pace = field(default_factory=Pace)
    eta: float = 0.7
    history: float = 0.08
    veil: float = 0.05
    guidance: float = 3.0
    interval: tuple[float, float] = (0.2, 0.9)
    shortcut: bool = False
    leftover: float = 0.0

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Manner:
        """The inverse of dataclasses.asdict. WeightsError for what this version does not know."""
        try:
            values = {**data, "pace": Pace(**data.get("pace", {}))}
            if "interval" in values:
                low, high = values["interval"]
                values["interval"] = (float(low), float(high))
            return cls(**values)
        except (TypeError, ValueError, AttributeError) as error:
            raise WeightsError(
                f"the weights want to be used in an unknown manner: {error}"
            ) from error
