"""What a model folder holds, told by names and headers alone: no tensor is ever read.

A safetensors file opens with eight bytes (the length of what follows, little endian) and a JSON
header naming every tensor's type, shape and place (huggingface.co/docs/safetensors). A few
kilobytes of a file of many gigabytes therefore say exactly what loading it will cost, on disk as
well as on a server that answers range requests.

A folder may offer a component's weights several times: whole and in shards, plain and as an `fp16`
variant, beside pickles. `component_files` picks those that are loaded, for preflight, download and
checking alike.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from laterna.errors import WeightsError

__all__ = [
    "INDEX",
    "PICKLES",
    "Component",
    "Tensor",
    "component_files",
    "component_of",
    "parse_header",
    "pickles",
    "read_folder",
    "read_header",
    "read_json",
]

INDEX = "model_index.json"
PICKLES = (".bin", ".ckpt", ".pt", ".pth", ".pkl", ".pickle", ".msgpack", ".h5")
MAX_HEADER = 100 << 20  # as the format's own reader has it
STORED = {
    "F64": 8, "F32": 4, "F16": 2, "BF16": 2, "F8_E4M3": 1, "F8_E5M2": 1, "F8_E8M0": 1,
    "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U64": 8, "U32": 4, "U16": 2, "U8": 1, "BOOL": 1,
}  # fmt: skip
LOADED = {"float32": 4, "float16": 2, "bfloat16": 2}

_SHARD = re.compile(r"^(?P<stem>.+)-\d{5}-of-(?P<count>\d{5})\.safetensors$")
_STEMS = ("diffusion_pytorch_model", "model", "pytorch_model")
_LAYER = re.compile(r"^(?P<group>.*?\b(?:blocks|layers|layer|block|h)\.\d+)\.")


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor as a header tells of it."""

    dtype: str
    shape: tuple[int, ...]

    @property
    def count(self) -> int:
        """Numbers in it."""
        return math.prod(self.shape)

    def loaded(self, dtype: str) -> int:
        """Bytes it takes once loaded as `dtype`; whole numbers stay what they are."""
        stored = STORED.get(self.dtype, 4)
        return self.count * (LOADED[dtype] if self.dtype[0] in "FB" and stored > 1 else stored)


@dataclass(frozen=True, slots=True)
class Component:
    """One part of a pipeline: a transformer, a text encoder, a VAE.

    kind     its class, as model_index.json names it
    files    weight files, relative to the model
    config   its config.json
    """

    name: str
    tensors: Mapping[str, Tensor]
    kind: str = ""
    files: tuple[str, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)

    @property
    def parameters(self) -> int:
        """Numbers in all its tensors."""
        return sum(tensor.count for tensor in self.tensors.values())

    @property
    def stored(self) -> int:
        """Bytes of its tensors on disk."""
        return sum(t.count * STORED.get(t.dtype, 4) for t in self.tensors.values())

    def loaded(self, dtype: str) -> int:
        """Bytes it takes in memory as `dtype` ("float32", "float16", "bfloat16")."""
        return sum(
            tensor.loaded("float32" if self._stays_wide(name, dtype) else dtype)
            for name, tensor in self.tensors.items()
        )

    def largest_layer(self, dtype: str) -> int:
        """Bytes of its largest repeated layer: what has to be on a device at once at the least."""
        layers: dict[str, int] = {}
        for name, tensor in self.tensors.items():
            match = _LAYER.match(name)
            group = match["group"] if match else name
            layers[group] = layers.get(group, 0) + tensor.loaded(dtype)
        return max(layers.values(), default=0)

    def _stays_wide(self, name: str, dtype: str) -> bool:
        """T5's second feed-forward map overflows in float16 and is kept as float32 (transformers,
        `_keep_in_fp32_modules`)."""
        return dtype == "float16" and "T5" in self.kind and ".wo." in name


