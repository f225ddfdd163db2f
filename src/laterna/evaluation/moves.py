"""Names the camera's move from its six numbers: a softmax regression, fitted on real renders.

Linear in the (compressed) numbers and nothing more, so that what it knows is what the numbers say:
it has never seen a picture. How good it can be is measured on real renders it was not fitted on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from laterna.evaluation.motion import CameraMotion

__all__ = ["MoveReader"]

SOFT = 0.3  # pixels a picture: motion beyond it counts ever less
STEPS = 400
RATE = 1.0
DECAY = 2e-3

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MoveReader:
    """Weights (K, 7) of the words in `words` over the six numbers and a constant."""

    words: tuple[str, ...]
    weights: Floats

    @classmethod
    def fit(cls, seen: Sequence[CameraMotion], said: Sequence[str]) -> MoveReader:
        """Fit on motions whose moves are known; every move counts alike, however frequent."""
        words = tuple(sorted(set(said)))
        inputs = np.stack([_compressed(one) for one in seen])
        truth = np.array([[float(word == move) for word in words] for move in said])
        share = (truth / truth.sum(0)).sum(1) / len(words)
        weights = np.zeros((len(words), inputs.shape[1]))
        pace = np.zeros_like(weights)
        for _ in range(STEPS):
            error = (_softmax(inputs @ weights.T) - truth) * share[:, None]
            pace = 0.9 * pace - RATE * (error.T @ inputs + DECAY * weights)
            weights = weights + pace
        return cls(words, weights)

    def read(self, seen: CameraMotion, among: Sequence[str] = ()) -> str:
        """The likeliest move, of those in `among` if any are given."""
        scores = self.weights @ _compressed(seen)
        known = [i for i, word in enumerate(self.words) if not among or word in among]
        return self.words[max(known or range(len(self.words)), key=lambda i: scores[i])]


def _compressed(seen: CameraMotion) -> Floats:
    return np.append(np.arcsinh(seen.as_array() / SOFT), 1.0)


def _softmax(scores: Floats) -> Floats:
    powers = np.exp(scores - scores.max(1, keepdims=True))
    sums: Floats = powers / powers.sum(1, keepdims=True)
    return sums
