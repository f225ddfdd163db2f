"""Whether a model and this machine can do what options ask, known before any weight is loaded.

What has to ask torch or diffusers imports them only when the option is set, which takes seconds.
"""

from __future__ import annotations

import sys
from typing import Any

from laterna.engines.device import best_device
from laterna.engines.diffusers.options import Options
from laterna.engines.diffusers.source import Source
from laterna.engines.diffusers.wording import in_a_line
from laterna.engines.preflight.weights import INDEX, read_json
from laterna.errors import EngineError, InputError

__all__ = ["check_feasible"]


def check_feasible(options: Options, source: Source) -> None:
    """Raise InputError or EngineError, naming the option, for what cannot be done with `source`."""
    _check_film(options, source)
    if options.cache != "none":
        _check_cache(options.cache, source)
    if options.attention:
        _check_attention(options.attention)
    if options.parallel > 1:
        _check_parallel(options.parallel)
    if options.device != "auto" or options.offload in ("model", "sequential"):
        device = best_device(options.device)
        if device.type == "cpu" and options.offload in ("model", "sequential"):
            remedy = "without a GPU there is nothing to offload from"
            raise InputError("extra.offload", options.offload, remedy)


def _check_film(options: Options, source: Source) -> None:
    preset = source.preset
    multiple = preset.size.multiple
    if options.film is None or not any(side % multiple for side in options.film):
        return
    near = "x".join(str(max(1, round(side / multiple)) * multiple) for side in options.film)
    remedy = f"{preset.name} films sides that are multiples of {multiple}, as {near}"
    raise InputError("extra.film", "x".join(map(str, options.film)), remedy)


def _check_cache(name: str, source: Source) -> None:
    """A cache hooks into classes that diffusers knows it for: networks, and blocks of them."""
    import diffusers
    from diffusers.hooks._helpers import TransformerBlockRegistry

    index = read_json(source.folder / INDEX)
    kind: Any = getattr(diffusers, (index.get("transformer") or index["unet"])[1])
    known = hasattr(kind, "enable_cache")
    if known and name == "first-block":
        known = any(_registered(item, TransformerBlockRegistry) for item in _classes(kind))
    if not known:
        remedy = f"diffusers has no such cache for {source.preset.name}; leave it out"
        raise InputError("extra.cache", name, remedy)


def _classes(kind: type) -> list[type]:
    """The classes that the module of `kind` knows, those of its blocks among them."""
    return [item for item in vars(sys.modules[kind.__module__]).values() if isinstance(item, type)]


def _registered(block: type, registry: Any) -> bool:
    try:
        registry.get(block)
    except ValueError:
        return False
    return True


def _check_attention(name: str) -> None:
    from diffusers.models import attention_dispatch

    names = [backend.value for backend in attention_dispatch.AttentionBackendName]
    if name not in names:
        usual = ", ".join(one for one in names if not one.startswith("_"))
        raise InputError("extra.attention", name, f"give one of {usual}")
    try:
        backend = attention_dispatch.AttentionBackendName(name)
        attention_dispatch._check_attention_backend_requirements(backend)
    except (RuntimeError, ImportError) as error:
        raise InputError("extra.attention", name, in_a_line(error)) from error


def _check_parallel(degree: int) -> None:
    import torch

    if not torch.distributed.is_available() or not torch.distributed.is_initialized():
        raise EngineError(f"parallel={degree}: start it with torchrun --nproc-per-node={degree}")
