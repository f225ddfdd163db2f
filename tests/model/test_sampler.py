"""The sampler, judged on Gaussian data, whose exact denoiser is known in closed form."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from laterna.model import sampler
from laterna.model.sampler import Denoise, Floats

MEAN, SPREAD = 0.7, 0.4


def posterior(mean: float = MEAN, spread: float = SPREAD) -> Denoise:
    """E[x | z] for x ~ N(mean, spread^2), z = (1 - s) x + s eps."""

    def denoise(z: Floats, sigma: Floats) -> Floats:
        s = sigma[..., None]
        gain = (1 - s) * spread**2 / ((1 - s) ** 2 * spread**2 + s**2 + 1e-12)
        return np.asarray(mean + gain * (z - (1 - s) * mean), np.float32)

    return denoise


def noise(seed: int, *shape: int) -> Floats:
    return np.random.default_rng(seed).standard_normal(shape, np.float32)


def more_noise(seed: int, *shape: int) -> Callable[[int], Floats]:
    return lambda step: noise(1000 * seed + step, *shape)


@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0])
def test_noise_becomes_the_distribution_of_the_data(eta: float) -> None:
    shape = (50, 40, 8)
    x = sampler.sample(
        posterior(), noise(0, *shape), sampler.ladder(24, 1.5), eta=eta, fresh=more_noise(1, *shape)
    )
    assert x.mean() == pytest.approx(MEAN, abs=0.02)
    assert x.std() == pytest.approx(SPREAD, rel=0.04)


def test_fresh_noise_leads_elsewhere_and_the_more_the_farther() -> None:
    shape, levels = (20, 10, 8), sampler.ladder(24, 1.5)

    def likeness(eta: float) -> float:
        a, b = (
            sampler.sample(
                posterior(), noise(0, *shape), levels, eta=eta, fresh=more_noise(n, *shape)
            )
            for n in (1, 2)
        )
        return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])

    assert likeness(0.0) == pytest.approx(1.0)
    assert likeness(0.0) > likeness(0.2) > likeness(1.0)
    assert abs(likeness(1.0)) < 0.05


def test_early_mistakes_are_forgotten_with_fresh_noise() -> None:
    """A network that is wrong at first leaves less of it the more noise is put in anew."""

    def mistaken(z: Floats, sigma: Floats) -> Floats:
        return posterior()(z, sigma) + np.where(sigma > 0.8, 0.5, 0.0)[..., None].astype(np.float32)

    shape, levels = (50, 40, 8), sampler.ladder(24)

    def off(eta: float) -> float:
        x = sampler.sample(mistaken, noise(0, *shape), levels, eta=eta, fresh=more_noise(1, *shape))
        return abs(float(x.mean()) - MEAN)

    assert off(0.0) > 1.3 * off(0.7) > 1.3 * off(1.0)


def test_the_second_order_needs_fewer_steps() -> None:
    """Against the exact flow of Gaussian data, x = mean + spread * eps."""
    eps = noise(1, 64, 4, 4)
    exact = MEAN + SPREAD * eps

    def error(steps: int, *, first_order: bool) -> float:
        z, before = eps, None
        for a, b in pairwise(sampler.ladder(steps)):
            sigma = np.full(z.shape[:-1], a, np.float32)
            x_hat = posterior()(z, sigma)
            z = sampler.advance(z, x_hat, sigma, np.full_like(sigma, b), before)
            before = None if first_order else (x_hat, sigma)
        return float(np.abs(z - exact).mean())

    for steps, share in ((8, 0.5), (16, 0.1), (32, 0.1)):
        assert error(steps, first_order=False) < share * error(steps, first_order=True)


@given(st.integers(0, 1000), st.integers(1, 12))
@settings(max_examples=30)
def test_given_tokens_stay_given_bit_for_bit(seed: int, steps: int) -> None:
    rng = np.random.default_rng(seed)
    source = noise(seed, 3, 5, 4)
    strength = rng.choice(np.array([0.0, 0.5, 1.0], np.float32), (3, 5))
    x = sampler.sample(
        posterior(), noise(seed + 1, 3, 5, 4), sampler.ladder(steps), source, strength
    )
    np.testing.assert_array_equal(x[strength == 0], source[strength == 0])
    assert not np.isclose(x[strength == 1], source[strength == 1]).all(axis=-1).any()


def test_little_strength_stays_close_to_the_source() -> None:
    source = noise(2, 4, 5, 8)

    def distance(strength: float) -> float:
        x = sampler.sample(posterior(), noise(3, 4, 5, 8), sampler.ladder(16), source, strength)
        return float(np.abs(x - source).mean())

    assert distance(0.0) == 0.0
    assert distance(0.1) < distance(0.4) < distance(1.0)


@given(st.floats(0.01, 1), st.floats(0, 1))
def test_a_step_keeps_the_noise_it_should(sigma: float, share: float) -> None:
    """Knowing x exactly, a step from sigma to target gives (1 - target) x + target eps."""
    x, eps = noise(4, 2, 3), noise(5, 2, 3)
    s = np.full(2, sigma, np.float32)
    t = np.full(2, sigma * share, np.float32)
    z = sampler.advance(sampler.add_noise(x, eps, s), x, s, t)
    np.testing.assert_allclose(z, sampler.add_noise(x, eps, t), atol=2e-5)


@given(st.floats(0.01, 1), st.floats(0, 0.99), st.floats(0, 1))
def test_with_fresh_noise_there_is_as_much_noise(sigma: float, share: float, eta: float) -> None:
    x, eps, more = noise(4, 1, 1), noise(5, 4000, 3), noise(6, 4000, 3)
    s = np.full(4000, sigma, np.float32)
    t = np.full(4000, sigma * share, np.float32)
    z = sampler.advance(sampler.add_noise(x, eps, s), x, s, t, eta=eta, fresh=more)
    assert np.std(z - (1 - t[:, None]) * x) == pytest.approx(sigma * share, rel=0.05, abs=1e-4)


def test_tokens_that_wait_come_back_as_they_were() -> None:
    z, x = noise(7, 3, 4), noise(8, 3, 4)
    sigma, target = np.float32([0, 0.5, 1]), np.float32([0, 0.5, 0.6])
    after = sampler.advance(z, x, sigma, target, (x + 1, sigma + 0.1), 1.0, noise(9, 3, 4))
    np.testing.assert_array_equal(after[:2], z[:2])
    assert not np.isclose(after[2], z[2]).any()
    assert np.isfinite(after).all()


def test_the_ladder_runs_from_noise_to_picture() -> None:
    for steps in (1, 4, 12):
        levels = sampler.ladder(steps, 2.0)
        assert (levels[0], levels[-1], len(levels)) == (1.0, 0.0, steps + 1)
        assert levels == sorted(levels, reverse=True)


def test_guidance_pushes_away_from_what_is_unwanted_inside_its_interval_only() -> None:
    asked = []

    def unwanted(z: Floats, sigma: Floats) -> Floats:
        asked.append(sigma)
        return np.full_like(z, 1.0)

    def wanted(z: Floats, sigma: Floats) -> Floats:
        return np.full_like(z, 2.0)

    denoise = sampler.guided(wanted, unwanted, 3.0, (0.2, 0.9))
    z = noise(6, 3, 4)
    x = denoise(z, np.array([0.1, 0.5, 0.95], np.float32))
    assert x[:, 0].tolist() == [2.0, 4.0, 2.0]
    assert len(asked) == 1
    denoise(z, np.full(3, 0.95, np.float32))
    assert len(asked) == 1  # outside, the second network run is saved


def test_a_torch_module_is_a_callable_too() -> None:
    from laterna.model.networks.as_numpy import as_numpy

    class Halve(torch.nn.Module):
        def forward(self, z: torch.Tensor, sigma: torch.Tensor) -> torch.Tensor:
            return z * (1 - sigma)[..., None] / 2

    x = sampler.sample(as_numpy(Halve()), noise(7, 2, 3, 4), sampler.ladder(4))
    assert x.dtype == np.float32
    assert np.isfinite(x).all()
