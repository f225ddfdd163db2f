"""Weights into memory: the pipeline of a source, and its siblings over the same components."""

from __future__ import annotations

import inspect
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers

from laterna.engines.device import best_device
from laterna.engines.diffusers.decode import settle
from laterna.engines.diffusers.options import Options
from laterna.engines.diffusers.preset import Preset
from laterna.engines.diffusers.source import Source
from laterna.engines.diffusers.speed import place, quantization, speed_up
from laterna.engines.diffusers.wording import in_a_line
from laterna.engines.preflight.weights import INDEX, read_json
from laterna.errors import DependencyError, WeightsError

__all__ = ["Loaded", "load"]

lib: Any = diffusers  # its classes are named in files and carry no types


@dataclass(slots=True, eq=False)
class Loaded:
    """A pipeline in memory.

    base    as its folder has it
    device  where it computes
    wide    the numbers that its autoencoder was loaded in
    notes   what the options did, a line each
    """

    base: Any
    device: torch.device
    wide: torch.dtype
    notes: list[str]
    _siblings: dict[str, Any] = field(default_factory=dict)

    def pipeline(self, name: str) -> Any:
        """The pipeline class `name` over the same components."""
        if name == type(self.base).__name__:
            return self.base
        if name not in self._siblings:
            kind = getattr(lib, name)
            have = dict(self.base.config) | self.base.components
            wanted = inspect.signature(kind.__init__).parameters
            parts = {key: have[key] for key in wanted if key in have}
            sibling = kind(**parts)
            sibling.set_progress_bar_config(disable=True)
            self._siblings[name] = sibling
        return self._siblings[name]

    @property
    def networks(self) -> list[Any]:
        """The networks that denoise: one, or one for high noise and one for low."""
        found = [
            getattr(self.base, name, None) for name in ("transformer", "transformer_2", "unet")
        ]
        return [network for network in found if network is not None]

    def forget(self) -> None:
        """Have the networks' caches forget the film they were denoising."""
        for network in self.networks:
            if hasattr(network, "_reset_stateful_cache"):
                network._reset_stateful_cache()

    def free(self) -> None:
        """Let go of what a call left on the GPU."""
        self.base.maybe_free_model_hooks()


def load(source: Source, options: Options) -> Loaded:
    """Load everything of `source` on the device that `options` names, or the best there is.

    Raises WeightsError for weights that are damaged or do not fit their pipeline, DependencyError
    for an option whose package is missing, EngineError for what fails otherwise.
    """
    _hush()
    device = best_device(options.device)
    dtypes = _dtypes(source, options, device)
    notes: list[str] = []
    try:
        told = _arguments(source, dtypes)
        if (config := quantization(options, notes)) is not None:
            told["quantization_config"] = config
        if source.file is not None:
            told |= _replaced(source, dtypes)
        if "whole" in told:
            base = told["whole"]
        else:
            # By the class itself: DiffusionPipeline loses a network that is handed over where the
            # class has it as optional (Wan).
            kind = getattr(lib, read_json(source.folder / INDEX)["_class_name"])
            base = kind.from_pretrained(os.fspath(source.folder), **told)
    except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
        if isinstance(error, ImportError):
            raise DependencyError(f"{source.preset.name}: {in_a_line(error)}") from error
        raise WeightsError(f"{source.folder}: it does not load ({in_a_line(error)})") from error
    base.set_progress_bar_config(disable=True)
    _schedule(base, source.preset)
    # A checkpoint of a whole pipeline is loaded in one type of numbers.
    wide = dtypes.get("vae", dtypes["default"])
    base.vae.to(dtype=wide)
    settle(base.vae)
    loaded = Loaded(base, device, wide, notes)
    speed_up(loaded.networks, base, options, notes)
    place(base, device, options, notes)
    return loaded


def _schedule(base: Any, preset: Preset) -> None:
    """Give the pipeline the scheduler of the preset, on what the folder says of its own."""
    if preset.scheduler:
        told = dict(preset.scheduler)
        kind = getattr(lib, str(told.pop("_class_name", type(base.scheduler).__name__)))
        base.register_modules(scheduler=kind.from_config(base.scheduler.config, **told))


def _hush() -> None:
    """Neither library says anything on its own while it loads and films for us."""
    for log in (diffusers.utils.logging, transformers.utils.logging):
        log.set_verbosity_error()
        log.disable_progress_bar()


def _arguments(source: Source, dtypes: dict[str, torch.dtype]) -> dict[str, Any]:
    """What from_pretrained is told."""
    told: dict[str, Any] = {
        "dtype": dtypes,
        "use_safetensors": True,
        "local_files_only": True,
    }
    if variant := _variant(source.folder):
        told["variant"] = variant
    return told


def _variant(folder: Path) -> str | None:
    """ "fp16" where the big network's weights are there in no other spelling."""
    for part in ("transformer", "unet"):
        names = [path.name for path in (folder / part).glob("*.safetensors")]
        if names and all(".fp16" in name for name in names):
            return "fp16"
    return None


def _replaced(source: Source, dtypes: dict[str, torch.dtype]) -> dict[str, Any]:
    """What one file replaces: the network that denoises, or everything."""
    assert source.file is not None
    part = source.replaced
    if not part:
        kind = getattr(lib, source.preset.pipelines[0])
        whole = kind.from_single_file(
            os.fspath(source.file),
            config=os.fspath(source.folder),
            local_files_only=True,
            dtype=dtypes["default"],
        )
        return {"whole": whole}
    kind = getattr(lib, read_json(source.folder / INDEX)[part][1])
    network = kind.from_single_file(
        os.fspath(source.file),
        config=os.fspath(source.folder),
        subfolder=part,
        local_files_only=True,
        dtype=dtypes["default"],
    )
    return {part: network}


def _dtypes(source: Source, options: Options, device: torch.device) -> dict[str, torch.dtype]:
    """By component: processors without fast half precision compute in float32."""
    if device.type == "cpu" and options.dtype == "auto":
        return {"default": torch.float32}
    asked = source.preset.dtype if options.dtype == "auto" else options.dtype
    if device.type == "cuda" and asked == "bfloat16" and not torch.cuda.is_bf16_supported():
        asked = "float16"
    return {"default": getattr(torch, asked), "vae": getattr(torch, source.preset.vae_in(asked))}
