"""`laterna extend` keeps the old film and joins the new to it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from laterna.cli.seam import Seam
from laterna.clip import film
from laterna.engines.fake import FakeEngine
from laterna.engines.protocol import Capabilities, Chunk
from laterna.media.read import iterate, probe
from laterna.media.sidecar import read_sidecar
from laterna.media.write import open_writer
from laterna.shot import Shot
from tests.cli.conftest import Said

Call = Callable[..., Said]


def films(fps: float, *, drafts: bool = False) -> Capabilities:
    return Capabilities(
        frozenset({"lead", "trail"}), fps, max_seconds=60, resumable=False, drafts=drafts
    )


def decoded(path: Path) -> np.ndarray:
    return np.stack(list(iterate(path)))


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip and its sidecar, for tests to copy."""
    path = tmp_path_factory.mktemp("filmed") / "clip.mp4"
    film("a boat", FakeEngine(), seconds=1, seed=3).save(path)
    return path


@pytest.fixture
def clip(filmed: Path, tmp_path: Path) -> Path:
    shutil.copytree(filmed.parent, tmp_path, dirs_exist_ok=True)
    return tmp_path / "clip.mp4"


def test_the_film_goes_on(laterna: Call, clip: Path, tmp_path: Path) -> None:
    said = laterna(
        "extend", "clip.mp4", "night", "--seconds", "0.5", "--engine", "fake", "-o", "more.mp4"
    )
    assert (said.code, said.err) == (0, "")
    old, new = decoded(clip), decoded(tmp_path / "more.mp4")
    assert len(new) == 24 + 12
    assert probe(tmp_path / "more.mp4").fps == 24
    assert np.abs(new[:22].astype(int) - old[:22]).mean() < 3
    steps = np.abs(np.diff(new.astype(int), axis=0)).mean((1, 2, 3))
    assert steps[20:26].max() < 3 * max(1.0, np.median(steps))  # no jump at the seam
    assert len(read_sidecar(tmp_path / "more.mp4.laterna").latents) == 3


def test_the_film_begins_earlier(laterna: Call, clip: Path, tmp_path: Path) -> None:
    said = laterna(
        "extend", "clip.mp4", "dawn", "--before", "--seconds", "0.5", "--engine", "fake",
        "-o", "more.mp4",
    )  # fmt: skip
    assert said.code == 0
    old, new = decoded(clip), decoded(tmp_path / "more.mp4")
    assert len(new) == 12 + 24
    assert np.abs(new[12:].astype(int) - old).mean() < 3
    assert "--before" in said.out


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize(("fps", "count", "total"), [(8, 8, 12), (16, 16, 24), (24, 24, 36)])
def test_any_multiple_of_the_engine_s_rate_is_kept(
    laterna: Call, tmp_path: Path, fps: int, count: int, total: int, before: bool
) -> None:
    with open_writer(tmp_path / "old.mp4", size=(320, 180), fps=fps) as writer:
        writer.write(np.full((count, 180, 320, 3), 70, np.uint8))
    words = ["extend", "old.mp4", "x", "--seconds", "0.5", "--engine", "fake", "-o", "new.mp4"]
    assert laterna(*words, *["--before"] * before).code == 0
    media = probe(tmp_path / "new.mp4")
    assert (media.size, media.fps) == ((320, 180), fps)
    assert len(decoded(tmp_path / "new.mp4")) == total
    assert not (tmp_path / "new.mp4.laterna").exists()  # the old film has no latents to join


def test_another_rate_becomes_24_and_that_is_said(laterna: Call, tmp_path: Path) -> None:
    with open_writer(tmp_path / "old.mp4", size=(322, 180), fps=25) as writer:
        writer.write(np.full((25, 180, 322, 3), 70, np.uint8))
    said = laterna(
        "extend", "old.mp4", "x", "--seconds", "0.5", "--engine", "fake", "-o", "new.mp4"
    )
    assert said.code == 0
    assert said.complaint.startswith("note: old.mp4 has 25 frames/s")
    assert probe(tmp_path / "new.mp4").fps == 24
    assert len(decoded(tmp_path / "new.mp4")) == 36


