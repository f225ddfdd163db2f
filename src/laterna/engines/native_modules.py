"""The native model's networks as torch modules, from the same weights as the ONNX graphs.

They are called as the graphs are, arrays in and arrays out, so that the sampler, the windows and
the noise are the same code on a processor and on a GPU. Under bfloat16 the matrix products run in
half precision (autocast); norms, rotations, the codec's linear path and the sampler stay float32.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray

from laterna.model.networks import shipped
from laterna.model.networks.as_numpy import as_numpy
from laterna.model.networks.codec import State
from laterna.model.runtime import Codec, DecoderState, told_ahead
from laterna.model.sampler import Floats
from laterna.model.take import Network
from laterna.model.weights import Weights

__all__ = ["TorchCodec", "transformer"]


def transformer(weights: Weights, device: torch.device, dtype: torch.dtype) -> Network:
    """The transformer of `weights` as the sampler sees it, on `device`."""
    return cast(Network, as_numpy(_Half(shipped.transformer(weights), device, dtype), device))


class TorchCodec(Codec):
    """`laterna.model.runtime.Codec` over the torch module."""

    def __init__(self, weights: Weights, device: torch.device, dtype: torch.dtype) -> None:
        """Takes the tensors of the graphs `encoder` and `decoder`."""
        self._module = shipped.codec(weights).to(device)
        self._half = _autocast(device, dtype)
        self._device = device

    @torch.inference_mode()
    def _encode_group(self, frames: NDArray[np.uint8]) -> Floats:
        x = self._tensor(frames.transpose(0, 3, 1, 2)[None]) / 127.5 - 1
        with self._half:
            latents = self._module.encode(x)
        return _array(latents[0])

    def start(self, height: int, width: int) -> DecoderState:
        """As of the class above."""
        latents = torch.empty(1, 1, 16, height, width)
        return tuple(_array(part) for part in self._module.start(latents))

    @torch.inference_mode()
    def decode_float(
        self, latents: Floats, ahead: Floats | None, state: DecoderState, sigma: float = 0.0
    ) -> tuple[Floats, DecoderState]:
        """As of the class above."""
        level = torch.full((1, 1), sigma, device=self._device)
        memory = cast(State, tuple(self._tensor(part) for part in state))
        with self._half:
            frames, after = self._module.decode_chunk(
                self._tensor(latents[None]),
                self._tensor(told_ahead(latents, ahead)[None]),
                level,
                memory,
            )
        return _array(frames[0]), tuple(_array(part) for part in after)

    def _tensor(self, array: NDArray[Any]) -> torch.Tensor:
        return torch.from_numpy(np.ascontiguousarray(array, np.float32)).to(self._device)


class _Half(torch.nn.Module):
    """A network whose matrix products run in `dtype`."""

    def __init__(self, network: torch.nn.Module, device: torch.device, dtype: torch.dtype) -> None:
        super().__init__()
        self.network = network.to(device)
        self._half = _autocast(device, dtype)

    def forward(self, *arrays: torch.Tensor) -> torch.Tensor:
        with self._half:
            out: torch.Tensor = self.network(*arrays)
        return out


def _autocast(device: torch.device, dtype: torch.dtype) -> AbstractContextManager[Any]:
    return nullcontext() if dtype == torch.float32 else torch.autocast(device.type, dtype)


def _array(tensor: torch.Tensor) -> Floats:
    return tensor.float().cpu().numpy()
