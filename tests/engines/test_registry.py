"""Engines are found by name, and say no in words before anything is filmed."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import numpy as np
import pytest

from laterna.engines import registry
from laterna.engines.fake import FakeEngine
from laterna.engines.protocol import Capabilities, Engine
from laterna.engines.registry import asked_fields, check, engine_names, load_engine
from laterna.errors import DependencyError, EngineError, InputError, UnsupportedError
from laterna.shot import Control, Cue, Keyframe, Shot, Strip

FILM = Strip(np.zeros((4, 8, 12, 3), np.uint8))


class Plain(FakeEngine):
    """An engine that takes a prompt and no more."""

    name = "plain"

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(frozenset(), fps=8, max_seconds=5, resumable=False)


def bring(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    point = EntryPoint(name, value, registry.GROUP)
    monkeypatch.setattr(registry, "entry_points", lambda group: [point])


def test_the_default_stands_first_and_the_fake_is_there():
    assert engine_names()[0] == "native"
    assert "fake" in engine_names()
    assert isinstance(load_engine("fake"), Engine)


def test_an_unknown_name_is_told_what_there_is():
    with pytest.raises(InputError, match=r"engine: 'kino' .*native.*fake"):
        load_engine("kino")


def test_another_package_brings_an_engine(monkeypatch):
    bring(monkeypatch, "plain", f"{__name__}:Plain")
    assert "plain" in engine_names()
    assert load_engine("plain").name == "plain"


def test_a_missing_package_is_named(monkeypatch):
    bring(monkeypatch, "heavy", "a_package_nobody_has:Engine")
    with pytest.raises(DependencyError, match=r"heavy.*a_package_nobody_has"):
        load_engine("heavy")


def test_an_engine_that_does_not_load_says_so(monkeypatch):
    bring(monkeypatch, "broken", f"{__name__}:Nothing")
    with pytest.raises(EngineError, match="broken"):
        load_engine("broken")


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"steps": 4}, "steps"),
        ({"negative": "rain"}, "negative"),
        ({"guidance": 3}, "guidance"),
        ({"cues": (Cue(1, "night"),)}, "cues"),
        ({"keyframes": (Keyframe(0, FILM.frames[0]),)}, "keyframes"),
        ({"lead": FILM}, "lead"),
        ({"trail": FILM}, "trail"),
        ({"source": FILM, "strength": 0.0}, "source"),
        ({"loop": True}, "loop"),
        ({"extra": {"sampler": "euler"}}, "extra"),
    ],
)
def test_a_field_the_engine_cannot_honour_is_refused_by_name(fields, name, fake):
    shot = Shot("x", **fields)
    assert name in asked_fields(shot)
    check(fake, shot)
    with pytest.raises(UnsupportedError, match=rf"{name}: .*plain"):
        check(Plain(), shot)


def test_who_refuses_a_field_names_engines_that_take_it():
    with pytest.raises(UnsupportedError, match=r"plain does not take it; native and diffusers:"):
        check(Plain(), Shot("x", negative="rain"))
    with pytest.raises(UnsupportedError, match=r"does not take it; diffusers:wan-\S+vace-\S+ does"):
        check(Plain(), Shot("x", control=Control("depth", FILM)))
    with pytest.raises(UnsupportedError, match="choose another engine"):
        check(Plain(), Shot("x", extra={"sampler": "euler"}))


def test_a_plain_shot_asks_for_nothing():
    shot = Shot("x", seconds=2, size="1:1", seed=3, frames=9, quality="draft")
    assert asked_fields(shot) == frozenset()
    check(Plain(), shot)


def test_a_shot_longer_than_the_engine_films_is_refused():
    with pytest.raises(UnsupportedError, match=r"seconds: .*at most 5 seconds"):
        check(Plain(), Shot("x", seconds=5.5))
