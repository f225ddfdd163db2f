"""Sharpens the codec: trains its decoder alone, for edges as steep as those of film.

Sixteen numbers a cell do not say where every blade of grass is, and a decoder that is judged by
distance answers what it does not know with a blur. Of all pictures that are as far from the film
as one another, the one with the most gradient is that blur behind a filter that raises what is fine
in it: who asks for the least of |y - x|^2 - c |grad y|^2 over what x may be is answered with
(1 + c laplace)^-1 E[x]. A mean of filtered films is the filtered mean, so the decoder learns to
draw it by being asked for film behind an unsharp mask. Nothing is gained by making gradients up.

Distances count by their logarithm, clip for clip, as in a mean of PSNRs: a calm sky that is off by
a little is as wrong as a city that is off by much. So does what changes in an error from frame to
frame on the things shown: what has to be off stays where it is.

The encoder is frozen: latents, and what was learned on them, stay good.

Half of the pieces may be retakes (`laterna.training.retakes`): latents as the transformer leaves
them, for which film is asked all the same. What its frames do not agree on the decoder then learns
to take from the frame before.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional as nnf

from laterna.model.networks.codec import Codec
from laterna.training import checkpoint
from laterna.training.codec import (
    Batch,
    CodecStage,
    astray,
    batch_of,
    changes,
    save_codec,
    trust,
)
from laterna.training.footage import joined
from laterna.training.leg import CHECKPOINT
from laterna.training.retakes import Retakes, retakes_folder

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from laterna.training.footage import Crops

PARTS = ("far", "restless", "motion")
WEIGHTS = (1.0, 0.16, 0.2)
FAR, RESTLESS = 1e-4, 2e-3  # less than that is as good as nothing: of a square, and of [-1, 1]
AMOUNT = 2.3  # of the unsharp mask: what is drawn has 0.86 of the gradient of film then
AVERAGE = 0.99  # the longer mean of other stages would still hold where a short run began
KERNEL = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0]) / 16


def unsharp(frames: Tensor, amount: float = AMOUNT) -> Tensor:
    """`frames` (B, T, 3, H, W) behind an unsharp mask: what a 5x5 binomial takes from them is added
    `amount` times.
    """
    flat = frames.flatten(0, 2)[:, None]
    soft = nnf.pad(flat, (2, 2, 2, 2), mode="replicate")
    for kernel in (KERNEL[:, None], KERNEL[None]):
        soft = nnf.conv2d(soft, kernel[None, None].to(frames))
    return torch.lerp(frames, soft.reshape(frames.shape), -amount)


def sharp_parts(
    seen: Tensor, motion: Tensor, truth: Tensor, weight: Tensor, flow: Tensor
) -> Tensor:
    """How far `seen` (B, T, 3, H, W) is from `truth` behind an unsharp mask: one number for each of
    PARTS. `motion`, `weight` and `flow` as of `loss_parts`.
    """
    error = seen - unsharp(truth)
    sure = trust(truth, flow)
    each = (error.square() * weight).flatten(1).mean(1)
    changed = (changes(error, flow).abs() * sure).flatten(1).mean(1)
    far, new = torch.log(each + FAR).mean(), torch.log(changed + RESTLESS).mean()
    return torch.stack([far, new, astray(motion, truth, weight, flow, sure)])


class SharpenStage(CodecStage):
    """Trains the decoder of a finished codec; see `laterna.training.leg.Stage`."""

    name = "sharpen"
    parts_of = staticmethod(sharp_parts)
    names = PARTS
    weights = torch.tensor(WEIGHTS)

    def __init__(
        self, data: Path, seed: int, folder: Path, start: Path, crops: Crops | None = None,
        make: Callable[[], Codec] = Codec, compiled: bool = False, retakes: bool = False,
    ) -> None:  # fmt: skip
        """`start` is the finished codec; half of the pieces are `retakes`; the rest as of
        CodecStage.
        """
        super().__init__(data, seed, folder, crops, make, compiled)
        self.retakes: Retakes | None = None
        if retakes:
            self.retakes = Retakes(retakes_folder(data, start), self.footage)
            self.settings["retakes"] = True
        checkpoint.load_module(self.codec, start)
        self.codec.encoder.requires_grad_(False)
        self.codec.analysis.requires_grad_(False)

    def _batch(self, rng: np.random.Generator, crops: Crops) -> Batch:
        if self.retakes is None:
            return super()._batch(rng, crops)
        again = replace(crops, count=crops.count // 2)
        once = replace(crops, count=crops.count - again.count)
        pieces, latents = self.retakes.crops(rng, again)
        film = self.footage.crops(rng, once)
        batch = batch_of(joined(film, pieces), rng)
        return batch._replace(given=torch.from_numpy(latents))

    def _part(self, batch: Batch, half: bool, share: float) -> dict[str, float]:
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            with torch.no_grad():
                given = [] if batch.given is None else [batch.given]
                once = len(batch.clips) - sum(map(len, given))
                latents = torch.cat([self.codec.encode(batch.clips[:once]), *given])
            seen, motion = self._decode_noised(latents, batch.noise)
        total, told = self._judge(seen, motion, batch)
        torch.autograd.backward(total * share)
        return told


def finish(run: Path) -> Path:
    """Write the averaged codec of `run` as `codec.safetensors` in it; its latents stay as they
    were.
    """
    codec = Codec()
    record = checkpoint.load_module(codec, run / CHECKPOINT)
    return save_codec(codec, run, record)


__all__ = ["AVERAGE", "SharpenStage", "finish", "unsharp"]
