"""Where the camera stands in every frame of a clip.

Conventions: metres; x right, y up, looking along -z; degrees; millimetres on a 36 mm gate. Inside
the renderer z grows away from the camera. A move's speed is chosen from the depth of the nearest
thing in the picture, so that nothing moves more than about four pixels a frame.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

GATE = 36.0  # mm


@dataclass(slots=True)
class Path:
    """Per frame: place (T, 3) in renderer axes, yaw in radians (right is positive), the horizon's
    row, and the focal length in pixels."""

    place: NDArray[np.float64]
    yaw: NDArray[np.float64]
    horizon: NDArray[np.float64]
    focal: NDArray[np.float64]
    times: NDArray[np.float64]

    def columns(self, width: int, height: int, ground: float) -> NDArray[np.float32]:
        """The public camera record (T, 8): x, y, z in metres relative to the first frame's place on
        the ground, yaw (left is positive, a right-handed turn about y), pitch, roll in degrees,
        focal length in millimetres on a 36 mm gate, seconds."""
        out = np.zeros((len(self.yaw), 8), np.float32)
        out[:, 0] = self.place[:, 0] - self.place[0, 0]
        out[:, 1] = self.place[:, 1] - ground
        out[:, 2] = -(self.place[:, 2] - self.place[0, 2])
        out[:, 3] = -np.degrees(self.yaw)
        out[:, 4] = np.degrees(np.arctan((self.horizon - height / 2) / self.focal))
        out[:, 6] = self.focal * GATE / width
        out[:, 7] = self.times
        return out


# Pixels a frame (at 256 pixels of width and 8 frames a second) of the fastest part of the picture.
_SPEED = {"none": 0.0, "slow": 1.1, "medium": 2.2, "fast": 3.6}


def path(
    move: str, amount: str, *, frames: int, fps: float, focal: float, horizon: float,
    height: int, scale: float, eye: float, nearest: float, pivot: float,
) -> Path:  # fmt: skip
    """The path of `move`; the composition's own framing (focal, horizon, eye) is met at its middle
    for turns and at its start for travels.

    `nearest` is the depth of the nearest thing that is seen, `pivot` of what an orbit turns about,
    `scale` the picture's size relative to 256 x 160.
    """
    times = np.arange(frames) / fps
    t = times - times[-1] / 2
    rate = _SPEED[amount] * 8.0 * scale  # pixels a second
    place = np.zeros((frames, 3))
    place[:, 1] = eye
    yaw, hor, foc = np.zeros(frames), np.full(frames, horizon), np.full(frames, focal)
    kind, _, way = move.partition(" ")
    sign = 1.0 if way in ("right", "up", "in") else -1.0
    if kind == "pan":
        yaw = sign * t * rate / focal
    elif kind == "tilt":
        hor = horizon + sign * t * min(rate * 0.55, 0.34 * height / max(times[-1], 1.0))
    elif kind == "zoom":
        foc = focal * np.exp(sign * t * rate / (128.0 * scale * 1.15))
        hor = height / 2 + (horizon - height / 2) * foc / focal
    elif kind == "dolly":
        speed = rate * nearest / (105.0 * scale)
        place[:, 2] = sign * times * speed
    elif kind == "truck":
        place[:, 0] = sign * t * rate * nearest / focal
    elif kind == "crane":
        place[:, 1] = (
            eye + sign * (t - (t[0] if sign > 0 else t[-1])) * rate * 0.8 * nearest / focal
        )
    elif kind == "orbit":
        # Travel to one side while turning to the other keeps the pivot in the middle.
        speed = rate * nearest / focal / max(1.0 - nearest / pivot, 0.5)
        angle = sign * t * speed / pivot
        place[:, 0] = pivot * np.sin(angle)
        place[:, 2] = pivot * (1.0 - np.cos(angle))
        yaw = -angle
    return Path(place, yaw, hor, foc, times)


def spans(
    p: Path, rows: NDArray[np.float64], width: int, margin: float = 0.02
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Least and greatest x (K,) that any frame sees on each row of depth `rows` (K,)."""
    half = np.arctan((width / 2 + 2) / p.focal)
    lo = np.full(len(rows), np.inf)
    hi = np.full(len(rows), -np.inf)
    for i in range(len(p.yaw)):
        depth = np.maximum(rows - p.place[i, 2], 0.3)
        left = p.place[i, 0] + depth * math.tan(p.yaw[i] - half[i])
        right = p.place[i, 0] + depth * math.tan(p.yaw[i] + half[i])
        lo, hi = np.minimum(lo, left), np.maximum(hi, right)
    extra = (hi - lo) * margin
    return lo - extra, hi + extra
