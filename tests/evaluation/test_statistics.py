"""Figures and intervals, where the answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laterna.evaluation.statistics import frechet, mean, principal, ratio, share

WORDS = ["dawn", "noon", "dusk", "night"] * 25


def test_film_that_says_what_captions_say_has_the_whole_share() -> None:
    found = share(WORDS, WORDS, WORDS)
    assert found.count == 100
    assert (found.accuracy.value, found.ceiling.value) == (1, 1)
    assert found.floor.value == pytest.approx(0.25)
    assert found.share is not None and found.share.value == 1


def test_film_dealt_at_random_has_no_share() -> None:
    rng = np.random.default_rng(0)
    found = share([str(word) for word in rng.permutation(WORDS)], WORDS, WORDS)
    assert found.share is not None
    assert found.share.low < 0.05 and abs(found.share.value) < 0.2


def test_film_that_always_says_the_same_has_no_share() -> None:
    found = share(["noon"] * 100, WORDS, WORDS)
    assert found.accuracy.value == pytest.approx(0.25)
    assert found.floor.value == pytest.approx(0.25)
    assert found.share is not None and found.share.value == pytest.approx(0)


def test_half_right_is_half_the_share_whatever_the_ceiling() -> None:
    wrong = dict(zip(WORDS[:4], np.roll(WORDS[:4], 1), strict=True))
    half = [word if i % 8 < 4 else str(wrong[word]) for i, word in enumerate(WORDS)]
    found = share(half, WORDS, WORDS)
    assert found.share is not None
    assert found.share.value == pytest.approx((found.accuracy.value - 0.25) / 0.75)
    assert found.share.low < found.share.value < found.share.high


def test_nothing_is_said_where_real_clips_are_no_better_than_chance() -> None:
    assert share(["colour"] * 20, ["colour"] * 20, ["colour"] * 20).share is None


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=50))
def test_a_mean_lies_in_its_interval(values: list[float]) -> None:
    found = mean(values)
    slack = 1e-6 + 1e-9 * max(map(abs, values))
    assert min(values) - slack <= found.low <= found.high <= max(values) + slack


def test_more_clips_narrow_the_interval() -> None:
    rng = np.random.default_rng(0)
    few, many = mean(rng.normal(size=20)), mean(rng.normal(size=2000))
    assert many.high - many.low < (few.high - few.low) / 5


def test_ratios() -> None:
    found = ratio([2.0, 4.0], [1.0, 2.0])
    assert found is not None and found.as_list() == [2, 2, 2]
    assert ratio([1.0], [0.0]) is None


def test_frechet_distance_of_known_gaussians() -> None:
    rng = np.random.default_rng(0)
    base = rng.normal(size=(4000, 3))
    assert frechet(base, base) == pytest.approx(0, abs=1e-6)
    assert frechet(base, base + 2) == pytest.approx(12, rel=1e-6)
    assert frechet(base, base * 3) == pytest.approx(3 * 4, rel=0.1)


def test_principal_axes_are_where_the_spread_is() -> None:
    rng = np.random.default_rng(0)
    flat = rng.normal(size=(100, 4)) * (5, 3, 0.01, 0.01)
    _, axes = principal(flat, 2)
    assert np.abs(axes[:2]).max(0).min() > 0.9 and np.abs(axes[2:]).max() < 0.1
