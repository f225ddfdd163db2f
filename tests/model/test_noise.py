"""Noise: a function of seed, frame and stream, and nothing else."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from laterna.model.noise import START, VEIL, frame_noise

seeds = st.integers(0, 2**63 - 1)
frame_numbers = st.integers(-480, 480)


@given(seeds, frame_numbers)
def test_a_frame_gets_the_same_noise_however_often_it_is_asked(seed: int, frame: int) -> None:
    first = frame_noise(seed, frame, (5, 8))
    frame_noise(seed, frame + 1, (5, 8))
    np.testing.assert_array_equal(frame_noise(seed, frame, (5, 8)), first)


@given(seeds, frame_numbers, frame_numbers)
def test_other_frames_seeds_and_streams_get_other_noise(seed: int, a: int, b: int) -> None:
    noise = frame_noise(seed, a, (5, 8))
    if a != b:
        assert not np.array_equal(noise, frame_noise(seed, b, (5, 8)))
    assert not np.array_equal(noise, frame_noise(seed ^ 1, a, (5, 8)))
    assert not np.array_equal(noise, frame_noise(seed, a, (5, 8), VEIL))
    assert np.array_equal(noise, frame_noise(seed, a, (5, 8), START))


def test_noise_is_standard_normal_and_frames_are_uncorrelated() -> None:
    noise = np.stack([frame_noise(7, f, (40, 64)) for f in range(64)])
    assert noise.dtype == np.float32
    assert abs(noise.mean()) < 0.01
    assert abs(noise.std() - 1) < 0.01
    correlation = np.corrcoef(noise.reshape(64, -1)) - np.eye(64)
    assert np.abs(correlation).max() < 0.1
