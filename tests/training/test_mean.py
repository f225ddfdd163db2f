"""Means of checkpoints, shallow transformers among them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from laterna.errors import InputError, OutputError, WeightsError
from laterna.model.networks.transformer import Size, Transformer
from laterna.training import checkpoint
from laterna.training.export import transformer_inputs
from laterna.training.mean import mean


def saved(path: Path, seed: int, layers: int, width: int = 64) -> Transformer:
    torch.manual_seed(seed)
    network = Transformer(Size(width, layers))
    for value in network.parameters():
        torch.nn.init.normal_(value, std=0.2)
    tensors = {f"ema.{name}": value for name, value in network.state_dict().items()}
    checkpoint.save(path, tensors, {"stage": "clips", "step": seed, "seconds": 10.0 * seed})
    return network


def test_each_file_counts_its_share(tmp_path: Path) -> None:
    files = [tmp_path / "a", tmp_path / "b"]
    a, b = (saved(path, seed, 2) for seed, path in enumerate(files, 1))
    mean(files, [3, 1], tmp_path / "mean" / "checkpoint.safetensors")
    found, record = checkpoint.load_transformer(tmp_path / "mean" / "checkpoint.safetensors")
    for name, value in found.state_dict().items():
        torch.testing.assert_close(value, 0.75 * a.state_dict()[name] + 0.25 * b.state_dict()[name])
    assert record["mean_of"] == [
        {"share": 3, "step": 1, "seconds": 10.0},
        {"share": 1, "step": 2, "seconds": 20.0},
    ]
    assert record["step"] == 2


def test_a_mean_with_a_shallower_network_is_as_deep_as_the_deepest(tmp_path: Path) -> None:
    files = [tmp_path / "a", tmp_path / "b"]
    shallow, _ = saved(files[0], 1, 2), saved(files[1], 2, 5)
    mean(files, [1e6, 1e-3], tmp_path / "mean.safetensors")
    found, _ = checkpoint.load_transformer(tmp_path / "mean.safetensors")
    assert found.size.layers == 5
    inputs = transformer_inputs(2, 6, 5, 1, per_token=False).values()
    torch.testing.assert_close(found(*inputs), shallow(*inputs), atol=1e-3, rtol=1e-3)


def test_what_has_no_mean_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    files = [tmp_path / "a", tmp_path / "b"]
    saved(files[0], 1, 2), saved(files[1], 2, 2, width=128)
    out = tmp_path / "mean.safetensors"
    with pytest.raises(WeightsError, match="do not hold the same network"):
        mean(files, [1, 1], out)
    for shares in ([1.0], [1.0, 0.0], [1.0, float("nan")]):
        with pytest.raises(InputError, match=r"share: .* give one for each file, each above 0"):
            mean(files, shares, out)
    with pytest.raises(InputError, match="two checkpoints or more"):
        mean(files[:1], [1], out)
    assert not out.exists()
    with pytest.raises(OutputError, match="exists; remove it"):
        mean(files, [1, 1], files[1])
