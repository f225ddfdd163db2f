"""Another laterna films as if it were here: the same frames, to the bit."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from laterna.engines.fake import FakeEngine
from laterna.engines.registry import check
from laterna.engines.remote import RemoteEngine
from laterna.engines.remote.wire import Wire
from laterna.errors import EngineError, InputError, UnsupportedError
from laterna.shot import Cue, Keyframe, Shot, Strip, resolved
from tests.engines.remote.conftest import KEY, ROOT, Laterna

RANDOM = np.random.default_rng(3)
FILM = Strip(RANDOM.integers(0, 255, (8, 144, 256, 3), np.uint8))
TOP = np.arange(144)[:, None] < np.full(256, 60)
PICTURE = RANDOM.integers(0, 255, (144, 256, 3), np.uint8)


def here(shot):
    return np.concatenate([chunk.frames for chunk in FakeEngine().film(resolved(shot))])


def filmed(engine, shot):
    return np.concatenate([chunk.frames for chunk in engine.film(shot)])


def test_it_tells_what_it_can(remote):
    can = remote.capabilities
    assert (can.fps, can.max_seconds, can.resumable) == (8, 60, True)
    assert {"keyframes", "lead", "mask", "loop", "cues"} <= can.fields
    assert not {"control", "extra"} & can.fields  # which its API does not carry
    with pytest.raises(UnsupportedError, match="extra"):
        check(remote, Shot("x", extra={"sampler": "euler"}))


@pytest.mark.parametrize("fields", [
    {
        "keyframes": (Keyframe(0, PICTURE),), "cues": (Cue(0.5, "night"),), "negative": "rain",
        "guidance": 3.0, "steps": 4, "size": (640, 360),
    },
    {"lead": FILM},
    {"trail": FILM},
    {"source": FILM, "mask": TOP},
    {"source": FILM, "strength": 0.3},
], ids=["words and pictures", "lead", "trail", "mask", "strength"])  # fmt: skip
def test_a_shot_comes_back_without_loss(remote, fields):
    shot = Shot("a boat", seconds=1, seed=5, **fields)
    check(remote, shot)
    assert remote.preflight(shot).fits
    np.testing.assert_array_equal(filmed(remote, shot), here(shot))


@pytest.mark.parametrize(("fields", "name"), [
    ({"lead": FILM, "trail": FILM}, "trail"),
    ({"lead": FILM, "cues": (Cue(0.5, "night"),)}, "cues"),
    ({"source": FILM, "mask": TOP, "strength": 0.5}, "strength"),
    ({"source": FILM, "strength": 0.5, "loop": True}, "loop"),
    ({"source": FILM, "mask": np.stack([TOP, ~TOP] * 4)}, "mask"),
    ({"source": FILM, "strength": 0.5, "seconds": 2}, "seconds"),
    ({"lead": Strip(latents=np.zeros((1, 1, 1, 1), np.float32))}, "lead"),
])  # fmt: skip
def test_what_one_request_cannot_carry_is_refused_by_name(remote, fields, name):
    shot = Shot("a boat", **{"seconds": 1, "seed": 5, **fields})
    with pytest.raises(UnsupportedError) as error:
        remote.film(shot)
    assert error.value.field == name


def test_a_shot_is_filmed_once_however_often_it_is_asked_for(remote, far):
    shot = Shot("once", seconds=0.5, seed=1)
    first = filmed(remote, shot)
    count = len(far.videos())
    np.testing.assert_array_equal(filmed(remote, shot), first)
    assert len(far.videos()) == count


def test_a_job_that_was_cancelled_there_is_filmed_anew_for_whoever_shares_it(remote, far):
    shot = Shot("slow, shared", seconds=1.5, seed=2)

    def cancel(share):
        if share > 0:
            raise KeyboardInterrupt

    remote.watch = cancel
    with pytest.raises(KeyboardInterrupt):
        filmed(remote, shot)
    newest = far.videos()[0]
    ended = far.until(newest["id"], lambda told: told["status"] in ("failed", "completed"))
    assert ended["error"]["code"] == "cancelled"
    remote.watch = None
    np.testing.assert_array_equal(filmed(remote, shot), here(shot))


def test_interrupted_before_it_knows_its_job_it_still_ends_it_there(remote, far, monkeypatch):
    post = Wire.post

    def interrupted(wire, path, **body):
        monkeypatch.setattr(Wire, "post", post)
        post(wire, path, **body)
        raise KeyboardInterrupt

    monkeypatch.setattr(Wire, "post", interrupted)
    with pytest.raises(KeyboardInterrupt):
        filmed(remote, Shot("slow, unheard", seconds=30, seed=3))
    (ours,) = [video for video in far.videos() if video["prompt"] == "slow, unheard"]
    ended = far.until(ours["id"], lambda told: told["status"] in ("failed", "completed"))
    assert ended["error"]["code"] == "cancelled"


def test_a_wrong_key_and_a_wrong_model_are_said(remote, far, monkeypatch):
    with pytest.raises(InputError, match=r"no such model; it has .*unhurried"):
        _ = RemoteEngine(f"{far.url}#sora-9").capabilities
    assert RemoteEngine(f"{far.url}#sora-2").capabilities.fps == 8
    monkeypatch.setenv("LATERNA_REMOTE_KEY", "wrong")
    with pytest.raises(EngineError, match="set LATERNA_REMOTE_KEY"):
        _ = RemoteEngine(far.url).capabilities


def test_the_command_line_films_there_and_ctrl_c_ends_it_there(remote, far, tmp_path):
    code = "import sys; from laterna.cli.app import run; sys.exit(run())"
    words = ["film", "slow, by hand", "--engine", f"remote:{far.url}", "--seconds", "60"]
    environment = {
        **os.environ, "LATERNA_REMOTE_KEY": KEY, "LATERNA_HOME": str(tmp_path),
        "PYTHONPATH": str(ROOT / "src"),
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-c", code, *words, "-o", "x.mp4"],
        cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while not (ours := [v for v in far.videos() if v["prompt"] == "slow, by hand"]):
        assert process.poll() is None, process.stderr and process.stderr.read()
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted" in said
    assert not (tmp_path / "x.mp4").exists()
    ended = far.until(ours[0]["id"], lambda told: told["status"] in ("failed", "completed"))
    assert ended["error"]["code"] == "cancelled"


def test_the_middle_of_a_chain_is_killed_and_the_far_one_films_once(far, site, tmp_path):
    middle = Laterna(tmp_path, site, f"remote:{far.url}", LATERNA_REMOTE_KEY=KEY)
    middle.start()
    try:
        with middle.http() as http:
            told = http.get("/v1/models").json()["data"][0]
            assert (told["id"], told["engine"], told["default"]) == ("remote", "remote", True)
            asked = {"prompt": "slow, in a chain", "seconds": "4", "seed": 9, "draft": True}
            answer = http.post("/v1/videos", json={**asked, "size": "16:9"})
            assert answer.status_code == 200, answer.text
            video = answer.json()
            assert far.url not in json.dumps([told, video])
        seen = middle.until(video["id"], lambda told: told["progress"] > 3)
        assert seen["status"] == "in_progress"
        middle.kill()
        middle.start()
        done = middle.until(video["id"], lambda told: told["status"] in ("failed", "completed"))
        assert done["status"] == "completed", done
        with middle.http() as http:
            content = http.get(f"/v1/videos/{video['id']}/content?variant=draft")
    finally:
        middle.kill(signal.SIGTERM)
    ours = [one for one in far.videos() if one["prompt"] == "slow, in a chain"]
    assert [one["status"] for one in ours] == ["completed"]
    path = tmp_path / "draft.mkv"
    path.write_bytes(content.content)
    from laterna.media.read import read_strip

    shot = Shot("slow, in a chain", seconds=4, seed=9)
    np.testing.assert_array_equal(read_strip(path).frames, here(shot))
    assert not list((tmp_path / "home" / "remote").glob("*"))
