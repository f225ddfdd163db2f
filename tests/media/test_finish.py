"""The quick finish keeps every frame, moves what moves, and shows no ghosts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laterna.errors import InputError
from laterna.media.enlarge import enlarge
from laterna.media.finish import QuickFinish
from laterna.media.motion import motion_between
from laterna.media.scale import cover
from laterna.shot import Frames

SMALL, BIG = (64, 48), (128, 96)


def disc(second: float, size: tuple[int, int] = SMALL, speed: float = 24.0) -> Frames:
    """An orange disc that crosses a blue field over a dark ground, `speed` pixels a second."""
    width, height = size
    scale, samples = width / 64, 4
    x = (np.arange(width * samples) + 0.5) / samples / scale
    y = ((np.arange(height * samples) + 0.5) / samples / scale)[:, None]
    picture = np.empty((height * samples, width * samples, 3), np.float32)
    picture[:] = (90, 150, 200)
    picture[(y > 36) & (x > -1)] = (30, 60, 50)
    picture[np.hypot(x - 16 - speed * second, y - 20) < 8] = (230, 120, 40)
    mean = picture.reshape(height, samples, width, samples, 3).mean((1, 3))
    return mean.round().astype(np.uint8)


def drafts(count: int) -> Frames:
    return np.stack([disc(index / 8) for index in range(count)])


def finished(frames: Frames, **options: object) -> Frames:
    finish = QuickFinish(SMALL, BIG, **options)  # type: ignore[arg-type]
    return np.concatenate([finish.push(frames), finish.flush()])


@settings(max_examples=12, deadline=None)
@given(count=st.integers(1, 6), factor=st.integers(1, 4), loop=st.booleans(), cut=st.integers(0, 6))
def test_every_frame_gives_factor_frames_however_they_come(
    count: int, factor: int, loop: bool, cut: int
) -> None:
    frames = drafts(count)
    whole = finished(frames, factor=factor, loop=loop)
    assert whole.shape == (count * factor, 96, 128, 3)
    finish = QuickFinish(SMALL, BIG, factor=factor, loop=loop)
    pieces = [finish.push(frames[:cut]), finish.push(frames[cut:]), finish.flush()]
    np.testing.assert_array_equal(np.concatenate(pieces), whole)


@pytest.mark.parametrize("count", [4, 5])
def test_sixteen_frames_a_second_become_twenty_four(count: int) -> None:
    film = drafts(count)
    every = QuickFinish(SMALL, BIG, factor=3)
    whole = np.concatenate([every.push(film), every.flush()])
    finish = QuickFinish(SMALL, BIG, factor=3, every=2)
    parts = [finish.push(film[:2]), finish.push(film[2:]), finish.flush()]
    assert np.array_equal(np.concatenate(parts), whole[::2])


def test_the_frames_that_were_filmed_come_through() -> None:
    frames = drafts(4)
    np.testing.assert_array_equal(finished(frames)[::3], enlarge(frames, BIG))


def error(got: Frames, truth: Frames) -> float:
    return float(np.abs(got.astype(np.float32) - truth).mean())


def test_frames_in_between_show_the_motion_and_not_a_dissolve() -> None:
    got = finished(drafts(5))
    keys = cover(drafts(5), BIG).astype(np.float32)
    for index in (4, 5, 7, 8):
        truth = disc(index / 24, BIG)
        before, phase = divmod(index, 3)
        dissolved = keys[before] + (keys[before + 1] - keys[before]) * phase / 3
        assert error(got[index], truth) < 0.35 * np.abs(dissolved - truth).mean()


def test_what_moves_leaves_no_ghost_behind() -> None:
    got = finished(drafts(5))[4]
    sky = np.array((90, 150, 200))
    truth = disc(4 / 24, BIG)
    empty = (truth[:60] == sky).all(-1)
    inner = empty.copy()
    for axis, shift in ((0, 3), (0, -3), (1, 3), (1, -3)):  # the edge itself is a matter of taste
        inner &= np.roll(empty, shift, axis)
    assert np.abs(got[:60][inner].astype(int) - sky).max() <= 16


def test_the_last_motion_goes_on_to_the_end() -> None:
    got = finished(drafts(5))
    truth = disc(14 / 24, BIG)
    assert error(got[14], truth) < 0.6 * error(got[12], truth)


def test_a_loop_moves_from_its_last_frame_to_its_first() -> None:
    there_and_back = np.stack([disc(second) for second in (0.0, 0.1, 0.2, 0.1)])
    got = finished(there_and_back, loop=True)
    truth = disc(0.1 / 3, BIG)  # two thirds of the way back
    assert error(got[11], truth) < 0.4 * error(got[9], truth)


def test_a_cut_stays_a_cut() -> None:
    rng = np.random.default_rng(2)
    scenes = rng.integers(0, 255, (2, 6, 8, 3), np.uint8).repeat(8, 1).repeat(8, 2)
    got = finished(scenes)
    first, second = enlarge(scenes, BIG)
    np.testing.assert_array_equal(got[:2], [first, first])
    np.testing.assert_array_equal(got[2:], [second] * 4)


def test_a_still_picture_stays_still() -> None:
    still = np.repeat(disc(0)[None], 3, 0)
    got = finished(still)
    assert np.abs(got.astype(int) - got[0]).max() <= 2


def test_motion_is_found_to_a_fraction_of_a_pixel() -> None:
    first, second = (np.moveaxis(disc(t), -1, 0).astype(np.float32) for t in (0.0, 0.125))
    motion, mismatch = motion_between(first, second)
    assert motion.shape == (2, 48, 64)
    np.testing.assert_allclose(motion[:, 20, 25], [3.0, 0.0], atol=0.5)
    assert mismatch < 2


def test_enlarging_is_nearer_to_the_truth_than_lanczos_and_makes_no_halo() -> None:
    small, truth = disc(0)[None], disc(0, BIG)
    assert error(enlarge(small, BIG)[0], truth) < 0.8 * error(cover(small, BIG)[0], truth)
    for channel in range(3):
        assert enlarge(small, BIG)[..., channel].max() <= small[..., channel].max()
        assert enlarge(small, BIG)[..., channel].min() >= small[..., channel].min()


@pytest.mark.parametrize("size", [(96, 96), (200, 150), (40, 40), (64, 48), (300, 90)])
def test_any_size_is_delivered_exactly(size: tuple[int, int]) -> None:
    finish = QuickFinish(SMALL, size)
    got = np.concatenate([finish.push(drafts(2)), finish.flush()])
    assert got.shape == (6, size[1], size[0], 3)


def test_frames_of_another_size_are_refused() -> None:
    with pytest.raises(InputError, match="frames"):
        QuickFinish((32, 32), BIG).push(drafts(1))
    with pytest.raises(InputError, match="factor"):
        QuickFinish(SMALL, BIG, factor=0)
    with pytest.raises(InputError, match="every"):
        QuickFinish(SMALL, BIG, factor=3, every=4)


def test_a_finish_without_frames_gives_none() -> None:
    assert QuickFinish(SMALL, BIG).flush().shape == (0, 96, 128, 3)
