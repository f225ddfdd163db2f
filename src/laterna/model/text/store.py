"""The text encoder's weights on disk: 4-bit blocks, checked by sha256, made float32 on demand.

A block is 32 values of one row: 16 bytes hold them as nibbles (the low ones are the first half,
the high ones the second) and a float16 scale times (nibble - 8) gives each value back. That is
ggml's Q4_0 layout, in which the source publishes them, so that nothing is lost a second time.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as parse_safetensors

from laterna.errors import WeightsError

__all__ = ["BLOCK", "GRAPH", "MANIFEST", "WEIGHTS", "Packed", "TextFiles", "read_files"]

BLOCK = 32
FORMAT = 1
WEIGHTS, GRAPH, MANIFEST = "text-e5-small.safetensors", "text-e5-small.onnx", "text-manifest.json"
_ADVICE = "install laterna again, or run scripts/convert_text.py"


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """A matrix (n, k): nibbles (n, k / 2) uint8, scales (n, k / 32) float16."""

    nibbles: NDArray[np.uint8]
    scales: NDArray[np.float16]

    def rows(self, numbers: NDArray[np.int64]) -> NDArray[np.float32]:
        """The rows `numbers` (any shape) as float32 (..., k)."""
        return Packed(self.nibbles[numbers], self.scales[numbers]).dense()

    def dense(self) -> NDArray[np.float32]:
        """The whole matrix as float32 (n, k)."""
        lead = self.scales.shape
        halves = self.nibbles.reshape(*lead, BLOCK // 2)
        values = np.concatenate((halves & 15, halves >> 4), axis=-1).astype(np.float32)
        values -= 8
        values *= self.scales[..., None].astype(np.float32)
        return values.reshape(*lead[:-1], lead[-1] * BLOCK)


@dataclass(frozen=True, slots=True, eq=False)
class TextFiles:
    """What lies on disk: the tensors by name, and the graph that takes them as initialisers."""

    tensors: dict[str, NDArray[np.generic]]
    graph: bytes

    def array(self, name: str) -> NDArray[np.float32]:
        """A tensor stored in float32."""
        return self.tensors[name].astype(np.float32, copy=False)

    def packed(self, name: str) -> Packed:
        """A tensor stored in 4-bit blocks."""
        return Packed(
            self.tensors[f"{name}.nibbles"].view(np.uint8),
            self.tensors[f"{name}.scales"].view(np.float16),
        )

    def pieces(self) -> list[str]:
        """The spelling of every piece of the vocabulary, in the order of their numbers."""
        return self.tensors["vocabulary.pieces"].tobytes().decode().split("\n")

    def initialisers(self) -> dict[str, NDArray[np.float32]]:
        """What the graph multiplies with, float32: matrices as (in, out), biases and gains."""
        layers = {name: tensor for name, tensor in self.tensors.items() if name.startswith("layer")}
        arrays = {}
        for name in layers:
            stem, _, kind = name.rpartition(".")
            if kind == "nibbles":
                arrays[stem] = np.ascontiguousarray(self.packed(stem).dense().T)
            elif kind != "scales":
                arrays[name] = self.array(name)
        return arrays


def read_files(folder: Path) -> TextFiles:
    """Read and check the encoder's files in `folder`.

    Raises WeightsError when one is missing, of another format, cut short or altered.
    """
    listed = _manifest(folder / MANIFEST)
    data = {name: _checked(folder / name, listed.get(name, "")) for name in (WEIGHTS, GRAPH)}
    try:
        return TextFiles(parse_safetensors(data[WEIGHTS]), data[GRAPH])
    except SafetensorError as error:
        raise WeightsError(f"{folder / WEIGHTS}: not a safetensors file; {_ADVICE}") from error


def _manifest(path: Path) -> dict[str, str]:
    """The sha256 of every file by name."""
    try:
        manifest = json.loads(path.read_bytes())
        if manifest["format"] != FORMAT:
            raise WeightsError(
                f"{path}: format {manifest['format']!r}, this version reads {FORMAT}; {_ADVICE}"
            )
        return {name: entry["sha256"] for name, entry in manifest["files"].items()}
    except OSError as error:
        raise WeightsError(f"{path}: cannot be read ({error.strerror}); {_ADVICE}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WeightsError(f"{path}: is not a list of weights; {_ADVICE}") from error


def _checked(path: Path, sha256: str) -> bytes:
    """The bytes of a file that has the checksum it was shipped with."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"{path}: cannot be read ({error.strerror}); {_ADVICE}") from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise WeightsError(f"{path}: cut short or altered (its sha256 differs); {_ADVICE}")
    return data
