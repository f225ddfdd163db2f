"""`laterna film --engine diffusers:FOLDER`: filmed, cancelled and refused as a user meets it."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from laterna.cli import console
from laterna.cli.app import run
from laterna.media.read import iterate, probe, read_image
from laterna.media.write import open_writer
from tests.engines.diffusers.conftest import picture
from tests.engines.diffusers.test_options import lora

pytest.importorskip("diffusers")
from tests.engines.diffusers.tiny import TINY

NEEDS_PICTURE = ("wan_image", "cogvideox_image", "svd")
STILLS = ("stable_diffusion", "stable_diffusion_xl")


@pytest.fixture
def film(
    tmp_path: Path, tiny: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., int]]:
    """Film half a second of a tiny pipeline in two steps; the exit code."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LATERNA_HOME", str(tmp_path / "home"))
    Image.fromarray(picture()).save("first.png")
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def call(name: str, *words: str) -> int:
        plain = ("--seconds", "0.5", "--size", "64x64", "--steps", "2", "--seed", "1", "--draft")
        target = ("--engine", f"diffusers:{tiny(name)}", "--set", "film=64x64")
        return run(["film", "w5 w6", *plain, *target, *words])

    yield call
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("name", TINY)
def test_every_family_is_filmed_by_its_folder(name: str, film: Callable[..., int]) -> None:
    given = ("--image", "first.png") if name in NEEDS_PICTURE else ()
    output = "out.png" if name in STILLS else "out.mp4"
    assert film(name, *given, "-o", output) == 0
    if name in STILLS:
        assert read_image(Path(output)).shape == (64, 64, 3)
    else:
        assert probe(Path(output)).size == (64, 64)
        assert film(name, *given, "-o", "again.mp4", "--loop") == 2


def test_what_it_did_is_told_and_can_be_done_again(
    film: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = lora(tmp_path / "one.safetensors", "transformer.blocks.0.attn1.to_q", 24, 24)
    asked = ("--set", "cache=first-block", "--lora", f"{file}=0.5")
    assert film("wan", *asked, "-o", "a.mp4") == 0
    said = capsys.readouterr()
    assert "note: cache: first-block" in said.err
    assert "note: lora: one.safetensors at 0.5" in said.err
    assert f"--lora {file}=0.5" in said.out
    assert "--set film=64x64 --set cache=first-block" in said.out


def test_it_is_given_up_between_two_steps(
    film: Callable[..., int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[int] = []

    def done(bar: console.FrameBar, frames: int) -> None:
        heard.append(frames)
        if len(heard) == 3:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(console.FrameBar, "done", done)
    before = set(tmp_path.iterdir())
    assert film("wan", "--steps", "50", "-o", "a.mp4") == 130
    assert len(heard) == 3
    assert set(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--image", "first.png"), "keyframes: .*does not take it"),
        (("--loop",), "loop: .*does not take it; native does"),
        (("--set", "speed=9"), r"extra\.speed: "),
        (("--set", "fast"), "set: .*NAME=VALUE"),
        (("--lora", "gone.safetensors"), "lora: .*no such file"),
    ],
)
def test_a_wish_it_cannot_honour_is_one_line(
    words: tuple[str, ...], says: str, film: Callable[..., int], capsys: Any
) -> None:
    assert film("wan", *words, "-o", "a.mp4") == 2
    (line,) = (part for part in capsys.readouterr().err.splitlines() if part[:6] == "error:")
    assert re.search(says, line)
    assert not Path("a.mp4").exists()


def test_a_film_is_extended_at_its_own_rate_and_size(
    film: Callable[..., int], tmp_path: Path, tiny: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_writer(tmp_path / "old.mp4", size=(64, 64), fps=24) as writer:
        writer.write(np.repeat(picture()[None], 24, axis=0))
    monkeypatch.setenv("LATERNA_DIFFUSERS", "film=64x64")
    engine = f"diffusers:{tiny('wan_image')}"
    words = ["--seconds", "0.5", "--steps", "2", "--engine", engine, "-o", "new.mp4"]
    assert run(["extend", "old.mp4", "w5 w6", *words]) == 0
    made = probe(tmp_path / "new.mp4")
    assert (made.size, made.fps) == ((64, 64), 24)
    assert abs(sum(1 for _ in iterate(tmp_path / "new.mp4")) - 36) <= 1
