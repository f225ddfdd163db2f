"""A video watched while it is filmed."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from typing import Any

import httpx
from PIL import Image

from .conftest import SMALL, Live


def events(answer: httpx.Response) -> Iterator[tuple[str | None, dict[str, Any]]]:
    name = None
    for line in answer.iter_lines():
        field, _, value = line.partition(": ")
        if field == "id":
            name = value
        elif field == "data":
            yield name, json.loads(value)
        elif not line:
            name = None


def test_frames_come_as_they_are_made(live: Live, http: httpx.Client) -> None:
    asked = {"prompt": "sea", "seconds": 3, "size": SMALL, "draft": True}
    video = http.post("/v1/videos", json=asked).json()["id"]
    with http.stream("GET", f"/v1/videos/{video}/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        told = list(events(answer))

    assert told[0][1]["type"] == "status"
    assert told[0][1]["video"]["id"] == video
    assert told[-1][0] == "end"
    assert told[-1][1]["video"]["status"] == "completed"
    frames = [event for _, event in told if event["type"] == "frame"]
    assert [frame["index"] for frame in frames] == [0, 4, 8, 12, 16, 20]
    assert (frames[-1]["frames"], frames[-1]["chunk"], frames[-1]["chunks"]) == (24, 5, 6)
    head, _, data = frames[0]["url"].partition(",")
    assert head == "data:image/jpeg;base64"
    assert Image.open(io.BytesIO(base64.b64decode(data))).format == "JPEG"
    progress = [event["progress"] for _, event in told if event["type"] != "frame"]
    assert progress == sorted(progress)


def test_who_comes_back_misses_nothing_and_hears_nothing_twice(
    http: httpx.Client, video: str
) -> None:
    answer = http.get(f"/v1/videos/{video}/events", headers={"last-event-id": "0"})
    indices = [event["index"] for _, event in events(answer) if event["type"] == "frame"]
    assert 0 not in indices
    answer = http.get(f"/v1/videos/{video}/events", headers={"last-event-id": "end"})
    assert answer.status_code == 204
    assert http.get("/v1/videos/video_x/events").status_code == 404
