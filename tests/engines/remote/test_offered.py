"""A server offers engines of KIND:TARGET by names of its own, and shows nobody the target."""

from __future__ import annotations

import pytest

from laterna.errors import InputError
from laterna.server.errors import ApiError
from laterna.server.settings import Settings
from laterna.server.videos.engines import Engines


def settings(engines, tmp_path, **more):
    return Settings.of({"LATERNA_ENGINES": engines}, data=tmp_path, engine="fake", **more)


def test_engines_are_offered_by_name(tmp_path):
    told = settings("wan=remote:http://gpu?fps=16#a=b, ltx = diffusers:/models/ltx", tmp_path)
    assert told.engines == {"wan": "remote:http://gpu?fps=16#a=b", "ltx": "diffusers:/models/ltx"}
    assert told.shown("remote:http://gpu?fps=16#a=b") == "wan"
    assert told.shown("remote:http://other") == "remote"
    assert told.shown("native") == "native"
    assert Engines(told).names()[0] == "fake"
    assert {"wan", "ltx"} < set(Engines(told).names())


@pytest.mark.parametrize("text", ["wan", "wan=", "=remote:http://gpu", "remote:http://gpu=wan"])
def test_what_is_not_an_offer_is_refused_at_the_start(text, tmp_path):
    with pytest.raises(InputError, match="NAME=KIND:TARGET"):
        settings(text, tmp_path)


def test_a_name_too_long_to_keep_is_refused_at_the_start(tmp_path):
    with pytest.raises(InputError, match="at most 100"):
        settings(f"wan=remote:http://{'g' * 100}", tmp_path)


def test_requests_name_what_is_offered_and_nothing_else(other, tmp_path):
    _, engine = other("vllm")
    engines = Engines(settings(f"wan={engine.name}", tmp_path))
    for model, asked in (("wan", None), (None, "wan"), (None, engine.name)):
        assert engines.choose(model, asked)[1].name == engine.name
    for model, asked in (("remote:http://10.0.0.1", None), (None, "remote:http://10.0.0.1")):
        with pytest.raises(ApiError) as error:
            engines.choose(model, asked)
        assert error.value.status == 400
        assert engine.target.base not in error.value.message


def test_a_server_out_of_reach_is_left_out_and_said_to_be(free_port, tmp_path):
    far = f"remote:http://127.0.0.1:{free_port}"
    engines = Engines(settings(f"far={far}", tmp_path, models={"sora-2": "far"}))
    assert far not in engines.usable()
    with pytest.raises(ApiError, match="cannot be reached") as error:
        engines.choose("sora-2", None)
    assert error.value.status == 503
