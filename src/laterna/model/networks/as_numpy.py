"""A torch module as the sampler sees it: numpy arrays in, numpy arrays out, nothing remembered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

__all__ = ["as_numpy"]


def as_numpy(
    module: torch.nn.Module, device: str | torch.device = "cpu"
) -> Callable[..., NDArray[Any]]:
    """Wrap `module`: positional numpy arguments go to `device`, its one output comes back."""

    @torch.inference_mode()
    def call(*arrays: NDArray[Any]) -> NDArray[Any]:
        tensors = (
            torch.from_numpy(np.require(a, requirements=["C", "W"])).to(device) for a in arrays
        )
        return np.asarray(module(*tensors).float().cpu().numpy())

    return call
