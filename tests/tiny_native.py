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
from laterna.training.export import export


@lru_cache(maxsize=1)
def networks() -> tuple[Codec, Transformer]:
    """The two networks, every number of them at random."""
    torch.manual_seed(0)
    codec, transformer = Codec(), Transformer(Size(width=64, layers=1))
    with torch.no_grad():
        for module in (codec, transformer):
            for parameter in module.parameters():
                parameter.add_(torch.randn_like(parameter) * 0.02)
    return codec.eval(), transformer.eval()


@lru_cache(maxsize=1)
def _folder() -> tempfile.TemporaryDirectory[str]:
    folder = tempfile.TemporaryDirectory(prefix="laterna-tiny-")
    manner = Manner(Pace(steps=4), guidance=1.0)
    export(*networks(), Path(folder.name), manner=manner, record={"trained": "not at all"})
    return folder


def tiny_weights() -> Path:
    """The folder with the exported weights."""
    return Path(_folder().name)
