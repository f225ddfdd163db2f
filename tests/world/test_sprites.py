"""Drawn subjects: whole within their bounds, mirrored, coloured, smooth in time and in place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numba import njit
from numpy.typing import NDArray

from laterna.world import factors
from laterna.world.sprites import BOUNDS, GLOW_BOUNDS, HEIGHT, PARAMS, glow, subject

KINDS = range(1, len(factors.SUBJECTS))
NAMES = factors.SUBJECTS[1:]
RED = (0.82, 0.20, 0.16)
BLUE = (0.18, 0.38, 0.70)
every_kind = pytest.mark.parametrize("kind", KINDS, ids=NAMES)


@njit  # type: ignore[untyped-decorator,unused-ignore]
def _picture(
    kind: int, wide: int, high: int, x0: float, y0: float, aa: float, t: float, p: Any, light: bool
) -> Any:
    out = np.zeros((high, wide, 4))
    for j in range(high):
        for i in range(wide):
            x = x0 + (i + 0.5) * aa
            y = y0 + (j + 0.5) * aa
            if light:
                out[j, i] = glow(kind, x, y, t, p)
            else:
                out[j, i] = subject(kind, x, y, aa, t, p)
    return out


def params(
    colour: tuple[float, float, float] = RED,
    facing: float = 1.0,
    sun: float = 0.7,
    night: float = 0.0,
    variant: float = 0.3,
    view: float = 0.0,
) -> NDArray[np.float32]:
    p = np.zeros(PARAMS, np.float32)
    p[0:3] = colour
    p[3:6] = 0.55, 0.60, 0.72
    p[6:11] = facing, sun, night, variant, view
    return p


def draw(
    kind: int,
    p: NDArray[np.float32],
    pixels: float = 40.0,
    t: float = 0.4,
    shift: float = 0.0,
    light: bool = False,
) -> NDArray[np.float64]:
    """The subject `pixels` high in the middle of a frame 4 by 2 heights: (H, W, 4)."""
    aa = 1.0 / pixels
    wide, high = int(4 * pixels), int(2 * pixels)
    y0 = -1.0 if kind in (1, 5, 6) else -0.4
    out: NDArray[np.float64] = _picture(
        kind, wide, high, -0.5 * wide * aa + shift * aa, y0, aa, t, p, light
    )
    return out


def painted(layer: NDArray[np.float64]) -> NDArray[np.float64]:
    """The layer over mid grey: (H, W, 3)."""
    return layer[..., 1:] * layer[..., :1] + 0.5 * (1.0 - layer[..., :1])


def test_tables_have_a_row_for_every_subject() -> None:
    assert BOUNDS.shape == GLOW_BOUNDS.shape == (len(factors.SUBJECTS), 4)
    assert HEIGHT.shape == (len(factors.SUBJECTS),)
    assert (HEIGHT[1:] > 0).all()


def test_no_subject_is_empty() -> None:
    assert not draw(0, params()).any()
    assert not draw(0, params(night=1.0), light=True).any()


@every_kind
@pytest.mark.parametrize("variant", [0.0, 0.21, 0.47, 0.73, 0.99])
def test_whole_in_its_bounds_and_of_a_sensible_size(kind: int, variant: float) -> None:
    """It fills a fair part of its box and nothing is cut off at the box's edge."""
    layer = draw(kind, params(variant=variant, night=0.5), 48.0, t=1.3)
    alpha = layer[..., 0]
    assert np.isfinite(layer).all()
    assert layer.min() >= 0.0
    assert layer.max() <= 1.0
    box = np.prod(BOUNDS[kind, 1::2] - BOUNDS[kind, 0::2])
    share = alpha.sum() / 48.0**2 / box
    assert 0.015 < share < 0.8
    rows = np.flatnonzero(alpha.max(axis=1) > 0.3)
    assert np.ptp(rows) > 0.6 * 48  # about one height tall
    y0 = -1.0 if kind in (1, 5, 6) else -0.4
    ys, xs = np.nonzero(alpha > 0.05)
    x, y = (xs + 0.5) / 48.0 - 2.0, y0 + (ys + 0.5) / 48.0
    margin = 0.5 / 48.0
    assert x.min() > BOUNDS[kind, 0] + margin
    assert x.max() < BOUNDS[kind, 1] - margin
    assert y.min() > BOUNDS[kind, 2] + margin
    assert y.max() < BOUNDS[kind, 3] - margin


@every_kind
@pytest.mark.parametrize("night", [0.0, 1.0])
def test_turning_round_mirrors_the_picture(kind: int, night: float) -> None:
    right = draw(kind, params(facing=1.0, sun=0.6, night=night))
    left = draw(kind, params(facing=-1.0, sun=-0.6, night=night))
    np.testing.assert_allclose(painted(left)[:, ::-1], painted(right), atol=1e-6)


@every_kind
def test_moves_smoothly(kind: int) -> None:
    """At eight frames a second no frame jumps; what has a motion of its own does move."""
    p = params(night=1.0)
    frames = np.stack([painted(draw(kind, p, 32.0, t=k / 8.0)) for k in range(9)])
    steps = np.abs(np.diff(frames, axis=0)).mean(axis=(1, 2, 3))
    covered = (draw(kind, p, 32.0)[..., 0] > 0.1).mean()
    assert steps.max() < 0.2 * covered
    if factors.SUBJECTS[kind] not in ("lighthouse", "house"):
        assert steps.max() > 0.0


