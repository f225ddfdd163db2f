"""Sharpening: the decoder changes, the latents do not, and gradients come back."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from laterna.training import checkpoint, leg  # noqa: E402
from laterna.training.codec import save_codec  # noqa: E402
from laterna.training.footage import Crops, render_footage  # noqa: E402
from laterna.training.latents import codec_name  # noqa: E402
from laterna.training.sharpen import SharpenStage, make_duel, pairs_of  # noqa: E402
from tests.training.test_codec import render, tiny  # noqa: E402

CROPS = Crops(count=4, side=32)


def test_pairs_are_neighbours() -> None:
    frames = torch.arange(4.0).reshape(1, 4, 1, 1, 1).expand(1, 4, 3, 2, 2)
    pairs = pairs_of(frames, 0)
    assert pairs.shape == (2, 6, 2, 2)
    assert pairs[:, ::3, 0, 0].tolist() == [[0.0, 1.0], [2.0, 3.0]]
    assert pairs_of(frames, 1)[:, ::3, 0, 0].tolist() == [[1.0, 2.0]]


def test_sharpening_leaves_the_latents_alone_and_goes_on_after_a_stop(tmp_path: Path) -> None:
    data, run = tmp_path / "data", tmp_path / "sharp"
    render_footage(data, 4, 0, "core", render)
    render_footage(data / "validation", 2, 0, "core", render)
    torch.manual_seed(0)
    plain = save_codec(tiny(), tmp_path, {"stage": "codec"})

    def train(folder: Path, *totals: int) -> None:
        for total in totals:
            stage = SharpenStage(data, 0, folder, plain, CROPS, tiny)
            plan = leg.Plan(steps=4, leg_minutes=1e-9 if total < 4 else None, warmup=1)
            leg.run(stage, make_duel(tiny), plan, folder)

    train(run, 4)
    before, after = checkpoint.load(plain)[0], checkpoint.load(run / leg.CHECKPOINT)[0]
    assert not torch.equal(before["ema.decoder.out.weight"], after["ema.codec.decoder.out.weight"])
    codec = tiny()
    record = checkpoint.load_module(codec, run / leg.CHECKPOINT, "ema.codec.")
    assert codec_name(save_codec(codec, run, record)) == codec_name(plain)
    train(tmp_path / "twice", 2, 4)
    again = checkpoint.load(tmp_path / "twice" / leg.CHECKPOINT)[0]
    assert all(torch.equal(after[name], again[name]) for name in after)
