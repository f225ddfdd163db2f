"""How close pictures are: PSNR, SSIM, and how much gradient energy pictures hold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["gradient_energy", "psnr", "ssim"]

LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def psnr(truth: NDArray[np.uint8], seen: NDArray[np.uint8]) -> float:
    """Peak signal to noise ratio in dB over the whole array; 99 for equal ones."""
    error = float(np.mean((truth.astype(np.float32) - seen.astype(np.float32)) ** 2))
    return 99.0 if error == 0 else float(10 * np.log10(255.0**2 / error))


def ssim(truth: NDArray[np.uint8], seen: NDArray[np.uint8]) -> float:
    """Mean structural similarity of the luma of frames (T, H, W, 3), 7x7 box windows.

    Wang et al., "Image quality assessment", 2004, with its constants.
    """
    a, b = truth @ LUMA, seen @ LUMA
    mean_a, mean_b = _box(a), _box(b)
    var_a, var_b = _box(a * a) - mean_a**2, _box(b * b) - mean_b**2
    both = _box(a * b) - mean_a * mean_b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    top = (2 * mean_a * mean_b + c1) * (2 * both + c2)
    return float(np.mean(top / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))))


def _box(x: NDArray[np.float32], side: int = 7) -> NDArray[np.float64]:
    """Means over side x side windows of the last two axes, without padding."""
    total = np.pad(x.astype(np.float64), [(0, 0), (1, 0), (1, 0)]).cumsum(1).cumsum(2)
    rows = total[:, side:] - total[:, :-side]
    sums: NDArray[np.float64] = (rows[:, :, side:] - rows[:, :, :-side]) / side**2
    return sums


def gradient_energy(frames: NDArray[np.uint8]) -> float:
    """Mean squared luma difference between neighbouring pixels of (T, H, W, 3)."""
    luma = frames @ LUMA
    across, down = np.diff(luma, axis=2), np.diff(luma, axis=1)
    return float(np.mean(across**2) + np.mean(down**2))
