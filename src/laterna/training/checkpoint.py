"""Checkpoints: one safetensors file that holds everything a run is, replaced in one rename.

The record (step, clock, plan, seed) travels in the file's header beside the tensors, so that there
is no moment at which weights and record disagree, whenever the process dies.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from laterna.errors import OutputError, WeightsError
from laterna.model.networks.transformer import Size, Transformer

FORMAT = 1
Record = dict[str, Any]


def save(path: Path, tensors: Mapping[str, Tensor], record: Record) -> None:
    """Write `tensors` and `record` (JSON) beside `path`, then rename over it."""
    header = {"format": str(FORMAT), "record": json.dumps(record, sort_keys=True)}
    beside = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file({k: v.detach().contiguous() for k, v in tensors.items()}, beside, header)
        with beside.open("rb") as file:
            os.fsync(file.fileno())
        os.replace(beside, path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise OutputError(f"cannot write the checkpoint {path}: {error.strerror}") from error


def load(path: Path) -> tuple[dict[str, Tensor], Record]:
    """Tensors and record of `path`; WeightsError if it is no checkpoint of this format."""
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"cannot read the checkpoint {path}: {error}") from error
    if header.get("format") != str(FORMAT):
        raise WeightsError(f"{path} is not a checkpoint of format {FORMAT}; train it again")
    record: Record = json.loads(header["record"])
    return tensors, record


def averaged(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The averaged weights among `tensors` of a checkpoint, by their names in the module."""
    return {k.removeprefix("ema."): v for k, v in tensors.items() if k.startswith("ema.")}


def load_module(module: nn.Module, path: Path) -> Record:
    """Fill `module` with the averaged weights of a checkpoint."""
    tensors, record = load(path)
    try:
        module.load_state_dict(averaged(tensors))
    except RuntimeError as error:
        raise WeightsError(f"{path} does not fit this network: {error}") from error
    return record


def load_transformer(path: Path) -> tuple[Transformer, Record]:
    """The averaged transformer in the checkpoint of a flow stage, of whatever size it is."""
    tensors, record = load(path)
    own = averaged(tensors)
    if "enter.weight" not in own:
        raise WeightsError(f"{path} holds no transformer; give the checkpoint of a flow stage")
    layers = {k.split(".")[1] for k in own if k.startswith("blocks.")}
    transformer = Transformer(Size(own["enter.weight"].shape[0], len(layers)))
    transformer.load_state_dict(own)
    return transformer.eval(), record


def write_json(path: Path, data: object) -> None:
    """Write `data` as JSON beside `path`, then rename over it."""
    beside = path.with_name(path.name + ".part")
    beside.write_text(json.dumps(data, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    os.replace(beside, path)
