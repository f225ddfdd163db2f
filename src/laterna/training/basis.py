"""The basis of the latents: uncorrelated, and the larger the more they move the picture.

A codec leaves its sixteen numbers a cell in any mixture. Made white, each would weigh the same in
the transformer's loss and be as deep in the noise, although one of them (how light the cell is)
carries three quarters of what there is to see. So the latents are turned to the axes of the
decoder's sensitivity, and the deviation of each is the square root of how far it moves the
picture: half way between white noise and pixels, where noise would drown all detail. Generation
then goes from the whole to its parts, and an error in light costs what it looks like.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from laterna.model.networks.codec import CHANNELS, GROUP, Codec
from laterna.training.footage import Footage
from laterna.training.tensors import to_tensor

NUDGE = 0.1  # how far a white latent is moved to see what it does
LOOKS = 8  # clips on which the decoder's sensitivity is measured
SHARE = 0.5  # of the exponent between white (0) and as far as it moves the picture (1)


@torch.no_grad()
def balanced(codec: Codec, footage: Footage, seed: int, clips: int = 128) -> Codec:
    """`codec` with its latents in their basis over `clips` clips; pictures stay the same.

    Latents then have mean 0 and no correlation, their variances fall from the first to the last
    and are 1 on average. Cell counts weigh all settings as the footage does.
    """
    rng = np.random.default_rng((seed, 2))
    total, count = torch.zeros(CHANNELS, dtype=torch.float64), 0
    square = torch.zeros(CHANNELS, CHANNELS, dtype=torch.float64)
    for frames in footage.groups(rng, clips):
        whole = frames[: len(frames) // GROUP * GROUP]
        latents = codec.encode(to_tensor(whole[None]))
        rows = latents.permute(0, 1, 3, 4, 2).reshape(-1, CHANNELS).double()
        total += rows.sum(0)
        square += rows.T @ rows
        count += len(rows)
    mean = total / count
    variance, basis = torch.linalg.eigh(square / count - torch.outer(mean, mean))
    white = basis @ torch.diag(variance.clamp_min(1e-8).rsqrt()) @ basis.T
    codec.fold_basis(mean.float(), white.float())
    weight, axes = torch.linalg.eigh(sensitivity(codec, footage, seed))
    deviation = weight.flip(0).clamp_min(1e-12) ** (SHARE / 2)
    deviation = deviation / deviation.square().mean().sqrt()
    codec.fold_basis(torch.zeros(CHANNELS), (deviation[:, None] * axes.flip(1).T).float())
    return codec


@torch.no_grad()
def sensitivity(codec: Codec, footage: Footage, seed: int) -> Tensor:
    """(16, 16) float64: mean product of what nudging two latents does to the frames."""
    rng = np.random.default_rng((seed, 3))
    noise = torch.Generator().manual_seed(seed)
    total = torch.zeros(CHANNELS, CHANNELS, dtype=torch.float64)
    for frames in footage.groups(rng, LOOKS):
        latents = codec.encode(to_tensor(frames[None, : 2 * GROUP]))
        plain = codec.decode(latents)
        nudge = NUDGE * torch.randn(latents[:, :, :1].shape, generator=noise)
        moved = []
        for channel in range(CHANNELS):
            changed = latents.clone()
            changed[:, :, channel : channel + 1] += nudge
            moved.append((codec.decode(changed) - plain).flatten())
        rows = torch.stack(moved).double()
        total += rows @ rows.T / rows.shape[1]
    return total


__all__ = ["balanced", "sensitivity"]
