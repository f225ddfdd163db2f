"""Frames, sizes and windows by arithmetic alone."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laterna.engines.diffusers.frames import Look, Picture, at_rate
from laterna.engines.diffusers.preset import FrameRule, Preset
from laterna.engines.diffusers.presets import PRESETS
from laterna.engines.diffusers.windows import plan, window_seed
from laterna.shot import RATIOS, Shot, Strip
from tests.engines.diffusers.conftest import footage

NAMES = [preset.name for preset in PRESETS]


@given(
    total=st.integers(1, 1500),
    preset=st.sampled_from(PRESETS),
    lead=st.booleans(),
    tail=st.booleans(),
)
def test_windows_cover_a_shot_once_and_obey_the_rule(
    total: int, preset: Preset, lead: bool, tail: bool
) -> None:
    rule = preset.frames
    if rule.longest == 1:
        total, lead, tail = 1, False, False
    known = preset.overlap if lead else 0
    done = 0
    windows = plan(total, rule, preset.overlap, known, int(tail))
    for number, window in enumerate(windows):
        assert (window.number, window.start) == (number, done)
        assert window.held == (preset.overlap if number else known)
        assert window.new > 0
        assert window.held + window.new + window.tail <= window.filmed <= rule.longest
        assert rule.fixed or (window.filmed - 1) % rule.step == 0
        done += window.new
    assert done == total
    assert [window.last for window in windows] == [False] * (len(windows) - 1) + [True]


def test_a_rule_fits_upwards() -> None:
    assert [FrameRule(4, 81).fit(n) for n in (1, 2, 5, 6, 81, 200)] == [1, 5, 5, 9, 81, 81]
    assert FrameRule(1, 14, fixed=True).fit(3) == 14


@pytest.mark.parametrize("preset", PRESETS, ids=NAMES)
@pytest.mark.parametrize("size", [*RATIOS, (640, 360), (64, 64), (1920, 1080), (100, 1000)])
def test_every_size_is_filmed_on_the_grid_and_cut_to_its_shape(
    preset: Preset, size: str | tuple[int, int]
) -> None:
    picture = Picture.of(size, preset.size)
    width, height = picture.filmed
    assert width % preset.size.multiple == 0
    assert height % preset.size.multiple == 0
    assert picture.filmed in preset.size.sizes or not preset.size.fixed
    shape = RATIOS[size] if isinstance(size, str) else size
    assert picture.frame[0] <= width
    assert picture.frame[1] <= height
    assert picture.frame[0] / picture.frame[1] == pytest.approx(shape[0] / shape[1], rel=0.05)
    shown = picture.shown(np.zeros((1, height, width, 3), np.uint8))
    assert shown.shape[1:3] == picture.frame[::-1]


def test_pictures_come_back_from_the_size_they_are_filmed_at() -> None:
    picture = Picture.of((128, 64), PRESETS[0].size, (64, 64))
    film = footage(2)
    assert np.array_equal(picture.shown(picture.given(film)), picture.cropped(film))
    mask = np.zeros((64, 64), bool)
    mask[16:48, :20] = True
    assert picture.mask(mask)[:, :20].all()
    assert picture.given_mask(mask).shape == (64, 64)


def test_a_look_carries_colours_over() -> None:
    before = footage(3)
    darker = (before * 0.9 + 5).astype(np.uint8)
    back = Look.between(darker, before).applied(darker)
    assert np.abs(back.astype(int) - before).max() <= 2


def test_strips_of_other_rates_are_read_by_time() -> None:
    strip = Strip(footage(12), 24)
    assert [at_rate(strip, n, 8) for n in (0, 1, 2, 9)] == [0, 3, 6, 11]


def test_noise_of_windows_differs_and_that_of_the_first_is_the_shots() -> None:
    seeds = [window_seed(7, number) for number in range(-5, 6)]
    assert window_seed(7, 0) == 7
    assert len(set(seeds)) == len(seeds)
    assert all(0 <= seed < 2**63 for seed in seeds)


@pytest.mark.parametrize("preset", PRESETS, ids=NAMES)
def test_a_preset_is_whole(preset: Preset) -> None:
    assert preset.licence
    assert preset.licence_url.startswith("https://")
    assert preset.hub.count("/") == 1
    assert preset.total_bytes > 10**9
    assert preset.fields <= set(Shot.__slots__)
    assert preset.fps * preset.max_seconds >= 1
    if preset.frames.longest < preset.fps * preset.max_seconds:
        assert preset.go_on in ("latents", "frames", "image")
    if preset.go_on == "latents":
        assert (preset.overlap - 1) % preset.frames.step == 0
        assert "lead" not in preset.given


@pytest.mark.parametrize("preset", PRESETS, ids=NAMES)
def test_what_a_preset_passes_is_what_its_pipelines_take(preset: Preset) -> None:
    diffusers = pytest.importorskip("diffusers")
    takes = [
        set(inspect.signature(getattr(diffusers, name).__call__).parameters)
        for name in preset.pipelines
    ]
    assert set(preset.call) <= set().union(*takes)
    if preset.guidance_as != "guider":
        assert all(preset.guidance_as in names for names in takes)
    if preset.negative:
        assert any("negative_prompt" in names for names in takes)


def test_names_of_presets_are_their_own() -> None:
    assert len(set(NAMES)) == len(NAMES)
