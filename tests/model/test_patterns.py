"""Noise patterns: every draw is a valid task, and each pattern is the task its name says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laterna.model.patterns import PATTERNS, given_level, sample_pattern, shift

seeds = st.integers(0, 2**32 - 1)
frames = st.integers(1, 12)
sides = st.integers(1, 9)


@given(seeds, frames, sides, sides, st.sampled_from([None, *PATTERNS]))
def test_every_draw_is_a_level_per_token(
    seed: int, f: int, h: int, w: int, kind: str | None
) -> None:
    sigma, name = sample_pattern(np.random.default_rng(seed), f, h, w, kind)
    assert sigma.shape == (f, h * w)
    assert sigma.dtype == np.float32
    assert 0.0 <= sigma.min() <= sigma.max() <= 1.0
    assert name in PATTERNS
    assert kind is None or f == 1 or name == kind


@given(seeds, st.integers(2, 12), st.sampled_from(["staircase", "context", "non-decreasing"]))
def test_the_future_is_never_cleaner_than_the_present(seed: int, f: int, kind: str) -> None:
    sigma, _ = sample_pattern(np.random.default_rng(seed), f, 2, 3, kind)
    order = np.diff(sigma[:, 0])
    if kind == "non-decreasing":
        assert (order >= 0).all()
    else:  # given frames carry their own small noise; what follows them must still be a ladder
        anew = order[np.flatnonzero(order)[0] + 1 :] if order.any() else order
        assert (anew >= 0).all()


@given(seeds, st.integers(2, 12))
def test_whole_frames_share_one_level_except_in_a_box(seed: int, f: int) -> None:
    for kind in PATTERNS:
        sigma, _ = sample_pattern(np.random.default_rng(seed), f, 3, 4, kind)
        levels_per_frame = [len(np.unique(row)) for row in sigma]
        assert max(levels_per_frame) <= (2 if kind == "box" else 1)


@given(seeds, st.integers(2, 12))
def test_keyframes_and_context_leave_something_given(seed: int, f: int) -> None:
    for kind in ("keyframes", "context", "staircase"):
        sigma, _ = sample_pattern(np.random.default_rng(seed), f, 1, 1, kind)
        assert sigma.min() <= 1 / 3 + 1e-6


def test_patterns_come_as_often_as_their_weights_say() -> None:
    rng = np.random.default_rng(0)
    names = [sample_pattern(rng, 8, 2, 2)[1] for _ in range(4000)]
    for name, weight in PATTERNS.items():
        assert names.count(name) / len(names) == pytest.approx(weight, abs=0.03)
    assert sum(PATTERNS.values()) == pytest.approx(1.0)


def test_a_staircase_covers_the_rolling_window() -> None:
    """Every rung of the ladder that filming walks down lies close to a trained one."""
    rng = np.random.default_rng(1)
    draws = np.stack([sample_pattern(rng, 8, 1, 1, "staircase")[0][:, 0] for _ in range(3000)])
    filming = np.concatenate([[0.08, 0.08], shift(np.arange(1, 7) / 6, 1.5)])
    gap = np.abs(draws - filming).max(axis=1)
    assert gap.min() < 0.12


ROUNDING = 1e-12


@given(st.floats(0, 1), st.floats(0, 1), st.floats(1, 5))
def test_shift_keeps_the_ends_and_the_order(a: float, b: float, amount: float) -> None:
    assert shift(0.0, amount) == 0.0
    assert shift(1.0, amount) == pytest.approx(1.0)
    low, high = sorted((a, b))
    assert shift(low, amount) <= shift(high, amount) + ROUNDING
    assert shift(a, amount) >= a - ROUNDING  # towards noise
    assert shift(shift(a, amount), 1 / amount) == pytest.approx(a, abs=1e-9)


@given(seeds)
def test_given_tokens_stay_mostly_clean(seed: int) -> None:
    assert 0.0 <= given_level(np.random.default_rng(seed)) <= 1 / 3
