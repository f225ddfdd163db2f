"""The mean of networks that come from one another.

Trainings that set out from the same weights end in one valley: the mean of where they end, or of
the end and the beginning, can have the best of each (Wortsman et al., "model soups", arXiv
2203.05482, and WiSE-FT, arXiv 2109.01903). The decoder that ships is one, and the transformer.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from torch import Tensor

from laterna.errors import InputError, OutputError, WeightsError
from laterna.training import checkpoint
from laterna.training.grow import deepened, depth

__all__ = ["mean"]


def mean(files: Sequence[Path], shares: Sequence[float], out: Path) -> None:
    """Write the mean of the averaged weights of checkpoints, each counting its share, to `out`,
    with the record of the last and what it is the mean of.

    Transformers of fewer layers than the deepest are deepened first. Raises InputError for shares
    that are not as many as files or not above 0, WeightsError for networks that do not fit each
    other, OutputError, before anything is read, where `out` is there already.
    """
    if len(files) < 2:
        raise InputError("files", len(files), "a mean wants two checkpoints or more")
    if len(shares) != len(files) or not all(0 < share < float("inf") for share in shares):
        raise InputError("share", tuple(shares), "give one for each file, each above 0")
    if out.exists():
        raise OutputError(f"{out} exists; remove it, or name another file")
    found = [checkpoint.load(path) for path in files]
    networks = [checkpoint.averaged(tensors) for tensors, _ in found]
    layers = max(map(depth, networks))
    networks = [deepened(network, layers) for network in networks]
    shapes = [{name: value.shape for name, value in network.items()} for network in networks]
    for path, own in zip(files, shapes, strict=True):
        if not own or own != shapes[-1]:
            raise WeightsError(f"{path} and {files[-1]} do not hold the same network")
    whole: dict[str, Tensor] = {}
    for network, share in zip(networks, shares, strict=True):
        for name, value in network.items():
            part = value.float() * (share / sum(shares))
            whole[f"ema.{name}"] = whole[f"ema.{name}"] + part if f"ema.{name}" in whole else part
    parts = [
        {"share": share, "step": record.get("step"), "seconds": record.get("seconds")}
        for share, (_, record) in zip(shares, found, strict=True)
    ]
    checkpoint.save(out, whole, found[-1][1] | {"mean_of": parts})
