"""The fake engine keeps what a Shot says must be kept, and goes on from any chunk."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laterna.engines.fake import FakeEngine
from laterna.errors import InputError
from laterna.shot import Cue, Keyframe, Shot, Strip, draft_grid

RNG = np.random.default_rng(5)
FILM = Strip(RNG.integers(0, 256, (32, 144, 256, 3), np.uint8))


def frames(shot: Shot) -> np.ndarray:
    return np.concatenate([chunk.frames for chunk in FakeEngine().film(shot)])


@given(st.integers(1, 24), st.sampled_from(["16:9", "9:16", "1:1", "2.39:1", (640, 90)]))
def test_chunks_follow_each_other_and_add_up(count, size):
    chunks = list(FakeEngine().film(Shot("x", frames=count, size=size)))
    width, height = draft_grid(size).frame
    at = 0
    for chunk in chunks:
        assert (chunk.start, chunk.total) == (at, count)
        assert chunk.frames.shape[1:] == (height, width, 3)
        assert chunk.passes["depth"].shape == chunk.frames.shape[:3]
        assert chunk.passes["motion"].shape == (*chunk.frames.shape[:3], 2)
        assert chunk.passes["matte"].shape == chunk.frames.shape[:3]
        assert chunk.latents.dtype == np.float16
        at += len(chunk.frames)
    assert at == count


def test_prompt_and_seed_make_the_picture():
    base = frames(Shot("a", seed=1))
    assert np.array_equal(base, frames(Shot("a", seed=1)))
    for other in (
        Shot("b", seed=1),
        Shot("a", seed=2),
        Shot("a", seed=1, steps=3),
        Shot("a", seed=1, negative="rain"),
        Shot("a", seed=1, guidance=3),
        Shot("a", seed=1, extra={"k": 1}),
    ):
        assert not np.array_equal(base, frames(other))
    assert np.abs(np.diff(base.astype(int), axis=0)).mean() > 0.1  # it moves


@pytest.mark.parametrize("given_seed", [None, 11])
def test_every_state_goes_on_to_the_same_pixels(given_seed, fake):
    shot = Shot("a", seed=given_seed, seconds=2.25, cues=(Cue(1, "b"),))
    chunks = list(fake.film(shot))
    for number, chunk in enumerate(chunks):
        rest = list(fake.film(shot, resume=chunk.state))
        assert [c.start for c in rest] == [c.start for c in chunks[number + 1 :]]
        for again, before in zip(rest, chunks[number + 1 :], strict=True):
            assert np.array_equal(again.frames, before.frames)


def test_a_state_of_another_shot_is_refused(fake):
    state = next(iter(fake.film(Shot("a", seed=1)))).state
    for wrong in (state[:10], b"", b"x" * 99):
        with pytest.raises(InputError, match="resume"):
            fake.film(Shot("a", seed=1), resume=wrong)
    with pytest.raises(InputError, match="resume"):
        fake.film(Shot("a", seed=2), resume=state)


def test_keyframes_are_in_the_film():
    shot = Shot("a", keyframes=(Keyframe(0, FILM.frames[0]), Keyframe(4, FILM.frames[1])))
    film = frames(shot)
    assert np.array_equal(film[0], FILM.frames[0])
    assert np.array_equal(film[-1], FILM.frames[1])


def test_a_keyframe_of_another_shape_is_cropped_not_squeezed():
    wide = np.zeros((144, 512, 3), np.uint8)
    wide[:, 128:384] = 200
    film = frames(Shot("a", keyframes=(Keyframe(0, wide),)))
    assert (film[0] == 200).all()


def test_a_cue_changes_the_film_from_its_second_on():
    plain, cued = frames(Shot("a", seed=1)), frames(Shot("a", seed=1, cues=(Cue(2, "b"),)))
    assert np.array_equal(plain[:16], cued[:16])
    assert not np.array_equal(plain[16], cued[16])


def test_masked_pixels_are_filmed_and_the_rest_is_kept():
    mask = np.zeros((144, 256), np.bool_)
    mask[40:90, 60:200] = True
    film = frames(Shot("a", source=FILM, mask=mask))
    assert np.array_equal(film[:, ~mask], FILM.frames[:, ~mask])
    assert not np.array_equal(film[:, mask], FILM.frames[:, mask])


def test_strength_is_the_way_away_from_the_source():
    anew = frames(Shot("a", seed=1))
    assert np.array_equal(frames(Shot("a", seed=1, source=FILM, strength=0)), FILM.frames)
    assert np.array_equal(frames(Shot("a", seed=1, source=FILM, strength=1)), anew)


def test_a_loop_has_no_seam():
    film = frames(Shot("a", seed=1, loop=True)).astype(int)
    steps = np.abs(np.diff(np.concatenate([film, film[:1]]), axis=0)).mean((1, 2, 3))
    assert steps[-1] <= steps[:-1].max()


def test_lead_and_trail_are_near_the_ends():
    lead = Strip(np.full((4, 144, 256, 3), 10, np.uint8))
    trail = Strip(np.full((4, 144, 256, 3), 240, np.uint8))
    plain, film = frames(Shot("a", seed=1)), frames(Shot("a", seed=1, lead=lead, trail=trail))
    assert abs(film[0].mean() - 10) < abs(plain[0].mean() - 10)
    assert abs(film[-1].mean() - 240) < abs(plain[-1].mean() - 240)
    assert np.array_equal(film[8:24], plain[8:24])


def test_it_always_fits(fake):
    before = fake.preflight(Shot("a", seconds=2))
    assert before.fits
    assert before.frames == 16
    assert before.memory_bytes > 0
