"""An evaluation from end to end, with an engine that films gradients."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from laterna.cli.app import run as laterna
from laterna.engines.fake import FakeEngine
from laterna.engines.protocol import Chunk
from laterna.evaluation import run
from laterna.evaluation.judge import Judge, save_judge
from laterna.evaluation.sheet import contact_sheet
from laterna.shot import Shot


class Counting(FakeEngine):
    """Counts what it is asked to film."""

    def __init__(self) -> None:
        self.shots: list[Shot] = []

    def film(self, shot: Shot, resume: bytes | None = None) -> Iterator[Chunk]:
        self.shots.append(shot)
        return super().film(shot, resume)


@pytest.fixture
def probe(judge: Judge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A judge's file; few takes, one caption on the sheet, a data root of our own."""
    monkeypatch.setenv("LATERNA_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(run, "TAKES", 2)
    monkeypatch.setattr(run, "SHEET", 1)
    save_judge(judge, tmp_path / "judge.safetensors")
    return tmp_path / "judge.safetensors"


def test_the_command_reports_and_goes_on_where_it_was(
    probe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    words = ["evaluate", "--n", "2", "--engine", "fake", "--probe", str(probe), "--out", str(out)]
    assert laterna(words) == 0
    said = capsys.readouterr()
    assert "setting" in said.out and "variety" in said.out
    found = json.loads((out / "report.json").read_text("utf-8"))
    assert found["format"] == 1 and found["n"] == 2 and found["engine"] == "fake"
    assert found["weights"] == "" and found["codec"] is None
    assert len(found["captions"]["sha256"]) == len(found["judge"]["sha256"]) == 64
    for row in found["factors"].values():
        value, low, high = row["accuracy"]
        assert 0 <= low <= value <= high <= 1
    assert Image.open(out / "sheet.png").width > 6 * 256

    engine = Counting()
    judge, _ = run.judge_for(run.Recipe(), probe)
    again = run.evaluate(engine, judge, out, run.Plan(2))
    assert again == found
    assert len(engine.shots) == 1  # the sheet's
    assert engine.shots[0].size == (256, 160) and engine.shots[0].seconds == 4


def test_bad_requests_are_one_line_each(
    probe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    out = ["--out", str(tmp_path / "out")]
    for words, told in (
        (["--n", "0"], "n:"),
        (["--n", "2000"], "n:"),
        (["--threads", "0"], "threads:"),
        (["--engine", "nobody", *out], "engine:"),
        (["--engine", "fake", "--weights", "there"], "weights:"),
        (["--engine", "fake", "--codec", "codec.safetensors"], "codec:"),
        (["--codec", str(tmp_path / "file"), "--probe", str(probe)], "codec:"),
        (["--engine", "fake", "--probe", str(tmp_path / "file"), *out], "probe:"),
        (["--engine", "fake", "--probe-clips", "0", *out], "clips:"),
    ):
        assert laterna(["evaluate", *words]) in (1, 2)
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith("error: ") and told in line
    assert not (tmp_path / "out").exists()


def test_a_judge_is_made_once_and_kept(
    judge: Judge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[run.Recipe] = []

    def train(recipe: run.Recipe, **_: object) -> Judge:
        made.append(recipe)
        return judge

    monkeypatch.setenv("LATERNA_HOME", str(tmp_path))
    monkeypatch.setattr(run, "train_judge", train)
    _, where = run.judge_for(run.Recipe())
    assert run.judge_for(run.Recipe())[1] == where and len(made) == 1
    assert tmp_path in where.parents
    run.judge_for(run.Recipe(steps=3))
    assert len(made) == 2


def test_a_contact_sheet_has_a_row_per_caption() -> None:
    film = np.full((8, 32, 48, 3), 255, np.uint8)
    one, two = (contact_sheet([("ein Moor bei Dämmerung", film)] * rows) for rows in (1, 2))
    assert one[:4] == two[:4] == b"\x89PNG" and len(two) > len(one)


def test_captions_on_a_contact_sheet_can_be_read_in_german() -> None:
    film = np.full((8, 32, 48, 3), 255, np.uint8)
    one, two = (
        contact_sheet([(text, film)]) for text in ("Möwen über Dünen", "Moewen ueber Duenen")
    )
    assert one == two
