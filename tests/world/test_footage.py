"""Footage: reproducible, framed, steady, and true to the truth that comes with it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from laterna.errors import InputError
from laterna.world.factors import HOURS, MOVES, ORBIT_SETTINGS, SETTINGS, WEATHERS, Factors
from laterna.world.footage import Footage, render_clip

SMALL = (128, 80)


def clip(seed: int = 5, frames: int = 4, **factors: str) -> Footage:
    return render_clip(seed, frames=frames, size=SMALL, factors=Factors(**factors))


def bilinear(picture: np.ndarray, ys: np.ndarray, xs: np.ndarray) -> np.ndarray:
    ys, xs = np.clip(ys, 0, len(picture) - 1.001), np.clip(xs, 0, picture.shape[1] - 1.001)
    j, i = ys.astype(int), xs.astype(int)
    v, u = ys - j, xs - i
    top = picture[j, i] * (1 - u) + picture[j, i + 1] * u
    return top * (1 - v) + (picture[j + 1, i] * (1 - u) + picture[j + 1, i + 1] * u) * v


def test_the_same_seed_gives_the_same_bytes() -> None:
    a, b = (render_clip(11, frames=3, size=SMALL) for _ in range(2))
    assert np.array_equal(a.frames, b.frames)
    assert a.factors == b.factors
    for name in a.cells:
        assert np.array_equal(a.cells[name], b.cells[name], equal_nan=True)


def test_another_seed_gives_another_clip() -> None:
    a, b = (render_clip(s, frames=2, size=SMALL) for s in (11, 12))
    assert not np.array_equal(a.frames, b.frames)


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_setting_films_at_every_hour_and_weather(setting: str) -> None:
    for i, (hour, weather) in enumerate(zip(HOURS * 2, WEATHERS + WEATHERS[:3], strict=True)):
        shot = clip(40 + i, 2, setting=setting, hour=hour, weather=weather)
        assert shot.frames.shape == (2, 80, 128, 3)
        # Exposure is readable: neither black nor burnt out, and there is something to see.
        luma = shot.frames.mean(axis=-1)
        assert 12 < np.median(luma) < 248
        assert luma.std() > 4


@pytest.mark.parametrize("move", MOVES)
def test_image_motion_stays_within_about_four_pixels_a_frame(move: str) -> None:
    for setting in ("mountains", "sea", "desert", "hills", "lake"):
        if move.startswith("orbit") and setting not in ORBIT_SETTINGS:
            continue
        shot = clip(3, 6, setting=setting, move=move, amount="fast")
        speed = np.linalg.norm(shot.cells["flow"], axis=-1)
        assert np.percentile(speed, 98) < 4.6
        if move == "static":
            assert speed.max() < 1e-6
        else:
            assert speed.max() > 0.3


def test_flow_says_where_things_go() -> None:
    right = clip(3, 4, setting="mountains", move="pan right", amount="medium").cells["flow"]
    assert np.median(right[..., 0]) < -0.5  # the picture moves left
    into = clip(3, 4, setting="mountains", move="dolly in", amount="fast").cells["flow"]
    assert into[0, -1, 0, 0] < 0 < into[0, -1, -1, 0]  # the foreground spreads
    up = clip(3, 4, setting="mountains", move="tilt up", amount="fast").cells["flow"]
    assert np.median(up[..., 1]) > 0.2


def test_frames_follow_the_flow() -> None:
    """Moving a frame by its flow explains most of what changes to the next one."""
    shot = render_clip(
        8, frames=3, size=SMALL, full=True,
        factors=Factors("mountains", "noon", "clear", move="pan left", amount="fast"),
    )  # fmt: skip
    now, then = shot.frames[0].mean(-1), shot.frames[1].mean(-1)
    flow = shot.cells["flow"][0]
    ys, xs = np.mgrid[0:80, 0:128].astype(float)
    moved = bilinear(then, ys + flow[..., 1], xs + flow[..., 0])
    inner = (slice(8, -8), slice(8, -8))
    assert np.abs(moved - now)[inner].mean() < 0.4 * np.abs(then - now)[inner].mean()


def test_depth_grows_towards_the_horizon_and_ends_in_sky() -> None:
    cells = clip(4, 2, setting="hills", hour="noon").cells
    column = cells["depth"][0, :, 4]
    assert np.isinf(column[0])
    assert column[-1] < column[-2]
    assert cells["matte"][0, 0, :, 0].min() > 0.9  # sky on top
    total = cells["matte"].sum(axis=-1)
    assert np.all(np.abs(total - 1) < 0.06)


def test_the_subject_is_whole_and_on_its_side() -> None:
    places = {}
    for side in ("left", "centre", "right"):
        shot = render_clip(
            21, frames=9, full=True, size=(256, 160),
            factors=Factors("sea", "noon", "clear", "balloon", "red", side, "up"),
        )  # fmt: skip
        matte = shot.cells["matte"][4, ..., 6]
        ys, xs = np.nonzero(matte > 0.5)
        assert ys.max() - ys.min() >= 24
        assert ys.min() > 0
        assert xs.min() > 0
        assert xs.max() < 255
        places[side] = xs.mean() / 256
    assert places["left"] < 0.38 < places["centre"] < 0.62 < places["right"]


def test_a_still_camera_does_not_shimmer() -> None:
    shot = clip(9, 4, setting="mountains", hour="noon", weather="clear", move="static")
    land = shot.cells["matte"][0, ..., 2:4].sum(-1) > 0.98
    change = np.abs(np.diff(shot.frames.astype(int), axis=0)).max(axis=(0, -1))
    cells = change.reshape(5, 16, 8, 16).transpose(0, 2, 1, 3).max(axis=(2, 3))
    assert cells[land].max() <= 1


def test_a_slow_truck_changes_no_pixel_abruptly() -> None:
    shot = clip(9, 6, setting="desert", hour="dusk", move="truck right", amount="slow")
    change = np.abs(np.diff(shot.frames.astype(int), axis=0)).mean(axis=(1, 2, 3))
    assert change.max() < 4 * max(change.min(), 0.2)


def test_looks_grade_the_same_picture() -> None:
    base = Factors("coast", "noon", "clear")
    colour, grey, warm, cold = (
        render_clip(6, frames=1, size=SMALL, factors=replace(base, look=look)).frames.astype(float)
        for look in ("colour", "black-and-white", "warm", "cold")
    )
    assert np.ptp(grey, axis=-1).max() <= 1
    assert np.abs(grey[..., 0] - colour @ [0.30, 0.59, 0.11]).mean() < 1.5
    ratio = [frame[..., 0].mean() / frame[..., 2].mean() for frame in (warm, colour, cold)]
    assert ratio[0] > ratio[1] > ratio[2]


def test_water_mirrors_the_sky() -> None:
    shot = clip(14, 1, setting="sea", hour="dusk", weather="clear")
    wet = shot.cells["matte"][0, ..., 1]
    assert wet[-1].mean() > 0.7
    assert np.isfinite(shot.cells["depth"][0, -1]).all()


@pytest.mark.parametrize(
    ("field", "arguments"),
    [("size", {"size": (250, 160)}), ("frames", {"frames": 0}), ("seed", {"seed": -1})],
)
def test_what_cannot_be_is_refused(field: str, arguments: dict[str, object]) -> None:
    given = {"seed": 1, **arguments}
    with pytest.raises(InputError) as caught:
        render_clip(**given)  # type: ignore[arg-type]
    assert caught.value.field == field
