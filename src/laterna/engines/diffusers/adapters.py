"""LoRA files: small changes to a model's weights, stacked with weights of their own.

A Shot names them in `extra["lora"]`, a list of {"file", "weight", "sha256"}; the hash stands in the
record of every clip, and a file that is not the recorded one any more is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from laterna.checks import check_number
from laterna.engines.installed import hash_file
from laterna.engines.preflight.weights import read_header
from laterna.errors import InputError, UnsupportedError, WeightsError

__all__ = ["Adapter", "adapters_of", "apply", "parse_adapter"]

MOST = 4.0  # weights beyond that are a slip of the pen
REMEDY = "give FILE.safetensors or FILE.safetensors=WEIGHT, the weight from -4 to 4"


@dataclass(frozen=True, slots=True)
class Adapter:
    """A LoRA file, how much of it, and the sha256 of its bytes."""

    file: str
    weight: float
    sha256: str

    def told(self) -> dict[str, object]:
        """As it stands in a Shot's `extra`."""
        return {"file": self.file, "weight": self.weight, "sha256": self.sha256}


def parse_adapter(text: str) -> Adapter:
    """FILE or FILE=WEIGHT. Raises InputError and WeightsError."""
    name, equals, amount = text.rpartition("=")
    if not equals or not _is_number(amount):
        name, amount = text, "1"
    return _checked(name, float(amount), "")


def adapters_of(extra: Mapping[str, object]) -> tuple[Adapter, ...]:
    """The adapters of a Shot's `extra`, their files there and unaltered."""
    told = extra.get("lora", [])
    if not isinstance(told, list | tuple):
        raise InputError("extra.lora", told, "give a list of {file, weight}")
    found = []
    for entry in told:
        if not isinstance(entry, Mapping) or "file" not in entry:
            raise InputError("extra.lora", entry, "give {file, weight}")
        file, weight = str(entry["file"]), entry.get("weight", 1.0)
        check_number("extra.lora.weight", weight, -MOST, MOST)
        found.append(_checked(file, float(weight), str(entry.get("sha256", ""))))
    return tuple(found)


def _checked(name: str, weight: float, sha256: str) -> Adapter:
    path = Path(name).expanduser()
    if path.suffix.lower() != ".safetensors":
        raise InputError("lora", name, REMEDY)
    if not path.is_file():
        raise InputError("lora", name, "there is no such file")
    check_number("lora", weight, -MOST, MOST, "as weight")
    read_header(path)
    found = hash_file(path)
    if sha256 and found != sha256:
        raise WeightsError(f"lora: {name} is not the file of this record any more (sha256 differs)")
    return Adapter(str(path), weight, found)


def apply(pipeline: Any, adapters: tuple[Adapter, ...], family: str) -> list[str]:
    """Have `pipeline` film with exactly these adapters; a line about each.

    Raises UnsupportedError for a family that takes none, InputError for a file of another family.
    """
    if not hasattr(pipeline, "load_lora_weights"):
        if not adapters:
            return []
        raise UnsupportedError("lora", adapters[0].file, f"{family} takes no LoRA files")
    pipeline.unload_lora_weights()
    names = [f"lora{number}" for number in range(len(adapters))]
    for name, adapter in zip(names, adapters, strict=True):
        _load(pipeline, name, adapter, family)
    if names:
        pipeline.set_adapters(names, [adapter.weight for adapter in adapters])
    return [f"lora: {Path(a.file).name} at {a.weight:g}" for a in adapters]


def _load(pipeline: Any, name: str, adapter: Adapter, family: str) -> None:
    from safetensors.torch import load_file

    wrong = InputError("lora", adapter.file, f"it does not fit {family}; it is of another model")
    try:
        pipeline.load_lora_weights(load_file(adapter.file), adapter_name=name)
    except (ValueError, RuntimeError, KeyError, IndexError, AttributeError, TypeError) as error:
        pipeline.unload_lora_weights()
        raise wrong from error
    if not any(name in there for there in pipeline.get_list_adapters().values()):
        pipeline.unload_lora_weights()
        raise wrong


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
