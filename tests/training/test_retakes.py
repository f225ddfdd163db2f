"""Retakes show what their clips show, as a transformer would, and a decoder learns from them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from laterna.errors import InputError  # noqa: E402
from laterna.model.networks.transformer import Size, Transformer  # noqa: E402
from laterna.model.patches import unpatchify  # noqa: E402
from laterna.training import checkpoint, leg  # noqa: E402
from laterna.training.codec import save_codec  # noqa: E402
from laterna.training.footage import Crops, Footage, render_footage  # noqa: E402
from laterna.training.latents import (  # noqa: E402
    Library,
    codec_name,
    encode_captions,
    encode_footage,
    latents_folder,
    text_folder,
)
from laterna.training.retakes import (  # noqa: E402
    FAINT,
    STRONG,
    Retakes,
    make_retakes,
    retakes_folder,
)
from laterna.training.shards import Shards  # noqa: E402
from laterna.training.sharpen import SharpenStage  # noqa: E402
from laterna.training.tensors import to_tensor  # noqa: E402
from tests.training.test_codec import tiny  # noqa: E402
from tests.training.test_flow import GRID, Letters, render  # noqa: E402

CROPS = Crops(count=4, side=32)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A codec's file; beside it `data`, with latents, captions and retakes."""
    folder = tmp_path_factory.mktemp("retakes")
    data = folder / "data"
    for part, clips in ((data, 4), (data / "validation", 2)):
        render_footage(part, clips, 0, "core", render)
    torch.manual_seed(0)
    codec = tiny()
    path = save_codec(codec, folder, {"stage": "codec"})
    quiet = lambda done, total: None  # noqa: E731
    encode_footage(data, codec, codec_name(path), latents_folder(data, path), 4, quiet)
    encode_captions(data, Letters(), text_folder(data), 4, quiet)
    make_retakes(opened(path), network(), retakes_folder(data, path), GRID, 6)
    return path


def opened(codec: Path) -> Library:
    data = codec.parent / "data"
    return Library(latents_folder(data, codec), text_folder(data))


def network() -> Transformer:
    torch.manual_seed(1)
    return Transformer(Size(width=64, layers=2)).eval()


def read(codec: Path, folder: Path | None = None) -> Retakes:
    data = codec.parent / "data"
    return Retakes(folder or retakes_folder(data, codec), Footage(data))


def test_pieces_and_latents_are_of_the_same_place(plain: Path, tmp_path: Path) -> None:
    """Where a retake is its clip, its latents are those of the piece: a fresh codec is linear."""
    library, grid = opened(plain), GRID
    shards = Shards.begin(tmp_path, {})
    for clip in range(4):
        latents = unpatchify(np.float32(library.clip(clip, 0, "video")), grid)
        seed = library.latents.records[clip]["seed"]
        shards.append({"latents": latents}, {"clip": clip, "seed": seed})
    pieces, given = read(plain, tmp_path).crops(np.random.default_rng(0), replace(CROPS, count=20))
    assert pieces.frames.shape == (20, 8, 32, 32, 3)
    codec = tiny()
    checkpoint.load_module(codec, plain)
    with torch.no_grad():
        true = codec.encode(to_tensor(pieces.frames)).numpy()
    np.testing.assert_allclose(given, true, atol=5e-3)
    assert len(np.unique(given.sum((1, 2, 3, 4)))) > 10  # from many places


class Watchful(torch.nn.Module):
    """Remembers what it was shown first of each film."""

    def __init__(self) -> None:
        super().__init__()
        self.level, self.shown = 0.0, []

    def forward(
        self, latents: torch.Tensor, sigma: torch.Tensor, *others: torch.Tensor
    ) -> torch.Tensor:
        level = float(sigma.max())
        if level > self.level:  # within a film it only falls
            self.shown.append(latents[0].numpy().copy())
        self.level = level
        return latents


def test_a_retake_begins_as_its_clip_with_so_much_noise(plain: Path, tmp_path: Path) -> None:
    library, network = opened(plain), Watchful()
    make_retakes(library, network, tmp_path, GRID, 6)
    records = Shards(tmp_path).records
    for shown, record in zip(network.shown, records, strict=True):
        strength = record["strength"]
        assert FAINT <= strength <= STRONG
        clean = np.float32(library.clip(record["clip"], 0, "video"))
        noise = (shown - (1 - strength) * clean) / strength
        assert noise.std() == pytest.approx(1, abs=0.1)
        assert abs(np.corrcoef(noise.ravel(), clean.ravel())[0, 1]) < 0.1
    assert len({record["clip"] for record in records}) > 1


def test_folders_made_at_once_and_in_parts_are_the_same(plain: Path, tmp_path: Path) -> None:
    for clips in (2, 6):
        make_retakes(opened(plain), network(), tmp_path / "parts", GRID, clips)
    one, other = (
        read(plain, folder).crops(np.random.default_rng(3), CROPS)
        for folder in (None, tmp_path / "parts")
    )
    np.testing.assert_array_equal(one[1], other[1])
    np.testing.assert_array_equal(one[0].frames, other[0].frames)


def test_retakes_of_other_footage_are_refused(plain: Path, tmp_path: Path) -> None:
    render_footage(tmp_path / "other", 4, 100, "core", render)
    with pytest.raises(InputError, match="other footage"):
        Retakes(retakes_folder(plain.parent / "data", plain), Footage(tmp_path / "other"))
    with pytest.raises(InputError, match="laterna train retakes"):
        Retakes(tmp_path / "none", Footage(plain.parent / "data"))


def test_a_decoder_learns_from_them_and_goes_on_after_a_stop(plain: Path, tmp_path: Path) -> None:
    def train(folder: Path, *totals: int, retakes: bool = True) -> None:
        for total in totals:
            data = plain.parent / "data"
            stage = SharpenStage(data, 0, folder, plain, CROPS, tiny, retakes=retakes)
            plan = leg.Plan(steps=4, leg_minutes=1e-9 if total < 4 else None, warmup=1)
            leg.run(stage, tiny(), plan, folder)

    train(tmp_path / "once", 4)
    train(tmp_path / "twice", 2, 4)
    train(tmp_path / "without", 4, retakes=False)
    once, twice, without = (
        checkpoint.load(tmp_path / name / leg.CHECKPOINT)[0]
        for name in ("once", "twice", "without")
    )
    assert all(torch.equal(once[name], twice[name]) for name in once)
    out = "ema.decoder.out.weight"
    assert not torch.equal(once[out], without[out])
    with pytest.raises(InputError, match="begun with"):
        train(tmp_path / "without", 4)
