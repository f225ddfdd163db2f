"""Options by name: how a model is loaded and sped up, each an opt-in of diffusers.

They come from a Shot's `extra` (on the command line `--set NAME=VALUE`) and, for whoever runs the
machine, from LATERNA_DIFFUSERS ("offload=group,cache=first-block"); what a shot says wins. Every
option that changes anything says so in one line, which the engine keeps as a note.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields

from laterna.errors import InputError
from laterna.shot import Size

__all__ = ["ENVIRONMENT", "Options"]

ENVIRONMENT = "LATERNA_DIFFUSERS"
CHOICES: dict[str, tuple[str, ...]] = {
    "cache": ("none", "first-block", "taylorseer"),
    "quantize": (
        "none", "layerwise-fp8", "torchao-int8", "torchao-int4", "torchao-fp8", "bnb-int8",
        "bnb-nf4",
    ),
    "offload": ("auto", "none", "model", "group", "sequential"),
    "compile": ("no", "yes"),
    "dtype": ("auto", "float32", "bfloat16", "float16"),
}  # fmt: skip
_DEVICE = re.compile(r"auto|cpu|mps|cuda(:\d+)?")
_SIZE = re.compile(r"(\d{1,4})x(\d{1,4})")
LORA = "lora"  # read by `adapters`


@dataclass(frozen=True, slots=True)
class Options:
    """How to load and run; the field's name is the option's.

    cache      reuse what changes little between steps: "first-block" or "taylorseer"
    quantize   weights in fewer bits
    offload    where weights wait: "none" keeps all on the GPU, "model" one component at a time,
               "group" some layers at a time, "sequential" one layer; "auto" what fits
    compile    compile the repeated blocks; pays from the second shot on
    attention  a backend of diffusers' dispatcher, as "native", "flash", "sage"
    parallel   context parallel over so many GPUs (run by torchrun)
    device     "cpu", "cuda", "cuda:1", "mps"
    dtype      of everything but the autoencoder
    film       WIDTHxHEIGHT to film at, instead of the preset's choice
    """

    cache: str = "none"
    quantize: str = "none"
    offload: str = "auto"
    compile: str = "no"
    attention: str = ""
    parallel: int = 1
    device: str = "auto"
    dtype: str = "auto"
    film: Size | None = None

    @property
    def bits(self) -> int | None:
        """Of the weights that are quantised."""
        return {"int4": 4, "nf4": 4, "int8": 8, "fp8": 8}.get(self.quantize.partition("-")[2])

    @property
    def placing(self) -> str | None:
        """The offloading asked for, as preflight names it."""
        known = {"none": "whole", "model": "model", "group": "group", "sequential": "group"}
        return known.get(self.offload)

    @classmethod
    def of(cls, extra: Mapping[str, object]) -> Options:
        """From a Shot's `extra` over the environment. Raises InputError, naming the option."""
        asked = {name: value for name, value in extra.items() if name != LORA}
        return cls(**{n: _read(n, v) for n, v in (_environment() | asked).items()})  # type: ignore[arg-type]


def _environment() -> dict[str, object]:
    told: dict[str, object] = {}
    for part in os.environ.get(ENVIRONMENT, "").split(","):
        name, equals, value = part.strip().partition("=")
        if name and not equals:
            raise InputError(ENVIRONMENT, part, "give NAME=VALUE, separated by commas")
        if name:
            told[name] = value
    return told


def _read(name: str, value: object) -> object:
    names = [item.name for item in fields(Options)]
    if name not in names:
        raise InputError(f"extra.{name}", value, f"there are the options {', '.join(names)}, lora")
    text = str(value).strip().lower()
    if name in CHOICES and text not in CHOICES[name]:
        raise InputError(f"extra.{name}", value, f"give one of {', '.join(CHOICES[name])}")
    if name == "parallel":
        if not text.isdigit() or not 1 <= int(text) <= 64:
            raise InputError("extra.parallel", value, "give how many GPUs, 1 to 64")
        return int(text)
    if name == "device" and not _DEVICE.fullmatch(text):
        raise InputError("extra.device", value, "give cpu, cuda, cuda:NUMBER or mps")
    if name == "film":
        match = _SIZE.fullmatch(text)
        if match is None or not all(16 <= int(side) <= 4096 for side in match.groups()):
            raise InputError("extra.film", value, "give WIDTHxHEIGHT, both 16 to 4096")
        return int(match[1]), int(match[2])
    return text
