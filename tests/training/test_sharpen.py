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
from laterna.training.sharpen import AMOUNT, SharpenStage, sharp_parts, unsharp  # noqa: E402
from tests.training.test_codec import render, tiny  # noqa: E402

CROPS = Crops(count=4, side=32)


def test_a_mask_makes_edges_steeper_where_they_are_and_nothing_elsewhere() -> None:
    columns = (torch.arange(32) // 8 % 2).float() - 0.5  # edges every eight pixels
    film = columns.expand(1, 2, 3, 32, 32)
    soft = nnf.avg_pool2d(film.flatten(0, 1), (1, 3), 1, (0, 1))[None]
    steep = unsharp(soft, 1.4)
    gained = (steep.diff(dim=-1) / soft.diff(dim=-1).where(soft.diff(dim=-1) != 0, 1)).amax()
    assert 1.3 < gained < 2.4
    assert steep.diff(dim=-2).abs().max() < 1e-6
    flat = torch.full((1, 1, 3, 16, 16), 0.3)
    assert torch.allclose(unsharp(flat, 2.0), flat, atol=1e-6)
    assert torch.equal(unsharp(soft, 0.0), soft)


def test_the_best_answer_to_film_of_which_little_is_known_is_its_mean_behind_the_mask() -> None:
    generator = torch.Generator().manual_seed(0)
    maybe = torch.randn(64, 4, 3, 16, 16, generator=generator) * 0.2  # what the film may be
    mean = maybe.mean(0, keepdim=True)
    flow, weight = torch.zeros(64, 4, 2, 16, 16), torch.ones(64, 4, 1, 16, 16)

    def far(seen: torch.Tensor) -> float:
        return float(sharp_parts(seen.expand_as(maybe), flow, maybe, weight, flow)[0])

    best = far(unsharp(mean))
    assert best < far(mean)
    assert best < far(unsharp(mean, 2 * AMOUNT))
    assert best < far(unsharp(mean) + 0.1 * torch.randn(mean.shape, generator=generator))


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