def test_a_damaged_sidecar_is_said_and_the_film_itself_used(
    laterna: Call, clip: Path, tmp_path: Path
) -> None:
    beside = tmp_path / "clip.mp4.laterna"
    beside.write_bytes(beside.read_bytes()[:50])
    said = laterna(
        "extend", "clip.mp4", "x", "--seconds", "0.5", "--engine", "fake", "-o", "new.mp4"
    )
    assert said.code == 0
    assert said.complaint.startswith("note: sidecar")


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("gone.mp4", "x"), "clip"),
        (("clip.mp4", ""), "prompt"),
        (("clip.mp4", "x", "--seconds", "nan"), "seconds"),
        (("clip.mp4", "x", "-o", "old.mp4"), "exists"),
        (("clip.mp4.laterna", "x", "-o", "y.mp4"), "clip"),
        (("clip.mp4", "x", "-o", "clip.mp4", "--force"), "it is the clip that is extended"),
        (("clip.mp4", "x", "-o", "more.png"), "an extension is film"),
        (("clip.mp4", "x", "-o", ""), "output"),
    ],
)
def test_bad_input_is_one_line(
    laterna: Call, clip: Path, words: tuple[str, ...], field: str
) -> None:
    shutil.copy(clip, clip.with_name("old.mp4"))
    said = laterna("extend", *words, "--engine", "fake")
    assert said.code == 2
    assert said.complaint.startswith("error: ")
    assert field in said.complaint


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize(("film", "engine"), [(24, 16), (24, 24), (25, 16), (30, 15)])
def test_engines_of_any_rate_and_size_join(
    tmp_path: Path, film: int, engine: int, before: bool
) -> None:
    """A bar of light moves steadily; across the seam it moves on as it did."""

    def frames(times: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        across = np.arange(size[0]) / size[0] - 0.2
        light = np.exp(-(((across - times[:, None] * 0.3) * 12) ** 2)) * 255
        made = np.broadcast_to(light[:, None, :, None], (len(times), size[1], size[0], 3))
        return made.astype(np.uint8)

    start = 0.5 if before else 0.0
    with open_writer(tmp_path / "old.mov", size=(320, 180), fps=film) as writer:
        writer.write(frames(start + np.arange(film) / film, (320, 180)))
    seam = Seam(tmp_path / "old.mov", films(engine, drafts=engine == 8), before)
    assert seam.strip.frames is not None
    count = engine // 2
    shown = seam.count / engine if not before else 0.0
    new = frames(shown + np.arange(count) / engine, (640, 360))
    shot = Shot("x", seconds=0.5, **{"trail" if before else "lead": seam.strip})
    seam.write(str(tmp_path / "new.mov"), [Chunk(0, count, new)], shot, weights="", overwrite=False)
    film_of_both = decoded(tmp_path / "new.mov")
    rate = {25: 24}.get(film, film)
    assert probe(tmp_path / "new.mov").fps == rate
    assert abs(len(film_of_both) - 1.5 * rate) <= 1
    light = film_of_both[:, 90, :, 0].astype(float)
    places = (light * np.arange(320)).sum(1) / light.sum(1)
    ahead = np.diff(places[:-2])  # the very last frames are a guess of what comes next
    assert ahead.min() > 0
    assert ahead.max() < 2.2 * 320 * 0.3 / rate


@pytest.mark.parametrize("before", [False, True])
def test_an_engine_of_another_rate_is_shown_the_seconds_at_the_seam(
    tmp_path: Path, before: bool
) -> None:
    with open_writer(tmp_path / "old.mov", size=(64, 64), fps=16) as writer:
        for level in range(112):  # seven seconds that get lighter
            writer.write(np.full((1, 64, 64, 3), 2 * level, np.uint8))
    strip = Seam(tmp_path / "old.mov", films(16), before).strip
    assert strip.frames is not None
    assert len(strip.frames) == 80
    seen = strip.frames.mean((1, 2, 3))
    assert np.abs(seen - 2 * np.arange(80) - (0 if before else 64)).max() < 4


@pytest.mark.parametrize("before", [False, True])
def test_an_engine_of_the_drafts_rate_keeps_its_own_size(tmp_path: Path, before: bool) -> None:
    grey = np.random.default_rng(0).integers(0, 255, (8, 240, 320, 1), np.uint8)
    noise = np.repeat(grey, 3, axis=-1)
    with open_writer(tmp_path / "old.mov", size=(320, 240), fps=8) as writer:
        writer.write(noise)
    seam = Seam(tmp_path / "old.mov", films(8), before)
    assert seam.strip.frames is not None
    assert seam.strip.frames.shape == (8, 240, 320, 3)
    shot = Shot("x", seconds=0.5, **{"trail" if before else "lead": seam.strip})
    seam.write(
        str(tmp_path / "new.mov"), [Chunk(0, 4, noise[:4])], shot, weights="", overwrite=False
    )
    new = decoded(tmp_path / "new.mov")
    assert new.shape == (12, 240, 320, 3)
    made = new[:4] if before else new[8:]
    assert np.abs(made.astype(int) - noise[:4]).mean() < 20  # what was filmed, not a blur of it
