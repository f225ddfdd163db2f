"""How many processor threads the judges use."""

from __future__ import annotations

import torch

__all__ = ["use_threads"]


def use_threads(count: int) -> None:
    """Use `count` threads for what torch computes in this process; more change the last bits."""
    torch.set_num_threads(count)
