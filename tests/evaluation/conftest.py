"""A judge of toys: brightness says the hour, the way the picture slides says the move."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from laterna.evaluation.heldout import factors_of
from laterna.evaluation.judge import Judge
from laterna.evaluation.learn import Recipe, train_judge
from laterna.world.factors import HOURS, Factors, Mixture

Film = NDArray[np.uint8]
SLIDE = {"pan left": 3, "pan right": -3, "truck left": 1, "truck right": -1}


def texture(seed: int, high: int = 80, wide: int = 128) -> NDArray[np.float64]:
    """Soft blotches that wrap around, (high, wide), 0 to 1."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:high, :wide]
    plane = np.zeros((high, wide))
    for _ in range(24):
        down, across = rng.integers(-6, 7, 2)
        phase = 2 * np.pi * (down * y / high + across * x / wide + rng.random())
        plane += np.cos(phase)
    return (plane - plane.min()) / (plane.max() - plane.min())


def sliding(seed: int, step: int, count: int = 6, high: int = 80, wide: int = 128) -> Film:
    """A texture that slides `step` pixels to the right with every picture."""
    plane = texture(seed, high, wide)
    film = np.stack([np.roll(plane, step * t, axis=1) for t in range(count)])
    return np.rint(film[..., None] * (200, 180, 160) + 20).astype(np.uint8)


def toy(seed: int, mixture: Mixture, count: int = 6) -> tuple[Film, Factors]:
    """A clip as judges see it, and what it shows."""
    factors = factors_of(seed, mixture)
    film = sliding(seed % 1000, SLIDE.get(factors.move, 0), count).astype(float)
    return (film * (0.25 + 0.25 * HOURS.index(factors.hour))).astype(np.uint8), factors


@pytest.fixture(scope="session")
def recipe() -> Recipe:
    return Recipe(clips=48, check=24, moves=12, steps=40, batch=4, rate=4e-3)


@pytest.fixture(scope="session")
def judge(recipe: Recipe) -> Judge:
    """Trained on toys, in seconds."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    made = train_judge(recipe, toy)
    torch.set_num_threads(threads)
    return made


@pytest.fixture
def clips() -> Callable[[int], list[Film]]:
    """So many sliding films of 2 seconds at 8 frames a second, at full size."""
    return lambda count: [sliding(seed, 2, 16, 160, 256) for seed in range(count)]
