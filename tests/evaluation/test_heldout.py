"""The held-out captions are fixed, unfiltered, and true of the clips they were worded for."""

from __future__ import annotations

import pytest

from laterna.errors import InputError
from laterna.evaluation import heldout
from laterna.world.factors import CORE
from laterna.world.footage import render_clip


def test_the_captions_are_those_that_were_committed_before_training() -> None:
    facts = heldout.committed()
    assert facts["format"] == 1
    assert facts["count"] == heldout.COUNT
    assert facts["first_seed"] == heldout.FIRST
    assert facts["sha256"] == heldout.checksum()


def test_languages_alternate_and_fewer_captions_are_the_first_of_more() -> None:
    many = heldout.held_out(64)
    assert [item.language for item in many] == ["en", "de"] * 32
    assert heldout.held_out(7) == many[:7]


def test_a_caption_belongs_to_the_clip_of_its_seed() -> None:
    for item in heldout.held_out(2):
        clip = render_clip(item.seed, frames=1, size=(64, 64), mixture=CORE)
        assert clip.factors == item.factors


@pytest.mark.parametrize("count", [0, -1, heldout.COUNT + 1])
def test_counts_outside_the_list_are_refused(count: int) -> None:
    with pytest.raises(InputError, match="n:"):
        heldout.held_out(count)
