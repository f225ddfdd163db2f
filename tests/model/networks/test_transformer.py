"""The transformer honours its frozen signature and learns what a prompt means within seconds."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from laterna.model.networks.transformer import Size, Transformer, forward_flops  # noqa: E402
from laterna.model.runtime import transformer  # noqa: E402
from laterna.model.take import Network  # noqa: E402
from laterna.model.view import positions  # noqa: E402
from laterna.model.weights import Weights  # noqa: E402

torch.set_num_threads(1)
TINY = Size(width=64, layers=2)


def inputs(
    b: int = 2, f: int = 3, grid: tuple[int, int] = (2, 3), m: int = 5
) -> dict[str, torch.Tensor]:
    g = torch.Generator().manual_seed(7)
    s = grid[0] * grid[1]
    mask = torch.ones(b, m, dtype=torch.bool)
    mask[-1, 3:] = False
    place = torch.from_numpy(positions([0.5 * i for i in range(f)], grid))
    return {
        "latents": torch.randn(b, f, s, 64, generator=g),
        "sigma": torch.rand(b, f, 1, generator=g),
        "step": torch.zeros(b, f, 1),
        "position": place.expand(b, f, s, 3).contiguous(),
        "kind": torch.zeros(b, f, 1, dtype=torch.int64),
        "camera": torch.zeros(b, f, 8),
        "text": torch.randn(b, m, 384, generator=g),
        "text_mask": mask,
    }


@pytest.fixture(scope="module")
def network() -> Transformer:
    """A network in which every input matters but those that are taught later."""
    torch.manual_seed(2)
    network = Transformer(TINY).eval().requires_grad_(False)
    later = {"step.weight", "camera.weight"}
    for name, parameter in network.named_parameters():
        if not parameter.any() and name not in later:
            parameter.normal_(0, 0.05)
    return network


def close(a: torch.Tensor, b: torch.Tensor) -> bool:
    return torch.allclose(a, b, atol=1e-4, rtol=1e-4)


def test_untrained_it_says_nothing() -> None:
    assert not Transformer(TINY)(**inputs()).any()


def test_one_level_per_frame_is_the_same_as_per_token(network: Transformer) -> None:
    given = inputs()
    full = {k: given[k].expand(2, 3, 6).contiguous() for k in ("sigma", "step", "kind")}
    assert close(network(**given), network(**given | full))
    full["sigma"][0, 1, 2] = 0.9
    assert not close(network(**given), network(**given | full))


def test_what_is_taught_later_changes_nothing_yet(network: Transformer) -> None:
    given = inputs()
    later = given | {"step": torch.ones(2, 3, 1), "camera": torch.ones(2, 3, 8)}
    assert close(network(**given), network(**later))


@pytest.mark.parametrize("name", ["latents", "sigma", "position", "text"])
def test_everything_else_matters(network: Transformer, name: str) -> None:
    given = inputs()
    changed = given | {name: given[name] * torch.linspace(0, 0.9, given[name].shape[1])[
        (None, slice(None)) + (None,) * (given[name].ndim - 2)
    ]}  # fmt: skip
    assert not close(network(**given), network(**changed))
    still = given | {"kind": torch.ones(2, 3, 1, dtype=torch.int64)}
    assert not close(network(**given), network(**still))


def test_masked_words_are_not_read(network: Transformer) -> None:
    given = inputs()
    other = given["text"].clone()
    other[-1, 3:] = 100.0
    assert close(network(**given), network(**given | {"text": other}))
    shorter = {k: v[-1:] for k, v in given.items()}
    shorter |= {"text": shorter["text"][:, :3], "text_mask": shorter["text_mask"][:, :3]}
    assert close(network(**given)[-1:], network(**shorter))


def test_the_default_costs_what_the_plan_says() -> None:
    assert 9e9 < forward_flops(Size(), 360, 24) < 11e9
    blocks = sum(p.numel() for p in Transformer().blocks.parameters())
    assert 12e6 < blocks < 14e6


def test_seconds_of_training_teach_two_prompts() -> None:
    torch.manual_seed(0)
    network = Transformer(TINY)
    truth = torch.randn(2, 1, 6, 64)
    given = inputs(2, 1)
    optimizer = torch.optim.AdamW(network.parameters(), lr=3e-3)
    for _ in range(120):
        eps = torch.randn_like(truth)
        z = truth * 0.1 + 0.9 * eps
        seen, aux = network.seen(**given | {"latents": z, "sigma": torch.full((2, 1, 1), 0.9)})
        loss = (seen - truth).square().mean() + 0 * aux.sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.3


def test_onnx_agrees() -> None:
    """For any number of shots, frames, tokens and words."""
    pytest.importorskip("onnxscript")
    from tests.tiny_native import networks, tiny_weights

    exported = transformer(Weights.open(tiny_weights()), threads=1)
    for given in (inputs(), inputs(1, 9, (5, 8), 48), inputs(3, 1, (2, 2), 4)):
        seen = exported(*(value.numpy() for value in given.values()))
        with torch.inference_mode():
            truth = networks()[1](**given).numpy()
        assert seen.shape == truth.shape
        assert np.abs(seen - truth).max() < 1e-3 * np.abs(truth).max()


def test_it_is_what_the_sampler_calls() -> None:
    assert callable(Network.__call__)
    assert list(inputs()) == list(Transformer.forward.__annotations__)[:-1]
