"""Tokens hold what their cells held, and nothing is lost on the way back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laterna.errors import InputError
from laterna.model.patches import patchify, unpatchify


@given(st.integers(1, 3), st.integers(1, 4), st.integers(1, 5), st.integers(1, 4))
def test_there_and_back(frames: int, down: int, across: int, channels: int) -> None:
    latents = np.arange(frames * channels * 4 * down * across, dtype=np.float32)
    latents = latents.reshape(frames, channels, 2 * down, 2 * across)
    tokens = patchify(latents)
    assert tokens.shape == (frames, down * across, 4 * channels)
    np.testing.assert_array_equal(unpatchify(tokens, (down, across)), latents)


def test_tokens_run_row_by_row() -> None:
    latents = np.zeros((16, 4, 6), np.float32)
    latents[5, 2:, 4:] = [[1, 2], [3, 4]]
    tokens = patchify(latents)
    assert tokens[5, 20:24].tolist() == [1, 2, 3, 4]
    assert np.count_nonzero(tokens) == 4


def test_torch_agrees() -> None:
    torch = pytest.importorskip("torch")
    latents = np.random.default_rng(0).normal(size=(2, 3, 16, 4, 6))
    tokens = patchify(torch.from_numpy(latents))
    np.testing.assert_array_equal(tokens.numpy(), patchify(latents))
    np.testing.assert_array_equal(unpatchify(tokens, (2, 3)).numpy(), latents)


def test_odd_grids_are_refused() -> None:
    with pytest.raises(InputError, match="even"):
        patchify(np.zeros((16, 3, 4)))
    with pytest.raises(InputError, match="holds 6"):
        unpatchify(np.zeros((5, 64)), (2, 3))
