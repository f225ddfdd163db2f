"""Every preset through the command line: filmed from a folder, given up, refused."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from laterna.cli import console
from laterna.engines.diffusers.preset import Preset
from laterna.engines.diffusers.presets import PRESETS
from laterna.engines.diffusers.source import resolve
from laterna.media.read import iterate, probe, read_image
from laterna.media.write import open_writer
from tests.engines.diffusers.conftest import footage, picture

pytest.importorskip("diffusers")
from tests.engines.diffusers.tiny import OF_PRESET, TINY

Film = Callable[..., int]
every_preset = pytest.mark.parametrize("preset", PRESETS, ids=[preset.name for preset in PRESETS])

PICTURES = {"first": ("--image", "first.png"), "last": ("--last-image", "last.png")}


@pytest.fixture(autouse=True)
def _files(film: Film) -> None:
    Image.fromarray(picture(90)).save("last.png")
    with open_writer(Path("old.mp4"), size=(64, 64), fps=8) as writer:
        writer.write(footage(4))


def named(preset: Preset, tiny: Any) -> str:
    """The tiny pipeline for a preset, which is said where its folder would be taken for another."""
    name = OF_PRESET[preset.name]
    return name if resolve(str(tiny(name))).preset is preset else f"{name}#{preset.name}"


def wanted(preset: Preset) -> tuple[str, ...]:
    """The pictures without which it does not film."""
    for given in ((), ("first",), ("first", "last")):
        if any(use.films(frozenset(given)) for use in preset.uses):
            return tuple(word for name in given for word in PICTURES[name])
    raise AssertionError(preset.name)


def output(preset: Preset) -> str:
    return "out.png" if preset.frames.longest == 1 else "out.mp4"


def test_every_preset_has_a_tiny_pipeline() -> None:
    assert [preset.name for preset in PRESETS] == list(OF_PRESET)
    assert set(OF_PRESET.values()) == set(TINY)


@every_preset
def test_it_is_filmed_from_its_folder(preset: Preset, film: Film, tiny: Any) -> None:
    assert film(named(preset, tiny), *wanted(preset), "-o", output(preset)) == 0
    if output(preset) == "out.png":
        frames = [read_image(Path("out.png"))]
    else:
        frames = list(iterate(Path("out.mp4")))
        assert probe(Path("out.mp4")).fps == preset.fps
        assert len(frames) == int(0.5 * preset.fps + 0.5)  # halves are rounded up
    assert {frame.shape for frame in frames} == {(64, 64, 3)}
    assert np.std(frames) > 1


@every_preset
def test_it_is_filmed_in_the_numbers_of_a_gpu(preset: Preset, film: Film, tiny: Any) -> None:
    words = (*wanted(preset), "--set", f"dtype={preset.dtype}", "-o", output(preset))
    assert film(named(preset, tiny), "--seconds", "0.25", *words) == 0


@every_preset
def test_it_is_given_up_between_two_steps(
    preset: Preset, film: Film, tiny: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[int] = []

    def done(bar: console.FrameBar, frames: int) -> None:
        heard.append(frames)
        if len(heard) == 2:  # the beginning, and a step
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(console.FrameBar, "done", done)
    before = set(tmp_path.iterdir())
    words = (*wanted(preset), "--steps", "20", "-o", output(preset))
    assert film(named(preset, tiny), *words) == 130
    assert len(heard) == 2
    assert set(tmp_path.iterdir()) == before


REFUSED = {
    "control": ("--control", "depth", "--blocking", "a boat on the lake"),
    "keyframes": PICTURES["first"],
    "source": ("--source", "old.mp4", "--strength", "0.5"),
    "negative": ("--negative", "w7"),
    "loop": ("--loop",),
}


@every_preset
def test_what_it_does_not_take_is_refused_before_it_is_loaded(
    preset: Preset, film: Film, tiny: Any, tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    def load(*told: object) -> None:
        raise AssertionError("it was loaded")

    monkeypatch.setattr("laterna.engines.diffusers.pipelines.load", load)
    before = set(tmp_path.iterdir())
    refused = [field for field in REFUSED if field not in preset.fields]
    assert refused
    for field in refused:
        assert film(named(preset, tiny), *REFUSED[field], "-o", "out.mp4") == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert re.match(rf"error: {field}: .* does not take it; .*\w (does|do)$", line)
    assert set(tmp_path.iterdir()) == before
