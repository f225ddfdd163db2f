"""A small untrained native model, exported once per test run, which takes half a minute."""

from __future__ import annotations

import tempfile
from functools import lru_cache
from pathlib import Path

import torch

from laterna.model.networks.codec import Codec
from laterna.model.networks.transformer import Size, Transformer
from laterna.model.schedule import Pace
from laterna.model.take import Manner
from laterna.training import checkpoint
from laterna.training.export import export_run
from laterna.training.latents import codec_name
from laterna.training.leg import CHECKPOINT


@lru_cache(maxsize=1)
def networks() -> tuple[Codec, Transformer]:
    """The two networks, every number of them at random."""
    torch.manual_seed(0)
    codec, transformer = Codec(), Transformer(Size(width=64, layers=1))
    with torch.no_grad():
        for module in (codec, transformer):
            for parameter in module.parameters():
                parameter.add_(torch.randn_like(parameter) * 0.02)
                parameter.copy_(parameter.half())  # as they are stored
    return codec.eval(), transformer.eval()


@lru_cache(maxsize=1)
def _folder() -> tempfile.TemporaryDirectory[str]:
    """Exported from checkpoints, as `laterna train export` does it."""
    folder = tempfile.TemporaryDirectory(prefix="laterna-tiny-")
    codec_file, run = Path(folder.name, "codec.safetensors"), Path(folder.name, "run")
    for network, path in zip(networks(), (codec_file, run / CHECKPOINT), strict=True):
        tensors = {f"ema.{k}": v for k, v in network.state_dict().items()}
        name = codec_name(codec_file) if codec_file.exists() else ""
        checkpoint.save(path, tensors, {"step": 7, "settings": {"codec": name}})
    manner = Manner(Pace(steps=4), guidance=1.0)
    export_run(run, codec_file, Path(folder.name, "weights"), manner)
    return folder


def tiny_weights() -> Path:
    """The folder with the exported weights."""
    return Path(_folder().name, "weights")
