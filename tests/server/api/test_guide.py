"""docs/api.md keeps its word: its Python runs, from top to bottom, against a live server."""

from __future__ import annotations

from pathlib import Path

import pytest

from laterna.server.videos.requests import CreateRequest
from tests.test_docs import PRINTS, blocks

from .conftest import SMALL, Live

GUIDE = Path(__file__).parents[3] / "docs/api.md"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_guide_runs(
    live: Live,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    told = []
    for block in blocks(GUIDE):
        if block.kind == "python":
            text = block.text.replace("http://127.0.0.1:8000", live.url)
            text = text.replace("1280x720", SMALL)  # the same calls, sooner done
            exec(text.replace("sk-laterna-...", live.key), names)
            told += PRINTS.findall(text)
    assert capsys.readouterr().out.splitlines() == told
    assert (tmp_path / "lighthouse.mp4").stat().st_size > 1000


def test_the_guide_names_every_field() -> None:
    text = GUIDE.read_text("utf-8")
    ours = CreateRequest.model_fields.keys() - {"prompt", "model", "seconds", "size"}
    assert {name for name in ours if f"`{name}" not in text} == set()
