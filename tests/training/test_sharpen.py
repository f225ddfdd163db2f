"""Sharpening: the decoder changes, the latents do not, and edges become steeper."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
from torch.nn import functional as nnf  # noqa: E402

from laterna.training import checkpoint, leg, progress  # noqa: E402
from laterna.training.codec import CodecStage, save_codec  # noqa: E402
from laterna.training.footage import Crops, render_footage  # noqa: E402
from laterna.training.latents import codec_name  # noqa: E402
from laterna.training.sharpen import SharpenStage, lost  # noqa: E402
from tests.training.test_codec import render, tiny  # noqa: E402

CROPS = Crops(count=4, side=32)


def test_a_gradient_is_lost_unless_it_is_where_it_was_however_much_there_is() -> None:
    generator = torch.Generator().manual_seed(0)
    columns = (torch.arange(32) // 8 % 2).float() - 0.5  # edges every eight pixels
    film = columns.expand(1, 2, 3, 32, 32)
    soft = nnf.avg_pool2d(film.flatten(0, 1), (1, 3), 1, (0, 1))[None]
    made_up = 0.3 * torch.randn(1, 2, 1, 32, 32, generator=generator)
    inside = (..., slice(1, -1))  # pooling knows nothing beyond the frame
    assert lost(film, film).abs().max() == 0
    blurred = lost(soft, film)[inside].mean()
    assert blurred > 0.05
    assert lost(3 * soft, film)[inside].abs().max() < 1e-5  # as steep as it was
    assert abs(lost(soft + made_up, film)[inside].mean() - blurred) < 0.1 * blurred
    assert torch.allclose(lost(-film, film), 2 * lost(0 * film, film))


def test_a_codec_that_blurs_draws_steeper_edges_afterwards(tmp_path: Path) -> None:
    data, blurs, sharp = (tmp_path / name for name in ("data", "codec", "sharp"))
    render_footage(data, 6, 0, "core", render)
    render_footage(data / "validation", 3, 0, "core", render)
    plan = leg.Plan(steps=120, warmup=10, average=0.9, rate=4e-3)
    leg.run(CodecStage(data, 0, blurs, CROPS, tiny), tiny(), plan, blurs)
    codec = tiny()
    record = checkpoint.load_module(codec, blurs / leg.CHECKPOINT)
    plain = save_codec(codec, blurs, record)
    stage = SharpenStage(data, 0, sharp, plain, CROPS, tiny)
    leg.run(stage, tiny(), plan, sharp)
    before, after = (progress.read(run)[-1].validation["energy"] for run in (blurs, sharp))
    assert after > 1.2 * before


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
            leg.run(stage, tiny(), plan, folder)

    train(run, 4)
    before, after = checkpoint.load(plain)[0], checkpoint.load(run / leg.CHECKPOINT)[0]
    assert not torch.equal(before["ema.decoder.out.weight"], after["ema.decoder.out.weight"])
    codec = tiny()
    record = checkpoint.load_module(codec, run / leg.CHECKPOINT)
    assert codec_name(save_codec(codec, run, record)) == codec_name(plain)
    train(tmp_path / "twice", 2, 4)
    again = checkpoint.load(tmp_path / "twice" / leg.CHECKPOINT)[0]
    assert all(torch.equal(after[name], again[name]) for name in after)
