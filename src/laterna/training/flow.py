"""Trains the transformer: rectified flow over latents, with a noise level per token.

Two stages share everything: `stills` sees single latent frames, where composition, palette and the
meaning of words are learned cheaply; `clips` goes on with windows of eight, and the whole table of
noise patterns, one of which is text-to-video. The network predicts clean latents and is judged by
their error over max(sigma, 0.2)^2: the error of the velocity, clamped where it would only teach
noise (JiT, arXiv 2511.13720). What changes in the error from one frame to the next, and from one
latent cell to its neighbours, counts again: an error that stays is a tint, one that changes is a
flicker or an edge. The middle is asked for depth, classes, normals and motion besides.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from laterna.model.networks.transformer import Size, Transformer, forward_flops
from laterna.model.patches import SIDE, unpatchify
from laterna.model.patterns import given_level, sample_pattern
from laterna.model.take import ANCHOR, CAMERA, SECONDS, STILL, VIDEO
from laterna.model.view import positions
from laterna.training.latents import CAPTIONS, Library
from laterna.training.samples import Sheet
from laterna.world.surface import SUBJECT

CLAMP = 0.2
SEEN = 0.02  # tokens with less noise than this are given and not judged
STEADY_WEIGHT = 1.0
EVEN_WEIGHT = 0.5
AUX_WEIGHT = 0.15
SUBJECT_WEIGHT = 4.0  # a token that the subject fills counts five times, one it does not touch once
AUX_NOISE = 0.1  # tokens with less noise than this show the scene by themselves
SILENT = 0.1  # share of samples without text
BOX = 0.07  # share of parts whose levels differ within a frame
ANCHORED = 0.5  # share of parts with an anchor
STILL_GIVEN = 0.3  # share of given frames that are a still's latents
FAR = 2  # frames that a window leaves to its anchor where the clip is no longer than the window


@dataclass(frozen=True, slots=True)
class Diet:
    """What a step eats: `count` windows of up to `frames` latent frames, `part` at a time."""

    count: int = 128
    frames: int = 1
    part: int = 32


STILLS = Diet()
CLIPS = Diet(count=16, frames=8, part=8)


@dataclass(slots=True)
class Batch:
    """Inputs of the transformer without noise, and what it should see. Arrays as tensors."""

    clean: Tensor  # (B, F, S, 64)
    sigma: Tensor  # (B, F, S or 1)
    position: Tensor  # (B, F, S, 3)
    kind: Tensor  # (B, F, 1)
    text: Tensor  # (B, M, 384)
    mask: Tensor  # (B, M)
    truth: Tensor  # (B, F, S, 14)

    def to(self, device: torch.device) -> Batch:
        """The same there."""
        return Batch(*(getattr(self, each.name).to(device) for each in fields(self)))


def draw_batch(
    library: Library, rng: np.random.Generator, count: int, frames: int, grid: tuple[int, int]
) -> Batch:
    """`count` windows that share a shape: the same number of frames, all with an anchor or none."""
    total, _, _ = library.shape
    anchored = frames > 1 and total > FAR + 1 and rng.random() < ANCHORED
    length = min(frames, total - FAR) if anchored else min(frames, total)
    box = rng.random() < BOX
    rows = [_window(library, rng, length, grid, anchored, box) for _ in range(count)]
    stacked = {key: torch.from_numpy(np.stack([row[key] for row in rows])) for key in rows[0]}
    return Batch(
        clean=stacked["clean"].float(),
        sigma=stacked["sigma"],
        position=stacked["position"],
        kind=stacked["kind"],
        text=stacked["text"].float(),  # all of one length, so that compiled layers fit every batch
        mask=stacked["mask"],
        truth=stacked["truth"].float(),
    )


def _window(
    library: Library,
    rng: np.random.Generator,
    length: int,
    grid: tuple[int, int],
    anchored: bool,
    box: bool,
) -> dict[str, NDArray[Any]]:
    """One window: `length` consecutive frames of a clip or its mirror image, and its anchor."""
    index, side = int(rng.integers(library.clips)), int(rng.integers(2))
    total, _, _ = library.shape
    start = int(rng.integers(total - length + 1))
    clean = np.array(library.clip(index, side, "video")[start : start + length])
    truth = np.array(library.clip(index, side, "truth")[start : start + length])
    stills = library.clip(index, side, "still")[start : start + length]
    levels = _levels(rng, length, grid, box)
    kind = np.full((length, 1), VIDEO, np.int64)
    given = levels.max(1) <= 1 / 3
    as_still = (rng.random(length) < STILL_GIVEN) & given if length > 1 else rng.random(1) < 0.5
    clean[as_still], kind[as_still] = stills[as_still], STILL
    seconds = (np.arange(length) - _now(rng, given)) * SECONDS
    if anchored:
        away = [i for i in range(total) if not start <= i < start + length]
        far = away[0] if rng.random() < 0.6 else int(rng.choice(away))
        clean = np.concatenate([library.clip(index, side, "video")[far : far + 1], clean])
        truth = np.concatenate([library.clip(index, side, "truth")[far : far + 1], truth])
        kind = np.concatenate([np.full((1, 1), ANCHOR, np.int64), kind])
        seconds = np.concatenate([[seconds[0] + (far - start) * SECONDS], seconds])
        level = np.full((1, levels.shape[1]), given_level(rng), np.float32)
        levels = np.concatenate([level, levels])
    silent = rng.random() < SILENT
    which = int(rng.integers(CAPTIONS))
    text, mask = library.caption(None if silent else index, side, which)
    return {
        "clean": clean,
        "sigma": levels,
        "position": positions(list(seconds), grid),
        "kind": kind,
        "text": np.array(text),
        "mask": np.array(mask),
        "truth": truth,
    }


def _levels(
    rng: np.random.Generator, frames: int, grid: tuple[int, int], box: bool
) -> NDArray[np.float32]:
    """Noise levels (F, S) of a box, or (F, 1) of any other pattern."""
    if box:
        return sample_pattern(rng, frames, *grid, "box")[0]
    while True:
        levels, name = sample_pattern(rng, frames, *grid)
        if name != "box":
            return levels[:, :1]


def _now(rng: np.random.Generator, given: NDArray[np.bool_]) -> int:
    """The frame from which seconds count: the first that is not given, or one before it.

    On a rolling ladder the first frames that are still being made are nearly clean, so any of
    those before may be it.
    """
    open_frames = np.flatnonzero(~given)
    first = int(open_frames[0]) if len(open_frames) else 0
    return int(rng.integers(max(0, first - 3), first + 1))


def flow_loss(
    seen: Tensor, aux: Tensor, batch: Batch, sigma: Tensor, grid: tuple[int, int]
) -> tuple[Tensor, dict[str, float]]:
    """What the prediction (B, F, S, 64) and the middle layer (B, F, S, 14) cost, and the parts;
    `grid` is the tokens' (down, across).
    """
    off = seen.float() - batch.clean
    error = off.square().mean(-1)
    judged = (sigma > SEEN).expand_as(error)
    weight = judged / sigma.clamp_min(CLAMP).square()
    share = batch.truth[..., SUBJECT]
    count = judged.sum().clamp_min(1)
    flow = (error * weight).sum() / count
    on_subject = (error * weight * share).sum()
    subject = on_subject / (judged * share).sum().clamp_min(1e-3)
    steady = unsteadiness(off, weight, batch.kind)
    even = unevenness(off, weight, grid)
    asked_for = flow + SUBJECT_WEIGHT * on_subject / count
    asked_for = asked_for + STEADY_WEIGHT * steady + EVEN_WEIGHT * even
    asked = (sigma > AUX_NOISE).expand_as(error)
    scene = (aux.float() - batch.truth).square().mean(-1)
    scene = (scene * asked).sum() / asked.sum().clamp_min(1)
    parts = {"flow": flow, "steady": steady, "even": even, "subject": subject, "scene": scene}
    return asked_for + AUX_WEIGHT * scene, {name: part.item() for name, part in parts.items()}


def unsteadiness(off: Tensor, weight: Tensor, kind: Tensor) -> Tensor:
    """How much the error `off` (B, F, S, 64), whose tokens count `weight` (B, F, S), changes from
    frame to frame. An anchor (`kind` (B, F, 1)) is not the frame before.
    """
    return _changed(off, weight * (kind != ANCHOR), 1)


def unevenness(off: Tensor, weight: Tensor, grid: tuple[int, int]) -> Tensor:
    """How much the same error changes from latent cell to latent cell, across and down."""
    cells = unpatchify(off, grid).movedim(2, -1)
    each = weight[..., None].expand(*weight.shape, SIDE * SIDE)
    counts = unpatchify(each, grid)[:, :, 0]
    return _changed(cells, counts, 2) + _changed(cells, counts, 3)


def _changed(error: Tensor, weight: Tensor, axis: int) -> Tensor:
    """The mean square of the steps of `error` (..., C) along `axis`, each of which counts as the
    lesser `weight` (...) of its two ends.
    """
    steps = error.diff(dim=axis).square().mean(-1)
    length = steps.shape[axis]
    both = torch.minimum(weight.narrow(axis, 0, length), weight.narrow(axis, 1, length))
    return (steps * both).sum() / (both > 0).sum().clamp_min(1)


def look(
    network: Transformer,
    batch: Batch,
    noise: torch.Generator,
    half: bool,
    grid: tuple[int, int],
) -> tuple[Tensor, dict[str, float]]:
    """Add noise to `batch`, whose tokens lie in `grid`, and judge what `network` sees in it, where
    the network is.
    """
    device = next(network.parameters()).device
    b, f = batch.clean.shape[:2]
    eps = torch.randn(batch.clean.shape, generator=noise).to(device)
    batch = batch.to(device)
    level = batch.sigma[..., None]
    with torch.autocast(device.type, torch.bfloat16, enabled=half):
        seen, aux = network.seen(
            (1 - level) * batch.clean + level * eps,
            batch.sigma,
            torch.zeros_like(batch.sigma),
            batch.position,
            batch.kind.expand(b, f, batch.sigma.shape[2]),
            torch.zeros(b, f, CAMERA, device=device),
            batch.text,
            batch.mask,
        )
    return flow_loss(seen, aux, batch, batch.sigma, grid)


class FlowStage:
    """The transformer's stages of a leg; see `laterna.training.leg.Stage`."""

    def __init__(
        self,
        name: str,
        library: Library,
        held_out: Library,
        seed: int,
        diet: Diet,
        size: Size,
        grid: tuple[int, int] = (5, 8),
        sheet: Sheet | None = None,
        compiled: bool = False,
    ) -> None:
        """`compiled` fuses the layers with torch.compile, which needs a C++ compiler."""
        self.name, self.library, self.held_out = name, library, held_out
        self.seed, self.diet, self.grid = seed, diet, grid
        torch.manual_seed(seed)
        self.network = Transformer(size)
        self.model: nn.Module = self.network
        if compiled:
            for block in self.network.blocks:
                block.compile(dynamic=False)
        self.slow: set[str] = set()
        self.settings: dict[str, Any] = {
            "size": asdict(size),
            "diet": asdict(diet),
            "codec": library.latents.meta["codec"],
        }
        self.parts = -(-diet.count // diet.part)
        self.samples_per_step = diet.count
        tokens = diet.frames * grid[0] * grid[1]
        self.flops_per_step = 3 * diet.count * forward_flops(size, tokens, 20)
        self.sheet = sheet

    def backward(self, step: int, half: bool, parts: Iterable[int]) -> dict[str, float]:
        """Gradients of some parts of a batch."""
        losses: dict[str, float] = {}
        for part in parts:
            rng = np.random.default_rng((self.seed, 3, step, part))
            noise = torch.Generator().manual_seed(int(rng.integers(2**62)))
            count = min(self.diet.part, self.diet.count - part * self.diet.part)
            batch = draw_batch(self.library, rng, count, self.diet.frames, self.grid)
            total, told = look(self.network, batch, noise, half, self.grid)
            torch.autograd.backward(total * count / self.diet.count)
            for name, value in told.items():
                losses[name] = losses.get(name, 0.0) + value * count / self.diet.count
        return losses

    @torch.no_grad()
    def validate(self, averaged: nn.Module, step: int, folder: Path) -> dict[str, float]:
        """Losses on held-out clips, always the same windows and noise; a sheet of samples."""
        assert isinstance(averaged, Transformer)
        rng, noise = np.random.default_rng(11), torch.Generator().manual_seed(11)
        sums: dict[str, float] = {}
        rounds = 8
        for _ in range(rounds):
            batch = draw_batch(self.held_out, rng, self.diet.part, self.diet.frames, self.grid)
            for name, value in look(averaged, batch, noise, False, self.grid)[1].items():
                sums[f"held_{name}"] = sums.get(f"held_{name}", 0.0) + value / rounds
        if self.sheet is not None:
            self.sheet.write(averaged, step, folder)
        return sums


__all__ = ["CLIPS", "STILLS", "Batch", "Diet", "FlowStage", "draw_batch", "flow_loss"]
