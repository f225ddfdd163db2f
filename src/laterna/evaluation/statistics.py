"""Figures with their intervals: bootstrap over clips, and the Frechet distance.

An interval is the middle 95 % of what resampled clips give (percentile bootstrap; B. Efron, "Better
bootstrap confidence intervals", 1987, on when that is fair). The dice are fixed, so the same clips
give the same interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Figure", "Share", "frechet", "mean", "principal", "ratio", "share"]

RESAMPLES = 2000
TELLING = 0.05  # least distance from floor to ceiling over which a share says something

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and the bounds of its 95 % interval."""

    value: float
    low: float
    high: float

    def as_list(self) -> list[float]:
        """[value, low, high], for JSON."""
        return [round(x, 4) for x in (self.value, self.low, self.high)]


@dataclass(frozen=True, slots=True)
class Share:
    """How well clips show a factor that their captions name, over `count` such captions.

    accuracy  how often what is read in the clip is what the caption says
    ceiling   the same on real clips of these captions
    floor     what as many clips would score if they were dealt to the captions at random
    share     (accuracy - floor) / (ceiling - floor); None where that says nothing
    """

    count: int
    accuracy: Figure
    ceiling: Figure
    floor: Figure
    share: Figure | None


def mean(values: Sequence[float] | Floats) -> Figure:
    """The mean of `values`."""
    array = np.asarray(values, np.float64)
    return _figure(float(array.mean()), _weights(len(array)) @ array)


def ratio(ours: Sequence[float] | Floats, real: Sequence[float] | Floats) -> Figure | None:
    """The ratio of the means of paired values; None where the real mean is nothing."""
    above, below = np.asarray(ours, np.float64), np.asarray(real, np.float64)
    if below.mean() <= 1e-9:
        return None
    weights = _weights(len(below))
    return _figure(
        float(above.mean() / below.mean()), (weights @ above) / np.maximum(weights @ below, 1e-9)
    )


def share(read: Sequence[str], real: Sequence[str], said: Sequence[str]) -> Share:
    """Judge words `read` in clips against what captions `said`; `real` was read in real clips."""
    words = sorted({*read, *real, *said})
    ours, theirs, truth = (_one_hot(column, words) for column in (read, real, said))
    hits, tops = (ours * truth).sum(1), (theirs * truth).sum(1)

    def figures(weights: Floats) -> tuple[Floats, Floats, Floats]:
        floor = ((weights @ ours) * (weights @ truth)).sum(1)
        return weights @ hits, weights @ tops, floor

    count = len(said)
    whole = figures(np.full((1, count), 1 / count))
    drawn = figures(_weights(count))
    accuracy, ceiling, floor = (
        _figure(float(one[0]), many) for one, many in zip(whole, drawn, strict=True)
    )
    gap = ceiling.value - floor.value
    part = None
    if gap >= TELLING:
        shares = (drawn[0] - drawn[2]) / np.maximum(drawn[1] - drawn[2], TELLING)
        part = _figure((accuracy.value - floor.value) / gap, shares)
    return Share(count, accuracy, ceiling, floor, part)


def principal(features: Floats, most: int = 64) -> tuple[Floats, Floats]:
    """Centre (D,) and the first principal axes (D, K) of `features` (N, D)."""
    centre = features.mean(0)
    axes = np.linalg.svd(features - centre, full_matrices=False)[2]
    return centre, axes[: min(most, len(axes))].T


def frechet(one: Floats, other: Floats) -> float:
    """Frechet distance between Gaussians fitted to two sets of features (N, D).

    D. Dowson, B. Landau, "The Frechet distance between multivariate normal distributions", 1982.
    """
    gap = one.mean(0) - other.mean(0)
    a, b = (np.atleast_2d(np.cov(x, rowvar=False)) for x in (one, other))
    root = _root(a)
    cross = np.sqrt(np.clip(np.linalg.eigvalsh(root @ b @ root), 0, None)).sum()
    return float(max(0.0, gap @ gap + np.trace(a) + np.trace(b) - 2 * cross))


def _root(matrix: Floats) -> Floats:
    """The symmetric square root of a covariance."""
    values, vectors = np.linalg.eigh(matrix)
    root: Floats = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    return root


def _one_hot(column: Sequence[str], words: list[str]) -> Floats:
    return np.array([[float(word == cell) for word in words] for cell in column])


def _weights(count: int) -> Floats:
    """What share each of `count` clips has in each resample, (RESAMPLES, count)."""
    rng = np.random.default_rng(count)
    counts: Floats = rng.multinomial(count, np.full(count, 1 / count), RESAMPLES) / count
    return counts


def _figure(value: float, drawn: Floats) -> Figure:
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Figure(value, float(low), float(high))
