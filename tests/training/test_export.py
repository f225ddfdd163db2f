"""Export: what ships computes what was trained, for any weights, and holds nothing else."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load, save
from torch import nn

from laterna.errors import OutputError, WeightsError
from laterna.model import runtime
from laterna.model.networks.as_numpy import as_numpy
from laterna.model.networks.codec import Codec
from laterna.model.networks.transformer import Size, Transformer
from laterna.model.weights import MANIFEST, Weights
from laterna.training import checkpoint
from laterna.training.export import export_run, graph_of, transformer_inputs, verify, write
from laterna.training.latents import codec_name
from laterna.training.leg import CHECKPOINT
from tests.tiny_native import networks, tiny_weights


def difference(ours: torch.Tensor | np.ndarray, theirs: np.ndarray) -> float:
    """Largest difference relative to the largest value."""
    wanted = np.asarray(ours)
    assert wanted.shape == theirs.shape
    return float(np.abs(wanted - theirs).max() / np.abs(wanted).max())


@pytest.mark.parametrize(
    ("batch", "frames", "tokens", "per_token"),
    [(1, 9, 40, False), (2, 8, 40, True), (3, 1, 25, False), (1, 5, 32, True)],
)
def test_torch_and_onnx_agree_on_windows_of_any_shape(
    batch: int, frames: int, tokens: int, per_token: bool
) -> None:
    torch.manual_seed(frames)
    inputs = transformer_inputs(frames, tokens, 11, batch, per_token=per_token)
    arrays = [t.numpy() for t in inputs.values()]
    network = runtime.transformer(Weights.open(tiny_weights()), threads=1)
    assert difference(as_numpy(networks()[1])(*arrays), network(*arrays)) < 1e-3


def test_levels_may_be_mixed_per_frame_and_per_token() -> None:
    inputs = transformer_inputs(3, 6, 5, 1, per_token=True)
    inputs["step"] = inputs["step"][..., :1]
    inputs["kind"] = inputs["kind"][..., :1]
    arrays = [t.numpy() for t in inputs.values()]
    network = runtime.transformer(Weights.open(tiny_weights()), threads=1)
    assert difference(as_numpy(networks()[1])(*arrays), network(*arrays)) < 1e-3


@pytest.mark.parametrize(("height", "width"), [(160, 256), (96, 64)])
def test_torch_and_onnx_agree_on_film(height: int, width: int) -> None:
    film = np.random.default_rng(0).integers(0, 256, (12, height, width, 3), np.uint8)
    ours, theirs = networks()[0], runtime.Codec(Weights.open(tiny_weights()), threads=1)
    with torch.inference_mode():
        latents = ours.encode(torch.from_numpy(film).permute(0, 3, 1, 2)[None] / 127.5 - 1)
        decoded = ours.decode(latents)[0]
    assert difference(latents[0], theirs.encode(film)) < 1e-3
    state, parts = theirs.start(height // 16, width // 16), []
    cells = latents[0].numpy()[:, None]
    for cell, ahead in zip(cells, [*cells[1:], None], strict=True):
        values, state = theirs.decode_float(cell, ahead, state)
        parts.append(values)
    assert difference(decoded, np.concatenate(parts)) < 1e-3


def test_a_graph_holds_for_other_weights_of_its_shape(tmp_path: Path) -> None:
    """Training goes on; the graphs that were exported before still are the network."""
    torch.manual_seed(5)
    codec, transformer = Codec(), Transformer(Size(width=64, layers=1))
    with torch.no_grad():
        for parameter in transformer.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.05)
    shutil.copytree(tiny_weights(), tmp_path / "w")
    manifest = json.loads((tmp_path / "w" / MANIFEST).read_text())
    for name, module in (("codec", codec), ("transformer", transformer)):
        path = tmp_path / "w" / f"{name}.safetensors"
        tensors = {f"{name}.{k}": v.numpy() for k, v in module.state_dict().items()}
        data = save({k: tensors[k].astype(np.float16) for k in load(path.read_bytes())})
        path.write_bytes(data)
        manifest["files"][path.name]["sha256"] = hashlib.sha256(data).hexdigest()
    (tmp_path / "w" / MANIFEST).write_text(json.dumps(manifest))
    verify(codec, transformer, Weights.open(tmp_path / "w"))
    with pytest.raises(WeightsError, match="differ"):
        verify(networks()[0], transformer, Weights.open(tmp_path / "w"))


def test_files_hold_weights_once_and_nothing_of_the_machine_they_were_made_on() -> None:
    folder = tiny_weights()
    numbers = sum(p.numel() for module in networks() for p in module.parameters())
    tensors = [load(path.read_bytes()) for path in folder.glob("*.safetensors")]
    assert sum(t.size for file in tensors for t in file.values()) <= numbers
    assert {t.dtype for file in tensors for t in file.values()} == {np.dtype(np.float16)}
    for path in folder.glob("*.onnx"):
        graph = path.read_bytes()
        assert len(graph) < 100_000
        assert b"site-packages" not in graph
        assert b".py" not in graph
    manifest = Weights.open(folder).manifest
    assert manifest["record"]["transformer"]["step"] == 7  # what it was trained on, and how long
    assert manifest["manner"]["pace"]["steps"] == 4


def test_a_graph_with_numbers_of_unknown_origin_is_refused() -> None:
    class Doubled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(80, 80))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x @ self.weight + torch.arange(6400.0).reshape(80, 80).sin()

    with pytest.raises(WeightsError, match="no tensor of the network"):
        graph_of(Doubled(), {"x": torch.zeros(80, 80)}, ["y"], {}, "net.")


def test_an_unwritable_folder_is_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OutputError, match="cannot write"):
        write(tmp_path / "file", {"a": b"1"})
    assert (tmp_path / "file").read_text() == "mine"
    (tmp_path / "taken" / "b").mkdir(parents=True)
    (tmp_path / "taken" / "b" / "c").touch()
    with pytest.raises(OutputError, match="cannot write"):
        write(tmp_path / "taken", {"z": b"1", "b": b"2"})
    assert not list((tmp_path / "taken").glob("*.part"))


def test_a_run_without_transformer_or_with_another_codec_is_refused(tmp_path: Path) -> None:
    codec, transformer = networks()
    path = tmp_path / "codec.safetensors"
    checkpoint.save(path, {f"ema.{k}": v for k, v in codec.state_dict().items()}, {})
    run = tmp_path / "run"
    checkpoint.save(run / CHECKPOINT, {"ema.analysis.weight": torch.zeros(1)}, {})
    with pytest.raises(WeightsError, match="holds no transformer"):
        export_run(run, path, tmp_path / "out")
    tensors = {f"ema.{k}": v for k, v in transformer.state_dict().items()}
    other = {"settings": {"codec": "0" * len(codec_name(path))}}
    checkpoint.save(run / CHECKPOINT, tensors, other)
    with pytest.raises(WeightsError, match="another codec"):
        export_run(run, path, tmp_path / "out")
    assert not (tmp_path / "out").exists()
