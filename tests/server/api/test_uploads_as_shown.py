"""What an engine is shown of uploads: drafts where it films drafts, else what was sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from laterna.engines.fake import FakeEngine
from laterna.media.write import open_writer
from laterna.server.tables import Video

from .conftest import Live, picture


@pytest.fixture
def film(tmp_path: Path) -> bytes:
    """A second of 24 frames, 640 x 360."""
    with open_writer(tmp_path / "film.mp4", size=(640, 360), fps=24) as writer:
        writer.write(np.full((24, 360, 640, 3), 80, np.uint8))
    return (tmp_path / "film.mp4").read_bytes()


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The server takes its engine for one of 16 frames a second in a size of its own."""
    can = replace(FakeEngine().capabilities, fps=16, drafts=False)
    monkeypatch.setattr(FakeEngine, "capabilities", property(lambda self: can))
    yield


def shot(live: Live, answer: httpx.Response) -> Any:
    """The shot that was queued, as JSON."""
    assert answer.status_code == 200, answer.text
    with live.store.reading() as session:
        row = session.get(Video, answer.json()["id"])
        assert row is not None
        return json.loads(json.dumps(row.spec["shot"]))


def edited(http: httpx.Client, film: bytes) -> httpx.Response:
    told = {"prompt": "x", "strength": "0.5", "draft": "true"}
    files = {
        "video": film,
    }
    return http.post("/v1/videos/edits", data=told, files=files)


def test_film_is_made_a_draft_for_an_engine_of_drafts(
    live: Live, http: httpx.Client, film: bytes
) -> None:
    source = shot(live, edited(http, film))["source"]
    assert (source["fps"], source["frames"]["shape"]) == (8, [8, 144, 256, 3])


@pytest.mark.usefixtures("wide")
def test_film_keeps_its_size_and_as_many_frames_as_the_engine_films(
    live: Live, http: httpx.Client, film: bytes
) -> None:
    told = shot(live, edited(http, film))
    assert (told["source"]["fps"], told["source"]["frames"]["shape"]) == (16, [16, 360, 640, 3])
    assert (told["size"], told["frames"]) == ([640, 360], 8)
    asked = {"prompt": "x", "seconds": "1", "draft": "true"}
    answer = http.post("/v1/videos/extensions", data=asked, files={"video": film})
    assert shot(live, answer)["lead"]["frames"]["shape"] == [16, 360, 640, 3]


@pytest.mark.usefixtures("wide")
def test_a_picture_keeps_its_size(live: Live, http: httpx.Client) -> None:
    told = {"prompt": "x", "seconds": "1", "size": "16:9", "draft": "true"}
    files = {"input_reference": picture(1280, 720)}
    image = shot(live, http.post("/v1/videos", data=told, files=files))["keyframes"][0]["image"]
    assert image["shape"] == [720, 1280, 3]