def parse_header(data: Mapping[str, Any], where: object) -> dict[str, Tensor]:
    """The tensors of a header's JSON. Raises WeightsError when it is none."""
    try:
        return {
            name: Tensor(str(entry["dtype"]), tuple(int(side) for side in entry["shape"]))
            for name, entry in data.items()
            if name != "__metadata__"
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WeightsError(f"{where}: its header is not that of a safetensors file") from error


def read_header(path: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file by name.

    Raises WeightsError when it is cut short or not such a file.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if not 2 <= length <= min(MAX_HEADER, size - 8):
                raise WeightsError(f"{path}: not a safetensors file, or cut short")
            data = json.loads(file.read(length))
    except OSError as error:
        raise WeightsError(f"{path}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise WeightsError(f"{path}: its header is not that of a safetensors file") from error
    tensors = parse_header(data, path)
    end = max((e["data_offsets"][1] for n, e in data.items() if n != "__metadata__"), default=0)
    if size != 8 + length + end:
        there = f"{size:,} bytes instead of {8 + length + end:,}"
        raise WeightsError(f"{path}: cut short or altered ({there}); get it again")
    return tensors


def component_files(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Which weight files each component of a pipeline loads, out of all file names in it.

    Names are relative, with `/`. Only `COMPONENT/FILE.safetensors` counts. A plain set is preferred
    to a variant (`.fp16.`); of one whole file and shards, what the loader of that kind prefers:
    diffusers the shards, transformers the whole file.
    """
    offered: dict[str, list[str]] = {}
    for name in sorted(names):
        path = PurePosixPath(name)
        if len(path.parts) == 2 and path.suffix == ".safetensors":
            offered.setdefault(path.parts[0], []).append(name)
    return {component: files for component, all_ in offered.items() if (files := _chosen(all_))}


def _chosen(offered: list[str]) -> tuple[str, ...]:
    """The one set of files that is loaded, of all in a component's folder."""
    sets: dict[tuple[str, bool], list[str]] = {}
    for name in offered:
        file = PurePosixPath(name).name
        shard = _SHARD.match(file)
        stem = shard["stem"] if shard else file.removesuffix(".safetensors")
        sets.setdefault((stem, shard is not None), []).append(name)

    def rank(key: tuple[str, bool]) -> tuple[int, int, bool]:
        stem, sharded = key
        base, _, variant = stem.partition(".")
        known = _STEMS.index(base) if base in _STEMS else len(_STEMS)
        return known, len(variant), sharded != (base == _STEMS[0])

    return tuple(sets[min(sets, key=rank)]) if sets else ()


def pickles(names: Iterable[str]) -> list[str]:
    """The files among `names` that could run code when loaded."""
    return sorted(name for name in names if name.lower().endswith(PICKLES))


def component_of(
    name: str, tensors: Mapping[str, Tensor], index: Mapping[str, Any], **more: Any
) -> Component:
    """A component, its class taken from the pipeline's index."""
    entry = index.get(name)
    kind = str(entry[1]) if isinstance(entry, list) and len(entry) == 2 else ""
    return Component(name, tensors, kind, **more)


def read_folder(path: Path, besides: str = "") -> dict[str, Component]:
    """Every component of a pipeline folder that holds weights; or of one file, as `model`.

    `besides` is a component that is taken from elsewhere and need not be there. Raises WeightsError
    for a folder without model_index.json, for a component that is missing, is without its weights
    or has pickles only, for shards that are missing and for files cut short.
    """
    if path.is_file():
        return {"model": Component("model", read_header(path), files=(path.name,))}
    index = read_json(path / INDEX)
    names = [
        f"{part}/{file.name}"
        for part, entry in index.items()
        if isinstance(entry, list) and (path / part).is_dir()
        for file in (path / part).iterdir()
    ]
    chosen = component_files(names)
    refuse_pickles_only(names, chosen, path)
    _refuse_missing(index, names, chosen, path, besides)
    found = {}
    for part, files in chosen.items():
        if part == besides:
            continue
        _check_shards(part, files, path)
        tensors: dict[str, Tensor] = {}
        for file in files:
            tensors |= read_header(path / file)
        config = path / part / "config.json"
        told = read_json(config) if config.exists() else {}
        found[part] = component_of(part, tensors, index, files=files, config=told)
    return found


def refuse_pickles_only(
    names: Iterable[str], chosen: Mapping[str, tuple[str, ...]], where: object
) -> None:
    """Raise WeightsError for a component whose weights could run code when loaded."""
    for name in pickles(names):
        part = PurePosixPath(name).parts[0]
        if part not in chosen:
            remedy = "laterna loads safetensors only; get the model in that format"
            raise WeightsError(f"{where}: {name} can run code when it is loaded; {remedy}")


def _refuse_missing(
    index: Mapping[str, Any],
    names: Iterable[str],
    chosen: Mapping[str, tuple[str, ...]],
    where: Path,
    besides: str,
) -> None:
    """Raise WeightsError for components that the index names and the folder has not, or not whole.

    What has a config.json is a model, and has weights; schedulers, tokenizers and processors have
    configurations of other names.
    """
    there = set(names)
    for part, entry in index.items():
        named = isinstance(entry, list) and len(entry) == 2 and entry[1] is not None
        if not named or part in chosen or part == besides:
            continue
        if f"{part}/config.json" in there:
            remedy = "the copy is not whole; get the rest"
            raise WeightsError(f"{where / part}: its weights (.safetensors) are missing; {remedy}")
        if not any(name.startswith(f"{part}/") for name in there):
            remedy = f"{INDEX} names it; the copy is not whole, get the rest"
            raise WeightsError(f"{where / part}: it is missing; {remedy}")


def _check_shards(part: str, files: tuple[str, ...], where: Path) -> None:
    match = _SHARD.match(PurePosixPath(files[0]).name)
    if match and len(files) != int(match["count"]):
        there = f"{len(files)} of {int(match['count'])} files are there"
        raise WeightsError(f"{where / part}: {there}; get the rest")


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object in a file. Raises WeightsError when there is none."""
    try:
        data = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise WeightsError(f"{path}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise WeightsError(f"{path}: is not JSON") from error
    if not isinstance(data, dict):
        raise WeightsError(f"{path}: is not a JSON object")
    return data
