"""What moves in film, seen from outside: the camera's motion, its amount, and what flickers.

Dense motion between neighbouring pictures is found by classical means (laterna.media.motion), then
explained by six numbers of a camera over flat ground, in robust least squares. With x and d the
distances right of the middle and below the horizon (in half widths), n = max(d, 0) and everything
in pixels a picture:

    across:  pan  + zoom x + n (truck + dolly x)
    down:    tilt + zoom d + n (crane + dolly d)

since ground at d below the horizon is near in proportion to d: what a turn of the camera moves, it
moves everywhere alike; what a travel moves, it moves the more the nearer it is. Where the horizon
lies is tried out. Subjects, clouds and waves are outliers, flat areas count little.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from laterna.media.motion import motion_between
from laterna.shot import Frames

__all__ = ["CameraMotion", "camera_motion", "flicker", "motions", "speed"]

STRIDE = 4  # pixels between samples of the motion
HORIZONS = (0.35, 0.42, 0.5, 0.58, 0.66)  # shares of the height
ROUNDS = 6
TOLERANCE = 0.15  # pixels: errors above it lose weight
STEEP = 30.0  # squared slope at which a place counts half
RIDGE = 1e-3
PAIRS = 4  # of frames in a row in which flicker is measured: models work in groups of four

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class CameraMotion:
    """The six numbers above; right, down and forward are positive for what the picture does."""

    pan: float
    tilt: float
    zoom: float
    truck: float
    crane: float
    dolly: float

    def as_array(self) -> NDArray[np.float64]:
        """The numbers in order, (6,)."""
        return np.array(astuple(self), np.float64)


def motions(pictures: Frames) -> tuple[Floats, Floats]:
    """Motion (T - 1, 2, h, w) between pictures (T, H, W, 3), in pixels, on a coarse grid.

    With it how much each place has to say, (T - 1, h, w), 0 to 1: nothing where it is flat.
    """
    planes = np.ascontiguousarray(pictures.transpose(0, 3, 1, 2), np.float32)
    cells = slice(STRIDE // 2, None, STRIDE)
    found, trust = [], []
    for before, after in pairwise(planes):
        motion, _ = motion_between(before, after)
        down, across = np.gradient((before + after).mean(0) / 2)
        slope = (down**2 + across**2)[cells, cells]
        found.append(motion[:, cells, cells])
        trust.append(slope / (slope + STEEP))
    return np.stack(found), np.stack(trust).astype(np.float32)


def camera_motion(motion: Floats, trust: Floats) -> CameraMotion:
    """Explain `motion` and `trust`, as `motions` gives them, by one steady camera."""
    fits = [_fit(motion, trust, horizon) for horizon in HORIZONS]
    return min(fits, key=lambda fit: fit[1])[0]


def speed(motion: Floats) -> float:
    """Mean length of the motion, pixels a picture."""
    return float(np.hypot(motion[:, 0], motion[:, 1]).mean())


def flicker(frames: Frames) -> float:
    """What still differs between neighbouring frames once motion is taken out, 0 to 255."""
    first = max(0, (len(frames) - 1 - PAIRS) // 2)
    middle = frames[first : first + PAIRS + 1].transpose(0, 3, 1, 2)
    pairs = [middle[i : i + 2] for i in range(len(middle) - 1)]
    left = [motion_between(*np.ascontiguousarray(pair, np.float32))[1] for pair in pairs]
    return float(np.mean(left))


def _fit(motion: Floats, trust: Floats, horizon: float) -> tuple[CameraMotion, float]:
    """The camera's numbers for a horizon at this share of the height, and the error left."""
    pairs, _, high, wide = motion.shape
    x, d = np.meshgrid(
        (np.arange(wide) + 0.5) / wide * 2 - 1,
        ((np.arange(high) + 0.5) / high - horizon) * 2 * high / wide,
    )
    x, d = x.ravel(), d.ravel()
    n, one, zero = np.maximum(d, 0), np.ones_like(x), np.zeros_like(x)
    across = np.stack([one, zero, x, n, zero, n * x], 1)
    down = np.stack([zero, one, d, zero, n, n * d], 1)
    u, v = motion[:, 0].reshape(pairs, -1), motion[:, 1].reshape(pairs, -1)
    sure = trust.reshape(pairs, -1)
    weight: NDArray[np.floating[Any]] = sure
    ridge = RIDGE * max(float(sure.sum()), 1.0) * np.eye(6)
    answer = np.zeros(6)
    for _ in range(ROUNDS):
        total = weight.sum(0)
        left = (across * total[:, None]).T @ across + (down * total[:, None]).T @ down
        right = across.T @ (weight * u).sum(0) + down.T @ (weight * v).sum(0)
        answer = np.linalg.solve(left + ridge, right)
        error = np.hypot(u - across @ answer, v - down @ answer)
        weight = sure / (1 + (error / TOLERANCE) ** 2)  # Cauchy
    missed = float((sure * np.log1p((error / TOLERANCE) ** 2)).sum() / max(sure.sum(), 1e-6))
    return CameraMotion(*(float(a) for a in answer)), missed
