"""Idempotency-Key: what is sent twice films once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from .conftest import SMALL, Live

ASKED = {"prompt": "sea", "seconds": 1, "size": SMALL, "draft": True}


def test_twice_is_once(http: httpx.Client) -> None:
    key = {"idempotency-key": "one"}
    first = http.post("/v1/videos", json=ASKED, headers=key)
    again = http.post("/v1/videos", json=ASKED, headers=key)
    assert again.json()["id"] == first.json()["id"]
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    other = http.post("/v1/videos", json=ASKED, headers={"idempotency-key": "two"})
    assert other.json()["id"] != first.json()["id"]


def test_a_key_belongs_to_its_request(http: httpx.Client, png: bytes) -> None:
    key = {"idempotency-key": "three"}
    form = {name: str(value).lower() for name, value in ASKED.items()}
    first = http.post("/v1/videos", data=form, files={"input_reference": png}, headers=key)
    assert first.status_code == 200, first.text
    again = http.post("/v1/videos", data=form, files={"input_reference": png}, headers=key)
    assert again.json()["id"] == first.json()["id"]
    other = http.post("/v1/videos", data=form, files={"input_reference": png + b"x"}, headers=key)
    assert other.status_code == 422
    assert other.json()["error"]["code"] == "idempotency_key_reused"


def test_a_request_is_the_same_in_json_and_as_a_form(http: httpx.Client) -> None:
    key = {"idempotency-key": "five"}
    first = http.post("/v1/videos", json=ASKED, headers=key)
    form = {"prompt": "sea", "seconds": "1.0", "size": SMALL, "draft": "true", "loop": "false"}
    again = http.post("/v1/videos", data=form, headers=key)
    assert again.status_code == 200, again.text
    assert again.json()["id"] == first.json()["id"]
    other = http.post("/v1/videos", data={**form, "seconds": "2"}, headers=key)
    assert other.status_code == 422


def test_a_character_is_made_once(http: httpx.Client, mp4: Path) -> None:
    def make(name: str, key: str) -> httpx.Response:
        file = {"video": mp4.read_bytes()}
        told = {"name": name, "description": "a red balloon"}
        headers = {"idempotency-key": key}
        return http.post("/v1/videos/characters", data=told, files=file, headers=headers)

    first, again = make("Mossy", "six"), make("Mossy", "six")
    assert first.status_code == 200, first.text
    assert again.json() == first.json()
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert make("Mossy", "seven").json()["id"] != first.json()["id"]
    assert make("Rocky", "six").json()["error"]["code"] == "idempotency_key_reused"
    assert (
        http.post("/v1/videos", json=ASKED, headers={"idempotency-key": "six"}).status_code == 422
    )


def test_many_at_once_film_once(live: Live) -> None:
    def ask(_: int) -> Any:
        with live.http() as http:
            answer = http.post("/v1/videos", json=ASKED, headers={"idempotency-key": "race"})
            return answer.json()["id"]

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(ask, range(6)))) == 1
    folders = {path.name for path in (live.settings.data / "videos").iterdir()}
    with live.http() as http:
        rows = {one["id"] for one in http.get("/v1/videos?limit=100").json()["data"]}
    assert {name for name in folders if not name.startswith(".")} >= rows


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_what_is_no_key_is_refused(http: httpx.Client, key: str) -> None:
    answer = http.post("/v1/videos", json=ASKED, headers={"idempotency-key": key})
    assert answer.json()["error"]["param"] == "Idempotency-Key"


def test_a_deleted_video_frees_its_key(live: Live, http: httpx.Client) -> None:
    key = {"idempotency-key": "four"}
    first = http.post("/v1/videos", json=ASKED, headers=key).json()["id"]
    live.ended(first)
    assert http.delete(f"/v1/videos/{first}").status_code == 200
    assert http.post("/v1/videos", json=ASKED, headers=key).json()["id"] != first
