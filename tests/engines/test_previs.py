"""Previs shows what words and options say, at any length, piece by piece, and never poses as film
that was generated."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest

pytest.importorskip("numba")

from laterna.engines.previs import PrevisEngine, control_of, read_blocking
from laterna.engines.previs.blocking import blocking_of
from laterna.engines.protocol import Engine
from laterna.engines.registry import DEFAULT, check, engine_names, load_engine
from laterna.errors import InputError, MediaError, UnsupportedError
from laterna.shot import Shot
from laterna.world.surface import SUBJECT

LAKE = "a red boat on the lake, on the left"


def shot(prompt=LAKE, **fields):
    return Shot(prompt, **{"seconds": 1, "size": (128, 80), "seed": 4, **fields})


def whole(chunks, name="frames"):
    chunks = list(chunks)
    return np.concatenate([c.frames if name == "frames" else c.passes[name] for c in chunks])


@pytest.fixture(scope="module")
def previs():
    return PrevisEngine()


@pytest.fixture(scope="module")
def boat(previs):
    """The chunks of a boat on a lake."""
    return list(previs.film(shot(seconds=2.5)))


def test_it_is_asked_for_by_name_and_says_what_it_is():
    engine = load_engine("previs")
    assert isinstance(engine, Engine)
    assert "previs" in engine_names() and DEFAULT != "previs"
    can = engine.capabilities
    assert "rendered, not generated" in can.licence
    assert "nothing in this clip is generated" in can.note


def test_frames_and_passes_have_the_shot_s_size_and_length(boat):
    assert [chunk.start for chunk in boat] == [0, 8, 16]
    assert whole(boat).shape == (20, 80, 128, 3)
    assert whole(boat, "depth").shape == (20, 80, 128)
    assert whole(boat, "motion").shape == (20, 80, 128, 2)
    depth, matte = whole(boat, "depth"), whole(boat, "matte")
    assert depth.min() > 0.3
    assert np.isinf(depth[:, 0]).all()  # sky
    assert (depth[:, -1] < 100).all()  # and the shore in front
    columns = np.nonzero(matte == SUBJECT)[2]
    assert 0.1 < columns.mean() / 128 < 0.45  # on the left


def test_a_state_goes_on_to_the_same_pixels(previs, boat):
    rest = previs.film(shot(seconds=2.5), resume=boat[0].state)
    for one, two in zip(rest, boat[1:], strict=True):
        np.testing.assert_array_equal(one.frames, two.frames)
        np.testing.assert_array_equal(one.passes["motion"], two.passes["motion"])
    with pytest.raises(InputError, match="another shot"):
        previs.film(shot("hills"), resume=boat[0].state)
    with pytest.raises(InputError, match="resume"):
        previs.film(shot(), resume=b"x")


def test_a_piece_is_the_same_however_it_is_cut(boat):
    """Rain falls and clouds drift by the number of the frame, not by the piece it came in."""
    from laterna.engines.previs.engine import stage_of

    rainy = shot("rain over the hills, pan left")
    stage = stage_of(rainy, blocking_of(rainy, 4), 8, (128, 80))
    together = stage.footage(0, 6, 1)
    apart = [stage.footage(n, n + 2, 1) for n in (4, 0, 2)]
    np.testing.assert_array_equal(together.frames[4:], apart[0].frames)
    np.testing.assert_array_equal(together.frames[:2], apart[1].frames)
    np.testing.assert_array_equal(together.cells["flow"][2:4], apart[2].cells["flow"])
    np.testing.assert_array_equal(together.camera[4:], apart[0].camera)


@pytest.mark.parametrize("size", [(64, 64), (130, 66), "2.39:1", (66, 200)])
def test_any_size(previs, size):
    frames = whole(previs.film(shot(size=size, frames=1)))
    width, height = (256, 106) if isinstance(size, str) else size
    assert frames.shape == (1, height, width, 3)


def test_a_minute_keeps_its_subject_in_the_picture(previs):
    chunks = previs.film(shot("a balloon over the hills, fast pan left", seconds=60, size=(64, 64)))
    mattes = whole(chunks, "matte")
    assert len(mattes) == 480
    seen = (mattes == SUBJECT).any(axis=(1, 2))
    assert seen.mean() > 0.5
    assert seen[200:280].all()


def test_another_rate_gives_every_moment_its_own_frame():
    film = PrevisEngine(fps=24)
    assert film.preflight(shot()).frames == 24
    frames = whole(film.film(shot("a car in the desert, fast", size=(64, 64))))
    assert len(frames) == 24
    assert all((one != two).any() for one, two in pairwise(frames))


def test_words_become_the_picture_and_options_overrule_them():
    seen = blocking_of(shot("a red boat on the lake at dusk in fog, slow dolly in"), 0).factors
    assert (seen.setting, seen.hour, seen.weather) == ("lake", "dusk", "fog")
    assert (seen.subject, seen.colour, seen.move) == ("boat", "red", "dolly in")
    plain = blocking_of(shot("mountains"), 0).factors
    assert (plain.hour, plain.weather, plain.subject, plain.move) == (
        "noon", "clear", "none", "static",
    )  # fmt: skip
    told = blocking_of(shot(extra={"hour": "night", "colour": "blue", "heading": "right"}), 0)
    assert (told.factors.hour, told.factors.colour) == ("night", "blue")
    assert told.factors.heading == "right"


@pytest.mark.parametrize(("prompt", "extra", "field"), [
    ("a cat", {}, "prompt"),
    (LAKE, {"weather": "hail"}, "extra.weather"),
    (LAKE, {"lens": 35}, "extra.lens"),
    (LAKE, {"setting": "forest", "subject": "boat"}, "extra.subject"),
    ("hills", {"colour": "red"}, "extra.colour"),
    (LAKE, {"colour": "black"}, "extra.colour"),
    (LAKE, {"camera": []}, "extra.camera"),
    (LAKE, {"camera": [{"x": 1}]}, "extra.camera[0]"),
    (LAKE, {"camera": [{"second": 0, "dolly": 1}]}, "extra.camera[0].dolly"),
    (LAKE, {"camera": [{"second": 0, "pan": float("nan")}]}, "extra.camera[0].pan"),
    (LAKE, {"camera": [{"second": 0, "roll": 5}]}, "extra.camera[0].roll"),
    (LAKE, {"camera": [{"second": 2}]}, "extra.camera[0].second"),
    (LAKE, {"camera": [{"second": 0.5}, {"second": 0.5}]}, "extra.camera[1].second"),
])  # fmt: skip
def test_what_cannot_be_is_refused_by_name(previs, prompt, extra, field):
    for ask in (previs.preflight, previs.film):
        with pytest.raises(InputError) as error:
            ask(shot(prompt, extra=extra))
        assert error.value.field == field


def test_fields_of_models_are_not_its_own(previs):
    with pytest.raises(UnsupportedError, match=r"steps: .*previs"):
        check(previs, shot(steps=4))


def test_the_camera_goes_exactly_where_it_is_told():
    from laterna.engines.previs.engine import stage_of

    camera = [
        {"second": 0, "y": 5, "focal": 30, "tilt": -5},
        {"second": 0.5, "x": 4, "pan": 20},
        {"second": 1, "x": 4, "z": -8, "pan": 20, "focal": 60},
    ]
    told = shot("hills", extra={"camera": camera})
    stage = stage_of(told, blocking_of(told, 4), 8, (128, 80))
    path = stage.footage(0, 8, 16).camera  # x, y, z, yaw, pitch, roll, focal, seconds
    at = {round(float(row[7]), 3): row for row in path}
    np.testing.assert_allclose(at[0.0][:7], (0, 5, 0, 0, -5, 0, 30), atol=1e-4)
    np.testing.assert_allclose(at[0.25][:7], (2, 5, 0, 10, -5, 0, 30), atol=1e-4)
    np.testing.assert_allclose(at[0.5][:7], (4, 5, 0, 20, -5, 0, 30), atol=1e-4)
    np.testing.assert_allclose(at[0.75][:7], (4, 5, -4, 20, -5, 0, 45), atol=1e-4)


def test_the_truth_of_motion_agrees_with_the_picture(previs):
    """What the camera's truck says of pixels is what they do: frame 1, moved back, is frame 0."""
    camera = [{"second": 0, "y": 6}, {"second": 1, "x": 3}]
    (chunk,) = previs.film(shot("hills", extra={"camera": camera}))
    flow = chunk.passes["motion"][0].round().astype(int)
    rows, columns = np.mgrid[0:80, 0:128]
    down = np.clip(rows + flow[..., 1], 0, 79)
    right = np.clip(columns + flow[..., 0], 0, 127)
    one, two = chunk.frames[0].astype(int), chunk.frames[1].astype(int)
    assert np.abs(flow).max() >= 1
    assert np.abs(two[down, right] - one)[50:].mean() < 0.6 * np.abs(two - one)[50:].mean()


