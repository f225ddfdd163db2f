"""Every size is filmed on a grid of whole tokens and delivered exactly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laterna.errors import InputError
from laterna.size import MAX_SIDE, MIN_SIDE, RATIOS, draft_grid, parse_size, size_name

sides = st.integers(MIN_SIDE // 2, MAX_SIDE // 2).map(lambda half: 2 * half)


@pytest.mark.parametrize(
    ("ratio", "film", "draft", "quick"),
    [
        ("16:9", (256, 160), (256, 144), (512, 288)),
        ("9:16", (160, 256), (144, 256), (288, 512)),
        ("1:1", (160, 160), (160, 160), (320, 320)),
        ("2.39:1", (256, 128), (256, 106), (512, 212)),
    ],
)
def test_ratios_have_their_documented_sizes(ratio, film, draft, quick):
    grid = draft_grid(ratio)
    assert (grid.film, grid.draft, grid.quick) == (film, draft, quick)
    assert grid.frame == draft


@given(sides, sides)
def test_any_even_size_is_filmed_on_a_covering_grid_and_delivered_exactly(width, height):
    grid = draft_grid((width, height))
    left, top, crop_width, crop_height = grid.crop
    assert grid.draft == grid.quick == (width, height)
    assert all(side % 32 == 0 for side in grid.film)
    assert left >= 0
    assert top >= 0
    assert left + crop_width <= grid.film[0]
    assert top + crop_height <= grid.film[1]
    assert crop_width % 2 == 0
    assert crop_height % 2 == 0
    assert grid.tokens[0] * grid.tokens[1] <= 40
    # The shape is right to within the rounding of the shorter side to even pixels.
    assert abs(crop_width / width - crop_height / height) <= 1.01 / min(width, height)


@given(sides, sides)
def test_upright_is_sideways_turned(width, height):
    grid, turned = draft_grid((width, height)), draft_grid((height, width))
    if width != height:
        assert grid.film == turned.film[::-1]
        assert grid.frame == turned.frame[::-1]


def test_a_size_and_a_ratio_of_one_shape_are_filmed_alike():
    assert draft_grid((1920, 1080)).film == draft_grid("16:9").film
    assert draft_grid((1920, 1080)).crop == draft_grid("16:9").crop


@pytest.mark.parametrize("spelling", ["1280x720", "1280X720", " 1280 x 720 ", "1280×720"])
def test_a_size_can_be_spelt(spelling):
    assert parse_size(spelling) == (1280, 720)


@pytest.mark.parametrize(
    "size",
    [
        "", "big", "16:10", "1280", "1280x", "x720", "1280x720x3", "-64x64", "1281x720", "62x64",
        "64x1922", "9" * 400 + "x64", (640,), (640, 360, 3), (640.0, 360.0), (True, 64), (63, 65),
        None, 640, (640, "360"), (0, 0), ("1280x720",),
    ],
)  # fmt: skip
def test_what_is_no_size_is_an_error_that_names_the_field(size):
    with pytest.raises(InputError, match="size: ") as caught:
        parse_size(size)
    assert "16:9" in caught.value.remedy


def test_draft_and_quick_sizes_are_known_by_their_ratio():
    for ratio in RATIOS:
        assert size_name(*draft_grid(ratio).draft) == ratio
        assert size_name(*draft_grid(ratio).quick) == ratio
    assert size_name(640, 360) == (640, 360)
