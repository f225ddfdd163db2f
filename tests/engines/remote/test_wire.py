"""The line breaks, servers are busy, and the key stays where it belongs."""

from __future__ import annotations

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from laterna.engines.registry import load_engine
from laterna.engines.remote import RemoteEngine
from laterna.engines.remote.target import Target
from laterna.errors import EngineError, InputError
from laterna.shot import Shot

SMALL = Shot("a boat", seconds=1, seed=7, size=(128, 96))


def filmed(engine, shot=SMALL):
    return np.concatenate([chunk.frames for chunk in engine.film(shot)])


@pytest.mark.parametrize(("text", "base", "model", "fps"), [
    ("http://gpu:8000", "http://gpu:8000", "", None),
    ("http://gpu:8000/v1/", "http://gpu:8000", "", None),
    ("https://gpu/films/v1/videos#wan 2.2", "https://gpu/films", "wan 2.2", None),
    ("http://gpu?fps=16#Wan-AI/Wan2.2", "http://gpu", "Wan-AI/Wan2.2", 16.0),
    ("http://[::1]:80", "http://[::1]:80", "", None),
])  # fmt: skip
def test_addresses(text, base, model, fps):
    target = Target.parse(text)
    assert (target.base, target.model, target.fps) == (base, model, fps)
    assert Target.parse(target.text) == target


@pytest.mark.parametrize("text", [
    "gpu:8000", "ftp://gpu", "http://", "http://gpu:port", "http://gpu?key=1", "http://gpu?fps=x",
    "http://gpu?fps=nan", "/films",
])  # fmt: skip
def test_what_is_no_address_is_refused(text):
    with pytest.raises(InputError, match="engine"):
        load_engine(f"remote:{text}")


def test_a_password_in_an_address_is_not_repeated():
    with pytest.raises(InputError, match="LATERNA_REMOTE_KEY") as error:
        load_engine("remote:http://me:secret@gpu")
    assert "secret" not in str(error.value)


def test_a_host_may_have_a_key_of_its_own():
    told = {
        "LATERNA_REMOTE_KEY": "any",
        "LATERNA_REMOTE_KEY_GPU_LOCAL": "host",
        "LATERNA_REMOTE_KEY_GPU_LOCAL_8001": "port",
    }
    keys = [
        Target.parse(f"http://{host}").key(told) for host in ("a", "gpu.local", "gpu.local:8001")
    ]
    assert keys == ["any", "host", "port"]
    assert Target.parse("http://gpu").key({}) == ""


def test_the_key_goes_to_its_server_alone(other, serve, monkeypatch):
    monkeypatch.setenv("LATERNA_REMOTE_KEY", "sk-very-secret")
    seen = []

    async def anything(request):
        seen.append(dict(request.headers))
        return Response(b"", 404)

    elsewhere = serve(Starlette(routes=[Route("/{path:path}", anything)]))
    stand_in, engine = other("sglang")
    for where in ("elsewhere", "url"):
        setattr(stand_in, where, f"{elsewhere}/film.mp4")
        with pytest.raises(EngineError, match="without TLS"):
            filmed(engine)
        setattr(stand_in, where, "")
    assert all("authorization" in head for head in stand_in.heads)
    assert seen == []


def test_a_film_kept_on_the_same_server_under_another_path_is_fetched(other, monkeypatch):
    stand_in, engine = other("sglang")

    async def film(request):
        return stand_in.send(request, stand_in.made("job-1"))

    stand_in.app.router.routes.append(Route("/files/film.mp4", film))
    stand_in.elsewhere = "/files/film.mp4"
    assert len(filmed(engine)) == 24


def test_a_server_that_echoes_the_key_does_not_make_us_show_it(other, monkeypatch):
    monkeypatch.setenv("LATERNA_REMOTE_KEY", "sk-very-secret")
    stand_in, engine = other("vllm")
    words = (
        "Bearer sk-very-secret from http://10.0.0.7/x?sig=abc may not write /srv/films/a.mp4\x1b"
    )
    stand_in.busy = [JSONResponse({"error": {"message": words}}, 400)]
    with pytest.raises(EngineError) as error:
        filmed(engine)
    for private in ("sk-very-secret", "10.0.0.7", "/srv", "\x1b"):
        assert private not in str(error.value)


