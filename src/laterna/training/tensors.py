"""Frames as the networks take them, and back."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def to_tensor(frames: NDArray[np.uint8]) -> Tensor:
    """(B, T, H, W, 3) uint8 to (B, T, 3, H, W) float32 in [-1, 1]."""
    x = torch.from_numpy(np.array(frames)).permute(0, 1, 4, 2, 3)
    return x.float().div_(127.5).sub_(1).contiguous()


def to_frames(x: Tensor) -> NDArray[np.uint8]:
    """The inverse of `to_tensor`, rounded and clipped."""
    scaled = x.detach().float().add(1).mul(127.5).round().clamp(0, 255)
    frames: NDArray[np.uint8] = scaled.to(torch.uint8).permute(0, 1, 3, 4, 2).numpy()
    return frames


__all__ = ["to_frames", "to_tensor"]
