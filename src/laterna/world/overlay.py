"""What lies over a picture: falling rain and snow, and the look of the grade.

Rain is a few long translucent streaks, snow a few soft flakes, each a particle at a depth of its
own that falls at most four pixels a frame: seen, yet small beside the picture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from laterna.world.compose import Scene
from laterna.world.factors import Factors


@njit(cache=True, fastmath=True)
def _streaks(
    frames: Any, drops: Any, fall: float, slant: float, tone: Any, snow: bool, start: int
) -> None:
    """drops (n, 4): x, y, length or radius, strength; in pixels of frame 0. `start` is the number
    of the first frame here."""
    count, high, width = frames.shape[0], frames.shape[1], frames.shape[2]
    span_y, span_x = high + 24.0, width + 24.0
    for f in range(count):
        t = f + start
        for n in range(drops.shape[0]):
            size, strength = drops[n, 2], drops[n, 3]
            speed = fall * (0.55 + 0.45 * strength)
            y0 = (drops[n, 1] + t * speed) % span_y - 12.0
            sway = 1.6 * math.sin(0.35 * t + n) if snow else 0.0
            x0 = (drops[n, 0] + t * slant * speed) % span_x - 12.0 + sway
            reach = size + 1.0
            for v in range(max(int(y0 - reach), 0), min(int(y0 + reach) + 2, high)):
                for i in range(max(int(x0 - reach), 0), min(int(x0 + reach) + 2, width)):
                    dx, dy = i + 0.5 - x0, v + 0.5 - y0
                    if snow:
                        a = min(max(size - math.sqrt(dx * dx + dy * dy) + 0.5, 0.0), 1.0)
                    else:
                        along = abs(dy) / size
                        off = abs(dx - slant * dy)
                        a = max(0.0, 1.0 - along * along) * max(0.0, 1.0 - off / 0.9)
                    a *= strength
                    if a > 0.0:
                        for c in range(3):
                            s = frames[f, v, i, c]
                            frames[f, v, i, c] = int(s + (tone[c] * 255.0 - s) * a + 0.5)


@dataclass(slots=True)
class Fall:
    """Rain or snow over a clip: its particles, and how they move."""

    drops: NDArray[np.float64]
    pace: float  # pixels a frame
    slant: float
    tone: NDArray[np.floating[Any]]
    snow: bool

    def over(self, frames: NDArray[np.uint8], start: int) -> None:
        """Draw it into `frames` in place; the first of them is the clip's number `start`."""
        _streaks(frames, self.drops, self.pace, self.slant, self.tone, self.snow, start)


def fall(
    size: tuple[int, int], factors: Factors, scene: Scene, rng: np.random.Generator
) -> Fall | None:
    """The rain or snow of a clip of `size` (width, height), if any falls."""
    if factors.weather not in ("rain", "snow"):
        return None
    width, high = size
    snow = factors.weather == "snow"
    scale = math.sqrt(width * high / (256 * 160))
    count = int((130 if snow else 95) * rng.uniform(0.7, 1.3))
    drops = np.empty((count, 4))
    drops[:, 0] = rng.uniform(0, width + 24, count)
    drops[:, 1] = rng.uniform(0, high + 24, count)
    near = rng.random(count) ** 2
    drops[:, 2] = (0.7 + 1.1 * near if snow else 5.0 + 6.0 * near) * scale
    drops[:, 3] = (0.55 + 0.4 * near) if snow else (0.22 + 0.25 * near)
    tone = np.ones(3) if snow else np.minimum(scene.palette.horizon * 1.15 + 0.1, 1.0)
    if scene.palette.night > 0.9:
        tone = tone * 0.8
    pace = (2.2 if snow else 4.0) * scale * 8.0 / scene.fps
    return Fall(drops, pace, rng.uniform(-0.35, 0.35), tone, snow)


def grade(frames: NDArray[np.uint8], look: str) -> None:
    """Apply a look in place: black-and-white, warm or cold; colour leaves the frames alone."""
    if look == "colour":
        return
    if look == "black-and-white":
        matrix = np.tile(np.array([[0.30, 0.59, 0.11]], np.float32), (3, 1))
        offset = np.zeros(3, np.float32)
    elif look == "warm":
        matrix = np.array([[0.90, 0.16, 0.02], [0.06, 0.88, 0.02], [0.04, 0.10, 0.66]], np.float32)
        offset = np.array([0.02, 0.005, 0.0], np.float32)
    else:
        matrix = np.array([[0.68, 0.10, 0.06], [0.02, 0.86, 0.08], [0.0, 0.12, 0.90]], np.float32)
        offset = np.array([0.0, 0.01, 0.03], np.float32)
    for t in range(len(frames)):
        x = frames[t].astype(np.float32) @ matrix.T + offset * 255
        frames[t] = np.clip(x + 0.5, 0, 255).astype(np.uint8)
