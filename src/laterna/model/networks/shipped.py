"""Weights that ship, put back into the torch modules they were trained in."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from laterna.errors import WeightsError
from laterna.model.networks.codec import Codec
from laterna.model.networks.transformer import Size, Transformer
from laterna.model.weights import Weights

__all__ = ["codec", "transformer"]

ONLY_TRAINED = ("gbuffer.",)  # what training asks of the middle layer; it does not ship


def transformer(weights: Weights) -> Transformer:
    """The transformer of `weights`, of whatever size it is. What only training uses of it is as in
    a new one.

    Raises WeightsError, as `codec` does, for files cut short or altered and for other networks.
    """
    tensors = _tensors(weights, "transformer", "transformer-tokens")
    layers = {name.split(".")[1] for name in tensors if name.startswith("blocks.")}
    module = Transformer(Size(len(tensors["enter.bias"]), len(layers)))
    _fill(module, tensors, weights)
    return module.eval()


def codec(weights: Weights) -> Codec:
    """The codec of `weights`, of whatever widths it is."""
    tensors = _tensors(weights, "encoder", "decoder")
    fine, middle, coarse = (
        len(tensors[f"encoder.{name}.bias"]) for name in ("stem", "shrink", "shrink_again")
    )
    first = len(tensors["decoder.stem.bias"])
    second, third = (len(tensors[f"decoder.{name}.bias"]) // 8 for name in ("grow", "grow_again"))
    module = Codec((fine, middle, coarse), (first, second, third))
    _fill(module, tensors, weights)
    return module.eval()


def _tensors(weights: Weights, *graphs: str) -> dict[str, Tensor]:
    """The tensors that graphs compute with, by their names in the module."""
    found = {}
    for graph in graphs:
        for name, array in weights.initialisers(graph).items():
            turned = array.T if name.endswith(".T") else array
            own = name.removesuffix(".T").partition(".")[2]
            found[own] = torch.from_numpy(np.ascontiguousarray(turned))
    return found


def _fill(module: nn.Module, tensors: dict[str, Tensor], weights: Weights) -> None:
    try:
        missing, unknown = module.load_state_dict(tensors, strict=False)
    except RuntimeError as error:
        raise WeightsError(f"{weights.folder}: the weights do not fit the networks") from error
    missing = [name for name in missing if not name.startswith(ONLY_TRAINED)]
    if missing or unknown:
        told = ", ".join((*missing, *unknown)[:3])
        raise WeightsError(f"{weights.folder}: the weights do not fit the networks ({told})")
