"""Trains the codec: pixels in, pixels out, judged against PCA of the same latent size.

The loss is a Charbonnier distance plus the L1 distance of differences between neighbours, in
space at three scales, so that an edge that is soft costs more than a tone that is off, and in time
along the flow of the film, so that what is off at least stays where it is on the things shown.
Where an edge cannot be placed exactly, such losses prefer a blur; see `laterna.training.sharpen`.
A third of the latents are decoded with noise added (at most sigma 0.2), which the decoder is told;
this keeps neighbouring latents meaning neighbouring pictures (l-DeTok, arXiv 2507.15856) and
lets the transformer stop before the last bit of noise is gone.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as nnf

from laterna.media.likeness import gradient_energy, psnr, ssim
from laterna.model.networks.codec import (
    CELL,
    CHANNELS,
    GROUP,
    MAX_SIGMA,
    PATCH,
    Codec,
    followed,
    forward_flops,
    patches,
)
from laterna.training import checkpoint
from laterna.training.basis import balanced
from laterna.training.footage import Crops, Footage, Pieces
from laterna.training.leg import CHECKPOINT
from laterna.training.tensors import to_frames, to_tensor

WHITE_WEIGHT = 0.001
NOISED = 0.35  # share of clips decoded with noise
MICRO = 8  # clips per forward pass: a part of a batch
SUBJECT_WEIGHT = 2.0  # how much more an error counts where the subject is: the eye goes there
PCA_CLIPS = 128
PCA_ROWS = 160  # patches per clip


def principal(footage: Footage, seed: int, clips: int = PCA_CLIPS) -> dict[str, Tensor]:
    """Mean, first 16 principal directions and their deviations of 16x16x4 patches."""
    rng = np.random.default_rng((seed, 0))
    total, count = torch.zeros(PATCH, dtype=torch.float64), 0
    square = torch.zeros(PATCH, PATCH, dtype=torch.float64)
    for frames in footage.groups(rng, clips):
        whole = frames[: len(frames) // GROUP * GROUP]
        rows = patches(to_tensor(whole[None])).reshape(-1, PATCH)
        rows = rows[torch.from_numpy(rng.integers(len(rows), size=PCA_ROWS))]
        square += (rows.T @ rows).double()
        total += rows.sum(0).double()
        count += len(rows)
    mean = total / count
    variance, basis = leading(square / count - torch.outer(mean, mean), CHANNELS)
    scale = variance.clamp_min(1e-8).sqrt()
    return {"mean": mean.float(), "basis": basis.float(), "scale": scale.float()}


def leading(matrix: Tensor, count: int, rounds: int = 20) -> tuple[Tensor, Tensor]:
    """The largest eigenvalues and their vectors, by subspace iteration."""
    generator = torch.Generator().manual_seed(0)
    basis = torch.randn(len(matrix), 2 * count, generator=generator, dtype=matrix.dtype)
    for _ in range(rounds):
        basis = torch.linalg.qr(matrix @ basis)[0]
    values, vectors = torch.linalg.eigh(basis.T @ matrix @ basis)
    top = torch.arange(2 * count - 1, count - 1, -1)
    return values[top], basis @ vectors[:, top]


def edges(error: Tensor) -> Tensor:
    """Mean absolute differences of `error` (B, T, 3, H, W) between neighbours at three scales."""
    total = error.new_zeros(())
    flat = error.flatten(0, 1)
    for level in range(3):
        across, down = flat[..., 1:] - flat[..., :-1], flat[..., 1:, :] - flat[..., :-1, :]
        total = total + across.abs().mean() + down.abs().mean()
        if level < 2:
            flat = nnf.avg_pool2d(flat, 2)
    return total


PIXEL = 0.1  # how much a pixel of wrong motion counts
FOLLOWS = 0.02  # of [-1, 1]: off by more, and a place does not follow the flow
PARTS = ("near", "edge", "time", "motion")
WEIGHTS = (1.0, 1.0, 0.5, 0.5)


def changes(frames: Tensor, flow: Tensor) -> Tensor:
    """What is new, in the next of `frames` (B, T, 3, H, W), where `flow` (B, T, 2, H, W) leads to,
    (B, T - 1, 3, H, W).
    """
    after = followed(frames[:, 1:].flatten(0, 1), flow[:, :-1].flatten(0, 1))
    return after.reshape(frames[:, 1:].shape) - frames[:, :-1]


def trust(truth: Tensor, flow: Tensor) -> Tensor:
    """How far film follows the flow of its cells, 0 to 1, (B, T - 1, 1, H, W): little at outlines
    and on what moves by itself.
    """
    return torch.exp(-changes(truth, flow).abs().mean(2, keepdim=True) / FOLLOWS)


def restless(error: Tensor, flow: Tensor, sure: Tensor) -> Tensor:
    """How much `error` (B, T, 3, H, W) changes from frame to frame on the things shown.

    `flow` (B, T, 2, H, W) says where they go and `sure` (B, T - 1, 1, H, W) how far it is right.
    """
    return (changes(error, flow).abs() * sure).mean()


def loss_parts(seen: Tensor, motion: Tensor, truth: Tensor, weight: Tensor, flow: Tensor) -> Tensor:
    """How far `seen` (B, T, 3, H, W) is from `truth`: one number for each of PARTS. `motion`
    (B, T, 2, H, W) says where the decoder sought things in the frame before, `weight`
    (B, T, 1, H, W) how much an error counts, `flow` (B, T, 2, H, W) where things go.
    """
    error = (seen - truth) * weight
    near = torch.sqrt(error.square() + 1e-4).mean()
    space = edges(error)
    sure = trust(truth, flow)
    time = restless(error, flow, sure)
    return torch.stack([near, space, time, astray(motion, truth, weight, flow, sure)])


def astray(motion: Tensor, truth: Tensor, weight: Tensor, flow: Tensor, sure: Tensor) -> Tensor:
    """How wrong it is where the decoder seeks things: what the frame before shows there is not what
    this one shows, and, which teaches more while it is far off, pixels from where the flow says.
    """
    before = followed(truth[:, :-1].flatten(0, 1), motion[:, 1:].flatten(0, 1))
    missed = (before - truth[:, 1:].flatten(0, 1)) * weight[:, 1:].flatten(0, 1)
    apart = (motion[:, 1:] + flow[:, :-1]) * sure  # flow is smooth: there and back are alike
    return missed.abs().mean() + PIXEL * apart.abs().mean()


def whiteness(latents: Tensor) -> Tensor:
    """How far the latents (B, F, 16, h, w) are from mean 0 and covariance 1, squared."""
    rows = latents.permute(0, 1, 3, 4, 2).reshape(-1, CHANNELS)
    mean = rows.mean(0)
    covariance = (rows.T @ rows) / len(rows)
    eye = torch.eye(CHANNELS, device=rows.device)
    return mean.square().sum() + (covariance - eye).square().sum()


class Batch(NamedTuple):
    """Film (B, T, 3, H, W) in [-1, 1], what an error counts in it (B, T, 1, H, W), where things go
    (B, T, 2, H, W, pixels), where noise for its latents comes from, and, of so many clips at its
    end as there are, latents (N, F, 16, h, w) that are given instead of encoded.
    """

    clips: Tensor
    weight: Tensor
    flow: Tensor
    noise: torch.Generator
    given: Tensor | None = None


def batch_of(pieces: Pieces, rng: np.random.Generator) -> Batch:
    """`pieces` as a batch, its noise drawn from `rng`."""
    return Batch(
        to_tensor(pieces.frames),
        1 + SUBJECT_WEIGHT * torch.from_numpy(pieces.subject)[:, :, None],
        torch.from_numpy(pieces.flow).permute(0, 1, 4, 2, 3),
        torch.Generator().manual_seed(int(rng.integers(2**62))),
    )


class CodecStage:
    """The codec's stage of a leg; see `laterna.training.leg.Stage`."""

    name = "codec"
    parts_of: Callable[..., Tensor] = staticmethod(loss_parts)
    names: tuple[str, ...] = PARTS
    weights = torch.tensor(WEIGHTS)

    def __init__(
        self, data: Path, seed: int, folder: Path, crops: Crops | None = None,
        make: Callable[[], Codec] = Codec, compiled: bool = False,
    ) -> None:  # fmt: skip
        """`compiled` fuses the loss with torch.compile, which needs a C++ compiler."""
        self.footage = Footage(data)
        self.held_out = Footage(data / "validation")
        self.crops = crops or Crops()
        self.seed = seed
        torch.manual_seed(seed)
        self.codec = make()
        self.model: nn.Module = self.codec
        self.codec.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.loss = torch.compile(self.parts_of) if compiled else self.parts_of
        self.baseline = make()
        start = self._principal(folder)
        for each in (self.codec, self.baseline):
            each.set_linear(start["mean"], start["basis"], start["scale"])
        # The linear maps begin where they should be; at the full rate they would leave at once.
        self.slow = {"analysis.weight", "analysis.bias", "synthesis.weight", "synthesis.bias"}
        self.settings: dict[str, Any] = {"crops": asdict(self.crops)}
        self.parts = -(-self.crops.count // MICRO)
        self.samples_per_step = self.crops.count
        per_frame = sum(forward_flops(self.codec, self.crops.side, self.crops.side))
        self.flops_per_step = 3 * per_frame * self.crops.count * self.crops.frames

    def _principal(self, folder: Path) -> dict[str, Tensor]:
        """The principal components, computed once per run and kept beside its checkpoint."""
        path = folder / "pca.safetensors"
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            beside = path.with_suffix(f".{secrets.token_hex(4)}")  # each of a crew writes its own
            save_file(principal(self.footage, self.seed), beside)
            beside.replace(path)
        return load_file(path)

    def backward(self, step: int, half: bool, parts: Iterable[int]) -> dict[str, float]:
        """Gradients of some parts of a batch."""
        losses: dict[str, float] = {}
        for part in parts:
            rng = np.random.default_rng((self.seed, 1, step, part))
            count = min(MICRO, self.crops.count - part * MICRO)
            batch = self._batch(rng, replace(self.crops, count=count))
            share = count / self.crops.count
            for name, value in self._part(batch, half, share).items():
                losses[name] = losses.get(name, 0.0) + value * share
        return losses

    def _batch(self, rng: np.random.Generator, crops: Crops) -> Batch:
        return batch_of(self.footage.crops(rng, crops), rng)

    def _part(self, batch: Batch, half: bool, share: float) -> dict[str, float]:
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            latents = self.codec.encode(batch.clips)
            seen, motion = self._decode_noised(latents, batch.noise)
        total, told = self._judge(seen, motion, batch)
        white = whiteness(latents.float())
        torch.autograd.backward((total + WHITE_WEIGHT * white) * share)
        return told | {"white": white.item()}

    def _judge(self, seen: Tensor, motion: Tensor, batch: Batch) -> tuple[Tensor, dict[str, float]]:
        """The loss of what the decoder made of a batch; it and its parts for the progress line."""
        parts = self.loss(seen, motion, *batch[:3])
        total = (parts * self.weights).sum()
        return total, {"loss": total.item(), **dict(zip(self.names, parts.tolist(), strict=True))}

    def _decode_noised(self, latents: Tensor, noise: torch.Generator) -> tuple[Tensor, Tensor]:
        """Frames and motion from latents of which some clips' have noise in them, which the decoder
        is told.

        Neighbouring latents so mean neighbouring pictures.
        """
        sigma = torch.rand(latents.shape[:2], generator=noise).square() * MAX_SIGMA
        sigma = sigma * (torch.rand(len(latents), 1, generator=noise) < NOISED)
        level = sigma[..., None, None, None]
        eps = torch.randn(latents.shape, generator=noise)
        return self.codec.decode_moving((1 - level) * latents + level * eps, sigma)

    @torch.no_grad()
    def validate(self, averaged: nn.Module, step: int, folder: Path) -> dict[str, float]:
        """PSNR, SSIM and gradient energy beside PCA's; a contact sheet `sheet-STEP.png`."""
        assert isinstance(averaged, Codec)
        numbers: dict[str, list[float]] = {}
        rows: list[NDArray[np.uint8]] = []
        for index in range(len(self.held_out)):
            truth = np.asarray(self.held_out.read(index)[:16])
            x = to_tensor(truth[None])
            seen = to_frames(averaged.decode(averaged.encode(x)))[0]
            flat = to_frames(self.baseline.linear_decode(self.baseline.linear_encode(x)))[0]
            energy = max(gradient_energy(truth), 1e-6)
            for name, value in {
                "psnr": psnr(truth, seen),
                "pca_psnr": psnr(truth, flat),
                "ssim": ssim(truth, seen),
                "pca_ssim": ssim(truth, flat),
                "energy": gradient_energy(seen) / energy,
                "pca_energy": gradient_energy(flat) / energy,
            }.items():
                numbers.setdefault(name, []).append(value)
            if len(rows) < 12:
                middle = len(truth) // 2
                rows.append(np.concatenate([truth[middle], seen[middle], flat[middle]], axis=1))
        write_sheet(rows, folder / f"sheet-{step:07d}.png")
        return {name: float(np.mean(values)) for name, values in numbers.items()}


def write_sheet(rows: list[NDArray[np.uint8]], path: Path, columns: int = 2) -> None:
    """Rows of pictures of one size, in `columns` columns, as a PNG."""
    while len(rows) % columns:
        rows = [*rows, np.zeros_like(rows[0])]
    each = len(rows) // columns
    sheet = np.concatenate(
        [np.concatenate(rows[i * each : (i + 1) * each]) for i in range(columns)], axis=1
    )
    beside = path.with_suffix(".part")
    Image.fromarray(sheet).save(beside, format="PNG")
    beside.replace(path)


def finish(run: Path, footage: Footage) -> Path:
    """Write the averaged codec of `run` as `codec.safetensors` in it, its latents balanced."""
    codec = Codec()
    record = checkpoint.load_module(codec, run / CHECKPOINT)
    return save_codec(balanced(codec, footage, record["seed"]), run, record)


def save_codec(codec: Codec, run: Path, record: checkpoint.Record) -> Path:
    """Write a codec that is done as `codec.safetensors` in `run`, for encoding and export."""
    path = run / "codec.safetensors"
    checkpoint.save(path, {f"ema.{k}": v for k, v in codec.state_dict().items()}, record)
    return path


__all__ = [
    "CELL",
    "CodecStage",
    "finish",
    "principal",
    "save_codec",
]