def test_a_camera_in_the_land_or_looking_past_it_is_refused(previs):
    low = shot("mountains", extra={"camera": [{"second": 0, "y": 0.3}, {"second": 1, "x": 200}]})
    with pytest.raises(InputError, match=r"extra.camera.y: .*the land is higher"):
        list(previs.film(low))
    wide = shot("hills", extra={"camera": [{"second": 0, "pan": 45, "focal": 14}]})
    with pytest.raises(InputError, match=r"camera.pan: .*longer focal length"):
        list(previs.film(wide))


def test_blocking_is_read_from_words_and_files(tmp_path):
    assert read_blocking("a boat on the left, slow pan right") == {
        "subject": "boat", "side": "left", "move": "pan right", "amount": "slow",
    }  # fmt: skip
    path = tmp_path / "boat.json"
    path.write_text(json.dumps({"setting": "sea"}))
    assert read_blocking(str(path)) == {"setting": "sea"}
    with pytest.raises(InputError, match="blocking"):
        read_blocking("a cat")
    for text, kind in (("{", MediaError), ("[1]", InputError)):
        path.write_text(text)
        with pytest.raises(kind, match="blocking"):
            read_blocking(str(path))
    with pytest.raises(MediaError, match="blocking"):
        read_blocking(str(tmp_path / "none.json"))


@pytest.mark.parametrize("kind", ["depth", "normal", "edge"])
def test_control_shows_where_things_are(kind):
    small = shot(seconds=0.5)
    control = control_of(small, kind, 6)
    frames = control.film.frames
    assert (control.kind, control.film.fps, control.strength) == (kind, 6, 1)
    assert len(frames) == 3
    assert abs(frames.shape[2] / frames.shape[1] - 128 / 80) < 0.02
    sky, ground = frames[:, 2], frames[:, -3:]
    if kind == "depth":
        assert (sky == 0).all() and ground.max() == 255
        assert (np.diff(frames[0, :, 200, 0].astype(int)).mean()) > 0  # nearer further down
    elif kind == "normal":
        assert (sky == (128, 128, 255)).all()
        assert ground[..., 1].mean() > 220  # the ground faces up
    else:
        share = (frames > 0).mean()
        assert (sky == 0).all() and 0.005 < share < 0.3
        assert len(np.unique(frames)) > 20  # lines are smooth


def test_control_of_another_kind_is_refused():
    with pytest.raises(InputError, match="control"):
        control_of(shot(), "pose", 8)
