"""Bodies as the clients of the last year write them: JSON, forms, brackets, texts for numbers."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from laterna.server.errors import ApiError
from laterna.server.wire import Upload

from .conftest import SMALL, Live, picture


def ask(http: httpx.Client, **told: Any) -> httpx.Response:
    return http.post("/v1/videos", json={"prompt": "sea", "size": SMALL, "draft": True, **told})


def good(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def wrong(answer: httpx.Response, status: int = 400) -> tuple[str | None, str]:
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert error.keys() == {"message", "type", "param", "code"}
    assert error["message"] and error["type"]
    return error["param"], error["message"]


@pytest.mark.parametrize("seconds", ["1", 1, 1.0, "1.0"])
def test_seconds_are_texts_and_numbers(http: httpx.Client, seconds: object) -> None:
    assert good(ask(http, seconds=seconds))["seconds"] == "1"


def test_a_form_without_a_file_is_what_newer_clients_send(http: httpx.Client) -> None:
    told = {"prompt": (None, "sea"), "seconds": (None, "1"), "size": (None, SMALL)}
    more = {"seed": (None, "9"), "loop": (None, "true"), "draft": (None, "true")}
    empty = {"negative_prompt": (None, ""), "passes[]": (None, "depth")}
    answer = good(http.post("/v1/videos", files={**told, **more, **empty}))
    assert (answer["seed"], answer["quality"], answer["passes"]) == (9, "draft", ["depth"])


def test_a_plain_form_will_do_too(http: httpx.Client) -> None:
    told = {"prompt": "sea", "seconds": "1", "size": SMALL, "draft": "true"}
    assert good(http.post("/v1/videos", data=told))["seconds"] == "1"


def test_a_picture_comes_as_a_data_url(http: httpx.Client, png: bytes) -> None:
    url = "data:image/png;base64," + base64.b64encode(png).decode()
    assert good(ask(http, seconds=1, input_reference={"image_url": url}))["kind"] == "create"
    form = {"prompt": "sea", "size": SMALL, "seconds": "1", "draft": "true"}
    form["input_reference[image_url]"] = url
    assert good(http.post("/v1/videos", data=form))["kind"] == "create"
    sent = {"file": url, "draft": True}
    assert wrong(ask(http, **sent))[0] == "file"


def test_a_picture_is_not_fetched_from_just_anywhere(http: httpx.Client) -> None:
    for url in ("http://127.0.0.1/x.png", "file:///etc/passwd", "https://example.org/x.png"):
        param, _ = wrong(ask(http, input_reference={"image_url": url}))
        assert param == "input_reference.image_url"
    assert wrong(ask(http, input_reference={"file_id": "f"}))[0] == "input_reference.file_id"
    assert wrong(ask(http, input_reference={}))[0] == "input_reference"
    data = {"image_url": "data:image/png;base64,!!!"}
    assert wrong(ask(http, input_reference=data))[0] == "input_reference.image_url"


def test_keyframes_and_cues(http: httpx.Client, png: bytes) -> None:
    files = {"keyframes[0][image]": png, "keyframes[1][image]": png}
    told = {"prompt": "sea", "size": SMALL, "seconds": "2", "draft": "true"}
    told |= {"keyframes[0][second]": "0.5", "keyframes[1][second]": "1.5"}
    told |= {"cues[0][second]": "1", "cues[0][prompt]": "storm"}
    assert good(http.post("/v1/videos", data=told, files=files))["frames"] == 16
    told["keyframes[1][second]"] = "0.5"
    assert wrong(http.post("/v1/videos", data=told, files=files))[0] == "keyframes.1"
    told["keyframes[1][second]"] = "7"
    assert wrong(http.post("/v1/videos", data=told, files=files))[0] == "keyframes.1.second"
    files["keyframes[0][image]"] = picture(72, 72)
    assert wrong(http.post("/v1/videos", data=told, files=files))[0] == "keyframes.0.image"


@pytest.mark.parametrize(
    ("told", "param"),
    [
        ({"prompt": None}, "prompt"),
        ({"prompt": ""}, "prompt"),
        ({"prompt": "x" * 2001}, "prompt"),
        ({"prompt": "\ud800"}, None),
        ({"prompt": "\x00"}, "prompt"),
        ({"seconds": "four"}, "seconds"),
        ({"seconds": "0"}, "seconds"),
        ({"seconds": True}, "seconds"),
        ({"seed": "7"}, "seed"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**64}, "seed"),
        ({"size": "65x65"}, "size"),
        ({"\udcff": 1}, None),
        ({"guidance": float("nan")}, None),
        ({"input_reference": "x"}, "input_reference"),
        ({"input_reference": {"image_url": "a", "file_id": "b"}}, "input_reference"),
        ({"characters": [{"id": "a"}, {"id": "b"}, {"id": "c"}]}, "characters"),
        ({"cues": [{"second": 9, "prompt": "x"}]}, "cues[0].second"),
        ({"draft": True, "final": True}, "final"),
    ],
)
def test_what_is_wrong_is_named(
    http: httpx.Client, told: dict[str, Any], param: str | None
) -> None:
    body = {"prompt": "sea", "size": SMALL, **told}
    answer = http.post(
        "/v1/videos", content=json.dumps(body), headers={"content-type": "application/json"}
    )
    named, message = wrong(answer)
    assert named == param, message


@pytest.mark.parametrize(
    ("told", "message"),
    [
        (
            {"input_reference": "x"},
            "input_reference: give an object with image_url, or send a file in a multipart form",
        ),
        ({"input_reference": {}}, "input_reference: give exactly one of image_url and file_id"),
        (
            {"input_reference": {"image_url": 5}},
            "input_reference.image_url: 5 will not do; give a text",
        ),
        (
            {"keyframes": [{"second": 0, "image": 7}]},
            "keyframes.0.image: give an object with image_url, or send a file in a multipart form",
        ),
        (
            {"keyframes": [{"second": 0, "image": {}}]},
            "keyframes.0.image: give exactly one of image_url and file_id",
        ),
        ({"cues": ["x"]}, "cues.0: 'x' will not do; give an object"),
        ({"cues": "x"}, "cues: 'x' will not do; give a list"),
        ({"draft": "maybe"}, "draft: 'maybe' will not do; use true or false"),
        ({"seed": 1.5}, "seed: 1.5 will not do; give a whole number"),
        ({"inputReference": "x"}, "inputReference: there is no such field here"),
    ],
)
def test_what_would_be_right_is_said(
    http: httpx.Client, told: dict[str, Any], message: str
) -> None:
    assert wrong(ask(http, **told))[1] == message


def test_a_file_a_text_and_an_object_are_told_apart(
    http: httpx.Client,
) -> None:
    told = {"prompt": "x", "seconds": 1, "video": "v"}
    message = "video: give an object with id, or send a file in a multipart form"
    assert wrong(http.post("/v1/videos/extensions", json=told)) == ("video", message)
    answer = http.post("/v1/videos", data={"seed": "1"}, files={"prompt": b"four"})
    message = "prompt: a file of 4 bytes will not do; give a text"
    assert wrong(answer) == ("prompt", message)
    message = "video: send it as a file, in a multipart form"
    told = {"name": "Mossy", "video": "v"}
    assert wrong(http.post("/v1/videos/characters", json=told)) == ("video", message)


@pytest.mark.parametrize("data", [b"{", b"[]", b"nul", b'"x"', b"\xff", b"[" * 100_000, b"1e9"])
def test_what_is_no_json_is_refused(http: httpx.Client, data: bytes) -> None:
    kind = {"content-type": "application/json"}
    wrong(http.post("/v1/videos", content=data, headers=kind))


def test_an_empty_body_misses_its_prompt(http: httpx.Client) -> None:
    assert wrong(http.post("/v1/videos"))[0] == "prompt"
    assert wrong(http.post("/v1/videos", json={}))[0] == "prompt"


def test_other_kinds_of_bodies_are_415(http: httpx.Client) -> None:
    answer = http.post("/v1/videos", content=b"<a/>", headers={"content-type": "text/xml"})
    assert "text/xml" in wrong(answer, 415)[1]


def test_a_form_cut_short_is_refused(http: httpx.Client) -> None:
    kind = {"content-type": "multipart/form-data"}
    wrong(http.post("/v1/videos", content=b"--x\r\n", headers=kind))
    kind = {"content-type": "multipart/form-data; boundary=x"}
    wrong(http.post("/v1/videos", content=b"--x\r\nnonsense", headers=kind))


def test_paths_and_methods_that_are_not_there(live: Live, http: httpx.Client) -> None:
    assert "/v1/vidoes" in wrong(http.get("/v1/vidoes"), 404)[1]
    answer = http.put("/v1/videos")
    assert "PUT" in wrong(answer, 405)[1]
    for path, methods in (
        ("/v1/videos", "GET, POST"),
        ("/v1/videos/video_x", "GET, DELETE"),
        ("/v1/videos/edits", "GET, POST, DELETE"),  # with what /v1/videos/{id} takes
        ("/openapi.json", "GET, HEAD"),
    ):
        answer = http.put(path)
        wrong(answer, 405)
        assert answer.headers["allow"] == methods
    assert wrong(http.get("/v1/videos?limit=0"))[0] == "limit"
    assert wrong(http.get("/v1/videos?order=up"))[0] == "order"
    assert wrong(http.get("/v1/videos?after=video_x"))[0] == "after"
    wrong(http.get("/v1/videos/..%2f..%2fetc"), 404)
    wrong(httpx.get(f"{live.url}/v1/videos", trust_env=False), 401)


@pytest.fixture
def guest(http: httpx.Client) -> Iterator[dict[str, str]]:
    """The headers of somebody else, who may film."""
    before = http.get("/admin/api/stage").json()["stage"]
    http.put("/admin/api/stage", json={"stage": "open"})
    owner = http.post("/admin/api/owners", json={"name": "guest", "stage": "open"}).json()["id"]
    key = http.post(f"/admin/api/owners/{owner}/keys").json()["key"]
    yield {"authorization": f"Bearer {key}"}
    http.put("/admin/api/stage", json={"stage": before})


def test_a_video_of_somebody_else_is_not_there(
    http: httpx.Client, video: str, guest: dict[str, str]
) -> None:
    for path in ("", "/content", "/events"):
        wrong(http.get(f"/v1/videos/{video}{path}", headers=guest), 404)
    for path in ("/remix", "/edits", "/cancel"):
        wrong(http.post(f"/v1/videos/{video}{path}", json={"prompt": "x"}, headers=guest), 404)
    told = {"prompt": "x", "seconds": 1, "video": {"id": video}}
    wrong(http.post("/v1/videos/extensions", json=told, headers=guest), 404)
    wrong(http.delete(f"/v1/videos/{video}", headers=guest), 404)
    assert http.get("/v1/videos", headers=guest).json()["data"] == []


def test_uploads_carry_their_size() -> None:
    upload = Upload(io.BytesIO(b"12345"), 5)
    assert upload.read(5, "video") == b"12345"
    with pytest.raises(ApiError) as error:
        upload.read(4, "video")
    assert error.value.status == 413
