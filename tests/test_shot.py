"""A shot that exists is right; what cannot be right names its field and a remedy."""

from __future__ import annotations

import copy
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laterna.errors import InputError
from laterna.shot import (
    DRAFT_FPS,
    Cue,
    Keyframe,
    Shot,
    Strip,
    draft_frames,
    frame_at,
    frame_count,
    length,
    resolved,
    seeded,
)

PICTURE = np.zeros((8, 12, 3), np.uint8)
FILM = Strip(np.zeros((4, 8, 12, 3), np.uint8))
MASK = np.ones((8, 12), np.bool_)

WRONG = [
    ({"prompt": ""}, "prompt"),
    ({"prompt": "  \u3000 "}, "prompt"),
    ({"prompt": "x" * 2001}, "prompt"),
    ({"prompt": "a boat\x00"}, "prompt"),
    ({"prompt": "a boat\x1b[31m"}, "prompt"),
    ({"prompt": "line\nbreak"}, "prompt"),
    ({"prompt": "\x85"}, "prompt"),
    ({"prompt": "\udcff"}, "prompt"),
    ({"prompt": None}, "prompt"),
    ({"prompt": b"a boat"}, "prompt"),
    ({"seconds": 0}, "seconds"),
    ({"seconds": -1}, "seconds"),
    ({"seconds": 0.01}, "seconds"),
    ({"seconds": 1e9}, "seconds"),
    ({"seconds": 10**400}, "seconds"),
    ({"seconds": 10**5000}, "seconds"),
    ({"seconds": math.nan}, "seconds"),
    ({"seconds": math.inf}, "seconds"),
    ({"seconds": "4"}, "seconds"),
    ({"seconds": True}, "seconds"),
    ({"seconds": None}, "seconds"),
    ({"size": (255, 144)}, "size"),
    ({"size": (62, 64)}, "size"),
    ({"size": (64, 1922)}, "size"),
    ({"size": "16:10"}, "size"),
    ({"seed": -1}, "seed"),
    ({"seed": 2**63}, "seed"),
    ({"seed": 1.0}, "seed"),
    ({"seed": True}, "seed"),
    ({"steps": 0}, "steps"),
    ({"steps": 101}, "steps"),
    ({"steps": 8.5}, "steps"),
    ({"frames": 0}, "frames"),
    ({"frames": 481}, "frames"),
    ({"negative": "\x07"}, "negative"),
    ({"negative": " "}, "negative"),
    ({"negative": None}, "negative"),
    ({"guidance": 0.5}, "guidance"),
    ({"guidance": 21}, "guidance"),
    ({"guidance": math.nan}, "guidance"),
    ({"quality": "best"}, "quality"),
    ({"loop": "yes"}, "loop"),
    ({"extra": {1: 2}}, "extra"),
    ({"cues": (Cue(5, "late"),)}, "cues[0].second"),
    ({"cues": (Cue(-1, "early"),)}, "cues[0].second"),
    ({"cues": (Cue(1, ""),)}, "cues[0].prompt"),
    ({"cues": (Cue(2, "a"), Cue(1, "b"))}, "cues[1].second"),
    ({"cues": (Cue(2, "a"), Cue(2, "b"))}, "cues[1].second"),
    ({"cues": ("night",)}, "cues[0]"),
    ({"cues": "night"}, "cues"),
    ({"keyframes": (Keyframe(4.5, PICTURE),)}, "keyframes[0].second"),
    ({"keyframes": (Keyframe(-0.1, PICTURE),)}, "keyframes[0].second"),
    ({"keyframes": (Keyframe(math.nan, PICTURE),)}, "keyframes[0].second"),
    ({"keyframes": (Keyframe(0, PICTURE), Keyframe(0.1, PICTURE))}, "keyframes[1].second"),
    ({"keyframes": (Keyframe(0, PICTURE[..., 0]),)}, "keyframes[0].image"),
    ({"keyframes": (Keyframe(0, PICTURE.astype(float)),)}, "keyframes[0].image"),
    ({"keyframes": (Keyframe(0, PICTURE[:0]),)}, "keyframes[0].image"),
    ({"keyframes": (PICTURE,)}, "keyframes[0]"),
    ({"lead": Strip()}, "lead"),
    ({"lead": PICTURE}, "lead"),
    ({"trail": Strip(PICTURE)}, "trail"),
    ({"lead": Strip(FILM.frames, fps=0)}, "lead.fps"),
    ({"lead": Strip(FILM.frames, fps=math.nan)}, "lead.fps"),
    ({"lead": Strip(latents=np.full((1, 16, 2, 2), np.nan, np.float32))}, "lead.latents"),
    ({"lead": Strip(latents=np.zeros((16, 2, 2), np.float32))}, "lead.latents"),
    ({"mask": MASK}, "mask"),
    ({"strength": 0.5}, "strength"),
    ({"source": FILM}, "source"),
    ({"source": FILM, "strength": 1.5}, "strength"),
    ({"source": FILM, "strength": -0.1}, "strength"),
    ({"source": FILM, "strength": math.nan}, "strength"),
    ({"source": FILM, "mask": MASK[:4]}, "mask"),
    ({"source": FILM, "mask": MASK.astype(np.uint8)}, "mask"),
    ({"source": FILM, "mask": np.repeat(MASK[None], 3, 0)}, "mask"),
    ({"source": FILM, "mask": ~MASK}, "mask"),
    ({"source": Strip(latents=np.zeros((1, 16, 2, 2), np.float32)), "mask": MASK}, "mask"),
    ({"loop": True, "trail": FILM}, "loop"),
    ({"loop": True, "lead": FILM}, "loop"),
    ({"loop": True, "frames": 1}, "loop"),
]


