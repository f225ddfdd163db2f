"""Sharpens the codec: trains its decoder alone against a critic, until edges are edges again.

Sixteen numbers a cell do not say where every blade of grass is, and a decoder that is judged by
distance answers what it does not know with a blur. Here a small network (a patch critic: Isola et
al., arXiv 1611.07004) looks at two frames in a row and judges which of film and reconstruction is
which, patch against patch at the same place (relativistic: Jolicoeur-Martineau, arXiv 1807.00734);
the decoder learns to leave it guessing. Two frames, so that an edge that flickers is found out.

The encoder is frozen: latents, and what was learned on them, stay good. What this costs in PSNR it
gives in gradients, drawn where they look right; the distances stay in the sum and hold it in place.

Half of the pieces may be retakes (`laterna.training.retakes`): latents as the transformer leaves
them, for which film is asked all the same. What its frames do not agree on the decoder then learns
to take from the frame before.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as nnf
from torch.nn.utils.parametrizations import spectral_norm

from laterna.model.networks.codec import Codec
from laterna.training import checkpoint
from laterna.training.codec import PARTS, Batch, CodecStage, batch_of, save_codec
from laterna.training.footage import joined
from laterna.training.leg import CHECKPOINT
from laterna.training.retakes import Retakes, retakes_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from laterna.training.footage import Crops

WEIGHTS = (1.0, 0.3, 28.0, 8.0, 1.0)  # of PARTS
FOOL_WEIGHT = 0.15
AVERAGE = 0.98  # of weights that a critic pulls about, a long mean draws softer than any of them
HEAD_START = 200  # steps that the critic learns before the decoder listens to it


class Critic(nn.Module):
    """Pairs of frames (N, 6, H, W) in [-1, 1] to marks (N, 1, H/8, W/8), higher for film."""

    def __init__(self, widths: tuple[int, int, int] = (48, 96, 128)) -> None:
        super().__init__()
        fine, middle, coarse = widths
        layers = [
            nn.Conv2d(24, fine, 3, padding=1),
            nn.Conv2d(fine, middle, 4, stride=2, padding=1),
            nn.Conv2d(middle, coarse, 4, stride=2, padding=1),
            nn.Conv2d(coarse, coarse, 3, padding=1),
        ]
        self.layers = nn.ModuleList([spectral_norm(layer) for layer in layers])
        self.mark = spectral_norm(nn.Conv2d(coarse, 1, 1))

    def forward(self, pairs: Tensor) -> Tensor:
        """See the class."""
        x = nnf.pixel_unshuffle(pairs, 2).contiguous(memory_format=torch.channels_last)
        for layer in self.layers:
            x = nnf.leaky_relu(layer(x), 0.2)
        marks: Tensor = self.mark(x)
        return marks


class Duel(nn.Module):
    """The codec and its critic, so that one leg trains, averages and keeps both."""

    def __init__(self, codec: Codec, critic: Critic) -> None:
        super().__init__()
        self.codec, self.critic = codec, critic


def make_duel(make: Callable[[], Codec] = Codec) -> Duel:
    """A fresh pair, for a stage's averaged weights."""
    return Duel(make(), Critic())


def pairs_of(frames: Tensor, first: int) -> Tensor:
    """Frames (B, T, 3, H, W) from `first` on to pairs of neighbours (N, 6, H, W)."""
    _, length, _, height, width = frames.shape
    pairs = (length - first) // 2
    return frames[:, first : first + 2 * pairs].reshape(-1, 6, height, width)


class SharpenStage(CodecStage):
    """Trains the decoder of a finished codec against a critic; see `laterna.training.leg.Stage`."""

    name = "sharpen"

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
        self.critic = Critic()
        self.model = Duel(self.codec, self.critic)
        self.weights = torch.tensor(WEIGHTS)
        self.slow = {"codec.synthesis.weight", "codec.synthesis.bias"}
        self.step = 0

    def backward(self, step: int, half: bool, parts: Iterable[int]) -> dict[str, float]:
        """Gradients of some parts of a batch, for decoder and critic at once."""
        self.step = step
        return super().backward(step, half, parts)

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
            # Frames 0 and 1 in one step, 1 and 2 in the next: every seam is looked at.
            film, made = (pairs_of(frames, self.step % 2) for frames in (batch.clips, seen))
            # The critic's turn: its parameters alone, the frames as they are.
            truth = self.critic(film)
            ahead = truth - self.critic(made.detach())
        found = nnf.softplus(-ahead.float()).mean()
        torch.autograd.backward(found * share)
        parts = self.loss(seen, motion, *batch[:3])
        total = (parts * self.weights).sum()
        told = dict(zip(PARTS, parts.tolist(), strict=True))
        told |= {"loss": total.item(), "found": found.item()}
        if self.step >= HEAD_START:
            total = total + FOOL_WEIGHT * self._fooling(truth.detach(), made, half)
        torch.autograd.backward(total * share)
        return told

    def _fooling(self, truth: Tensor, made: Tensor, half: bool) -> Tensor:
        """How well the critic, whose marks for the film are `truth`, still tells `made` from it,
        for the decoder to make worse.
        """
        self.critic.requires_grad_(False)
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            ahead = truth - self.critic(made)
        self.critic.requires_grad_(True)
        return nnf.softplus(ahead.float()).mean()

    def averaged_codec(self, averaged: nn.Module) -> Codec:
        """The codec in the averaged pair."""
        assert isinstance(averaged, Duel)
        return averaged.codec


def finish(run: Path) -> Path:
    """Write the averaged codec of `run` as `codec.safetensors` in it; its latents stay as they
    were.
    """
    codec = Codec()
    record = checkpoint.load_module(codec, run / CHECKPOINT, "ema.codec.")
    return save_codec(codec, run, record)


__all__ = ["AVERAGE", "Critic", "Duel", "SharpenStage", "finish", "make_duel", "pairs_of"]
