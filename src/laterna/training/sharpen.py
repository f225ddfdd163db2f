"""Sharpens the codec: trains its decoder alone, for edges as steep as those of film.

Sixteen numbers a cell do not say where every blade of grass is, and a decoder that is judged by
distance answers what it does not know with a blur: its gradients are those of the film times the
share of them that the latents tell. Here each small window is asked for the gradient of the film in
full strength, where and as it lies there. What the latents tell is then drawn steeper. Gradients
that are made up win nothing by it, and lose by distance: film does not hatch, and flickers less.

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
from laterna.training.codec import PARTS, Batch, CodecStage, batch_of, loss_parts, save_codec
from laterna.training.footage import joined
from laterna.training.leg import CHECKPOINT
from laterna.training.retakes import Retakes, retakes_folder

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from laterna.training.footage import Crops

WEIGHTS = (2.0, 1.0, 16.0, 1.0, 192.0)  # of PARTS, and of what is lost, whose squares are small
AVERAGE = 0.99  # the longer mean of other stages would still hold where a short run began


def slopes(frames: Tensor) -> tuple[Tensor, Tensor]:
    """Luma differences between neighbours of (B, T, 3, H, W), across and down, (B * T, 1, h, w)."""
    luma = frames.flatten(0, 1).mean(1, keepdim=True)
    corner = luma[..., :-1, :-1]
    return luma[..., :-1, 1:] - corner, luma[..., 1:, :-1] - corner


def lost(seen: Tensor, truth: Tensor, window: int = 4) -> Tensor:
    """How much of the gradient of `truth` (B, T, 3, H, W) the gradient of `seen` has not got, per
    window: 0 if it is as strong there and the same way, negative if stronger. What else `seen` has
    does not help: a gradient that is made up is as often against the true one as with it.
    """
    (across, down), (true_across, true_down) = slopes(seen), slopes(truth)
    energy = nnf.avg_pool2d(true_across.square() + true_down.square(), window, window // 2)
    shared = nnf.avg_pool2d(across * true_across + down * true_down, window, window // 2)
    return (energy - shared) / torch.sqrt(energy + 1e-4)


def sharp_parts(
    seen: Tensor, motion: Tensor, truth: Tensor, weight: Tensor, flow: Tensor
) -> Tensor:
    """As `loss_parts`, and last what is lost, squared: its mean is to be 0, not its median."""
    crisp = lost(seen, truth).square().mean()
    return torch.cat([loss_parts(seen, motion, truth, weight, flow), crisp[None]])


class SharpenStage(CodecStage):
    """Trains the decoder of a finished codec; see `laterna.training.leg.Stage`."""

    name = "sharpen"
    parts_of = staticmethod(sharp_parts)
    names = (*PARTS, "crisp")
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


__all__ = ["AVERAGE", "SharpenStage", "finish", "lost"]
