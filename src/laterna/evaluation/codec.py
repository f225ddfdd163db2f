"""What the codec alone costs: real held-out footage through it and back, seen by the same judges.

No engine films better than its codec shows, so these figures are the ceiling of all others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file

from laterna.errors import WeightsError
from laterna.evaluation.judge import Judge, observe
from laterna.evaluation.probe import WORDS
from laterna.evaluation.statistics import Figure, mean, ratio
from laterna.media.likeness import gradient_energy, psnr, ssim
from laterna.model.networks.codec import GROUP
from laterna.model.networks.codec import Codec as Network
from laterna.shot import Frames
from laterna.world.factors import Factors

__all__ = ["RoundTrip", "TrainedCodec", "codec_figures", "round_trip"]

AVERAGED = "ema."  # what a checkpoint calls its averaged weights
RoundTrip = Callable[[Frames], Frames]  # (4F, H, W, 3) uint8 to the same shape


class Streaming(Protocol):
    """A codec that decodes one latent frame after the other, as laterna.model.runtime.Codec."""

    def encode(self, frames: Frames) -> NDArray[np.float32]: ...

    def start(self, height: int, width: int) -> tuple[NDArray[np.float32], ...]: ...

    def decode(
        self,
        latents: NDArray[np.float32],
        ahead: NDArray[np.float32] | None,
        state: tuple[NDArray[np.float32], ...],
    ) -> tuple[Frames, tuple[NDArray[np.float32], ...]]: ...


def round_trip(codec: Streaming) -> RoundTrip:
    """Frames to latents and back, as the engine does it."""

    def there_and_back(frames: Frames) -> Frames:
        latents = codec.encode(frames)
        state = codec.start(*latents.shape[2:])
        shown = []
        for index in range(len(latents)):
            ahead = latents[index + 1 : index + 2] if index + 1 < len(latents) else None
            part, state = codec.decode(latents[index : index + 1], ahead, state)
            shown.append(part)
        return np.concatenate(shown)

    return there_and_back


class TrainedCodec:
    """A codec as training leaves it, in torch: judged before anything is exported."""

    def __init__(self, path: Path) -> None:
        """`path` is a codec.safetensors of `laterna train`. Raises WeightsError."""
        self.network = Network()
        try:
            tensors = load_file(path)
            own = {
                k.removeprefix(AVERAGED): v for k, v in tensors.items() if k.startswith(AVERAGED)
            }
            self.network.load_state_dict(own)
        except (OSError, SafetensorError, RuntimeError) as error:
            raise WeightsError(f"codec: {path} holds no codec of this make") from error
        self.network.eval()

    @torch.no_grad()
    def __call__(self, frames: Frames) -> Frames:
        """(4F, H, W, 3) uint8 there and back."""
        film = torch.from_numpy(frames[: len(frames) // GROUP * GROUP]).permute(0, 3, 1, 2)
        decoded = self.network.decode(self.network.encode(film[None].float() / 127.5 - 1))[0]
        shown = ((decoded + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
        frames_back: Frames = shown.permute(0, 2, 3, 1).contiguous().numpy()
        return frames_back


def codec_figures(
    codec: RoundTrip, judge: Judge, clips: Iterable[tuple[Frames, Factors]]
) -> dict[str, Any]:
    """PSNR (dB) and SSIM, edges and flicker as ratios to the originals, and how much of what the
    probe reads in the originals it still reads, over all factors and for each.
    """
    near: list[tuple[float, float]] = []
    edges: list[tuple[float, float]] = []
    flickers: list[tuple[float, float]] = []
    right: list[tuple[list[bool], list[bool]]] = []
    for frames, factors in clips:
        frames = frames[: len(frames) // GROUP * GROUP]
        shown = codec(frames)
        near.append((psnr(frames, shown), ssim(frames, shown)))
        edges.append((gradient_energy(shown), gradient_energy(frames)))
        before, after = observe(judge, frames), observe(judge, shown)
        flickers.append((after.flicker, before.flicker))
        truth = factors.as_dict()
        right.append(
            (
                [after.words[name] == truth[name] for name in WORDS],
                [before.words[name] == truth[name] for name in WORDS],
            )
        )
    hits = np.array(right, np.float64)  # (N, 2, factors)
    each: dict[str, Figure | None] = {
        name: ratio(hits[:, 0, i], hits[:, 1, i]) for i, name in enumerate(WORDS)
    }
    return {
        "clips": len(near),
        "psnr": mean([p for p, _ in near]),
        "ssim": mean([s for _, s in near]),
        "edges": ratio(*zip(*edges, strict=True)),
        "flicker": ratio(*zip(*flickers, strict=True)),
        "read": ratio(hits[:, 0].mean(1), hits[:, 1].mean(1)),
        "factors": each,
    }