@every_kind
def test_motion_is_continuous(kind: int) -> None:
    p = params(night=1.0)
    a, b = (painted(draw(kind, p, 32.0, t=t)) for t in (1.0, 1.0 + 1e-4))
    assert np.abs(a - b).max() < 0.02


@every_kind
def test_edges_are_antialiased(kind: int) -> None:
    """A tenth of a pixel of shift changes no pixel by much more than a tenth of full contrast."""
    p = params()
    whole = painted(draw(kind, p, 40.0))
    moved = painted(draw(kind, p, 40.0, shift=0.1))
    assert np.abs(moved - whole).max() < 0.27
    assert np.abs(moved - whole).mean() > 0.0
    summed = draw(kind, p, 40.0)[..., 0].sum()
    assert abs(draw(kind, p, 40.0, shift=0.5)[..., 0].sum() - summed) < 0.03 * summed


@every_kind
def test_small_is_the_big_picture_seen_from_afar(kind: int) -> None:
    """At 20 pixels it has the mean colour and area it has at 80: nothing vanishes or swells."""
    p = params(colour=RED)
    small = draw(kind, p, 20.0)
    big = draw(kind, p, 80.0)
    area = small[..., 0].sum() / 20.0**2, big[..., 0].sum() / 80.0**2
    assert area[0] == pytest.approx(area[1], rel=0.25)
    mean = [(painted(a) - 0.5).sum(axis=(0, 1)) / a[..., 0].sum() for a in (small, big)]
    np.testing.assert_allclose(mean[0], mean[1], atol=0.06)


@pytest.mark.parametrize("name", factors.COLOURS_OF)
def test_the_colour_asked_for_is_the_colour_seen(name: str) -> None:
    kind = factors.SUBJECTS.index(name)
    for variant in (0.05, 0.35, 0.65, 0.95):
        for colour, strong, weak in ((RED, 0, 2), (BLUE, 2, 0)):
            layer = draw(kind, params(colour=colour, variant=variant))
            lead = layer[..., 1 + strong] - layer[..., 1 + weak]
            share = (layer[..., 0] * (lead > 0.15)).sum() / layer[..., 0].sum()
            assert share > 0.15


@every_kind
def test_the_sunny_side_is_the_brighter_one(kind: int) -> None:
    if factors.SUBJECTS[kind] in ("birds", "plane", "campfire", "car", "house"):
        pytest.skip("lit by planes, not by its two halves")
    p = params(colour=(0.9, 0.9, 0.9), sun=0.9, variant=0.37)
    q = params(colour=(0.9, 0.9, 0.9), sun=-0.9, variant=0.37)
    a, b = draw(kind, p), draw(kind, q)
    lead = (a - b)[..., 1:].mean(axis=2) * a[..., 0]
    x = np.linspace(-2, 2, a.shape[1])
    assert (lead * x).sum() > 0.0


@pytest.mark.parametrize("name", ["car", "person"])
def test_views_differ(name: str) -> None:
    kind = factors.SUBJECTS.index(name)
    views = [painted(draw(kind, params(view=v))) for v in (0.0, 1.0, 2.0)]
    for a, b in ((0, 1), (1, 2), (0, 2)):
        assert np.abs(views[a] - views[b]).max() > 0.1


@every_kind
def test_variants_differ_in_shape(kind: int) -> None:
    shapes = {draw(kind, params(variant=v), t=0.0).tobytes() for v in np.linspace(0, 0.99, 8)}
    assert len(shapes) >= 4


@every_kind
def test_glow_belongs_to_the_night(kind: int) -> None:
    day = draw(kind, params(night=0.0), light=True)[..., 0].sum()
    night = draw(kind, params(night=1.0), light=True)
    assert night.min() >= 0.0
    if factors.SUBJECTS[kind] in ("birds", "person"):
        assert night[..., 0].sum() == day == 0.0
        return
    assert night[..., 0].sum() > 2.0 * day
    assert 0.05 < night[..., 0].max() < 1.2
    assert day == 0.0 or factors.SUBJECTS[kind] == "campfire"


@every_kind
def test_glow_fades_out_before_its_bounds(kind: int) -> None:
    p = params(night=1.0)
    x0, x1, y0, y1 = (float(v) for v in GLOW_BOUNDS[kind])
    if x0 == x1:
        assert glow(kind, 0.0, 0.0, 0.0, p)[0] == 0.0
        return
    inside = 1e-3
    for t in (0.0, 1.0, 2.7):
        for k in np.linspace(0.0, 1.0, 60):
            x, y = x0 + k * (x1 - x0), y0 + k * (y1 - y0)
            for at in ((x, y0 + inside), (x, y1 - inside), (x0 + inside, y), (x1 - inside, y)):
                assert glow(kind, *at, t, p)[0] < 0.02


def test_a_lighthouse_beam_turns() -> None:
    kind = factors.SUBJECTS.index("lighthouse")
    p = params(night=1.0)
    seen = [glow(kind, 1.2, 0.82, t, p)[0] for t in np.arange(0.0, 12.0, 0.125)]
    assert max(seen) > 0.15
    assert min(seen) == 0.0
    assert np.abs(np.diff(seen)).max() < 0.1


def test_windows_light_up_at_night() -> None:
    kind = factors.SUBJECTS.index("house")
    dark = tuple(0.3 * v for v in BLUE)
    night = draw(kind, params(colour=dark, night=1.0))  # type: ignore[arg-type]
    warm = (night[..., 1] > 0.8) & (night[..., 3] < 0.6) & (night[..., 0] > 0.9)
    assert warm.sum() > 20
