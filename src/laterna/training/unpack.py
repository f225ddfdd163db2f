"""What ships, as checkpoints to go on from: the inverse of an export.

An export keeps what films. What only training knows is not in it: the optimizer's state builds up
again while the rate warms up, and the layer that is asked for depth and motion begins at nothing,
so that its first errors do not shake what lies before it.
"""

from __future__ import annotations

from pathlib import Path

from torch import nn

from laterna.errors import OutputError
from laterna.model.networks import shipped
from laterna.model.weights import Weights
from laterna.training import checkpoint

__all__ = ["unpack"]


def unpack(weights: Weights, folder: Path) -> list[Path]:
    """Write `codec.safetensors` and `transformer.safetensors` to `folder`: what `--codec` and
    `--start` take. Returns their paths.

    Raises WeightsError for weights that cannot be read, and OutputError, before anything is
    written, where one of the files is there already.
    """
    codec, transformer = shipped.codec(weights), shipped.transformer(weights)
    nn.init.zeros_(transformer.gbuffer.weight)
    nn.init.zeros_(transformer.gbuffer.bias)
    networks: dict[Path, nn.Module] = {
        folder / "codec.safetensors": codec,
        folder / "transformer.safetensors": transformer,
    }
    for path in networks:
        if path.exists():
            raise OutputError(f"{path} exists; remove it, or name another folder")
    record = {"stage": "unpacked", "weights": weights.sha256, "seed": 0}
    for path, network in networks.items():
        tensors = {f"ema.{name}": value for name, value in network.state_dict().items()}
        checkpoint.save(path, tensors, record)
    return list(networks)