@pytest.mark.parametrize(
    ("fields", "name"), WRONG, ids=[f"{number}-{name}" for number, (_, name) in enumerate(WRONG)]
)
def test_what_cannot_be_right_names_its_field_in_one_line(fields, name):
    with pytest.raises(InputError) as caught:
        Shot(**{"prompt": "a boat", **fields})
    message = str(caught.value)
    assert caught.value.field == name
    assert message.startswith(f"{name}: ")
    assert caught.value.remedy in message
    assert len(message.splitlines()) == 1
    assert len(message) < 260


def test_everything_a_shot_can_say_at_once():
    shot = Shot(
        "ein Boot auf dem See, Nebel 🌫",
        seconds=np.float32(2.5),
        size=(np.int64(640), 360),
        seed=np.int64(7),
        steps=100,
        negative="rain",
        guidance=20,
        cues=[Cue(0, "dawn"), Cue(2.5, "noon")],
        keyframes=(Keyframe(0, PICTURE), Keyframe(2.5, PICTURE)),
        lead=FILM,
        trail=FILM,
        source=FILM,
        mask=np.repeat(MASK[None], 4, 0),
        strength=0,
        quality="draft",
        extra={"sampler": "euler"},
    )
    assert draft_frames(shot) == 20


@pytest.mark.parametrize(
    ("seconds", "frames"), [(4, 32), (1 / 8, 1), (0.18, 1), (0.1875, 2), (2.06, 16), (60, 480)]
)
def test_seconds_become_whole_draft_frames(seconds, frames):
    assert draft_frames(Shot("x", seconds=seconds)) == frames


def test_frames_go_before_seconds():
    still = Shot("x", seconds=4, frames=1)
    assert draft_frames(still) == 1
    assert length(still) == 1 / DRAFT_FPS


def test_a_still_has_no_later_moment():
    with pytest.raises(InputError, match="keyframes"):
        Shot("x", frames=1, keyframes=(Keyframe(2, PICTURE),))


@given(
    st.floats(1 / 8, 60),
    st.one_of(st.none(), st.integers(1, 480)),
    st.one_of(st.none(), st.integers(0, 2**63 - 1)),
)
def test_a_resolved_shot_leaves_nothing_open_and_stays_as_it_is(seconds, frames, seed):
    shot = resolved(Shot("x", seconds=seconds, frames=frames, seed=seed, size="640x360"))
    assert shot.seed is not None
    assert seed is None or shot.seed == seed
    assert shot.size == (640, 360)
    assert shot.frames == (draft_frames(Shot("x", seconds=seconds)) if frames is None else frames)
    assert resolved(shot) is shot


@given(st.floats(1 / 8, 60), st.floats(0, 1))
def test_a_moment_stays_inside_when_the_shot_is_resolved(seconds, share):
    shot = Shot("x", seconds=seconds, keyframes=(Keyframe(seconds * share, PICTURE),))
    count = draft_frames(resolved(shot))
    assert 0 <= frame_at(shot.keyframes[0].second, count) < count


@given(st.floats(1 / 8, 60))
def test_frames_at_the_draft_s_rate_are_the_draft_s(seconds):
    assert frame_count(Shot("x", seconds=seconds), DRAFT_FPS) == draft_frames(
        Shot("x", seconds=seconds)
    )


@pytest.mark.parametrize(
    ("shot", "fps", "count"),
    [
        (Shot("x", seconds=4), 16, 64),
        (Shot("x", seconds=1.1875), 24, 29),  # 28.5
        (Shot("x", seconds=1.0625), 24, 26),  # 25.5
        (Shot("x", frames=9), 24, 27),
        (Shot("x", frames=1), 24, 1),
        (Shot("x", seconds=1 / 8), 24, 1),
        (Shot("x", seconds=0.2), 1, 1),
    ],
)
def test_frames_at_another_rate_are_the_nearest_number(shot, fps, count):
    assert frame_count(shot, fps) == count


def test_seeds_are_drawn_anew():
    assert len({resolved(Shot("x")).seed for _ in range(8)}) == 8


def test_engines_film_a_shot_without_a_seed_with_seed_0():
    assert seeded(Shot("x")).seed == 0
    assert seeded(Shot("x", seed=7)).seed == 7
    assert seeded(Shot("x", size="1:1")).size == resolved(Shot("x", size="1:1", seed=0)).size


def test_input_errors_travel_between_processes():
    error = InputError("seconds", 0, "give more")
    back = copy.copy(error)  # by the same way that pickle goes
    assert str(back) == str(error)
    assert (back.field, back.value, back.remedy, back.exit_code) == ("seconds", 0, "give more", 2)


def test_a_fraction_is_told_to_be_a_number():
    with pytest.raises(InputError, match="seconds"):
        Shot("x", seconds=Fraction(1, 2))
