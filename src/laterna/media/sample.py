"""Reading pictures between their pixels, plane by plane, which is what numpy is fast at."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Plane", "Planes", "Sampler", "box"]

Plane = NDArray[np.float32]  # (H, W)
Planes = NDArray[np.float32]  # (C, H, W)


class Sampler:
    """Reads pictures between their pixels, at coordinates (H, W) given once, edges repeated."""

    def __init__(self, x: Plane, y: Plane, width: int, height: int) -> None:
        x = np.clip(x, 0, width - 1)
        y = np.clip(y, 0, height - 1)
        # Indices are kept in float32 as long as they can: exact below 2**24, and much faster.
        left = np.minimum(np.floor(x), np.float32(max(width - 2, 0)))
        top = np.minimum(np.floor(y), np.float32(max(height - 2, 0)))
        self._fx, self._fy = x - left, y - top
        self._corner = (top * np.float32(width) + left).astype(np.int64)
        self._right, self._below = min(1, width - 1), width * min(1, height - 1)

    def __call__(self, plane: Plane) -> Plane:
        """One (H, W) plane, bilinear."""
        flat = plane.reshape(-1)
        # mode="clip" spares numpy its bounds check; the indices are inside by construction.
        upper = flat.take(self._corner, mode="clip")
        upper += self._fx * (flat.take(self._corner + self._right, mode="clip") - upper)
        corner = self._corner + self._below
        lower = flat.take(corner, mode="clip")
        lower += self._fx * (flat.take(corner + self._right, mode="clip") - lower)
        lower -= upper
        lower *= self._fy
        upper += lower
        return upper


def box(plane: Plane, half: int) -> Plane:
    """The mean over a square of side 2 half + 1, edges repeated."""
    side = 2 * half + 1
    wide = np.pad(plane, half, mode="edge")
    across = wide[:, : plane.shape[1]].copy()
    for shift in range(1, side):
        across += wide[:, shift : shift + plane.shape[1]]
    out = across[: plane.shape[0]].copy()
    for shift in range(1, side):
        out += across[shift : shift + plane.shape[0]]
    out *= 1.0 / side**2
    return out
