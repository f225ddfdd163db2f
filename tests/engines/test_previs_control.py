"""Blocking that previs renders arrives at engines that follow control, and is what they follow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("numba")

from laterna.cli.app import run
from laterna.engines.fake import FakeEngine
from laterna.engines.previs import control_of
from laterna.engines.protocol import Chunk
from laterna.engines.registry import check
from laterna.errors import UnsupportedError
from laterna.shot import Shot


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Shot]:
    """The shots that the fake engine is asked for; where files are written."""
    monkeypatch.chdir(tmp_path)
    shots: list[Shot] = []
    film = FakeEngine.film

    def heard(self: FakeEngine, shot: Shot, resume: bytes | None = None) -> Iterator[Chunk]:
        shots.append(shot)
        return film(self, shot, resume)

    monkeypatch.setattr(FakeEngine, "film", heard)
    return shots


BOAT = ("film", "a fishing boat, cinematic", "--seconds", "0.25", "--seed", "4", "--draft")


def test_the_command_line_hands_blocking_to_an_engine_that_follows_it(given, capsys):
    words = ("--blocking", "a boat on the lake", "--control", "depth", "--engine", "fake")
    assert run([*BOAT, *words, "-o", "boat.mp4"]) == 0
    said = capsys.readouterr()
    assert "rendered by previs; fake follows it" in said.err
    assert "--control depth --blocking 'a boat on the lake'" in said.out
    (shot,) = given
    assert shot.prompt == "a fishing boat, cinematic"
    assert (shot.control.kind, shot.control.film.fps) == ("depth", 8)
    frames = shot.control.film.frames
    assert frames.shape == (2, 288, 512, 3)
    expected = control_of(Shot("a boat on the lake", seconds=0.25, seed=4), "depth", 8)
    np.testing.assert_array_equal(frames, expected.film.frames)


@pytest.mark.parametrize(("words", "told"), [
    (("--control", "pose", "--engine", "fake"), "control: 'pose'"),
    (("--control", "depth", "--engine", "previs"), "control: "),
    (("--blocking", "a boat on the lake", "--engine", "fake"), "give --control"),
    (("--blocking", "a cat", "--control", "depth", "--engine", "fake"), "blocking: 'a cat'"),
    (("--blocking", "none.json", "--control", "depth", "--engine", "fake"), "none.json"),
])  # fmt: skip
def test_what_cannot_be_laid_out_is_one_line_and_no_file(words, told, given, capsys, tmp_path):
    assert run([*BOAT, *words, "-o", "boat.mp4"]) == 2
    said = capsys.readouterr().err
    assert told in said and len(said.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []
    assert given == []


def test_blocking_for_previs_itself_are_its_options(given, capsys, tmp_path):
    (tmp_path / "night.json").write_text('{"setting": "sea", "hour": "night"}')
    words = ("--engine", "previs", "--size", "64x64", "-o")
    assert run([*BOAT, "--blocking", "night.json", *words, "night.gif"]) == 0
    assert "nothing in this clip is generated" in capsys.readouterr().err
    assert run([*BOAT, "--blocking", "the sea at noon", *words, "noon.gif"]) == 0
    assert (tmp_path / "night.gif").read_bytes() != (tmp_path / "noon.gif").read_bytes()


def test_a_pipeline_with_control_follows_where_things_are(tmp_path):
    pytest.importorskip("diffusers")
    from laterna.engines.diffusers import DiffusersEngine
    from tests.engines.diffusers.tiny import build

    build("wan_vace").save_pretrained(tmp_path / "vace")
    engine = DiffusersEngine(str(tmp_path / "vace"))
    told = {"seconds": 0.25, "size": (64, 64), "seed": 1, "steps": 2, "extra": {"film": "64x64"}}

    def film(where: str) -> np.ndarray:
        laid = control_of(Shot(f"a house in the hills, {where}", seconds=0.25, seed=4), "depth", 8)
        shot = Shot("w5 w6", control=laid, **told)
        check(engine, shot)
        return np.concatenate([chunk.frames for chunk in engine.film(shot)])

    left, right = film("on the left"), film("on the right")
    assert left.shape == right.shape
    assert (left != right).any()


def test_an_engine_without_control_says_so_before_anything_is_rendered(fake, monkeypatch):
    from laterna.cli import blocking
    from laterna.engines import previs

    def never(*words: object, **more: object) -> None:
        raise AssertionError("it was rendered")

    monkeypatch.setattr(previs, "control_of", never)
    with pytest.raises(UnsupportedError, match=r"control: .*previs"):
        blocking.with_blocking(previs.PrevisEngine(), Shot("hills"), "depth", None)
