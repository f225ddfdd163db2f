"""The whole application with several owners at it: nothing of one reaches another."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from fastapi.testclient import TestClient

from laterna.server.accounts import stages
from laterna.server.app import create_app
from laterna.server.jobs import Jobs
from laterna.server.settings import Limits, Settings
from laterna.server.store import Store

from .conftest import BASE, Make, bearer

ASKED = {"prompt": "a lighthouse at dusk", "seconds": "4", "size": "128x72"}


class Waits:
    """Jobs that are queued and never filmed."""

    def on_end(self, hook: Callable[[str], None]) -> None:
        """Nothing ends here."""

    def submit(self, video: str) -> None:
        """It waits."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    limits = Limits(upload_bytes=2 << 20, upload_seconds=5, queue=3)
    return Settings(tmp_path, stage="invited", engine="fake", limits=limits)


@pytest.fixture
def client(settings: Settings, store: Store) -> Iterator[TestClient]:
    app = create_app(settings, store, cast(Jobs, Waits()))
    with TestClient(app, BASE, raise_server_exceptions=False) as client:
        yield client


def film(client: TestClient, secret: str, **told: Any) -> Any:
    return client.post("/v1/videos", json={**ASKED, **told}, headers=bearer(secret))


def refusal(answer: Any) -> tuple[int, str]:
    error = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    return answer.status_code, error["code"]


def test_nobody_reaches_what_is_somebody_elses(client: TestClient, owner: Make) -> None:
    _, ada = owner("Ada")
    _, ben = owner("Ben", "partner")
    video = film(client, ada).json()["id"]
    for method, path in (
        ("GET", ""), ("GET", "/content"), ("GET", "/events"), ("DELETE", ""), ("POST", "/cancel"),
    ):  # fmt: skip
        answer = client.request(method, f"/v1/videos/{video}{path}", headers=bearer(ben))
        assert refusal(answer) == (404, "not_found"), path
    for path, form in (
        (f"/{video}/remix", {"prompt": "x"}),
        ("/extensions", {"prompt": "x", "seconds": "4", "video": {"id": video}}),
        ("/edits", {"prompt": "x", "video": {"id": video}}),
    ):
        answer = client.post(f"/v1/videos{path}", json=form, headers=bearer(ben))
        assert answer.status_code == 404, (path, answer.text)
    assert client.get("/v1/videos", headers=bearer(ben)).json()["data"] == []
    assert len(client.get("/v1/videos", headers=bearer(ada)).json()["data"]) == 1


def test_every_route_but_a_few_needs_a_key(client: TestClient) -> None:
    open_to_all = {
        "/health", "/ready", "/session", "/join", "/waiting", "/openapi.json",
    }  # fmt: skip
    told = client.get("/openapi.json")
    assert told.status_code == 200
    for path, methods in told.json()["paths"].items():
        if path in open_to_all:
            continue
        for method in methods:
            concrete = path.replace("{", "").replace("}", "")
            answer = client.request(method, concrete)
            assert answer.status_code == 401, (method, path, answer.status_code)


def test_quotas_are_429_with_the_moment_to_try_again(client: TestClient, owner: Make) -> None:
    _, ada = owner("Ada")
    assert film(client, ada).status_code == 200
    assert film(client, ada).status_code == 200
    answer = film(client, ada)
    assert refusal(answer) == (429, "too_many_jobs")
    assert answer.headers["retry-after"] == "15"
    _, ben = owner("Ben")
    assert film(client, ben).status_code == 200
    assert refusal(film(client, ben)) == (429, "queue_full")
    account = client.get("/session", headers=bearer(ada)).json()
    assert (account["seconds_today"], account["jobs_now"]) == (8.0, 2)


def test_a_request_that_is_refused_leaves_nothing(
    client: TestClient, owner: Make, settings: Settings
) -> None:
    _, ada = owner("Ada")
    film(client, ada), film(client, ada)
    before = sorted((settings.data / "videos").iterdir())
    assert film(client, ada).status_code == 429
    assert sorted((settings.data / "videos").iterdir()) == before


