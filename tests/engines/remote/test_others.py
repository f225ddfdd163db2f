"""Other houses' servers film too, whatever they do differently."""

from __future__ import annotations

import numpy as np
import pytest
from starlette.responses import JSONResponse, PlainTextResponse

from laterna.engines.registry import check
from laterna.errors import EngineError, UnsupportedError
from laterna.shot import Cue, Keyframe, Shot

SHOT = Shot("a boat", seconds=1, seed=7)
SMALL = Shot("a boat", seconds=1, seed=7, size=(128, 96))
RATES = {"sglang": 24, "vllm": 16, "fastvideo": 24}


def filmed(engine, shot):
    return np.concatenate([chunk.frames for chunk in engine.film(shot)])


@pytest.mark.parametrize("kind", RATES)
def test_each_films_what_is_asked(kind, other):
    stand_in, engine = other(kind)
    shot = Shot("a boat", seconds=1, seed=7, negative="rain", guidance=4, steps=20)
    check(engine, shot)
    assert engine.preflight(shot).fits
    assert engine.capabilities.fps == RATES[kind]
    frames = filmed(engine, shot)
    assert frames.shape == (RATES[kind], 474, 842, 3)  # 16:9, cropped from sides of 16
    (form,) = stand_in.forms
    asked = {
        "prompt": "a boat", "size": "848x480", "seconds": "1", "seed": "7",
        "fps": str(RATES[kind]), "num_frames": "25" if RATES[kind] == 24 else "17",
        "negative_prompt": "rain", "guidance_scale": "4", "num_inference_steps": "20",
    }  # fmt: skip
    assert form == asked


@pytest.mark.parametrize("kind", RATES)
def test_a_size_is_filmed_exactly_and_a_length_to_the_frame(kind, other):
    stand_in, engine = other(kind, "?fps=10")
    frames = filmed(engine, Shot("x", seconds=2.3, size=(130, 98), seed=1))
    assert frames.shape == (23, 98, 130, 3)
    assert stand_in.forms[0]["size"] == "144x112"
    assert stand_in.forms[0]["num_frames"] == "25"
    assert stand_in.forms[0]["seconds"] == "3"


def test_progress_is_passed_on(other):
    _, engine = other("sglang")
    shares: list[float] = []
    engine.watch = shares.append
    filmed(engine, SMALL)
    assert shares == sorted(shares)
    assert any(0.3 < share < 0.4 for share in shares)


def test_a_first_frame_is_uploaded_where_the_model_takes_one(other):
    first = Keyframe(0, np.full((96, 128, 3), 200, np.uint8))
    for kind in RATES:
        stand_in, engine = other(kind)
        shot = Shot("x", seconds=1, size=(128, 96), keyframes=(first,))
        check(engine, shot)
        filmed(engine, shot)
        assert stand_in.forms[0]["input_reference"] == "first.png"
        with pytest.raises(UnsupportedError, match=r"keyframes: .*first frame only"):
            engine.preflight(Shot("x", keyframes=(Keyframe(1, first.image),)))
    stand_in, engine = other("sglang")
    stand_in.told["models"]["data"][0] |= {"task_type": "T2V", "supported_task_types": ["T2V"]}
    with pytest.raises(UnsupportedError, match="keyframes"):
        check(engine, shot)


def test_what_no_form_carries_is_refused(other):
    _, engine = other("vllm")
    with pytest.raises(UnsupportedError, match="cues"):
        check(engine, Shot("x", cues=(Cue(1, "y"),)))


@pytest.mark.parametrize(("kind", "why"), [
    ("sglang", r"CUDA out of memory in \(path\)$"),
    ("vllm", "worker died"),
    ("fastvideo", "No frames were generated"),
])  # fmt: skip
def test_a_failed_job_says_why_once(kind, why, other):
    stand_in, engine = other(kind)
    stand_in.fails = True
    with pytest.raises(EngineError, match=why):
        filmed(engine, SMALL)
    assert len(stand_in.forms) == 1


@pytest.mark.parametrize("kind", RATES)
def test_a_lost_job_is_asked_for_once_more(kind, other):
    stand_in, engine = other(kind)
    stand_in.lost = {1}
    assert len(filmed(engine, SMALL)) == RATES[kind]
    assert len(stand_in.forms) == 2
    stand_in.lost = {3, 4}
    with pytest.raises(EngineError, match="does not have the film any more"):
        filmed(engine, SMALL)
    assert len(stand_in.forms) == 4


def test_several_api_servers_are_explained(other):
    stand_in, engine = other("vllm")
    status, told = stand_in.told["conflict"]
    stand_in.busy = [JSONResponse(told, status)]
    with pytest.raises(EngineError, match="--api-server-count 1"):
        filmed(engine, SMALL)


def test_a_film_that_is_still_being_written_is_fetched_again(other):
    stand_in, engine = other("fastvideo")
    stand_in.half = 1
    assert len(filmed(engine, SMALL)) == 24
    stand_in.half = 9
    with pytest.raises(EngineError, match="no whole film"):
        filmed(engine, SMALL)


@pytest.mark.parametrize(("wrong", "why"), [
    ({"size": "160x96"}, "160x96 where 128x96 was asked for"),
    ({"count": 12}, "0.5 seconds of film where 1.04"),
    ({"count": 70}, "asked for"),
])  # fmt: skip
def test_a_film_of_another_size_or_length_is_not_taken(wrong, why, other):
    stand_in, engine = other("sglang")
    stand_in.shape = wrong
    with pytest.raises(EngineError, match=why):
        filmed(engine, SMALL)


@pytest.mark.parametrize("film", [b"", b"<html>sorry</html>", b"\x00" * 5000])
def test_what_is_no_film_is_not_taken(film, other):
    stand_in, engine = other("sglang")
    stand_in.film = film
    with pytest.raises(EngineError, match="no whole film"):
        filmed(engine, SMALL)


def test_a_frame_too_few_is_held_and_another_rate_resampled(other):
    stand_in, engine = other("sglang")
    stand_in.shape = {"count": 23}
    frames = filmed(engine, SMALL)
    assert len(frames) == 24
    np.testing.assert_array_equal(frames[-1], frames[-2])
    stand_in.shape = {"count": 13, "fps": "12"}
    assert len(filmed(engine, SMALL)) == 24


def test_a_still_is_one_frame(other):
    stand_in, engine = other("vllm")
    assert len(filmed(engine, Shot("x", frames=1, size=(128, 96)))) == 1
    assert stand_in.forms[0]["num_frames"] == "1"


def test_a_server_of_no_known_name_is_asked_for_little(other):
    stand_in, engine = other("fastvideo")
    stand_in.told["models"]["data"][0]["owned_by"] = "somebody"
    assert engine.capabilities.fields == {"keyframes"}
    assert len(filmed(engine, Shot("x", seconds=1.5, size=(128, 96)))) == 36
    assert set(stand_in.forms[0]) == {"prompt", "size", "seconds"}
    assert stand_in.forms[0]["seconds"] == "2"


def test_what_does_not_speak_the_api_is_told_apart(other):
    stand_in, engine = other("sglang")
    stand_in.model_answers = [JSONResponse({"detail": "Not Found"}, 404)]
    with pytest.raises(EngineError, match="does not speak /v1/videos"):
        _ = engine.capabilities
    stand_in.model_answers = [PlainTextResponse("hello")]
    with pytest.raises(EngineError, match="does it speak /v1/videos"):
        _ = engine.capabilities
