"""Every edit builds a shot that says what is kept, and the fake engine keeps it."""

from __future__ import annotations

import numpy as np
import pytest

from laterna.clip import Clip, film
from laterna.edit import blend, extend, inpaint, loop, outpaint, remix, retime
from laterna.edit.strips import head, tail
from laterna.errors import InputError
from laterna.shot import DRAFT_FPS, Shot, Strip


@pytest.fixture
def clip() -> Clip:
    return film("the sea", engine="fake", seconds=6, seed=1, quality="draft", size="2.39:1")


def pixels(count: int, height: int = 144, width: int = 256) -> np.ndarray:
    return np.random.default_rng(count).integers(0, 256, (count, height, width, 3), np.uint8)


def filmed(shot: Shot) -> np.ndarray:
    return film(shot, engine="fake").frames


def test_an_extension_goes_on_from_the_end(clip):
    shot = extend(clip, "the fog lifts", 2)
    assert np.array_equal(shot.lead.frames[-1], clip.frames[-1])
    assert shot.trail is None
    assert (shot.size, shot.quality, shot.seconds) == ("2.39:1", "draft", 2)
    assert len(shot.lead.latents) * 4 == len(shot.lead.frames)
    assert np.array_equal(shot.lead.latents[-1], clip.latents[-1])
    assert len(filmed(shot)) == 16


def test_an_extension_backward_leads_up_to_the_beginning(clip):
    shot = extend(clip, "fog", 2, before=True, seed=9)
    assert np.array_equal(shot.trail.frames[0], clip.frames[0])
    assert np.array_equal(shot.trail.latents[0], clip.latents[0])
    assert shot.lead is None
    assert shot.seed == 9


def test_a_bridge_has_film_on_both_sides(clip):
    other = Strip(pixels(6))
    shot = blend(clip, other, "clouds")
    assert np.array_equal(shot.lead.frames[-1], clip.frames[-1])
    assert np.array_equal(shot.trail.frames[0], other.frames[0])
    around = loop(clip, "clouds", 1)
    assert np.array_equal(around.lead.frames[-1], clip.frames[-1])
    assert np.array_equal(around.trail.frames[0], clip.frames[0])
    assert len(filmed(around)) == 8


def test_a_remix_is_as_long_as_the_film(clip):
    shot = remix(clip, "a storm", 0)
    assert np.array_equal(filmed(shot), clip.frames)
    assert remix(clip, "a storm", 0.9, seconds=2).seconds == 2
    with pytest.raises(InputError, match="strength"):
        remix(clip, "a storm", 1.1)


def test_inpainting_keeps_what_is_not_masked(clip):
    mask = np.zeros(clip.frames.shape[:3], np.bool_)
    mask[:, 20:60, 50:90] = True
    out = filmed(inpaint(clip, mask, "a boat"))
    assert np.array_equal(out[~mask], clip.frames[~mask])
    assert not np.array_equal(out[mask], clip.frames[mask])
    with pytest.raises(InputError, match="mask"):
        inpaint(clip, mask[:, :50], "a boat")


@pytest.mark.parametrize(("across", "left"), [(0.0, 0), (0.5, 46), (1.0, 92)])
def test_outpainting_lays_the_film_on_a_wider_canvas(across, left):
    strip = Strip(pixels(8))
    shot = outpaint(strip, "2.39:1", "mountains", across=across)
    assert shot.source.frames.shape == (8, 144, 348, 3)
    assert np.array_equal(shot.source.frames[:, :, left : left + 256], strip.frames)
    kept = ~shot.mask
    assert kept[:, left : left + 256].all()
    assert kept.sum() == 144 * 256
    assert shot.size == "2.39:1"
    assert len(filmed(shot)) == 8


def test_outpainting_upward():
    shot = outpaint(Strip(pixels(4)), "1:1", "sky", down=1)
    assert shot.mask.shape == (256, 256)
    assert shot.mask[:112].all()
    assert not shot.mask[112:].any()


def test_outpainting_needs_something_to_add():
    with pytest.raises(InputError, match="size"):
        outpaint(Strip(pixels(4)), "16:9", "sky")
    with pytest.raises(InputError, match="across"):
        outpaint(Strip(pixels(4)), "1:1", "sky", across=2)


def test_slow_motion_keeps_every_frame_further_apart():
    strip = Strip(pixels(8))
    shot = retime(strip, "the sea", 0.5)
    assert shot.seconds == 2
    assert np.array_equal(filmed(shot)[::2], strip.frames)


def test_fast_motion_leaves_frames_out():
    strip = Strip(pixels(16))
    out = filmed(retime(strip, "the sea", 2))
    assert len(out) == 8
    assert all(any(np.array_equal(frame, old) for old in strip.frames) for frame in out)


@pytest.mark.parametrize("speed", [0, -1, 17, float("nan")])
def test_a_speed_out_of_range_is_named(speed):
    with pytest.raises(InputError, match="speed"):
        retime(Strip(pixels(4)), "x", speed)


def test_what_gets_too_long_is_told_so():
    with pytest.raises(InputError, match="seconds"):
        retime(Strip(pixels(4), fps=0.5), "x", 1 / 16)


@pytest.mark.parametrize("count", [1, 3, 4, 5, 31, 32, 33, 35, 50])
def test_ends_take_along_only_latents_that_fit_their_frames(count):
    latents = np.arange(-(-count // 4), dtype=np.float32).reshape(-1, 1, 1, 1)
    strip = Strip(pixels(count, 8, 8), latents=latents)
    last, first = tail(strip), head(strip)
    assert np.array_equal(last.frames[-1], strip.frames[-1])
    assert np.array_equal(first.frames[0], strip.frames[0])
    assert min(count, 4 * DRAFT_FPS) <= len(last.frames) < 4 * DRAFT_FPS + 4
    assert len(first.frames) == min(count, 4 * DRAFT_FPS)
    assert -(-len(first.frames) // 4) == len(first.latents)
    if count % 4:
        assert last.latents is None
    else:
        assert len(last.latents) * 4 == len(last.frames)
        assert last.latents[-1] == latents[-1]


def test_latents_alone_can_be_extended_but_not_painted():
    strip = Strip(latents=np.zeros((12, 16, 2, 2), np.float32))
    assert len(extend(strip, "x").lead.latents) == 8
    assert len(extend(strip, "x", before=True).trail.latents) == 8
    with pytest.raises(InputError, match="source"):
        remix(strip, "x")


@pytest.mark.parametrize(
    ("frame", "size"),
    [
        ((144, 256), "16:9"),
        ((288, 512), "16:9"),
        ((360, 640), (640, 360)),
        ((2160, 3840), (1920, 1080)),
        ((33, 41), (80, 64)),
    ],
)
def test_film_from_a_file_keeps_its_size_where_a_shot_can_have_it(frame, size):
    assert extend(Strip(np.zeros((1, *frame, 3), np.uint8)), "x").size == size
