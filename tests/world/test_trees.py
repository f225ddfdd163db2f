"""Drawn plants: whole within their bounds, lit from the sun's side, smooth, under snow, in wind."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from numba import njit
from numpy.typing import NDArray

from laterna.world.trees import (
    PLANT_BOUNDS,
    PLANT_GLOW_BOUNDS,
    PLANT_HEIGHT,
    PLANTS,
    plant,
    plant_glow,
)

every_kind = pytest.mark.parametrize("kind", range(len(PLANTS)), ids=PLANTS)
BRANCH, LAMP = PLANTS.index("branch"), PLANTS.index("street lamp")


@njit  # type: ignore[untyped-decorator,unused-ignore]
def _picture(
    kind: int, wide: int, high: int, x0: float, y0: float, aa: float, t: float, p: Any
) -> Any:
    out = np.zeros((high, wide, 4))
    for j in range(high):
        for i in range(wide):
            out[j, i] = plant(kind, x0 + (i + 0.5) * aa, y0 + (j + 0.5) * aa, aa, t, p)
    return out


def params(
    variant: float = 0.3, sun: float = 0.7, snow: float = 0.0, sway: float = 0.5, night: float = 0.0
) -> NDArray[np.float32]:
    p = np.zeros(16, np.float32)
    p[0:3] = 0.45, 0.62, 0.30
    p[3:6] = 0.24, 0.36, 0.22
    p[6:11] = sun, variant, snow, sway, night
    return p


def draw(
    kind: int, p: NDArray[np.float32], pixels: float = 40.0, t: float = 0.4, shift: float = 0.0
) -> NDArray[np.float64]:
    """The plant in a frame 4 heights wide and 2.8 high, the ground 1.4 from below: (H, W, 4)."""
    aa = 1.0 / pixels
    wide, high = int(4 * pixels), int(2.8 * pixels)
    out: NDArray[np.float64] = _picture(
        kind, wide, high, (-0.5 * wide + shift) * aa, -1.4, aa, t, p
    )
    return out


def painted(layer: NDArray[np.float64]) -> NDArray[np.float64]:
    """The layer over a pale sky: (H, W, 3)."""
    return layer[..., 1:] * layer[..., :1] + 0.8 * (1.0 - layer[..., :1])


def test_tables_have_a_row_for_every_plant() -> None:
    assert PLANT_BOUNDS.shape == (len(PLANTS), 4)
    assert PLANT_HEIGHT.shape == (len(PLANTS),)
    assert not draw(len(PLANTS), params()).any()


@every_kind
@pytest.mark.parametrize("variant", [0.0, 0.21, 0.47, 0.73, 0.99])
def test_whole_in_its_bounds_and_of_a_sensible_size(kind: int, variant: float) -> None:
    layer = draw(kind, params(variant, sway=1.0), 48.0, t=1.1)
    alpha = layer[..., 0]
    assert np.isfinite(layer).all()
    assert layer.min() >= 0.0
    assert layer.max() <= 1.0
    box = np.prod(PLANT_BOUNDS[kind, 1::2] - PLANT_BOUNDS[kind, 0::2])
    assert 0.03 < alpha.sum() / 48.0**2 / box < 0.8
    ys, xs = np.nonzero(alpha > 0.05)
    x, y = (xs + 0.5) / 48.0 - 2.0, -1.4 + (ys + 0.5) / 48.0
    left, right, low, high = PLANT_BOUNDS[kind]
    if kind != BRANCH:  # it comes in from beyond the frame
        assert x.min() > left
    assert x.max() < right
    assert y.min() > low
    assert y.max() < high
    if kind != BRANCH:
        assert y.max() > 0.75
        assert y.min() < 0.1


@every_kind
def test_edges_are_antialiased(kind: int) -> None:
    p = params()
    whole, moved = painted(draw(kind, p)), painted(draw(kind, p, shift=0.1))
    assert 0.0 < np.abs(moved - whole).max() < 0.27
    summed = draw(kind, p)[..., 0].sum()
    assert abs(draw(kind, p, shift=0.5)[..., 0].sum() - summed) < 0.04 * summed


@every_kind
def test_small_is_the_big_picture_seen_from_afar(kind: int) -> None:
    p = params(sway=0.0)
    small, big = draw(kind, p, 20.0), draw(kind, p, 80.0)
    area = small[..., 0].sum() / 20.0**2, big[..., 0].sum() / 80.0**2
    assert area[0] == pytest.approx(area[1], rel=0.25)
    mean = [(painted(a) - 0.8).sum(axis=(0, 1)) / a[..., 0].sum() for a in (small, big)]
    np.testing.assert_allclose(mean[0], mean[1], atol=0.06)


@pytest.mark.parametrize("name", ["conifer", "tree", "poplar", "bush", "rock", "cactus"])
def test_the_sunny_side_is_the_brighter_one(name: str) -> None:
    kind = PLANTS.index(name)
    for variant in (0.1, 0.45, 0.8):
        a, b = (draw(kind, params(variant, sun, sway=0.0)) for sun in (0.9, -0.9))
        lead = (a - b)[..., 1:].mean(axis=2) * a[..., 0]
        assert (lead * np.linspace(-2, 2, a.shape[1])).sum() > 0.0


@pytest.mark.parametrize("name", ["conifer", "tree", "palm", "grass", "reeds", "bare tree"])
def test_wind_moves_the_top_gently_and_calm_not_at_all(name: str) -> None:
    kind = PLANTS.index(name)
    still = [draw(kind, params(sway=0.0), t=t) for t in (0.0, 1.0)]
    np.testing.assert_array_equal(still[0], still[1])
    frames = [painted(draw(kind, params(sway=1.0), t=k / 8.0)) for k in range(9)]
    steps = [np.abs(b - a).mean() for a, b in itertools.pairwise(frames)]
    assert 0.0 < max(steps) < 0.03


@every_kind
def test_snow_whitens_and_keeps_the_silhouette(kind: int) -> None:
    bare, white = draw(kind, params()), draw(kind, params(snow=1.0))
    if PLANTS[kind] in ("palm", "branch", "reeds", "street lamp"):
        np.testing.assert_array_equal(bare, white)
        return
    gain = ((white - bare)[..., 1:].mean(axis=2) * bare[..., 0]).sum() / bare[..., 0].sum()
    assert gain > 0.015
    if PLANTS[kind] != "fence":  # whose posts and rails carry a layer on top
        np.testing.assert_allclose(white[..., 0], bare[..., 0], atol=1e-6)


def test_fence_bays_join() -> None:
    """The rails reach both edges of a bay at the same heights."""
    kind, p = PLANTS.index("fence"), params()
    column = [
        [plant(kind, x, y, 0.02, 0.0, p)[0] for y in np.linspace(0, 1, 51)] for x in (-0.88, 0.88)
    ]
    np.testing.assert_allclose(column[0], column[1], atol=1e-6)
    assert max(column[0]) == 1.0


@every_kind
def test_variants_differ_in_shape(kind: int) -> None:
    if kind == LAMP:
        pytest.skip("street lamps come from one factory")
    shapes = {draw(kind, params(v), t=0.0).tobytes() for v in np.linspace(0.02, 0.98, 6)}
    assert len(shapes) >= 4


def test_only_a_street_lamp_at_night_glows() -> None:
    assert plant_glow(LAMP, 0.2, 0.85, params(night=0.0))[0] == 0.0
    assert plant_glow(0, 0.2, 0.85, params(night=1.0))[0] == 0.0
    p = params(night=1.0)
    assert plant_glow(LAMP, 0.2, 0.85, p)[0] > 0.4
    x0, x1, y0, y1 = PLANT_GLOW_BOUNDS
    for k in np.linspace(0.0, 1.0, 40):
        x, y = x0 + k * (x1 - x0), y0 + k * (y1 - y0)
        for at in ((x, y0), (x, y1), (x0, y), (x1, y)):
            assert plant_glow(LAMP, *at, p)[0] < 0.02
