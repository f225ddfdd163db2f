"""Weights: only what the manifest vouches for is used, and what is wrong is said in one line."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save

from laterna.errors import WeightsError
from laterna.model.schedule import Pace
from laterna.model.take import Manner
from laterna.model.weights import MANIFEST, Weights


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    matrix = np.arange(6, dtype=np.float16).reshape(2, 3)
    files = {"net.safetensors": save({"net.a": matrix}), "net.onnx": b"a graph"}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    write_manifest(
        tmp_path,
        {
            "format": 1,
            "files": {
                name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
                for name, data in files.items()
            },
            "graphs": {
                "net": {
                    "file": "net.onnx",
                    "weights": "net.safetensors",
                    "initialisers": ["net.a", "net.a.T"],
                }
            },
        },
    )
    return tmp_path


def write_manifest(folder: Path, manifest: Any) -> None:
    (folder / MANIFEST).write_text(json.dumps(manifest))


def manifest(folder: Path) -> Any:
    return json.loads((folder / MANIFEST).read_text())


def test_tensors_come_in_float32_and_transposed_where_the_graph_wants_them(folder: Path) -> None:
    weights = Weights.open(folder)
    assert weights.graph("net") == b"a graph"
    found = weights.initialisers("net")
    np.testing.assert_array_equal(found["net.a"], [[0, 1, 2], [3, 4, 5]])
    np.testing.assert_array_equal(found["net.a.T"], [[0, 3], [1, 4], [2, 5]])
    assert all(a.dtype == np.float32 and a.flags.c_contiguous for a in found.values())


@pytest.mark.parametrize("name", ["net.safetensors", "net.onnx"])
@pytest.mark.parametrize("damage", ["cut short", "altered", "missing"])
def test_a_damaged_file_is_not_used(folder: Path, name: str, damage: str) -> None:
    path = folder / name
    data = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(data[:-1] if damage == "cut short" else data[:-1] + b"?")
    weights = Weights.open(folder)
    with pytest.raises(WeightsError, match=name):
        _ = weights.graph("net"), weights.initialisers("net")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1}', '{"format": 1, "files": 3}'])
def test_what_is_no_manifest_is_refused(folder: Path, text: str) -> None:
    (folder / MANIFEST).write_text(text)
    with pytest.raises(WeightsError, match="not a list of weights"):
        Weights.open(folder)


def test_a_later_format_is_named(folder: Path) -> None:
    write_manifest(folder, {**manifest(folder), "format": 2})
    with pytest.raises(WeightsError, match="format 2"):
        Weights.open(folder)


def test_what_the_manifest_lacks_is_named(folder: Path) -> None:
    with pytest.raises(WeightsError, match="no graph decoder"):
        Weights.open(folder).graph("decoder")
    changed = manifest(folder)
    changed["graphs"]["net"]["initialisers"] = ["net.b"]
    write_manifest(folder, changed)
    with pytest.raises(WeightsError, match=r"net\.b is missing"):
        Weights.open(folder).initialisers("net")


def test_other_weights_have_another_sha256(folder: Path) -> None:
    before = Weights.open(folder).sha256
    write_manifest(folder, {**manifest(folder), "record": {"hours": 3}})
    assert Weights.open(folder).sha256 != before


def test_the_manner_of_the_weights_is_read_back() -> None:
    told = {"pace": {"steps": 9}, "guidance": 1.0, "interval": [0.1, 0.8]}
    assert Manner.from_dict(told) == Manner(Pace(steps=9), guidance=1.0, interval=(0.1, 0.8))
    for unknown in ({"colour": 1}, {"pace": {"hurry": 1}}, {"pace": 3}, {"interval": [1]}):
        with pytest.raises(WeightsError, match="manner"):
            Manner.from_dict(unknown)
