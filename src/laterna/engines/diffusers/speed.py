"""What the options do to a pipeline: caches, fewer bits, offloading, compiling, attention.

Each function adds a line to `notes` for what it did, and raises InputError, DependencyError or
EngineError where it cannot.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

import diffusers
import torch

from laterna.engines.diffusers.options import Options
from laterna.engines.diffusers.wording import in_a_line
from laterna.errors import DependencyError, EngineError, InputError

__all__ = ["place", "quantization", "speed_up"]

lib: Any = diffusers  # its configurations carry no types

FIRST_BLOCK_THRESHOLD = 0.08  # diffusers' own; higher skips more and shows it


def quantization(options: Options, notes: list[str]) -> Any:
    """The configuration that loads the big networks in fewer bits, or None."""
    if options.quantize in ("none", "layerwise-fp8"):
        return None
    package, _, bits = options.quantize.partition("-")
    module = {"torchao": "torchao", "bnb": "bitsandbytes"}[package]
    if find_spec(module) is None:
        raise DependencyError(
            f"quantize={options.quantize} needs {module}; install it with: pip install {module}"
        )
    parts = ["transformer", "transformer_2", "unet"]
    notes.append(f"quantize: the network that denoises is held in {bits} by {module}")
    if package == "bnb":
        kind = "bitsandbytes_8bit" if bits == "int8" else "bitsandbytes_4bit"
        told = {"load_in_8bit": True} if bits == "int8" else {
            "load_in_4bit": True,
            "bnb_4bit_quant_type": "nf4",
            "bnb_4bit_compute_dtype": torch.bfloat16,
        }  # fmt: skip
        return lib.PipelineQuantizationConfig(
            quant_backend=kind, quant_kwargs=told, components_to_quantize=parts
        )
    ao = import_module("torchao.quantization")

    form = {
        "int8": ao.Int8WeightOnlyConfig,
        "int4": ao.Int4WeightOnlyConfig,
        "fp8": ao.Float8WeightOnlyConfig,
    }[bits]
    return lib.PipelineQuantizationConfig(
        quant_mapping={p: lib.TorchAoConfig(form()) for p in parts}
    )


def speed_up(networks: list[Any], pipeline: Any, options: Options, notes: list[str]) -> None:
    """Apply what changes how the networks that denoise compute."""
    for network in networks:
        _one(network, pipeline, options)
    if options.quantize == "layerwise-fp8":
        notes.append("quantize: weights rest in float8 and are widened layer by layer")
    if options.cache != "none":
        notes.append(f"cache: {options.cache}; steps that change little are not computed anew")
    if options.attention:
        notes.append(f"attention: {options.attention}")
    if options.parallel > 1:
        notes.append(f"parallel: each step is computed by {options.parallel} GPUs")
    if options.compile == "yes":
        notes.append("compile: repeated blocks are compiled in the first step, which takes longer")


def _one(network: Any, pipeline: Any, options: Options) -> None:
    kind = type(network).__name__
    try:
        if options.quantize == "layerwise-fp8":
            wide = next(network.parameters()).dtype
            network.enable_layerwise_casting(torch.float8_e4m3fn, wide)
        if options.attention:
            network.set_attention_backend(options.attention)
        if options.parallel > 1:
            _parallel(network, options.parallel)
        if options.compile == "yes":
            network.compile_repeated_blocks(fullgraph=True)
        if options.cache != "none":
            network.enable_cache(_cache(options.cache, pipeline))
    except (AttributeError, NotImplementedError, IndexError) as error:
        asked = [n for n in ("cache", "compile", "attention", "parallel", "quantize")
                 if getattr(options, n) not in ("", "none", "no", 1)]  # fmt: skip
        raise EngineError(f"{', '.join(asked)}: {kind} cannot do that ({error})") from error
    except (ValueError, RuntimeError, ImportError) as error:
        if (options.attention and "attention" in str(error).lower()) or "backend" in str(error):
            raise InputError("extra.attention", options.attention, in_a_line(error)) from error
        raise EngineError(f"{kind}: {in_a_line(error)}") from error


def _cache(name: str, pipeline: Any) -> Any:
    if name == "first-block":
        return lib.FirstBlockCacheConfig(threshold=FIRST_BLOCK_THRESHOLD)
    return lib.TaylorSeerCacheConfig()


def _parallel(network: Any, degree: int) -> None:
    network.enable_parallelism(config=lib.ContextParallelConfig(ulysses_degree=degree))


def place(pipeline: Any, device: torch.device, options: Options, notes: list[str]) -> None:
    """Put the weights where they compute, or where they wait until they do."""
    how = options.offload
    if how == "group":
        waiting = torch.device("cpu")
        pipeline.enable_group_offload(
            onload_device=device,
            offload_device=waiting,
            offload_type="leaf_level",
            use_stream=device.type == "cuda",
        )
        notes.append("offload: layers wait in main memory until they are needed")
    elif how == "model":
        pipeline.enable_model_cpu_offload(device=device)
        notes.append("offload: components wait in main memory until they are needed")
    elif how == "sequential":
        pipeline.enable_sequential_cpu_offload(device=device)
        notes.append("offload: every layer waits in main memory until it is needed; slow")
    else:
        pipeline.to(device)
