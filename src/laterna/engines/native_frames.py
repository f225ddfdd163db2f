"""Between a shot's frames and the native model's latent frames: which shows what, at which size.

A latent frame is four frames, so a film of whole latent frames may be up to three frames longer
than the shot. What is left over goes where nobody joins on: off the end, off the beginning when
film follows, and evenly out of a loop or a bridge, which have no free end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from laterna.media.scale import cover, cover_nearest
from laterna.shot import DRAFT_FPS, DraftGrid, Frames, Shot, Strip, draft_frames, draft_grid

__all__ = ["GROUP", "Reel", "from_end", "from_start"]

GROUP = 4  # frames in a latent frame


@dataclass(frozen=True, slots=True, eq=False)
class Reel:
    """How a shot is cut out of the film that the model makes.

    total     frames of the shot
    latents   latent frames of the film
    picks     (total,) which film frame each frame of the shot is, ascending
    grid      sizes
    """

    total: int
    latents: int
    picks: NDArray[np.int64]
    grid: DraftGrid

    @classmethod
    def of(cls, shot: Shot) -> Reel:
        """The reel of a shot."""
        total = draft_frames(shot)
        latents = -(-total // GROUP)
        film = GROUP * latents
        index = np.arange(total)
        if shot.loop or (shot.lead is not None and shot.trail is not None):
            picks = index * film // total
        elif shot.trail is not None:
            picks = index + film - total
        else:
            picks = index
        return cls(total, latents, picks, draft_grid(shot.size))

    @property
    def tokens(self) -> tuple[int, int]:
        """Tokens down and across."""
        across, down = self.grid.tokens
        return down, across

    @property
    def cells(self) -> tuple[int, int]:
        """Latent cells down and across."""
        return 2 * self.tokens[0], 2 * self.tokens[1]

    def latent_of(self, frame: int) -> int:
        """The latent frame that shows frame `frame` of the shot."""
        return int(self.picks[frame]) // GROUP

    def shown(self, latent: int) -> NDArray[np.int64]:
        """The frames of the shot that latent frame `latent` shows."""
        return np.flatnonzero(self.picks // GROUP == latent)

    def frame_shown_at(self, film_frame: int) -> int:
        """The frame of the shot that film frame `film_frame` is, or is left out after."""
        return max(0, int(np.searchsorted(self.picks, film_frame, side="right")) - 1)

    def cut(self, decoded: Frames, latent: int) -> tuple[NDArray[np.int64], Frames]:
        """Which frames of the shot a decoded latent frame (4, H, W, 3) holds, and they, cropped."""
        frames = self.shown(latent)
        left, top, width, height = self.grid.crop
        kept = decoded[self.picks[frames] - GROUP * latent]
        return frames, kept[:, top : top + height, left : left + width]

    def cropped(self, frames: Frames) -> Frames:
        """Pictures (T, H, W, 3) of any size as the shot shows them."""
        return cover(frames, self.grid.frame)

    def cropped_mask(self, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """A mask (H, W) of any size as the shot shows it: the nearest pixel, never a mixture."""
        return cover_nearest(mask, self.grid.frame)

    def filmed(self, frames: Frames) -> Frames:
        """Pictures (T, H, W, 3) of any size as the model films them.

        Round the part that is shown the picture is mirrored outwards.
        """
        return np.pad(self.cropped(frames), ((0, 0), *self._margins(), (0, 0)), "symmetric")

    def filmed_mask(self, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """A mask that is cropped already, on the model's whole picture."""
        return np.pad(mask, self._margins(), "symmetric")

    def _margins(self) -> tuple[tuple[int, int], tuple[int, int]]:
        (wide, high), (left, top, width, height) = self.grid.film, self.grid.crop
        return (top, high - top - height), (left, wide - left - width)


def from_start(strip: Strip, count: int) -> NDArray[np.int64]:
    """Which frames of `strip` its first `count` frames at 8 a second are, or as many as it has."""
    assert strip.frames is not None
    index = np.floor(np.arange(count) * strip.fps / DRAFT_FPS + 0.5).astype(np.int64)
    return index[index < len(strip.frames)]


def from_end(strip: Strip, count: int) -> NDArray[np.int64]:
    """As `from_start` for its last frames, in order."""
    assert strip.frames is not None
    return len(strip.frames) - 1 - from_start(strip, count)[::-1]
