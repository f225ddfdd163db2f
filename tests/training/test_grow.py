"""A deeper transformer says what the one it came from says, and learns more."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from laterna.errors import InputError, WeightsError
from laterna.model.networks.transformer import Size, Transformer
from laterna.training import checkpoint
from laterna.training.export import transformer_inputs
from laterna.training.grow import start

TRAINED = Size(width=64, layers=3)


def trained(folder: Path) -> tuple[Transformer, Path]:
    """A network none of whose layers is silent, and its checkpoint."""
    torch.manual_seed(0)
    network = Transformer(TRAINED)
    for value in network.parameters():
        torch.nn.init.normal_(value, std=0.2)
    path = folder / "checkpoint.safetensors"
    tensors = {f"ema.{name}": value for name, value in network.state_dict().items()}
    checkpoint.save(path, tensors, {"stage": "stills"})
    return network, path


@pytest.mark.parametrize("layers", [3, 4, 5, 7, 12])
def test_a_deeper_network_begins_with_what_the_trained_one_says(
    tmp_path: Path, layers: int
) -> None:
    network, path = trained(tmp_path)
    deeper = Transformer(Size(width=64, layers=layers))
    start(deeper, path)
    inputs = transformer_inputs(2, 6, 5, 1, per_token=False).values()
    assert torch.equal(deeper(*inputs), network(*inputs))
    silent = [not block.attended.weight.any() for block in deeper.blocks]
    assert sum(silent) == layers - 3
    assert not silent[0]


def test_new_layers_are_spread_and_learn(tmp_path: Path) -> None:
    _, path = trained(tmp_path)
    deeper = Transformer(Size(width=64, layers=6))
    start(deeper, path)
    silent = [not block.down.weight.any() for block in deeper.blocks]
    assert silent == [False, True, False, True, False, True]
    inputs = transformer_inputs(2, 6, 5, 1, per_token=False).values()
    deeper(*inputs).square().mean().backward()
    for block in deeper.blocks:
        assert block.attended.weight.grad.any()
        assert block.down.weight.grad.any()


def test_what_cannot_be_deepened_is_refused(tmp_path: Path) -> None:
    _, path = trained(tmp_path)
    with pytest.raises(InputError, match=r"layers: 2 .*has 3; give as many or more"):
        start(Transformer(Size(width=64, layers=2)), path)
    with pytest.raises(InputError, match=r"width: 128 .*is 64 wide; it can only deepen"):
        start(Transformer(Size(width=128, layers=3)), path)
    checkpoint.save(tmp_path / "other.safetensors", {"ema.a": torch.zeros(1)}, {})
    with pytest.raises(WeightsError, match="holds no transformer"):
        start(Transformer(TRAINED), tmp_path / "other.safetensors")
