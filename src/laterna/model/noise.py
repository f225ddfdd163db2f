"""Noise that depends on nothing but a seed and a latent frame.

A counter-based generator (Philox, Salmon et al. 2011) is keyed by the seed and started at a
counter that names the frame, so that a latent frame gets the same noise in whatever window, chunk
or process it is computed, and a resumed film needs no generator state.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["FRESH", "START", "VEIL", "frame_noise"]

START = 0  # stream of the noise a frame is denoised from
VEIL = 1  # stream of the little noise that given and finished frames are shown with
FRESH = 2  # first stream of the noise that is put in anew, one for each tick
_WORD = 2**64 - 1


def frame_noise(
    seed: int, frame: int, shape: tuple[int, ...], stream: int = START
) -> NDArray[np.float32]:
    """Standard normal noise of `shape`, float32, for one latent frame.

    `seed` is an integer of up to 64 bits; `frame` may be negative (film before the shot). Streams
    are independent of each other.
    """
    counter = np.array([0, 0, frame & _WORD, stream], np.uint64)
    bits = np.random.Philox(key=seed & _WORD, counter=counter)
    return np.random.Generator(bits).standard_normal(shape, np.float32)
