"""The networks as they ship: ONNX graphs in onnxruntime, seen as plain callables over arrays.

Weights are handed to a graph when its session is made, so they lie on disk once and in memory
once. Threads do not spin while they wait, and their number is fixed, since it decides the last
bits of a sum.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from laterna.errors import EngineError, WeightsError
from laterna.model.sampler import Floats
from laterna.model.take import Network
from laterna.model.weights import Weights

__all__ = ["CELL", "CHANNELS", "GROUP", "Codec", "DecoderState", "told_ahead", "transformer"]

GROUP, CELL, CHANNELS = 4, 16, 16  # frames, pixels and numbers of a latent cell
DecoderState = tuple[Floats, ...]


class Codec:
    """Film to latents and back. Frames are uint8 (T, H, W, 3), H and W multiples of 16."""

    def __init__(self, weights: Weights, threads: int) -> None:
        """Takes the graphs `encoder` and `decoder` of `weights`."""
        self._encoder = _session(weights, "encoder", threads)
        self._decoder = _session(weights, "decoder", threads)
        self._states = [i for i in self._decoder.get_inputs() if i.name.startswith("state")]

    def encode(self, frames: NDArray[np.uint8]) -> Floats:
        """(4F, H, W, 3) uint8 to latents (F, 16, H/16, W/16); groups are independent."""
        groups = frames.reshape(-1, GROUP, *frames.shape[1:])
        return np.concatenate([self._encode_group(group) for group in groups])

    def _encode_group(self, frames: NDArray[np.uint8]) -> Floats:
        x = np.ascontiguousarray(frames.transpose(0, 3, 1, 2)[None], np.float32) / 127.5 - 1
        latents: Floats = _run(self._encoder, {"frames": x})[0][0]
        return latents

    def start(self, height: int, width: int) -> DecoderState:
        """The decoder's memory before the first frame of film of `height` x `width` cells."""
        sizes = {f"{n}*{s}" if n > 1 else s: n * v
                 for n in (1, 2, CELL) for s, v in (("h", height), ("w", width))}  # fmt: skip
        return tuple(
            np.zeros([1, *(sizes.get(s, s) for s in state.shape[1:])], np.float32)
            for state in self._states
        )

    def decode(
        self, latents: Floats, ahead: Floats | None, state: DecoderState, sigma: float = 0.0
    ) -> tuple[NDArray[np.uint8], DecoderState]:
        """One latent frame (1, 16, h, w) to frames (4, 16h, 16w, 3) and the memory after them.

        `ahead` is the next latent frame, None after the last; `sigma` the noise level left in the
        latents.
        """
        values, state = self.decode_float(latents, ahead, state, sigma)
        frames = np.clip(np.rint((values + 1) * 127.5), 0, 255).astype(np.uint8)
        return np.ascontiguousarray(frames.transpose(0, 2, 3, 1)), state

    def decode_float(
        self, latents: Floats, ahead: Floats | None, state: DecoderState, sigma: float = 0.0
    ) -> tuple[Floats, DecoderState]:
        """As `decode`, to (4, 3, 16h, 16w) float32, nominally in [-1, 1]."""
        feeds = {"latents": latents[None], "ahead": told_ahead(latents, ahead)[None]}
        feeds["sigma"] = np.full((1, 1), sigma, np.float32)
        memory = dict(zip((s.name for s in self._states), state, strict=True))
        out = _run(self._decoder, feeds | memory)
        return out[0][0], tuple(out[1:])


def told_ahead(latents: Floats, ahead: Floats | None) -> Floats:
    """What the decoder is told of the frame after `latents` (1, 16, h, w): its latents and a 1, or
    zeros where there is none, (1, 17, h, w).
    """
    if ahead is None:
        return np.zeros((1, CHANNELS + 1, *latents.shape[2:]), np.float32)
    return np.concatenate([ahead, np.ones_like(ahead[:, :1])], axis=1)


def transformer(weights: Weights, threads: int) -> Network:
    """The transformer of `weights` as the sampler sees it.

    There is a graph for levels per frame and one for levels per token, each loaded when it is
    first asked.
    """
    graphs: dict[str, Any] = {}

    def run(*arrays: NDArray[Any]) -> Floats:
        latents, *levels = (arrays[i] for i in (0, 1, 2, 4))
        per_token = any(level.shape[2] > 1 for level in levels)
        name = "transformer-tokens" if per_token else "transformer"
        if name not in graphs:
            graphs[name] = _session(weights, name, threads)
        full = latents.shape[:3] if per_token else (*latents.shape[:2], 1)
        feeds = {
            entry.name: np.ascontiguousarray(
                np.broadcast_to(array, full) if place in (1, 2, 4) else array
            )
            for place, (entry, array) in enumerate(
                zip(graphs[name].get_inputs(), arrays, strict=True)
            )
        }
        x_hat: Floats = _run(graphs[name], feeds)[0]
        return x_hat

    return run


def _session(weights: Weights, graph: str, threads: int) -> Any:
    arrays = weights.initialisers(graph)
    options = ort.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    values = [ort.OrtValue.ortvalue_from_numpy(array) for array in arrays.values()]
    options.add_external_initializers(list(arrays), values)
    try:
        return ort.InferenceSession(
            weights.graph(graph), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # onnxruntime raises classes of its own that it does not export
        text = f"{weights.folder}: the graph {graph} and its weights do not fit together"
        raise WeightsError(f"{text}: {error}") from error


def _run(session: Any, feeds: dict[str, NDArray[Any]]) -> list[NDArray[Any]]:
    try:
        return list(session.run(None, feeds))
    except Exception as error:  # as above
        raise EngineError(f"the network failed while filming: {error}") from error
