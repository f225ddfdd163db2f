"""Small films with edges and motion, made once."""

from __future__ import annotations

import numpy as np
import pytest

from laterna.shot import Frames


def moving_square(count: int, width: int = 64, height: int = 48) -> Frames:
    """A red square that crosses a blue-green field, 2 px a frame."""
    frames = np.empty((count, height, width, 3), np.uint8)
    frames[:] = (40, 120, 160)
    for index in range(count):
        left = (2 * index) % (width - 16)
        frames[index, 12:28, left : left + 16] = (220, 40, 30)
    return frames


@pytest.fixture
def frames() -> Frames:
    return moving_square(25)
