"""Frames and latent frames: nothing lost, nothing doubled, joins where film joins on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laterna.engines.native_frames import GROUP, Reel, from_end, from_start
from laterna.shot import RATIOS, Shot, Strip

totals = st.integers(1, 480)
STRIP = Strip(np.zeros((8, 16, 16, 3), np.uint8))


def reel(total: int, **fields: object) -> Reel:
    return Reel.of(Shot("a lake", frames=total, **fields))  # type: ignore[arg-type]


@given(totals, st.sampled_from(["plain", "lead", "trail", "both", "loop"]))
def test_every_frame_is_shown_once_and_in_order(total: int, kind: str) -> None:
    if kind == "loop":
        total = max(2, total)
    fields: dict[str, object] = {"loop": True} if kind == "loop" else {}
    if kind in ("lead", "both"):
        fields["lead"] = STRIP
    if kind in ("trail", "both"):
        fields["trail"] = STRIP
    cut = reel(total, **fields)
    shown = np.concatenate([cut.shown(n) for n in range(cut.latents)])
    assert shown.tolist() == list(range(total))
    assert all(len(cut.shown(n)) for n in range(cut.latents))
    assert cut.latents * GROUP - total < GROUP
    assert np.diff(cut.picks).min(initial=1) >= 1
    for frame in range(total):
        assert frame in cut.shown(cut.latent_of(frame))
        assert cut.frame_shown_at(int(cut.picks[frame])) == frame


@given(totals)
def test_leftover_frames_are_dropped_where_nothing_joins(total: int) -> None:
    assert reel(total).picks[0] == 0
    assert reel(total, lead=STRIP).picks[0] == 0
    follows = reel(total, trail=STRIP)
    assert follows.picks[-1] == GROUP * follows.latents - 1


@pytest.mark.parametrize("size", [*RATIOS, (640, 360), (64, 1920), (100, 100)])
def test_pictures_of_any_size_fill_the_grid_and_come_back_at_the_shots_size(size: object) -> None:
    cut = reel(4, size=size)
    width, height = cut.grid.frame
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, (4, height, width, 3), np.uint8)
    filmed = cut.filmed(pictures)
    assert filmed.shape == (4, 32 * cut.tokens[0], 32 * cut.tokens[1], 3)
    numbers, back = cut.cut(filmed, 0)
    assert numbers.tolist() == [0, 1, 2, 3]
    np.testing.assert_array_equal(back, pictures)
    mask = pictures[0, ..., 0] > 128
    np.testing.assert_array_equal(cut.cropped_mask(mask), mask)
    assert cut.filmed_mask(mask).shape == filmed.shape[1:3]


@given(st.integers(1, 100), st.floats(1, 60), st.integers(1, 30))
def test_film_of_any_rate_joins_frame_to_frame(count: int, fps: float, wanted: int) -> None:
    strip = Strip(np.zeros((count, 2, 2, 3), np.uint8), fps)
    first, last = from_start(strip, wanted), from_end(strip, wanted)
    assert first[0] == 0
    assert last[-1] == count - 1
    assert len(first) == len(last) <= wanted
    assert (np.diff(first) >= 0).all()
    assert (np.diff(last) >= 0).all()
    assert min(first.min(), last.min()) >= 0
    assert max(first.max(), last.max()) < count
