"""Between a shot's frames and a pipeline's: sizes, margins, rates and colours, in plain numpy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from laterna.engines.diffusers.preset import SizeRule
from laterna.media.scale import cover, cover_box, cover_nearest
from laterna.shot import Frames, Size, Strip, parse_size
from laterna.size import aspect

__all__ = ["Look", "Picture", "at_rate"]


@dataclass(frozen=True, slots=True)
class Picture:
    """What is filmed, and the centred part of it with the shape asked for; (width, height)."""

    filmed: Size
    frame: Size

    @classmethod
    def of(cls, size: object, rule: SizeRule, filmed: Size | None = None) -> Picture:
        """For a Shot's size; `filmed` overrules the rule's choice."""
        asked = parse_size(size)
        size = filmed or rule.filmed(asked)
        left, top, right, bottom = cover_box(size, aspect(asked))
        return cls(size, (_even(right - left), _even(bottom - top)))

    def shown(self, frames: Frames) -> Frames:
        """Filmed frames (T, H, W, 3) cut to what is shown."""
        top, left = self._corner()
        width, height = self.frame
        return frames[:, top : top + height, left : left + width]

    def cropped(self, frames: Frames) -> Frames:
        """Pictures (T, H, W, 3) of any size as they are shown."""
        return cover(frames, self.frame)

    def given(self, frames: Frames) -> Frames:
        """Pictures (T, H, W, 3) of any size as they are filmed: mirrored outwards at the rim."""
        return np.pad(self.cropped(frames), ((0, 0), *self._margins(), (0, 0)), "symmetric")

    def mask(self, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """A mask (H, W) of any size as it is shown: the nearest pixel, never a mixture."""
        return cover_nearest(mask, self.frame)

    def given_mask(self, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The same on the whole filmed picture."""
        return np.pad(self.mask(mask), self._margins(), "symmetric")

    def _corner(self) -> tuple[int, int]:
        return (self.filmed[1] - self.frame[1]) // 2, (self.filmed[0] - self.frame[0]) // 2

    def _margins(self) -> tuple[tuple[int, int], tuple[int, int]]:
        top, left = self._corner()
        width, height = self.frame
        bottom, right = self.filmed[1] - top - height, self.filmed[0] - left - width
        return (top, bottom), (left, right)


def at_rate(strip: Strip, frame: int, fps: float) -> int:
    """Which frame of `strip` is shown at frame `frame` of a shot at `fps`; its last one holds."""
    assert strip.frames is not None
    return max(0, min(len(strip.frames) - 1, int(frame * strip.fps / fps + 0.5)))


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """A linear change of each colour, so that a window looks like the one it goes on from."""

    gain: NDArray[np.float64]
    lift: NDArray[np.float64]

    @classmethod
    def between(cls, now: Frames, wanted: Frames) -> Look:
        """What gives `now` the mean and spread of `wanted`; both show the same frames."""
        have, want = now.reshape(-1, 3).astype(float), wanted.reshape(-1, 3).astype(float)
        spread = np.clip((want.std(0) + 1) / (have.std(0) + 1), 0.8, 1.25)
        return cls(spread, want.mean(0) - have.mean(0) * spread)

    def applied(self, frames: Frames) -> Frames:
        """Frames (T, H, W, 3) with it."""
        changed = np.rint(frames * self.gain + self.lift)
        return np.clip(changed, 0, 255).astype(np.uint8)


def _even(length: float) -> int:
    return max(2, 2 * int(length / 2 + 1e-6))
