"""LoRA files: small changes to a model's weights, stacked with weights of their own.

A Shot names them in `extra["lora"]`, a list of {"file", "weight", "sha256"}; the hash stands in the
record of every clip, and a file that is not the recorded one any more is refused.

Wan 2.2 denoises with two networks, one at high noise and one at low, and its adapters come as pairs
of files; an entry with "expert", "high" or "low", goes into that network, one without into both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
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
EXPERTS = {"high": "transformer", "low": "transformer_2"}  # the network of each, by its noise
_LAYER = re.compile(r"(?P<layer>.+?)(?:\.lora|\.lokr|_lora\.)")


@dataclass(frozen=True, slots=True)
class Adapter:
    """A LoRA file, how much of it, the sha256 of its bytes, and its expert ("" for all)."""

    file: str
    weight: float
    sha256: str
    expert: str = ""

    def told(self) -> dict[str, object]:
        """As it stands in a Shot's `extra`."""
        entry: dict[str, object] = {"file": self.file, "weight": self.weight, "sha256": self.sha256}
        return entry | {"expert": self.expert} if self.expert else entry


def parse_adapter(text: str) -> Adapter:
    """FILE or FILE=WEIGHT, FILE#high and FILE#low for one of two experts.

    Raises InputError and WeightsError.
    """
    name, equals, amount = text.rpartition("=")
    if not equals or not _is_number(amount):
        name, amount = text, "1"
    file, hash_, expert = name.rpartition("#")
    if not hash_ or not file.lower().endswith(".safetensors"):
        file, expert = name, ""
    return _checked(file, float(amount), "", expert)


def adapters_of(extra: Mapping[str, object]) -> tuple[Adapter, ...]:
    """The adapters of a Shot's `extra`, their files there and unaltered."""
    told = extra.get("lora", [])
    if not isinstance(told, list | tuple):
        raise InputError("extra.lora", told, "give a list of {file, weight}")
    found = []
    for entry in told:
        if not isinstance(entry, Mapping) or "file" not in entry:
            raise InputError("extra.lora", entry, "give {file, weight}")
        expert = entry.get("expert", "")
        file, weight = str(entry["file"]), entry.get("weight", 1.0)
        check_number("extra.lora.weight", weight, -MOST, MOST)
        found.append(_checked(file, float(weight), str(entry.get("sha256", "")), str(expert)))
    return tuple(found)


def _checked(name: str, weight: float, sha256: str, expert: str) -> Adapter:
    path = Path(name).expanduser()
    if path.suffix.lower() != ".safetensors":
        raise InputError("lora", name, REMEDY)
    if not path.is_file():
        raise InputError("lora", name, "there is no such file")
    check_number("lora", weight, -MOST, MOST, "as weight")
    if expert and expert not in EXPERTS:
        remedy = "give #high or #low behind the file, or neither for both"
        raise InputError("lora", f"{name}#{expert}", remedy)
    read_header(path)
    found = hash_file(path)
    if sha256 and found != sha256:
        raise WeightsError(f"lora: {name} is not the file of this record any more (sha256 differs)")
    return Adapter(str(path), weight, found, expert)


def apply(pipeline: Any, adapters: tuple[Adapter, ...], family: str) -> list[str]:
    """Have `pipeline` film with exactly these adapters; a line about each.

    Raises UnsupportedError for a family that takes none, InputError for a file of another family
    and for an expert of a family that has one network.
    """
    if not hasattr(pipeline, "load_lora_weights"):
        if not adapters:
            return []
        raise UnsupportedError("lora", adapters[0].file, f"{family} takes no LoRA files")
    pipeline.unload_lora_weights()
    names = [f"lora{number}" for number in range(len(adapters))]
    notes = [_load(pipeline, n, a, family) for n, a in zip(names, adapters, strict=True)]
    if names:
        pipeline.set_adapters(names, [adapter.weight for adapter in adapters])
    return notes


def _load(pipeline: Any, name: str, adapter: Adapter, family: str) -> str:
    """Load a file under `name`; the line that says so."""
    two = getattr(pipeline, "transformer_2", None) is not None
    if adapter.expert and not two:
        remedy = f"{family} has one network; leave #{adapter.expert} away"
        raise InputError("lora", f"{adapter.file}#{adapter.expert}", remedy)
    experts = [adapter.expert] if adapter.expert else list(EXPERTS)
    told: set[str] = set()
    try:
        for expert in experts if two else ["high"]:
            into = {"load_into_transformer_2": True} if expert == "low" else {}
            with _heard(pipeline, told):
                # By its path: the scale a file was trained with may stand in its header only.
                pipeline.load_lora_weights(
                    adapter.file,
                    adapter_name=name,
                    use_safetensors=True,
                    local_files_only=True,
                    **into,
                )
    except (ValueError, RuntimeError, KeyError, IndexError, AttributeError, TypeError) as error:
        pipeline.unload_lora_weights()
        raise _wrong(adapter, family) from error
    there = _layers_of(pipeline, name)
    if not there:
        pipeline.unload_lora_weights()
        raise _wrong(adapter, family)
    line = f"lora: {Path(adapter.file).name} at {adapter.weight:g}"
    if two:
        line += f", the expert of {adapter.expert} noise" if adapter.expert else ", both experts"
    if left := told - there:
        line += f"; {len(left)} of its {len(told)} layers are not in {family} and are left out"
    return line


def _wrong(adapter: Adapter, family: str) -> InputError:
    return InputError("lora", adapter.file, f"it does not fit {family}; it is of another model")


@contextmanager
def _heard(pipeline: Any, layers: set[str]) -> Iterator[None]:
    """Inside, `layers` takes up those of each file that is read, by the pipeline's own names."""
    read = pipeline.lora_state_dict

    def heard(*args: Any, **kwargs: Any) -> Any:
        found = read(*args, **kwargs)
        layers.update(_layers(found[0] if isinstance(found, tuple) else found))
        return found

    pipeline.lora_state_dict = heard
    try:
        yield
    finally:
        del pipeline.lora_state_dict


def _layers(keys: Iterable[str]) -> Iterator[str]:
    """The layers of the network that tensors of an adapter are named for.

    Those of text encoders are left out: libraries call them otherwise from version to version.
    """
    for key in keys:
        part, _, rest = key.partition(".")
        match = _LAYER.match(rest.replace(".processor.", "."))
        if match and part in ("transformer", "unet"):
            layer = match["layer"]
            yield f"{layer}.0" if layer.endswith(".to_out") else layer


def _layers_of(pipeline: Any, name: str) -> set[str]:
    """The layers that the adapter `name` is in, of every component that takes adapters."""
    return {
        layer
        for component in pipeline.components.values()
        if name in getattr(component, "peft_config", {})
        for layer, module in component.named_modules()
        if name in getattr(module, "scaling", {})
    }


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
