"""A film is given up between two steps, from whichever side."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from laterna.engines.diffusers import DiffusersEngine
from tests.engines.diffusers.conftest import filmed, picture, small

pytest.importorskip("diffusers")
from laterna.shot import Keyframe

FIRST = (Keyframe(0, picture()),)


class Enough(Exception):
    """What a listener raises to end it."""


@pytest.mark.parametrize(
    ("name", "fields"),
    [("wan", {}), ("ltx_condition", {}), ("svd", {"keyframes": FIRST})],
)
def test_a_listener_that_raises_ends_it_after_the_step(
    name: str, fields: dict[str, Any], tiny: Any
) -> None:
    engine = DiffusersEngine(str(tiny(name)))
    heard: list[float] = []

    def listen(share: float) -> None:
        heard.append(share)
        if len(heard) == 3:  # the beginning, and two steps
            raise Enough

    engine.watch = listen
    with pytest.raises(Enough):
        next(iter(engine.film(small(**fields, steps=8))))
    assert len(heard) == 3
    engine.watch = None
    assert filmed(engine, small(**fields)).std() > 1  # nothing is left of it


def test_closing_from_another_thread_ends_it_after_the_step(tiny: Any) -> None:
    engine = DiffusersEngine(str(tiny("wan")))
    started = threading.Event()
    heard: list[float] = []

    def listen(share: float) -> None:
        heard.append(share)
        started.set()

    engine.watch = listen
    chunks = engine.film(small(steps=100))
    film: list[Any] = []
    thread = threading.Thread(target=lambda: film.extend(chunks))
    thread.start()
    assert started.wait(120)
    chunks.close()  # type: ignore[attr-defined]
    thread.join(120)
    assert not thread.is_alive()
    assert film == []
    assert len(heard) < 100


def test_closing_between_chunks_ends_it(tiny: Any) -> None:
    engine = DiffusersEngine(str(tiny("svd")))
    chunks = engine.film(small(keyframes=FIRST, seconds=3.0))
    assert len(next(chunks).frames)
    chunks.close()  # type: ignore[attr-defined]
    assert list(chunks) == []
