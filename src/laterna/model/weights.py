"""The shipped weights: tensors, small graphs, and a manifest that vouches for them.

The tensors exist once, as float16 under the names they were trained by. A graph only says what is
done with them; the manifest lists which tensors it takes as initialisers, a name that ends in `.T`
meaning the matrix transposed. Every file is checked against its sha256 before a byte is used.

    {"format": 1,
     "files": {"codec.safetensors": {"sha256": "...", "bytes": 123}, ...},
     "graphs": {"decoder": {"file": "decoder.onnx", "weights": "codec.safetensors",
                            "initialisers": ["codec.synthesis.bias", ...]}, ...},
     "manner": {...}, "record": {...}}
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from laterna.errors import WeightsError

__all__ = ["FORMAT", "MANIFEST", "SHIPPED", "Weights"]

FORMAT = 1
MANIFEST = "manifest.json"
SHIPPED = Path(__file__).parent / "weights"
_ADVICE = "install laterna again, or export the weights anew"


class Weights:
    """The weights in a folder. Make one with `Weights.open(folder)`; files are read when used."""

    def __init__(self, folder: Path, manifest: Mapping[str, Any], sha256: str) -> None:
        """`manifest` as written; its `sha256` names these weights as a whole."""
        self.folder, self.manifest, self.sha256 = folder, manifest, sha256
        self._tensors: dict[str, dict[str, NDArray[np.generic]]] = {}

    @classmethod
    def open(cls, folder: str | Path | None = None) -> Weights:
        """Read the manifest in `folder` (default: what ships with the package).

        Raises WeightsError when there is none, or one of another format.
        """
        folder = SHIPPED if folder is None else Path(folder)
        path = folder / MANIFEST
        data = _read(path)
        try:
            manifest = json.loads(data)
            version = manifest["format"]
            if version == FORMAT:
                _ = [entry["sha256"] for entry in manifest["files"].values()]
                for graph in manifest["graphs"].values():
                    _ = graph["file"], graph["weights"], graph["initialisers"]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise WeightsError(f"{path}: is not a list of weights; {_ADVICE}") from error
        if version != FORMAT:
            known = f"this version reads format {FORMAT}"
            raise WeightsError(f"{path}: format {version!r}, {known}; {_ADVICE}")
        return cls(folder, manifest, hashlib.sha256(data).hexdigest())

    def graph(self, name: str) -> bytes:
        """The ONNX file of the graph `name`."""
        return self._checked(self._entry(name)["file"])

    def initialisers(self, name: str) -> dict[str, NDArray[np.float32]]:
        """What the graph `name` computes with, by initialiser, float32."""
        entry = self._entry(name)
        tensors = self._tensors.get(entry["weights"])
        if tensors is None:
            tensors = self._tensors[entry["weights"]] = self._load(entry["weights"])
        found = {}
        for initialiser in entry["initialisers"]:
            tensor = tensors.get(initialiser.removesuffix(".T"))
            if tensor is None:
                raise WeightsError(f"{self.folder}: {initialiser} is missing; {_ADVICE}")
            turned = tensor.T if initialiser.endswith(".T") else tensor
            found[initialiser] = np.ascontiguousarray(turned, np.float32)
        return found

    def _load(self, file: str) -> dict[str, NDArray[np.generic]]:
        try:
            return dict(load(self._checked(file)))
        except SafetensorError as error:
            raise WeightsError(f"{file}: not a safetensors file; {_ADVICE}") from error

    def _entry(self, graph: str) -> Mapping[str, Any]:
        entry = self.manifest["graphs"].get(graph)
        if entry is None:
            raise WeightsError(f"{self.folder}: there is no graph {graph}; {_ADVICE}")
        return dict(entry)

    def _checked(self, name: str) -> bytes:
        """The bytes of a file that has the checksum the manifest says."""
        data = _read(self.folder / name)
        if hashlib.sha256(data).hexdigest() != self.manifest["files"].get(name, {}).get("sha256"):
            path = self.folder / name
            raise WeightsError(f"{path}: cut short or altered (its sha256 differs); {_ADVICE}")
        return data


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise WeightsError(f"{path}: cannot be read ({error.strerror}); {_ADVICE}") from error
