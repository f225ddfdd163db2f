"""Unpacking: training goes on from the weights that ship as from those it had."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

from laterna.errors import OutputError, WeightsError
from laterna.model.networks.codec import Codec
from laterna.model.networks.transformer import GBUFFER
from laterna.model.weights import Weights
from laterna.training import checkpoint
from laterna.training.export import export_run, transformer_inputs
from laterna.training.latents import codec_name
from laterna.training.unpack import unpack
from tests.tiny_native import networks, tiny_weights


def test_what_was_exported_comes_back_number_for_number(tmp_path: Path) -> None:
    codec_file, transformer_file = unpack(Weights.open(tiny_weights()), tmp_path)
    codec = Codec()
    checkpoint.load_module(codec, codec_file)
    for name, value in networks()[0].state_dict().items():
        assert torch.equal(codec.state_dict()[name], value), name
    transformer, record = checkpoint.load_transformer(transformer_file)
    assert record["weights"] == Weights.open(tiny_weights()).sha256
    inputs = transformer_inputs(2, 6, 5, 1, per_token=False).values()
    wanted, _ = networks()[1].seen(*inputs)
    seen, scene = transformer.seen(*inputs)
    assert torch.equal(seen, wanted)
    assert scene.shape[-1] == GBUFFER
    assert not scene.any()  # what only training asks for begins at nothing


def test_unpacked_weights_can_be_exported_again(tmp_path: Path) -> None:
    codec_file, transformer_file = unpack(Weights.open(tiny_weights()), tmp_path)
    tensors, record = checkpoint.load(transformer_file)
    run = tmp_path / "run"
    learnt = record | {"settings": {"codec": codec_name(codec_file)}}
    checkpoint.save(run / "checkpoint.safetensors", tensors, learnt)
    export_run(run, codec_file, tmp_path / "again")
    for name in ("codec.safetensors", "transformer.safetensors"):
        assert (tmp_path / "again" / name).read_bytes() == (tiny_weights() / name).read_bytes()


def test_files_that_are_there_stay_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "transformer.safetensors").write_text("mine")
    with pytest.raises(OutputError, match=r"transformer\.safetensors exists; remove it"):
        unpack(Weights.open(tiny_weights()), tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["transformer.safetensors"]
    assert (tmp_path / "transformer.safetensors").read_text() == "mine"


def test_weights_cut_short_are_refused(tmp_path: Path) -> None:
    shutil.copytree(tiny_weights(), tmp_path / "weights")
    file = tmp_path / "weights" / "codec.safetensors"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(WeightsError, match="cut short or altered"):
        unpack(Weights.open(tmp_path / "weights"), tmp_path / "out")
    assert not (tmp_path / "out").exists()
