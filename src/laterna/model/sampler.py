"""The sampler: from noise to latents along a rectified flow, as free functions over a callable.

Everything is per token: `sigma` broadcasts against the latents, so that one step may carry one
token from 0.8 to 0.6, another from 0.2 to 0 and leave a third alone. A network is only ever seen
as `denoise(z, sigma) -> x_hat`; anything that takes and gives numpy arrays will do.

Convention: z = (1 - sigma) x + sigma eps. Beside the flow itself, the same distributions are
passed by a family of stochastic processes, which put part of the noise anew at each step; `eta` is
how much, 0 being the flow and 1 the reverse SDE (Song et al., arXiv 2011.13456). What the network
got wrong in an early step is drowned by that and looked at again. Steps are exact where predictions
are linear in sigma: the exponential integrators of DPM-Solver++ and its SDE form (Lu et al., arXiv
2211.01095), written in exp(-h), h being the step in log-SNR, so that sigma = 1 and 0 are ordinary
points.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from laterna.model.patterns import shift

__all__ = ["Denoise", "Floats", "add_noise", "advance", "guided", "ladder", "sample"]

Floats = NDArray[np.float32]
Denoise = Callable[[Floats, Floats], Floats]
"""denoise(z (..., S, D), sigma (..., S)) -> x_hat (..., S, D)."""

_GAUSS = np.polynomial.legendre.leggauss(6)
NODES, SHARES = (_GAUSS[0] + 1) / 2, _GAUSS[1] / 2  # of a mean over 0 to 1


def ladder(steps: int, amount: float = 1.0) -> list[float]:
    """`steps` + 1 noise levels from 1 down to 0, shifted towards noise by `amount`."""
    return [float(shift(1 - i / steps, amount)) for i in range(steps + 1)]


def add_noise(x: Floats, noise: Floats, sigma: Floats) -> Floats:
    """z = (1 - sigma) x + sigma noise; `sigma` lacks the last axis of `x`. At 0 exactly `x`."""
    s = sigma[..., None]
    return np.where(s > 0, (1 - s) * x + s * noise, x).astype(np.float32)


def advance(
    z: Floats,
    x_hat: Floats,
    sigma: Floats,
    target: Floats,
    before: tuple[Floats, Floats] | None = None,
    eta: float = 0.0,
    fresh: Floats | None = None,
) -> Floats:
    """Step tokens from noise level `sigma` to `target` <= `sigma`.

    z, x_hat (..., S, D); sigma, target (..., S). `before` is the last prediction and the levels it
    was made at: where those are above `sigma` the step is of second order, else, and on the last
    step to 0, where extrapolating would add noise to the picture, of first. `fresh`
    (..., S, D) is standard normal noise, wanted if `eta` is above 0. Tokens whose level does not
    change come back bit for bit as they were.
    """
    moves = target < sigma
    start, end = np.where(moves, sigma, 1.0), np.where(moves, target, 0.0)
    fade = end * (1 - start) / (start * (1 - end))  # exp(-h)
    kept = fade ** (eta * eta)
    seen = x_hat if before is None else x_hat + _bend(x_hat, sigma, end, fade * kept, *before, eta)
    drawn = (1 - end) * (1 - fade * kept)
    stepped = (end / start * kept)[..., None] * z + drawn[..., None] * seen
    if eta > 0:
        assert fresh is not None
        stepped += (end * np.sqrt(1 - kept * kept))[..., None] * fresh
    return np.where(moves[..., None], stepped, z).astype(np.float32)


def _bend(
    x_hat: Floats,
    sigma: Floats,
    target: Floats,
    low: Floats,
    past: Floats,
    above: Floats,
    eta: float,
) -> Floats:
    """How far predictions move on during the step if they are linear in the noise level: the step
    weighs them evenly in exp(-(1 + eta^2) (log-SNR to go)), which runs from `low` to 1.
    """
    use = (above > sigma + 1e-6) & (target > 0)
    end = np.where(use, target, 0.5)[..., None]
    to_go = low[..., None] + (1 - low[..., None]) * NODES
    levels = end / (end + (1 - end) * to_go ** (1 / (1 + eta * eta)))
    share = np.divide(sigma - levels @ SHARES, above - sigma, out=np.zeros_like(sigma), where=use)
    return np.asarray(share[..., None] * (x_hat - past), np.float32)


def guided(
    wanted: Denoise, unwanted: Denoise, scale: float, interval: tuple[float, float] = (0.2, 0.9)
) -> Denoise:
    """Classifier-free guidance (Ho & Salimans, arXiv 2207.12598): away from `unwanted`.

    Only tokens whose noise level lies in `interval` are guided (Kynkäänniemi et al., arXiv
    2404.07724); where none does, `unwanted` is not asked.
    """

    def denoise(z: Floats, sigma: Floats) -> Floats:
        x_hat = wanted(z, sigma)
        inside = (sigma >= interval[0]) & (sigma <= interval[1])
        if scale == 1.0 or not inside.any():
            return x_hat
        away = unwanted(z, sigma)
        return np.where(inside[..., None], away + scale * (x_hat - away), x_hat).astype(np.float32)

    return denoise


def sample(
    denoise: Denoise,
    noise: Floats,
    levels: Sequence[float],
    source: Floats | None = None,
    strength: Floats | float = 1.0,
    eta: float = 0.0,
    fresh: Callable[[int], Floats] | None = None,
) -> Floats:
    """Denoise all tokens together down `levels` (1 to 0, see `ladder`) and return the latents.

    noise (..., S, D) standard normal. With `source` of the same shape, `strength` (..., S) says how
    far each token may leave it: 0 is kept bit for bit, 1 is invented, and in between a token waits
    at its own level until the others have come down to it. With `eta` above 0, `fresh` gives more
    such noise by the number of the step.
    """
    start = np.broadcast_to(np.asarray(strength, np.float32), noise.shape[:-1])
    sigma = np.minimum(np.float32(levels[0]), start)
    z = add_noise(noise if source is None else source, noise, sigma)
    before = None
    for step, level in enumerate(levels[1:]):
        target = np.minimum(np.float32(level), sigma)
        x_hat = denoise(z, sigma)
        z = advance(z, x_hat, sigma, target, before, eta, fresh and fresh(step))
        before, sigma = (x_hat, sigma), target
    return z
