"""`laterna film --engine diffusers:FOLDER`: what it is told and what it says, as users meet it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from laterna.cli.app import run
from laterna.media.read import iterate, probe
from laterna.media.write import open_writer
from laterna.server.jobs.draft import FILM, DraftWriter
from laterna.server.jobs.spool import Maker
from laterna.shot import Frames
from tests.engines.diffusers.conftest import footage, picture
from tests.engines.diffusers.test_options import lora

pytest.importorskip("diffusers")


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


def heard(monkeypatch: pytest.MonkeyPatch, name: str) -> dict[str, Any]:
    """What the pipeline class `name` is called with, once it is."""
    import diffusers

    kind = getattr(diffusers, name)
    given: dict[str, Any] = {}
    call = kind.__call__

    @wraps(call)
    def hears(self: Any, *args: Any, **told: Any) -> Any:
        given.update(told)
        return call(self, *args, **told)

    monkeypatch.setattr(kind, "__call__", hears)
    return given


def lossless(name: str, frames: Frames, fps: float) -> Path:
    Path(name).mkdir()
    size = (frames.shape[2], frames.shape[1])
    with DraftWriter(Path(name), Maker("", "", fps), size) as writer:
        writer.write(frames)
    return Path(name) / FILM


def test_a_picture_reaches_the_pipeline_as_it_is_in_its_file(
    film: Callable[..., int], monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    given = heard(monkeypatch, "WanImageToVideoPipeline")
    noise = footage(1)[0]
    Image.fromarray(np.pad(noise, ((0, 0), (4, 4), (0, 0)))).save("wide.png")
    assert film("wan_image", "--image", "wide.png", "-o", "a.mp4") == 0
    assert "wide.png is 72x64; its middle is cropped to 64:64" in capsys.readouterr().err
    np.testing.assert_array_equal(np.asarray(given["image"]), noise)


@pytest.mark.parametrize("fps", [8, 16, 32])
def test_a_source_reaches_the_pipeline_at_its_own_size_and_rate(
    fps: int, film: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = heard(monkeypatch, "WanVACEPipeline")
    noise = footage(fps // 2)
    source = lossless("source", noise, fps)
    mask = np.zeros((64, 64), np.uint8)
    mask[:32] = 255
    Image.fromarray(mask).save("mask.png")
    words = ("--source", str(source), "--mask", "mask.png", "-o", "frames")
    assert film("wan_vace", *words) == 0
    shown = noise[np.arange(8) * fps // 16][:, 32:]  # Wan films 16 frames a second
    kept = np.stack([np.asarray(frame) for frame in given["video"]])[:8, 32:]
    made = np.stack([np.asarray(Image.open(name)) for name in sorted(Path("frames").iterdir())])
    if fps == 8:  # either neighbour will do
        assert all((one == noise[:, 32:]).all((1, 2, 3)).any() for one in kept)
    else:
        np.testing.assert_array_equal(kept, shown)
    np.testing.assert_array_equal(made[:, 32:], kept)


def test_blocking_reaches_the_pipeline_as_depth(
    film: Callable[..., int], monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    pytest.importorskip("numba")
    given = heard(monkeypatch, "WanVACEPipeline")
    blocking = "a boat on the lake, on the left, fast truck right"
    words = ("--control", "depth", "--blocking", blocking, "-o", "a.mp4")
    assert film("wan_vace", *words) == 0
    assert "depth of the blocking was rendered by previs" in capsys.readouterr().err
    depth = np.stack([np.asarray(frame) for frame in given["video"]])
    assert (depth.dtype, depth.shape) == (np.uint8, (9, 64, 64, 3))  # 8 frames, as Wan counts 4k+1
    assert (depth == depth[..., :1]).all()
    assert depth.min() == 0  # the sky
    assert depth.max() > 200  # what is near
    assert len(np.unique(depth[0])) > 16
    assert depth[0, -8:].mean() > depth[0, 32:40].mean() > depth[0, :8].mean()
    assert (depth[0] != depth[7]).mean() > 0.05  # the camera moves
    assert all(np.asarray(mask).min() == 255 for mask in given["mask"])
    assert (given["num_frames"], given["conditioning_scale"]) == (9, 1.0)
    assert len(list(iterate(Path("a.mp4")))) == 8
