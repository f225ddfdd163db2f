"""Tiny pipelines, each built and saved once, and a shot of a size they film in no time."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from laterna.cli.app import run
from laterna.engines.diffusers import DiffusersEngine
from laterna.shot import Frames, Shot

SIDE = 64


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of a tiny pipeline, by its name in `tiny.TINY`."""
    pytest.importorskip("diffusers")
    from tests.engines.diffusers.tiny import build

    root = tmp_path_factory.mktemp("tiny")

    def folder(name: str) -> Path:
        path = root / name
        if not path.exists():
            build(name).save_pretrained(path)
        return path

    return folder


@pytest.fixture
def film(
    tmp_path: Path, tiny: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., int]]:
    """Film half a second of a tiny pipeline in two steps by the command line; the exit code."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LATERNA_HOME", str(tmp_path / "home"))
    Image.fromarray(picture()).save("first.png")
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def call(name: str, *words: str) -> int:
        name, hash, preset = name.partition("#")
        plain = ("--seconds", "0.5", "--size", "64x64", "--steps", "2", "--seed", "1", "--draft")
        target = ("--engine", f"diffusers:{tiny(name)}{hash}{preset}", "--set", "film=64x64")
        return run(["film", "w5 w6", *plain, *target, *words])

    yield call
    for number, handler in kept.items():
        signal.signal(number, handler)


def small(**fields: Any) -> Shot:
    """A shot of half a second, filmed at 64 x 64 in two steps."""
    extra = {"film": f"{SIDE}x{SIDE}", **fields.pop("extra", {})}
    told = {"seconds": 0.5, "size": (SIDE, SIDE), "seed": 1, "steps": 2} | fields
    return Shot("w5 w6", extra=extra, **told)


def filmed(engine: DiffusersEngine, shot: Shot) -> Frames:
    """Every frame; the chunks are checked to be in order and complete."""
    frames = engine.preflight(shot).frames
    made, done = [], 0
    for chunk in engine.film(shot):
        assert (chunk.start, chunk.total) == (done, frames)
        made.append(chunk.frames)
        done += len(chunk.frames)
    assert done == frames
    return np.concatenate(made)


def picture(level: int = 200) -> Frames:
    """Two halves, (64, 64, 3)."""
    image = np.full((SIDE, SIDE, 3), 30, np.uint8)
    image[: SIDE // 2] = level
    return image


def footage(count: int = 12, seed: int = 0) -> Frames:
    """Film of coloured noise, (count, 64, 64, 3)."""
    return np.random.default_rng(seed).integers(0, 255, (count, SIDE, SIDE, 3), np.uint8)
