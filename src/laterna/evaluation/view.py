"""How the judges look at film: every clip the same way, whatever engine it comes from."""

from __future__ import annotations

import numpy as np

from laterna.errors import InputError
from laterna.media.scale import cover
from laterna.shot import DRAFT_FPS, Frames

__all__ = ["FPS", "FRAMES", "FULL", "RATE", "SECONDS", "SMALL", "at_full", "view"]

SECONDS = 4.0
FPS = float(DRAFT_FPS)  # of the clips that are judged
FULL = (256, 160)  # width, height: the size the world renders and the native engine films
RATE = 4.0  # pictures a second that the judges see
FRAMES = int(SECONDS * RATE)
SMALL = (128, 80)


def view(frames: Frames, fps: float = FPS) -> Frames:
    """Film (T, H, W, 3) at `fps` as the judges see it: (T', 80, 128, 3) uint8, 4 a second.

    Raises InputError for film of less than two such pictures.
    """
    count = int(len(frames) / fps * RATE + 0.5)
    if count < 2:
        raise InputError("seconds", len(frames) / fps, "judges need half a second or more")
    moments = np.minimum(np.arange(count) * fps / RATE + 0.5, len(frames) - 1).astype(int)
    return cover(frames[moments], SMALL)


def at_full(frames: Frames, fps: float = FPS) -> Frames:
    """The same film at 256x160 and 8 frames a second."""
    count = max(1, int(len(frames) / fps * FPS + 0.5))
    moments = np.minimum(np.arange(count) * fps / FPS + 0.5, len(frames) - 1).astype(int)
    return cover(frames if fps == FPS else frames[moments], FULL)
