"""Latents and captions are what their clips say, and seconds of training lower the loss."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from laterna.errors import InputError  # noqa: E402
from laterna.model.networks.codec import Codec  # noqa: E402
from laterna.model.networks.transformer import Size, Transformer  # noqa: E402
from laterna.model.take import ANCHOR, VIDEO  # noqa: E402
from laterna.training import leg  # noqa: E402
from laterna.training.flow import Diet, FlowStage, draw_batch, unevenness, unsteadiness  # noqa: E402
from laterna.training.footage import Footage, render_footage  # noqa: E402
from laterna.training.latents import (  # noqa: E402
    CAPTIONS,
    Library,
    captions,
    encode_captions,
    encode_footage,
    gbuffer,
    mirror_gbuffer,
)
from laterna.training.samples import Sheet  # noqa: E402
from laterna.world.factors import Factors, Mixture  # noqa: E402
from tests.training import moving  # noqa: E402

torch.set_num_threads(1)
GRID = (1, 2)
TINY = Size(width=64, layers=2)


def render(seed: int, mixture: Mixture) -> tuple[dict[str, np.ndarray], Factors]:
    """The made-up film on a grid of whole tokens: 64x32."""
    clip, factors = moving.render(seed, mixture)
    cut = {k: v[:, :2] if v.ndim > 2 else v for k, v in clip.items()}
    return cut | {"frames": clip["frames"][:, :32]}, factors


class Letters:
    """A text encoder that counts letters."""

    def encode(self, prompts: list[str]) -> tuple[np.ndarray, np.ndarray]:
        tokens = np.zeros((len(prompts), 6, 384), np.float32)
        mask = np.zeros((len(prompts), 6), bool)
        for row, prompt in enumerate(prompts):
            words = prompt.lower().split()[:5]
            mask[row, : len(words) + 1] = True
            for place, word in enumerate(words, 1):
                for letter in word:
                    tokens[row, place, ord(letter) % 384] += 1
        return tokens, mask


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder = tmp_path_factory.mktemp("library")
    render_footage(folder / "data", 12, 0, "core", render)
    torch.manual_seed(0)
    codec = Codec(encoder=(8, 16, 32), decoder=(32, 32, 16))
    quiet = lambda done, total: None  # noqa: E731
    encode_footage(folder / "data", codec, "c0dec", folder / "latents", 5, quiet)
    encode_footage(folder / "data", codec, "c0dec", folder / "latents", 12, quiet)
    encode_captions(folder / "data", Letters(), folder / "text", 12, quiet)
    with pytest.raises(InputError, match="begun with 'c0dec'"):
        encode_footage(folder / "data", codec, "other", folder / "latents", 12, quiet)
    return Library(folder / "latents", folder / "text")


def test_a_library_holds_both_sides_of_every_clip(library: Library) -> None:
    assert library.clips == 12
    assert library.shape == (8, 2, 64)
    for kind in ("video", "still", "truth"):
        assert np.isfinite(library.clip(11, 1, kind)).all()
    text, mask = library.caption(None, 0, 0)
    assert mask.sum() == 1
    assert text.shape == (6, 384)


def test_captions_of_the_mirror_swap_left_and_right(library: Library, tmp_path: Path) -> None:
    render_footage(tmp_path, 12, 0, "core", render)
    footage = Footage(tmp_path)
    words = {"left": 0, "right": 0}
    for index in range(12):
        lines = captions(footage, index)
        assert len(lines) == 2 * CAPTIONS
        assert lines == library.text.records[index + 1]["captions"]
        side = footage.factors(index).side
        other = {"left": "right", "right": "left"}[side]
        words["left"] += sum(f"{side} of the frame" in line for line in lines[CAPTIONS:])
        words["right"] += sum(f"{other} of the frame" in line for line in lines[:CAPTIONS])
    assert words == {"left": 0, "right": 0}


def test_the_truth_of_the_mirror_is_the_mirror_of_the_truth(tmp_path: Path) -> None:
    render_footage(tmp_path, 1, 0, "core", render)
    truth = gbuffer(Footage(tmp_path), 0)
    assert truth.shape == (8, 2, 14)
    np.testing.assert_allclose(truth[..., 8], 1 - 1 / 3, atol=1e-2)  # ten metres away
    mirror = mirror_gbuffer(truth, across=2)
    np.testing.assert_array_equal(mirror_gbuffer(mirror, across=2), truth)
    np.testing.assert_array_equal(mirror[..., 12], -truth[:, ::-1, 12])


@pytest.mark.parametrize("frames", [1, 8])
def test_batches_are_repeatable_and_fit_the_network(library: Library, frames: int) -> None:
    seen = set()
    for seed in range(30):
        batch = draw_batch(library, np.random.default_rng(seed), 3, frames, GRID)
        again = draw_batch(library, np.random.default_rng(seed), 3, frames, GRID)
        assert torch.equal(batch.clean, again.clean)
        assert torch.equal(batch.sigma, again.sigma)
        seen.add((batch.clean.shape[1], batch.sigma.shape[2]))
        assert 0 <= batch.sigma.min() <= batch.sigma.max() <= 1
        assert batch.mask.any(1).all()
        assert (batch.sigma > 0.02).any()
    if frames == 1:
        assert {f for f, _ in seen} == {1}
    else:
        assert {f for f, _ in seen} == {8, 7}  # eight, or six and an anchor
    assert {s for _, s in seen} == {1, 2}


def test_an_error_that_stays_is_steady_and_one_that_changes_is_not() -> None:
    kind = torch.tensor([ANCHOR, VIDEO, VIDEO, VIDEO])[None, :, None]
    weight = torch.ones(1, 4, 5)
    off = torch.randn(1, 4, 5, 64, generator=torch.Generator().manual_seed(0))
    off[:, 1:] = off[:, 1:2]  # another error than the anchor's, and then the same
    assert unsteadiness(off, weight, kind) == 0
    off[:, 2] += 0.5
    assert unsteadiness(off, weight, kind).item() == pytest.approx(0.25)
    weight[:, 2] = 0  # a frame that is given is not judged, nor what changes from it
    assert unsteadiness(off, weight, kind) == 0
    assert unsteadiness(off[:, :1], weight[:, :1], kind[:, :1]) == 0  # a still has no next


def test_an_error_that_is_the_same_all_over_is_even_and_a_square_is_not() -> None:
    grid, weight = (2, 3), torch.ones(1, 1, 6)
    off = torch.full((1, 1, 6, 64), 0.7)
    assert unevenness(off, weight, grid) == 0
    off[:, :, 1] = 1.7  # a token: two by two of four by six cells
    # Four of twenty steps across lead to or from it, and two of eighteen down.
    assert unevenness(off, weight, grid).item() == pytest.approx(4 / 20 + 2 / 18)
    weight[:, :, 1] = 0
    assert unevenness(off, weight, grid) == 0


def test_seconds_of_training_lower_the_loss_and_leave_a_sheet(
    library: Library, tmp_path: Path
) -> None:
    codec = Codec(encoder=(8, 16, 32), decoder=(32, 32, 16)).requires_grad_(False)
    sheet = Sheet(codec, library, 1, GRID, rows=2)
    diet = Diet(count=16, frames=1, part=16)
    stage = FlowStage("stills", library, library, 0, diet, TINY, GRID, sheet)
    network = Transformer(TINY)
    before = stage.validate(network, 0, tmp_path)
    leg.run(stage, network, leg.Plan(steps=240, warmup=5, average=0.9, rate=4e-3), tmp_path)
    after = stage.validate(network, 240, tmp_path)
    assert after["held_flow"] < 0.8 * before["held_flow"]
    assert after["held_scene"] < before["held_scene"]
    assert (tmp_path / "sheet-0000240.png").exists()
    assert len((tmp_path / "sheet.txt").read_text().splitlines()) == 2


def test_clips_go_on_from_stills(library: Library, tmp_path: Path) -> None:
    diet = Diet(count=4, frames=8, part=2)
    stage = FlowStage("clips", library, library, 0, diet, TINY, GRID)
    network = Transformer(TINY)
    record = leg.run(stage, network, leg.Plan(steps=2, warmup=1), tmp_path)
    assert record["step"] == 2
    assert record["settings"]["codec"] == "c0dec"
    codec = Codec(encoder=(8, 16, 32), decoder=(32, 32, 16)).requires_grad_(False)
    frames = Sheet(codec, library, 8, GRID, rows=1).film(network, 0, 0)
    assert frames.shape == (32, 32, 64, 3)