def test_abilities_are_asked_for_where_they_are_used(client: TestClient, owner: Make) -> None:
    _, ada = owner("Ada")
    clip = {"video": ("clip.mp4", b"\0\0\0\x18ftypmp42", "video/mp4")}
    form = {"prompt": "a boat"}
    answer = client.post("/v1/videos/edits", data=form, files=clip, headers=bearer(ada))
    assert refusal(answer) == (403, "not_open_yet")
    answer = client.post(
        "/v1/videos/characters", data={"name": "Rex"}, files=clip, headers=bearer(ada)
    )
    assert refusal(answer) == (403, "not_open_yet")


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/{id}/remix", {"prompt": "x"}),
        ("/{id}/edits", {"prompt": "x"}),
        ("/extensions", {"prompt": "x", "seconds": "4", "video": {"id": "{id}"}}),
    ],
)
def test_nothing_is_filmed_on_from_when_the_server_is_closed(
    path: str, told: dict[str, Any], client: TestClient, owner: Make, store: Store
) -> None:
    _, ada = owner("Ada", "partner")
    video = film(client, ada).json()["id"]
    with store.session() as session:
        stages.choose(session, "closed")
    asked = json.loads(json.dumps(told).replace("{id}", video))
    answer = client.post(f"/v1/videos{path.format(id=video)}", json=asked, headers=bearer(ada))
    assert refusal(answer) == (403, "closed")


def test_final_quality_is_an_ability(client: TestClient, owner: Make) -> None:
    assert refusal(film(client, owner("Ada")[1], final=True)) == (403, "not_open_yet")
    assert film(client, owner("Ben", "partner")[1], final=True).status_code == 400  # no engine's


def test_the_engine_for_tests_is_for_tests(tmp_path: Path, store: Store, owner: Make) -> None:
    settings = Settings(tmp_path, stage="open", engine="native")
    app = create_app(settings, store, cast(Jobs, Waits()))
    with TestClient(app, BASE) as client:
        _, ada = owner("Ada")
        for told in ({"engine": "fake"}, {"model": "fake"}):
            answer = film(client, ada, **told)
            assert answer.status_code == 400
            assert "there is no 'fake'" in answer.json()["error"]["message"]


BAD = {
    "text": b"hello",
    "SVG": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "a PNG cut short": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x80",
    "a playlist": b"#EXTM3U\nfile:///etc/passwd",
    "nothing": b"",
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_upload_is_a_400_in_words(what: str, client: TestClient, owner: Make) -> None:
    _, ada = owner("Ada", "partner")
    files = {"input_reference": ("photo.png", BAD[what], "image/png")}
    answer = client.post("/v1/videos", data=ASKED, files=files, headers=bearer(ada))
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["param"] == "input_reference"
    assert client.get("/ready").status_code == 200


def test_an_upload_that_is_too_large_is_not_read(client: TestClient, owner: Make) -> None:
    _, ada = owner("Ada")
    files = {"input_reference": ("photo.png", bytes(4 << 20), "image/png")}
    answer = client.post("/v1/videos", data=ASKED, files=files, headers=bearer(ada))
    assert refusal(answer) == (413, "too_large")


def test_urls_are_not_fetched(client: TestClient, owner: Make) -> None:
    _, ada = owner("Ada")
    answer = film(client, ada, input_reference={"image_url": "https://169.254.169.254/latest"})
    assert answer.status_code == 400
    assert "does not fetch" in answer.json()["error"]["message"]


def test_the_page_of_another_site_can_do_nothing(client: TestClient, owner: Make) -> None:
    _, ada = owner("Ada")
    client.post("/session", json={"key": ada})
    foreign = {"Origin": "https://evil.example"}
    assert refusal(client.post("/v1/videos", json=ASKED, headers=foreign)) == (403, "cross_origin")
    own = {"Origin": BASE}
    assert client.post("/v1/videos", json=ASKED, headers=own).status_code == 200
    answer = client.get("/v1/videos", headers={"Host": "evil.example"})
    assert refusal(answer) == (421, "unknown_host")
    assert answer.headers["x-request-id"]


def test_a_closed_server_still_shows_what_was_filmed(
    client: TestClient, owner: Make, admin: dict[str, str]
) -> None:
    _, ada = owner("Ada")
    video = film(client, ada).json()["id"]
    client.put("/admin/api/stage", json={"stage": "closed"}, headers=admin)
    assert refusal(film(client, ada)) == (403, "closed")
    assert client.get(f"/v1/videos/{video}", headers=bearer(ada)).status_code == 200
    assert film(client, admin["Authorization"].removeprefix("Bearer ")).status_code == 200
