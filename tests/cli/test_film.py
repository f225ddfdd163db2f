"""`laterna film`, from the command line to the file."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from laterna.media.read import iterate, probe
from laterna.media.sidecar import read_sidecar
from laterna.media.write import open_writer
from tests.cli.conftest import Said

Call = Callable[..., Said]
DAWN = ("a balloon at dawn", "--seconds", "0.5", "--seed", "7")


def frames_in(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


def names(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()}


def test_a_sentence_becomes_a_finished_clip_with_a_sidecar(film: Call, tmp_path: Path) -> None:
    said = film(*DAWN, "-o", "clip.mp4")
    assert (said.code, said.err) == (0, "")
    media = probe(tmp_path / "clip.mp4")
    assert (media.size, media.fps, media.codec) == ((512, 288), 24, "h264")
    assert frames_in(tmp_path / "clip.mp4") == 12
    kept = read_sidecar(tmp_path / "clip.mp4.laterna")
    assert (kept.shot.prompt, kept.shot.seed) == ("a balloon at dawn", 7)
    assert names(tmp_path) == {"clip.mp4", "clip.mp4.laterna"}


def test_the_line_it_prints_makes_the_same_clip_again(
    film: Call, laterna: Call, tmp_path: Path
) -> None:
    said = film("a boat, 'far' away", "--seconds", "0.5", "-o", "one.mp4", "--loop", "--steps", "3")
    again = said.out.splitlines()[-1].removeprefix("again: laterna ")
    first = (tmp_path / "one.mp4").read_bytes()
    assert laterna(*shlex.split(again), "--force").code == 0
    assert (tmp_path / "one.mp4").read_bytes() == first


def test_a_clip_without_a_name_is_called_by_its_words_and_seed(film: Call, tmp_path: Path) -> None:
    assert film("Ein Ballon über Großem", "--seconds", "0.25", "--seed", "9").code == 0
    assert "ein-ballon-uber-grossem-9.mp4" in names(tmp_path)
    assert film("雨の海", "--seconds", "0.25", "--seed", "9").code == 0
    assert "clip-9.mp4" in names(tmp_path)


def test_a_drawn_seed_is_printed(film: Call, tmp_path: Path) -> None:
    said = film("sea", "--seconds", "0.25", "-o", "x.gif")
    seed = read_sidecar(tmp_path / "x.gif.laterna").shot.seed
    assert f"--seed {seed}" in said.out


@pytest.mark.parametrize(
    ("size", "draft", "delivered"),
    [
        ("9:16", False, (288, 512)),
        ("1:1", True, (160, 160)),
        ("642x358", False, (642, 358)),
        ("642x358", True, (642, 358)),
    ],
)
def test_sizes_are_delivered_exactly(
    film: Call, tmp_path: Path, size: str, draft: bool, delivered: tuple[int, int]
) -> None:
    assert film(*DAWN, "--size", size, "-o", "x.mp4", *["--draft"] * draft).code == 0
    media = probe(tmp_path / "x.mp4")
    assert media.size == delivered
    assert media.fps == (8 if draft else 24)
    assert frames_in(tmp_path / "x.mp4") == (4 if draft else 12)


def test_a_png_is_a_still_and_a_bare_name_a_folder(film: Call, tmp_path: Path) -> None:
    assert film("sea", "--seed", "1", "-o", "still.png").code == 0
    with Image.open(tmp_path / "still.png") as image:
        assert image.size == (512, 288)
    assert film("sea", "--seed", "1", "--seconds", "0.25", "-o", "take/").code == 0
    assert len(names(tmp_path / "take")) == 6


def test_pictures_pin_the_first_the_last_and_any_frame_between(film: Call, tmp_path: Path) -> None:
    greys = {"first": 20, "middle": 120, "last": 230}
    for name, grey in greys.items():
        Image.new("RGB", (256, 144), (grey, grey, grey)).save(tmp_path / f"{name}.png")
    said = film(
        "sea", "--seconds", "1", "--draft", "-o", "x", "--image", "first.png",
        "--last-image", "last.png", "--keyframe", "0.5=middle.png",
    )  # fmt: skip
    assert (said.code, said.err) == (0, "")
    means = [np.asarray(Image.open(p)).mean() for p in sorted((tmp_path / "x").iterdir())]
    assert (means[0], means[4], means[7]) == (20, 120, 230)


def test_a_picture_of_another_shape_is_cropped_and_that_is_said(film: Call, tmp_path: Path) -> None:
    Image.new("RGB", (100, 100)).save(tmp_path / "square.png")
    said = film(*DAWN, "--image", "square.png", "-o", "x.mp4")
    assert said.code == 0
    assert said.complaint.startswith("note: square.png is 100x100; its middle is cropped")


def source(path: Path, grey: int = 90, count: int = 8) -> None:
    with open_writer(path, size=(256, 144), fps=8) as writer:
        writer.write(np.full((count, 144, 256, 3), grey, np.uint8))


def test_what_the_mask_leaves_black_is_kept(film: Call, tmp_path: Path) -> None:
    source(tmp_path / "old.mp4")
    mask = np.zeros((144, 256), np.uint8)
    mask[:, 128:] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    said = film("sea", "--draft", "--source", "old.mp4", "--mask", "mask.png", "-o", "new")
    assert (said.code, said.err) == (0, "")
    kept = next(iterate(tmp_path / "old.mp4"))
    pictures = sorted((tmp_path / "new").iterdir())
    assert len(pictures) == 8
    for path in pictures:
        picture = np.asarray(Image.open(path))
        np.testing.assert_array_equal(picture[:, :128], kept[:, :128])
        assert np.abs(picture[:, 128:].astype(int) - 90).max() > 4


def test_a_remix_is_as_long_as_its_source_unless_asked(film: Call, tmp_path: Path) -> None:
    source(tmp_path / "old.mp4", count=12)
    remix = ("night", "--source", "old.mp4", "--strength", "0.4", "--draft")
    assert film(*remix, "-o", "a.mp4").code == 0
    assert frames_in(tmp_path / "a.mp4") == 12
    assert film(*remix, "-o", "b.mp4", "--seconds", "0.5").code == 0
    assert frames_in(tmp_path / "b.mp4") == 4
    said = film(*remix, "-o", "c.mp4", "--seconds", "9")
    assert (said.code, said.complaint[:14]) == (2, "error: seconds")


def test_pictures_are_set_in_the_length_and_shape_of_the_source(film: Call, tmp_path: Path) -> None:
    with open_writer(tmp_path / "tall.mp4", size=(144, 256), fps=8) as writer:
        writer.write(np.full((48, 256, 144, 3), 90, np.uint8))
    Image.new("RGB", (144, 256), (230, 230, 230)).save(tmp_path / "last.png")
    remix = ("night", "--source", "tall.mp4", "--strength", "0.4", "--draft")
    said = film(*remix, "--last-image", "last.png", "--keyframe", "5=last.png", "-o", "x")
    assert (said.code, said.err) == (0, "")  # nothing is cropped
    means = [np.asarray(Image.open(p)).mean() for p in sorted((tmp_path / "x").iterdir())]
    assert len(means) == 48
    assert [place for place, mean in enumerate(means) if mean == 230] == [40, 47]


def test_a_still_is_made_from_film(film: Call, tmp_path: Path) -> None:
    source(tmp_path / "old.mp4", count=12)
    said = film("night", "--source", "old.mp4", "--strength", "0.4", "-o", "one.png")
    assert (said.code, said.err) == (0, "")
    assert Image.open(tmp_path / "one.png").size == (512, 288)


def test_the_line_it_prints_says_that_something_was_replaced(film: Call, tmp_path: Path) -> None:
    (tmp_path / "x.mp4").write_bytes(b"older")
    again = film(*DAWN, "--force", "-o", "x.mp4").out.splitlines()[-1]
    assert "--force" in shlex.split(again)


def test_force_replaces_a_clip_and_its_sidecar(film: Call, tmp_path: Path) -> None:
    (tmp_path / "x.mp4").write_bytes(b"older")
    (tmp_path / "x.mp4.laterna").write_bytes(b"older")
    said = film(*DAWN, "-o", "x.mp4")
    assert (said.code, "exists" in said.complaint) == (2, True)
    assert (tmp_path / "x.mp4").read_bytes() == b"older"
    assert film(*DAWN, "-o", "x.mp4", "--force").code == 0
    assert read_sidecar(tmp_path / "x.mp4.laterna").shot.seed == 7


def test_words_the_native_model_cannot_film_are_named(
    laterna: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from laterna.engines import registry
    from laterna.engines.fake import FakeEngine

    monkeypatch.setitem(registry.BUILT_IN, "native", "laterna.engines.fake:FakeEngine")
    monkeypatch.setattr(FakeEngine, "name", "native")
    prompt = "a cat plays the piano in a kitchen"
    said = laterna("film", prompt, "--seconds", "0.25", "-o", "x.mp4")
    assert said.code == 0
    assert said.complaint.startswith("warning: ")
    assert all(word in said.complaint for word in ("cat", "piano", "kitchen", "open-weight"))
    assert laterna("film", "mountains", "--seconds", "0.25", "-o", "y.mp4").err == ""


ONE = ("x", "-o", "x.mp4")


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("", "-o", "x.mp4"), "prompt"),
        (("x" * 2001, "-o", "x.mp4"), "prompt"),
        (("a\x00b", "-o", "x.mp4"), "prompt"),
        (("a\x1b[2Jb", "-o", "x.mp4"), "prompt"),
        (("\u200b", "-o", "x.mp4"), "prompt"),
        (("a\u202eb", "-o", "x.mp4"), "U+202E"),
        *[((*ONE, "--seconds", value), "seconds") for value in ("0", "-1", "0.01", "1e9", "nan")],
        ((*ONE, "--seconds", "soon"), "seconds: 'soon' will not do; give a number"),
        ((*ONE, "--steps", "1.5"), "steps: '1.5' will not do; give a whole number"),
        *[((*ONE, "--size", value), "size") for value in ("641x360", "62x64", "1922x64", "big")],
        ((*ONE, "--steps", "0"), "steps"),
        ((*ONE, "--seed", "-1"), "seed"),
        ((*ONE, "--guidance", "0"), "guidance"),
        ((*ONE, "--final"), "quality"),
        ((*ONE, "--final", "--draft"), "quality"),
        ((*ONE, "--engine", "nobody"), "engine"),
        (("x", "-o", "nowhere/x.mp4"), "output"),
        (("x", "-o", "x.exe"), "output"),
        (("x", "-o", ".mp4"), "output"),
        (("x", "-o", ""), "output"),
        (("x", "-o", "/proc/x.mp4"), "output"),
        ((*ONE, "--image", "gone.png"), "image"),
        ((*ONE, "--image", "text.png"), "image"),
        ((*ONE, "--last-image", "gone.png"), "last-image"),
        ((*ONE, "--keyframe", "1"), "keyframe"),
        ((*ONE, "--keyframe", "soon=text.png"), "keyframe"),
        ((*ONE, "--keyframe", "1=text.png"), "keyframe"),
        ((*ONE, "--keyframe", "99=good.png"), "keyframe"),
        ((*ONE, "--keyframe", "nan=good.png"), "keyframe"),
        ((*ONE, "--mask", "good.png"), "mask"),
        ((*ONE, "--strength", "0.5"), "strength"),
        ((*ONE, "--source", "text.png", "--strength", "0.5"), "source"),
        ((*ONE, "--source", "text.png"), "--mask or --strength"),
        ((*ONE, "--bogus"), "bogus"),
        ((*ONE, "too", "many"), "too"),
        ((), "prompt"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line_that_names_the_field_and_leaves_no_file(
    laterna: Call, tmp_path: Path, words: tuple[str, ...], field: str
) -> None:
    (tmp_path / "text.png").write_text("no picture")
    Image.new("RGB", (64, 64)).save(tmp_path / "good.png")
    engine = () if "--engine" in words else ("--engine", "fake")
    said = laterna("film", *words, *engine)
    assert said.code == 2
    assert said.complaint.startswith("error: ")
    assert field in said.complaint
    assert said.out == ""
    assert names(tmp_path) == {"text.png", "good.png"}
