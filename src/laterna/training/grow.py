"""A transformer made deeper without changing what it says.

New layers are spread evenly among the old ones. Each is a copy of the layer before it whose two
ways out (of attention, of the feed-forward) are zero, so that it adds nothing at first, and learns
from features that mean something already (Gong et al., ICML 2019, stack copies likewise; zero ways
out keep the function: Chen et al., Net2Net, arXiv 1511.05641).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from laterna.errors import InputError
from laterna.model.networks.transformer import Transformer
from laterna.training import checkpoint

__all__ = ["deepened", "depth", "start"]

WAYS_OUT = ("attended.weight", "down.weight")


def depth(weights: Mapping[str, Tensor]) -> int:
    """How many layers a transformer of these `weights` has; 0 for another network."""
    return len({name.split(".")[1] for name in weights if name.startswith("blocks.")})


def deepened(weights: Mapping[str, Tensor], layers: int) -> dict[str, Tensor]:
    """`weights` of a transformer as those of one of `layers` layers, at least as many as it has."""
    ends = {name: value for name, value in weights.items() if not name.startswith("blocks.")}
    blocks: dict[int, dict[str, Tensor]] = {}
    for name in weights.keys() - ends.keys():
        _, layer, part = name.split(".", 2)
        blocks.setdefault(int(layer), {})[part] = weights[name]
    old, new = len(blocks), layers - len(blocks)
    copied = [(2 * i + 1) * old // (2 * new) for i in range(new)]
    order = sorted([(i, False) for i in range(old)] + [(i, True) for i in copied])
    found = dict(ends)
    for index, (source, is_new) in enumerate(order):
        for part, value in blocks[source].items():
            silent = is_new and part in WAYS_OUT
            found[f"blocks.{index}.{part}"] = torch.zeros_like(value) if silent else value
    return found


def start(network: Transformer, path: Path) -> None:
    """Fill `network` with the averaged weights of the checkpoint `path`, deepened if need be.

    Raises WeightsError for what is no transformer's checkpoint, InputError for one that is wider,
    narrower or deeper than `network`.
    """
    trained, _ = checkpoint.load_transformer(path)
    had, wants = trained.size, network.size
    if had.width != wants.width:
        raise InputError("width", wants.width, f"{path} is {had.width} wide; it can only deepen")
    if had.layers > wants.layers:
        raise InputError("layers", wants.layers, f"{path} has {had.layers}; give as many or more")
    network.load_state_dict(deepened(trained.state_dict(), wants.layers))
