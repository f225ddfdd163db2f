"""The device that torch computes on, for every engine that has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from laterna.errors import EngineError

if TYPE_CHECKING:  # it takes seconds to import, and engines are named before they film
    import torch

__all__ = ["best_device"]


def best_device(asked: str = "") -> torch.device:
    """The device asked for ("cuda", "cuda:1", "mps", "cpu"); with "" or "auto" the best there is.

    Raises EngineError when torch does not see it.
    """
    import torch

    if asked in ("", "auto"):
        kind = "mps" if torch.backends.mps.is_available() else "cpu"
        return torch.device("cuda" if torch.cuda.is_available() else kind)
    try:
        device = torch.device(asked)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise EngineError(f"device {asked}: torch does not see it on this machine") from error
    return device
