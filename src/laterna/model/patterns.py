"""Noise patterns: which token of a window carries how much noise while the transformer trains.

A noise level per token is the model's only task description. A clean token is something that is
given (the past, a keyframe, the kept part of a picture), a fully noisy one is something to invent,
and every way to fill in a Shot is a pattern of such levels. Here they are drawn for training; the
window (`laterna.model.window`) lays out the same patterns when it films.

Notable: most patterns never decrease over time, which rules out the combinations no film maker
needs (AR-Diffusion, arXiv 2503.07418), and given tokens carry a little noise most of the time, so
that the model learns to forgive its own past (Helios, arXiv 2603.04379).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["PATTERNS", "given_level", "sample_pattern", "shift"]

Sigma = NDArray[np.float32]

PATTERNS: dict[str, float] = {
    "text-to-video": 0.20,
    "staircase": 0.30,
    "context": 0.20,
    "non-decreasing": 0.10,
    "independent": 0.05,
    "keyframes": 0.08,
    "box": 0.07,
}
"""Names of the patterns and how often each is drawn."""

GIVEN_MAX = 1 / 3  # noisiest a given token gets in training
GIVEN_CLEAN = 0.1  # share of draws in which given tokens carry no noise at all


def shift(sigma: NDArray[np.floating] | float, amount: float) -> NDArray[np.float64]:
    """Move noise levels in [0, 1] towards 1 (`amount` > 1) or towards 0; 0 and 1 stay put.

    a s / (1 + (a - 1) s), the timestep shift of Esser et al. 2024 (arXiv 2403.03206, eq. 23).
    """
    s = np.asarray(sigma, np.float64)
    return np.asarray(amount * s / (1 + (amount - 1) * s))


def sample_pattern(
    rng: np.random.Generator, frames: int, grid_h: int, grid_w: int, kind: str | None = None
) -> tuple[Sigma, str]:
    """Draw the noise levels of one training window of video tokens.

    `frames` latent frames of `grid_h` x `grid_w` tokens, row by row; an anchor slot is not one of
    them (draw its level with `given_level`). `kind` is a name of PATTERNS or None to draw one by
    its weight. Patterns that need a past and a future become "text-to-video" for a single frame.
    Returns ((F, S) float32 in [0, 1], the name of the pattern).
    """
    if kind is None:
        kind = str(rng.choice(list(PATTERNS), p=list(PATTERNS.values())))
    if frames == 1 and kind != "box":
        kind = "text-to-video"
    if kind == "box":
        sigma = _box(rng, frames, grid_h, grid_w)
    else:
        levels = _PER_FRAME[kind](rng, frames)
        sigma = np.repeat(levels[:, None], grid_h * grid_w, axis=1)
    return np.clip(sigma, 0.0, 1.0).astype(np.float32), kind


def given_level(rng: np.random.Generator) -> float:
    """The noise level of tokens that are given: U(0, 1/3), exactly 0 in a tenth of the draws."""
    return 0.0 if rng.random() < GIVEN_CLEAN else float(rng.uniform(0.0, GIVEN_MAX))


def _level(rng: np.random.Generator) -> float:
    """One noise level: logit-normal(0.6, 1.3).

    Latents differ in size, so that light is settled at high levels and edges at low ones; both ends
    have to be seen (an eighth of the draws are below 0.3, a third above 0.75; with fewer close to 1
    the first steps of a film took blots of noise for things).
    """
    return float(1 / (1 + np.exp(-rng.normal(0.6, 1.3))))


def _one_level(rng: np.random.Generator, frames: int) -> NDArray[np.float64]:
    return np.full(frames, _level(rng))


def _staircase(rng: np.random.Generator, frames: int) -> NDArray[np.float64]:
    """The rolling window in mid-film: a few given frames, then a ladder that ends in pure noise.

    Short ladders reach noise before the window ends, long ones stop below it: the beginning and
    the end of a film look like that.
    """
    given = int(rng.integers(1, min(3, frames - 1) + 1))
    length = int(rng.integers(4, 9))
    rungs = (np.arange(1, frames - given + 1) - rng.random()) / length
    start = float(rng.uniform(0.0, 0.4)) if rng.random() < 0.15 else 0.0
    ladder = shift(np.clip(rungs + start, 0.0, 1.0), 1.5)
    return np.concatenate([np.full(given, given_level(rng)), ladder])


def _context(rng: np.random.Generator, frames: int) -> NDArray[np.float64]:
    levels = _one_level(rng, frames)
    levels[: int(rng.integers(1, min(6, frames - 1) + 1))] = given_level(rng)
    return levels


def _non_decreasing(rng: np.random.Generator, frames: int) -> NDArray[np.float64]:
    return np.sort([_level(rng) for _ in range(frames)])


def _independent(rng: np.random.Generator, frames: int) -> NDArray[np.float64]:
    return np.array([_level(rng) for _ in range(frames)])


def _keyframes(rng: np.random.Generator, frames: int) -> NDArray[np.float64]:
    """Given frames anywhere: both ends, the end alone (extension backward), or a few at random."""
    levels = _one_level(rng, frames) if rng.random() < 0.7 else _non_decreasing(rng, frames)
    which = rng.random()
    if which < 0.5:
        given = [0, frames - 1] if frames > 2 else [frames - 1]
    elif which < 0.75:
        given = list(range(frames - int(rng.integers(1, min(4, frames - 1) + 1)), frames))
    else:
        count = int(rng.integers(1, min(3, frames - 1) + 1))
        given = [int(i) for i in rng.choice(frames, count, replace=False)]
    levels[given] = given_level(rng)
    return levels


def _box(rng: np.random.Generator, frames: int, grid_h: int, grid_w: int) -> NDArray[np.float64]:
    """A part of the picture is given: all but a box (inpainting) or only a box (outpainting).

    The box stands still or wanders by a token a frame; half of the time the levels are those of a
    staircase instead of one, as they are when a long shot is painted in.
    """
    height = int(rng.integers(1, max(1, grid_h - 1) + 1))
    width = int(rng.integers(1, max(1, grid_w - 1) + 1))
    top = int(rng.integers(0, grid_h - height + 1))
    left = int(rng.integers(0, grid_w - width + 1))
    drift = rng.integers(-1, 2, 2) if rng.random() < 0.5 else np.zeros(2, np.int64)
    inside = np.zeros((frames, grid_h, grid_w), bool)
    for f in range(frames):
        y = int(np.clip(top + f * drift[0], 0, grid_h - height))
        x = int(np.clip(left + f * drift[1], 0, grid_w - width))
        inside[f, y : y + height, x : x + width] = True
    if rng.random() < 0.5:
        inside = ~inside
    stairs = frames > 1 and rng.random() < 0.5
    anew = _staircase(rng, frames) if stairs else _one_level(rng, frames)
    sigma = np.where(inside, anew[:, None, None], given_level(rng))
    return np.asarray(sigma.reshape(frames, grid_h * grid_w), np.float64)


_PER_FRAME: dict[str, Callable[[np.random.Generator, int], NDArray[np.float64]]] = {
    "text-to-video": _one_level,
    "staircase": _staircase,
    "context": _context,
    "non-decreasing": _non_decreasing,
    "independent": _independent,
    "keyframes": _keyframes,
}
