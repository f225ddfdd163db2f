"""Footage on disk: resumable, deterministic, crops that are what they say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from laterna.errors import InputError
from laterna.training.footage import (
    VALIDATION_SEED,
    Crops,
    Footage,
    check_seeds,
    mixture_of,
    render_footage,
)
from laterna.training.shards import ITEMS
from laterna.world.factors import CORE, EVERYTHING, Factors, Mixture
from tests.training.moving import render


def test_an_interrupted_rendering_goes_on_and_equals_an_unbroken_one(tmp_path: Path) -> None:
    class Stop(Exception):
        pass

    def stop(done: int, total: int) -> None:
        if done == 3:
            raise Stop

    with pytest.raises(Stop):
        render_footage(tmp_path / "broken", 6, 10, "core", render, stop)
    with (tmp_path / "broken" / "records.jsonl").open("a") as file:
        file.write('{"seed": 13, "fac')  # the process died in mid-line
    render_footage(tmp_path / "broken", 6, 10, "core", render)
    render_footage(tmp_path / "whole", 6, 10, "core", render)
    broken, whole = Footage(tmp_path / "broken"), Footage(tmp_path / "whole")
    assert len(broken) == len(whole) == 6
    for index in range(6):
        assert broken.seed(index) == 10 + index
        assert broken.factors(index) == whole.factors(index)
        for kind in ("frames", "depth", "flow"):
            np.testing.assert_array_equal(broken.read(index, kind), whole.read(index, kind))


def test_a_folder_grows_beyond_a_shard(tmp_path: Path) -> None:
    render_footage(tmp_path, 2, 0, "core", render)
    render_footage(tmp_path, ITEMS + 1, 0, "core", render)
    footage = Footage(tmp_path)
    assert len(footage) == ITEMS + 1
    np.testing.assert_array_equal(footage.read(ITEMS), render(ITEMS, CORE)[0]["frames"])


def test_a_folder_keeps_to_its_seed_and_mixture(tmp_path: Path) -> None:
    render_footage(tmp_path, 1, 0, "core", render)
    with pytest.raises(InputError, match="keep to it"):
        render_footage(tmp_path, 2, 1, "core", render)
    with pytest.raises(InputError, match="mixture"):
        render_footage(tmp_path, 2, 0, "all", render)
    with pytest.raises(InputError, match="make it first"):
        Footage(tmp_path / "nowhere")


def test_seeds_of_evaluation_are_out_of_reach() -> None:
    check_seeds(0, 100, 0, VALIDATION_SEED)
    for first, clips in ((-1, 1), (VALIDATION_SEED, 1), (VALIDATION_SEED - 5, 6), (0, 0)):
        with pytest.raises(InputError):
            check_seeds(first, clips, 0, VALIDATION_SEED)


def test_a_blend_is_mostly_core() -> None:
    drawn = [mixture_of("blend", seed) for seed in range(300)]
    assert 0.6 < sum(mixture is CORE for mixture in drawn) / 300 < 0.8
    assert {id(mixture) for mixture in drawn} == {id(CORE), id(EVERYTHING)}


def test_crops_are_repeatable_and_some_stand_still(tmp_path: Path) -> None:
    render_footage(tmp_path, 4, 0, "core", render)
    footage = Footage(tmp_path)
    crops = Crops(count=60, frames=8, side=32, still=0.3)
    pieces = footage.crops(np.random.default_rng(1), crops)
    first, subject, flow = pieces
    assert first.shape == (60, 8, 32, 32, 3)
    assert subject.shape == first.shape[:4]
    assert flow.shape == (*first.shape[:4], 2)
    for one, other in zip(pieces, footage.crops(np.random.default_rng(1), crops), strict=True):
        np.testing.assert_array_equal(one, other)
    still = np.array([(piece == piece[:1]).all() for piece in first])
    assert 0.1 < still.mean() < 0.6
    assert not flow[still & ~moving(flow)].any()
    assert 0.1 < 1 - moving(flow).mean() < 0.6  # where a frame is repeated, nothing goes anywhere


def moving(flow: np.ndarray) -> np.ndarray:
    """Which pieces go anywhere."""
    return np.array([piece.any() for piece in flow])


def test_the_flow_of_crops_follows_what_they_show(tmp_path: Path) -> None:
    def sliding(seed: int, mixture: Mixture) -> tuple[dict[str, np.ndarray], Factors]:
        """A ramp to the right that moves 2 pixels right and 1 down each frame."""
        clip, factors = render(seed, mixture)
        y, x = np.mgrid[:48, :64]
        ramp = [100 + (x - 2 * t) + 0.5 * (y - t) for t in range(32)]
        flow = np.broadcast_to(np.float32((2, 1)), clip["flow"].shape)
        frames = np.repeat(np.array(ramp)[..., None], 3, -1).astype(np.uint8)
        return clip | {"frames": frames, "flow": flow}, factors

    render_footage(tmp_path, 2, 0, "core", sliding)
    pieces = Footage(tmp_path).crops(np.random.default_rng(0), Crops(count=12, frames=4, side=32))
    for frames, flow in zip(pieces.frames.astype(int), pieces.flow, strict=True):
        right, down = flow[0, 0, 0].astype(int)
        assert (abs(right), down) in ((2, 1), (0, 0))  # mirrored or not, or repeated
        here = frames[0, 4:-4, 4:-4]
        there = frames[1, 4 + down : 28 + down, 4 + right : 28 + right]
        assert np.abs(here - there).max() <= 1


def test_what_cells_say_is_blended_between_their_middles(tmp_path: Path) -> None:
    def zooming(seed: int, mixture: Mixture) -> tuple[dict[str, np.ndarray], Factors]:
        clip, factors = render(seed, mixture)
        flow = np.zeros(clip["flow"].shape, np.float32)
        flow[..., 0] = np.arange(4) * 16 + 7.5  # each cell's middle, in pixels
        return clip | {"flow": flow}, factors

    render_footage(tmp_path, 1, 0, "core", zooming)
    crops = Crops(count=8, frames=2, side=16, still=0)
    for flow in Footage(tmp_path).crops(np.random.default_rng(0), crops).flow:
        ramp = np.abs(flow[0, 0, :, 0])
        inner = (ramp > 7.5) & (ramp < 55.5)
        assert np.allclose(np.abs(np.diff(ramp))[inner[1:] & inner[:-1]], 1)
