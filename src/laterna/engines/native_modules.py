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

from laterna.errors import WeightsError
from laterna.model.networks.as_numpy import as_numpy
from laterna.model.networks.codec import Codec as CodecModule
from laterna.model.networks.transformer import Size, Transformer
from laterna.model.runtime import Codec, DecoderState, told_ahead
from laterna.model.sampler import Floats
from laterna.model.take import Network
from laterna.model.weights import Weights

__all__ = ["TorchCodec", "transformer"]

ONLY_TRAINED = ("gbuffer.",)  # what training asks of the middle layer; it does not ship


def transformer(weights: Weights, device: torch.device, dtype: torch.dtype) -> Network:
    """The transformer of `weights` as the sampler sees it, on `device`."""
    tensors = _tensors(weights, "transformer", "transformer-tokens")
    layers = {name.split(".")[1] for name in tensors if name.startswith("blocks.")}
    module = Transformer(Size(len(tensors["enter.bias"]), len(layers)))
    return cast(Network, as_numpy(_Half(_filled(module, tensors, weights), device, dtype), device))


class TorchCodec(Codec):
    """`laterna.model.runtime.Codec` over the torch module."""

    def __init__(self, weights: Weights, device: torch.device, dtype: torch.dtype) -> None:
        """Takes the tensors of the graphs `encoder` and `decoder`."""
        tensors = _tensors(weights, "encoder", "decoder")
        coarse = len(tensors["decoder.stem.bias"])
        encoder = tuple(
            len(tensors[f"encoder.{name}.bias"]) for name in ("stem", "shrink", "shrink_again")
        )
        widths = (coarse, len(tensors["decoder.grow.bias"]) // 8)
        fine = len(tensors["decoder.grow_again.bias"]) // 8
        module = CodecModule(encoder, (*widths, fine))  # type: ignore[arg-type]
        self._module = _filled(module, tensors, weights).to(device)
        self._half = _autocast(device, dtype)
        self._device = device

    @torch.inference_mode()
    def _encode_group(self, frames: NDArray[np.uint8]) -> Floats:
        x = self._tensor(frames.transpose(0, 3, 1, 2)[None]) / 127.5 - 1
        with self._half:
            latents = self._module.encode(x)  # type: ignore[operator]
        return _array(latents[0])

    def start(self, height: int, width: int) -> DecoderState:
        """As of the class above."""
        latents = torch.empty(1, 1, 16, height, width)
        return tuple(_array(part) for part in self._module.start(latents))  # type: ignore[operator]

    @torch.inference_mode()
    def decode_float(
        self, latents: Floats, ahead: Floats | None, state: DecoderState, sigma: float = 0.0
    ) -> tuple[Floats, DecoderState]:
        """As of the class above."""
        level = torch.full((1, 1), sigma, device=self._device)
        memory = tuple(self._tensor(part) for part in state)
        with self._half:
            frames, after = self._module.decode_chunk(  # type: ignore[operator]
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


def _tensors(weights: Weights, *graphs: str) -> dict[str, torch.Tensor]:
    """The tensors that graphs compute with, by their names in the module."""
    found = {}
    for graph in graphs:
        for name, array in weights.initialisers(graph).items():
            turned = array.T if name.endswith(".T") else array
            own = name.removesuffix(".T").partition(".")[2]
            found[own] = torch.from_numpy(np.ascontiguousarray(turned))
    return found


def _filled(
    module: torch.nn.Module, tensors: dict[str, torch.Tensor], weights: Weights
) -> torch.nn.Module:
    try:
        missing, unknown = module.load_state_dict(tensors, strict=False)
    except RuntimeError as error:
        raise WeightsError(f"{weights.folder}: the weights do not fit the networks") from error
    missing = [name for name in missing if not name.startswith(ONLY_TRAINED)]
    if missing or unknown:
        told = ", ".join((*missing, *unknown)[:3])
        raise WeightsError(f"{weights.folder}: the weights do not fit the networks ({told})")
    return module.eval()


def _array(tensor: torch.Tensor) -> Floats:
    return tensor.float().cpu().numpy()