def test_a_wrong_key_is_named(other):
    stand_in, engine = other("vllm")
    stand_in.busy = [JSONResponse({"error": "Unauthorized"}, 401)]
    with pytest.raises(EngineError, match="another key; set LATERNA_REMOTE_KEY"):
        filmed(engine)


def test_a_download_goes_on_where_it_broke_off(other):
    stand_in, engine = other("sglang")
    whole = filmed(engine)
    stand_in.torn, stand_in.ranges = 2, []
    np.testing.assert_array_equal(filmed(engine), whole)
    assert stand_in.ranges[0] == ""
    starts = [int(text.removeprefix("bytes=").rstrip("-")) for text in stand_in.ranges[1:]]
    assert len(starts) == 2
    assert 0 < starts[0] < starts[1]


def test_a_busy_server_is_asked_again_but_not_one_that_may_have_taken_the_shot(other):
    stand_in, engine = other("sglang")
    stand_in.busy = [JSONResponse({}, 429), JSONResponse({}, 503, {"Retry-After": "0"})]
    assert len(filmed(engine)) == 24
    assert len(stand_in.forms) == 1
    stand_in.busy = [JSONResponse({"detail": "broken"}, 500)]
    with pytest.raises(EngineError, match="refused: broken"):
        filmed(engine)
    assert len(stand_in.forms) == 1


def test_a_server_that_is_not_there_is_said_to_be(free_port):
    engine = RemoteEngine(f"http://127.0.0.1:{free_port}")
    with pytest.raises(EngineError, match="cannot be reached"):
        _ = engine.capabilities


def test_giving_up_ends_the_job_there(other):
    stand_in, engine = other("vllm")
    stand_in.told["looks"] = [[200, {"status": "in_progress", "progress": 0}]]

    class Enough(Exception):
        pass

    def watch(share: float) -> None:
        if stand_in.looked.get("job-1"):
            raise Enough

    engine.watch = watch
    with pytest.raises(Enough):
        filmed(engine)
    assert stand_in.deleted == ["job-1"]


def test_a_job_of_a_process_that_died_is_followed_not_paid_for_again(other, own_home):
    stand_in, engine = other("sglang")
    stand_in.told["looks"].insert(0, [500, {"detail": "restarting"}])
    engine.patience = type(engine.patience)(first=0.01, most=0.02, outage=0.0)
    with pytest.raises(EngineError, match="restarting"):
        filmed(engine)  # as good as dead: the job is still there
    assert len(list((own_home / "remote").glob("*.json"))) == 1
    assert len(filmed(RemoteEngine(engine.target.text, engine.patience))) == 24
    assert len(stand_in.forms) == 1
    assert not list((own_home / "remote").iterdir())


def test_a_state_goes_on_with_the_same_film(other):
    stand_in, engine = other("sglang")
    chunks = list(engine.film(SMALL))
    assert [chunk.start for chunk in chunks] == [0, 8, 16]
    rest = list(engine.film(SMALL, resume=chunks[0].state))
    assert len(stand_in.forms) == 1
    np.testing.assert_array_equal(
        np.concatenate([c.frames for c in rest]), np.concatenate([c.frames for c in chunks[1:]])
    )
    with pytest.raises(InputError, match="another shot"):
        engine.film(Shot("a ship", seconds=1, seed=7, size=(128, 96)), resume=chunks[0].state)
    with pytest.raises(InputError, match="resume"):
        engine.film(SMALL, resume=b"nothing")
    stand_in.deleted = ["job-1"]
    with pytest.raises(EngineError, match="film it anew"):
        list(engine.film(SMALL, resume=chunks[0].state))
