"""Scaling covers the wanted size exactly, without squeezing."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from laterna.media.scale import cover, cover_box, cover_nearest, same_shape

SIDES = st.integers(8, 300)
SIZES = st.tuples(SIDES, SIDES)


@given(SIZES, SIZES)
def test_the_box_lies_inside_has_the_shape_and_is_as_large_as_can_be(
    source: tuple[int, int], target: tuple[int, int]
) -> None:
    left, top, right, bottom = cover_box(source, target)
    assert -1e-6 <= left < right <= source[0] + 1e-6
    assert -1e-6 <= top < bottom <= source[1] + 1e-6
    np.testing.assert_allclose((right - left) * target[1], (bottom - top) * target[0])
    assert np.isclose(right - left, source[0]) or np.isclose(bottom - top, source[1])


def test_every_frame_gets_the_size_asked() -> None:
    frames = np.full((2, 20, 33, 3), 77, np.uint8)
    scaled = cover(frames, (64, 64))
    assert scaled.shape == (2, 64, 64, 3)
    assert (scaled == 77).all()
    assert cover(frames[0], (10, 6)).shape == (6, 10, 3)


def test_the_size_it_has_is_returned_as_it_is() -> None:
    frames = np.zeros((1, 8, 8, 3), np.uint8)
    assert cover(frames, (8, 8)) is frames


def test_a_mask_is_cropped_alike_and_stays_black_and_white() -> None:
    mask = np.zeros((20, 60), np.bool_)
    mask[:, 30:] = True
    np.testing.assert_array_equal(cover_nearest(mask, (60, 20)), mask)
    square = cover_nearest(mask, (8, 8))
    assert square.dtype == np.bool_
    np.testing.assert_array_equal(square, np.broadcast_to(np.arange(8) >= 4, (8, 8)))
    classes = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    np.testing.assert_array_equal(cover_nearest(classes, (4, 4))[::2, ::2], classes)


def test_shapes_are_told_apart() -> None:
    assert same_shape((1920, 1080), (256, 144))
    assert not same_shape((1080, 1920), (256, 144))
    assert not same_shape((100, 100), (103, 100))
