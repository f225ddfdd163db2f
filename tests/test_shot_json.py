"""A shot survives JSON, with its arrays beside it or without them."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laterna.errors import InputError
from laterna.shot import Cue, Keyframe, Shot, Strip
from laterna.shot_json import (
    array_sha256,
    arrays_of,
    shot_from_json,
    shot_sha256,
    shot_to_json,
)


@pytest.fixture
def full() -> Shot:
    rng = np.random.default_rng(3)
    film = rng.integers(0, 256, (4, 8, 12, 3), np.uint8)
    return Shot(
        "ein Boot",
        seconds=2,
        size=(640, 360),
        seed=7,
        steps=6,
        negative="rain",
        guidance=2.5,
        cues=(Cue(1, "night"),),
        keyframes=(Keyframe(0.5, film[0]),),
        lead=Strip(film, 24, rng.normal(size=(1, 16, 2, 2)).astype(np.float32)),
        source=Strip(film[::-1]),
        mask=film[..., 0] > 99,
        strength=0.25,
        frames=16,
        quality="draft",
        extra={"sampler": "euler"},
    )


def test_a_shot_comes_back_whole_with_its_arrays(full):
    told = json.loads(json.dumps(shot_to_json(full)))
    back = shot_from_json(told, arrays_of(full))
    assert told["format"] == 1
    assert shot_to_json(back) == shot_to_json(full)
    assert np.array_equal(back.lead.frames, full.lead.frames)
    assert np.array_equal(back.lead.latents, full.lead.latents)
    assert np.array_equal(back.mask, full.mask)
    assert back.size == (640, 360)
    assert back.cues == full.cues


def test_no_pixel_is_written_into_the_json(full):
    assert len(json.dumps(shot_to_json(full))) < 2500


def test_without_arrays_the_words_and_numbers_come_back(full):
    back = shot_from_json(shot_to_json(full))
    assert (back.prompt, back.seed, back.cues, back.guidance) == ("ein Boot", 7, full.cues, 2.5)
    assert back.source is back.mask is back.strength is back.lead is None
    assert back.keyframes == ()


def test_a_missing_array_is_named(full):
    arrays = arrays_of(full)
    del arrays[array_sha256(full.mask)]
    with pytest.raises(InputError, match="mask"):
        shot_from_json(shot_to_json(full), arrays)


def test_defaults_are_left_out():
    assert shot_to_json(Shot("x")) == {"format": 1, "prompt": "x"}


@pytest.mark.parametrize(
    "told",
    [
        None,
        [],
        {},
        {"format": 1},
        {"format": 2, "prompt": "x"},
        {"prompt": "x"},
        {"format": 1, "prompt": "x", "colour": "red"},
        {"format": 1, "prompt": "x", "seconds": 0},
        {"format": 1, "prompt": "x", "cues": [{"second": 1}]},
        {"format": 1, "prompt": "x", "cues": 3},
        {"format": 1, "prompt": "x", "cues": [{"second": "1", "prompt": "y"}]},
        {"format": 1, "prompt": "x", "cues": ["y"]},
        {"format": 1, "prompt": "x", "keyframes": [None]},
        {"format": 1, "prompt": "x", "lead": None},
        {"format": 1, "prompt": "x", "trail": []},
        {"format": 1, "prompt": "x", "source": "frames"},
        {"format": 1, "prompt": "x", "source": {"frames": None}},
        {"format": 1, "prompt": "x", "mask": None},
        {"format": 1, "prompt": "x", "control": None},
        {"format": 1, "prompt": "x", "control": {"kind": "depth", "film": 1, "strength": 1.0}},
    ],
)
def test_what_is_no_shot_is_an_input_error(told):
    with pytest.raises(InputError):
        shot_from_json(told, {})


# Arrays a shot may hold and arrays it may not, and everything JSON can say in a field's place.
PICTURES = (
    np.zeros((64, 64, 3), np.uint8),
    np.zeros((2, 64, 64, 3), np.uint8),
    np.zeros((0, 64, 64, 3), np.uint8),
    np.zeros((64, 64), np.uint8),
    np.zeros((1, 16, 4, 4), np.float32),
    np.full((2, 64, 64), np.nan, np.float32),
    np.zeros((), np.float64),
)
ARRAYS = {array_sha256(picture): picture for picture in PICTURES}
PARTS = ("second", "prompt", "image", "sha256", "frames", "latents", "fps", "kind", "film")

references = st.sampled_from([{"sha256": sha256} for sha256 in ARRAYS])
numbers = st.floats() | st.integers() | st.integers(-2, 70) | st.just(10**400)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=8) | references,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(PARTS) | st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=6,
)
strips = json_values | st.fixed_dictionaries(
    {}, optional={"frames": references, "latents": references, "fps": numbers}
)
likely = {
    "seconds": numbers,
    "cues": st.lists(st.fixed_dictionaries({"second": numbers, "prompt": json_values}), max_size=3),
    "keyframes": st.lists(
        st.fixed_dictionaries({"second": numbers, "image": references | json_values}), max_size=3
    ),
    "control": st.fixed_dictionaries(
        {"kind": st.just("depth") | json_values, "film": strips, "strength": numbers}
    ),
    **dict.fromkeys(("lead", "trail", "source"), strips),
}
told_shots = st.fixed_dictionaries(
    {"format": st.just(1), "prompt": st.text(max_size=8)},
    optional={
        "other": json_values,
        **{name: json_values for name in Shot.__slots__ if name != "prompt"},
        **{name: json_values | wanted for name, wanted in likely.items()},
    },
)


@given(told_shots, st.booleans())
def test_no_json_gives_another_error(told, with_arrays):
    try:
        shot = shot_from_json(told, ARRAYS if with_arrays else None)
    except InputError:
        return
    assert shot.prompt == told["prompt"]
    assert shot_sha256(shot_from_json(shot_to_json(shot), ARRAYS)) == shot_sha256(shot)


def test_the_sha256_of_a_shot_sees_every_pixel(full):
    changed = full.keyframes[0].image.copy()
    changed[0, 0, 0] ^= 1
    told = arrays_of(full)
    other = Shot("ein Boot", keyframes=(Keyframe(0.5, changed),))
    same = Shot("ein Boot", keyframes=(Keyframe(0.5, full.keyframes[0].image.copy()),))
    again = Shot("ein Boot", keyframes=full.keyframes)
    assert shot_sha256(same) == shot_sha256(again) != shot_sha256(other)
    assert array_sha256(changed) not in told
