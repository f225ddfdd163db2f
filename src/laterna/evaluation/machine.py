"""What the judges ask of the processor."""

from __future__ import annotations

from collections.abc import Callable

import torch

__all__ = ["half_pays", "use_threads"]


def use_threads(count: int) -> None:
    """Use `count` threads for what torch computes in this process; more change the last bits."""
    torch.set_num_threads(count)


def half_pays() -> bool:
    """Whether the processor multiplies bfloat16 matrices in hardware (AMX): about twice as fast.

    Asked, not timed, so that it is the same in every run on a machine.
    """
    ask: Callable[[], dict[str, object]] | None = getattr(torch.cpu, "get_capabilities", None)
    return ask is not None and bool(ask().get("amx_bf16"))
