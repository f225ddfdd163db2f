"""Downloads: ranges, tags, and what is not there or not there any more."""

from __future__ import annotations

import io
import time

import httpx
import numpy as np
import pytest
from PIL import Image

from laterna.server.tables import Video

from .conftest import Live


@pytest.fixture
def path(video: str) -> str:
    return f"/v1/videos/{video}/content"


def test_the_whole_film(http: httpx.Client, path: str, video: str) -> None:
    answer = http.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["accept-ranges"] == "bytes"
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert f"{video}.mp4" in answer.headers["content-disposition"]
    head = http.head(path)
    assert head.headers["content-length"] == answer.headers["content-length"]
    assert head.headers["etag"] == answer.headers["etag"]


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-9", slice(0, 10)),
        ("bytes=10-", slice(10, None)),
        ("bytes=-7", slice(-7, None)),
        ("bytes=5-99999999", slice(5, None)),
    ],
)
def test_a_range(http: httpx.Client, path: str, asked: str, part: slice) -> None:
    film = http.get(path).content
    answer = http.get(path, headers={"range": asked})
    assert answer.status_code == 206
    assert answer.content == film[part]
    start = range(len(film))[part][0]
    told = f"bytes {start}-{start + len(answer.content) - 1}/{len(film)}"
    assert answer.headers["content-range"] == told


@pytest.mark.parametrize(
    "asked", ["bytes=5-1", "bytes=-", "bytes=0-1,4-5", "lines=1-2", "nonsense"]
)
def test_a_range_that_makes_no_sense_gives_the_whole(
    http: httpx.Client, path: str, asked: str
) -> None:
    answer = http.get(path, headers={"range": asked})
    assert (answer.status_code, answer.content) == (200, http.get(path).content)


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=-0"])
def test_a_range_beyond_the_end(http: httpx.Client, path: str, asked: str) -> None:
    answer = http.get(path, headers={"range": asked})
    assert answer.status_code == 416
    assert answer.json()["error"]["param"] == "Range"
    assert answer.headers["content-range"].startswith("bytes */")


def test_what_is_known_is_not_sent_again(http: httpx.Client, path: str) -> None:
    tag = http.get(path).headers["etag"]
    for condition in (tag, f'"x", {tag}', f"W/{tag}", "*"):
        answer = http.get(path, headers={"if-none-match": condition})
        assert (answer.status_code, answer.content) == (304, b"")
    assert http.get(path, headers={"if-none-match": '"x"'}).status_code == 200
    some = {"range": "bytes=0-3"}
    assert http.get(path, headers={**some, "if-range": tag}).status_code == 206
    assert http.get(path, headers={**some, "if-range": '"x"'}).status_code == 200


def test_the_other_variants(http: httpx.Client, path: str) -> None:
    for variant, kind, form in (
        ("thumbnail", "image/webp", "WEBP"),
        ("spritesheet", "image/jpeg", "JPEG"),
    ):
        answer = http.get(path, params={"variant": variant})
        assert answer.headers["content-type"] == kind
        assert Image.open(io.BytesIO(answer.content)).format == form
    for variant, status in (("sound", 400), ("depth", 400)):
        answer = http.get(path, params={"variant": variant})
        assert answer.status_code == status
        assert answer.json()["error"]["param"] == "variant"


def test_passes_come_as_arrays(live: Live, http: httpx.Client) -> None:
    video = live.filmed(draft=True, passes=["depth"])
    answer = http.get(f"/v1/videos/{video}/content?variant=depth")
    depth = np.load(io.BytesIO(answer.content))
    assert (depth.shape, depth.dtype) == ((8, 144, 256), np.float32)


def test_a_video_that_is_not_filmed_yet(live: Live, http: httpx.Client) -> None:
    asked = {"prompt": "sea", "seconds": 60, "size": "128x72"}
    video = http.post("/v1/videos", json=asked).json()["id"]
    answer = http.get(f"/v1/videos/{video}/content")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "video_not_ready")
    refused = http.delete(f"/v1/videos/{video}")
    assert refused.json()["error"]["code"] == "video_not_finished"
    extended = {"prompt": "on", "seconds": 1, "video": {"id": video}}
    answer = http.post("/v1/videos/extensions", json=extended)
    assert answer.json()["error"] == answer.json()["error"] | {"param": "video.id"}
    told = http.post(f"/v1/videos/{video}/cancel").json()
    assert (told["status"], told["error"]["code"]) == ("failed", "cancelled")
    assert http.post(f"/v1/videos/{video}/cancel").json()["status"] == "failed"
    answer = http.get(f"/v1/videos/{video}/content")
    assert answer.json()["error"]["code"] == "video_failed"
    assert http.delete(f"/v1/videos/{video}").status_code == 200


def test_what_expired_is_gone_and_says_so(live: Live, http: httpx.Client) -> None:
    video = live.filmed(draft=True)
    with live.store.session() as session:
        session.get_one(Video, video).expires = time.time() - 1
    answer = http.get(f"/v1/videos/{video}/content")
    assert (answer.status_code, answer.json()["error"]["code"]) == (410, "expired")
    assert http.get(f"/v1/videos/{video}").status_code == 200
    answer = http.post(f"/v1/videos/{video}/remix", json={"prompt": "x"})
    assert answer.status_code == 410
