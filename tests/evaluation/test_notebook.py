"""What was seen is not looked at twice, whenever the evaluation was stopped."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from laterna.errors import OutputError
from laterna.evaluation.judge import Observation
from laterna.evaluation.notebook import Notebook


def seen(speed: float = 1.0) -> Observation:
    gist = np.zeros((20, 32, 3), np.uint8)
    return Observation({"hour": "noon"}, "static", np.ones(4, np.float32), speed, 2.0, 3.0, gist)


def never() -> Observation:
    raise AssertionError("it was seen already")


def test_what_was_seen_is_there_when_the_book_is_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "book.jsonl"
    first = Notebook(path, {"judge": "a"}).get("7", seen)
    book = Notebook(path, {"judge": "a"})
    assert len(book) == 1
    assert book.get("7", never).as_dict() == first.as_dict()


def test_a_line_that_was_cut_short_is_looked_at_again(tmp_path: Path) -> None:
    path = tmp_path / "book.jsonl"
    book = Notebook(path, {})
    book.get("1", seen)
    book.get("2", seen)
    path.write_bytes(path.read_bytes()[:-40])
    book = Notebook(path, {})
    assert len(book) == 1
    assert book.get("2", lambda: seen(5)).speed == 5
    assert len(Notebook(path, {})) == 2


def test_a_book_about_something_else_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "book.jsonl"
    Notebook(path, {"judge": "a"}).get("1", seen)
    assert len(Notebook(path, {"judge": "b"})) == 0


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        Notebook(tmp_path / "file" / "book.jsonl", {})
