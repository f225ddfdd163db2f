"""The sampler: from noise to latents along a rectified flow, as free functions over a callable.

Everything is per token: `sigma` broadcasts against the latents, so that one step may carry one
token from 0.8 to 0.6, another from 0.2 to 0 and leave a third alone. A network is only ever seen
as `denoise(z, sigma) -> x_hat`; anything that takes and gives numpy arrays will do.

Convention: z = (1 - sigma) x + sigma eps. Along the flow dz/dsigma = (z - x_hat) / sigma, hence
d(z / sigma) / dsigma = -x_hat / sigma**2, which integrates in closed form while x_hat is constant
(`euler`) or linear in sigma (`multistep`). That is the exponential integrator idea of DPM-Solver++
(Lu et al., arXiv 2211.01095) written in sigma instead of log-SNR, so that sigma = 1 and 0 are
ordinary points.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from laterna.model.patterns import shift

__all__ = ["Denoise", "Floats", "add_noise", "euler", "guided", "ladder", "multistep", "sample"]

Floats = NDArray[np.float32]
Denoise = Callable[[Floats, Floats], Floats]
"""denoise(z (..., S, D), sigma (..., S)) -> x_hat (..., S, D)."""


def ladder(steps: int, amount: float = 1.0) -> list[float]:
    """`steps` + 1 noise levels from 1 down to 0, shifted towards noise by `amount`."""
    return [float(shift(1 - i / steps, amount)) for i in range(steps + 1)]


def add_noise(x: Floats, noise: Floats, sigma: Floats) -> Floats:
    """z = (1 - sigma) x + sigma noise; `sigma` lacks the last axis of `x`. At 0 exactly `x`."""
    s = sigma[..., None]
    return np.where(s > 0, (1 - s) * x + s * noise, x).astype(np.float32)


def euler(z: Floats, x_hat: Floats, sigma: Floats, target: Floats) -> Floats:
    """Step tokens from noise level `sigma` to `target` <= `sigma`, to first order.

    z, x_hat (..., S, D); sigma, target (..., S). Tokens whose level does not change come back bit
    for bit as they were.
    """
    ratio = np.divide(target, sigma, out=np.ones_like(sigma), where=sigma > target)[..., None]
    return np.where(ratio < 1, x_hat + ratio * (z - x_hat), z).astype(np.float32)


def multistep(
    z: Floats, x_hat: Floats, sigma: Floats, target: Floats, before: Floats, sigma_before: Floats
) -> Floats:
    """`euler` to second order, from the prediction `before` made at `sigma_before` > `sigma`.

    Where there was none (sigma_before <= sigma), and on the last step to 0, where extrapolating
    would add noise to the picture, it is `euler`.
    """
    gap = sigma_before - sigma
    use = (gap > 1e-6) & (target > 0) & (target < sigma)
    safe_target, safe_sigma = np.where(use, target, 1.0), np.where(use, sigma, 1.0)
    area = safe_target * np.log(safe_target / safe_sigma) + safe_sigma - safe_target
    weight = np.divide(area, gap, out=np.zeros_like(area), where=use).astype(np.float32)
    stepped = euler(z, x_hat, sigma, target)
    return np.asarray(stepped + weight[..., None] * (x_hat - before), np.float32)


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
) -> Floats:
    """Denoise all tokens together down `levels` (1 to 0, see `ladder`) and return the latents.

    noise (..., S, D) standard normal. With `source` of the same shape, `strength` (..., S) says how
    far each token may leave it: 0 is kept bit for bit, 1 is invented, and in between a token waits
    at its own level until the others have come down to it.
    """
    start = np.broadcast_to(np.asarray(strength, np.float32), noise.shape[:-1])
    sigma = np.minimum(np.float32(levels[0]), start)
    z = add_noise(noise if source is None else source, noise, sigma)
    before, sigma_before = z, np.zeros_like(sigma)
    for level in levels[1:]:
        target = np.minimum(np.float32(level), sigma)
        x_hat = denoise(z, sigma)
        z = multistep(z, x_hat, sigma, target, before, sigma_before)
        before, sigma_before, sigma = x_hat, sigma, target
    return z
