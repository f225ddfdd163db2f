"""Health, readiness and figures, of the whole application."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient
from starlette.requests import Request

from laterna.server.accounts import keys, people
from laterna.server.errors import ApiError
from laterna.server.operation import Observe, log, routes
from laterna.server.settings import Settings
from laterna.server.store import Store

from .conftest import Add

Headers = dict[str, str]


@pytest.fixture
def app(settings: Settings, store: Store) -> FastAPI:
    app = FastAPI()
    app.state.settings, app.state.store, app.state.closing = settings, store, False
    app.include_router(routes.router)

    @app.get("/v1/videos/{video_id}")
    def video(video_id: str) -> str:
        logging.getLogger("laterna.somewhere").warning("%s was looked at", video_id)
        if video_id == "broken":
            raise RuntimeError("broken")
        return video_id

    @app.exception_handler(ApiError)
    async def answer(request: Request, error: ApiError) -> JSONResponse:
        return JSONResponse(error.body(), error.status, headers=error.headers)

    app.add_middleware(Observe, metrics=routes.metrics_of(app.state, store))
    return app


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def admin(store: Store, monkeypatch: pytest.MonkeyPatch) -> Headers:
    monkeypatch.delenv("LATERNA_KEY", raising=False)
    return {"Authorization": f"Bearer {keys.first_key(store)}"}


def test_health_and_readiness_need_no_key(client: TestClient) -> None:
    assert client.get("/health").json()["status"] == "ok"
    assert client.get("/ready").json() == {"status": "ready"}


@pytest.mark.parametrize("trouble", ["closing", "disk", "folder", "database"])
def test_what_keeps_it_from_working_is_said(
    trouble: str, client: TestClient, app: FastAPI, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if trouble == "closing":
        app.state.closing = True
    if trouble == "disk":
        monkeypatch.setattr(routes, "ROOM", 1 << 60)
    if trouble == "folder":
        (tmp_path / "file").write_bytes(b"")
        app.state.settings = Settings(tmp_path / "file" / "data")
    if trouble == "database":
        with app.state.store.session() as session:
            session.connection().exec_driver_sql("ALTER TABLE video RENAME TO gone")
    answer = client.get("/ready")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "not_ready")
    words = {"closing": "shutting down", "disk": "MB left", "folder": "data folder"}
    assert words.get(trouble, "database") in answer.json()["error"]["message"]
    assert client.get("/health").status_code == 200


def test_figures_are_for_administrators(client: TestClient, store: Store) -> None:
    assert client.get("/metrics").status_code == 401
    with store.session() as session:
        _, secret = people.add_owner(session, "Ada", "partner", "system")
    headers = {"Authorization": f"Bearer {secret}"}
    assert client.get("/metrics", headers=headers).status_code == 403


def test_figures_say_what_stands_in_the_store_and_what_was_answered(
    client: TestClient, add: Add, admin: Headers
) -> None:
    add(), add(0, "queued"), add(0, "queued"), add(0, "completed", engine="upload")
    for name in ("one", "two", "broken"):
        client.get(f"/v1/videos/{name}")
    client.get("/nowhere/at/all")
    client.request("BREW", "/health")
    told = client.get("/metrics", headers=admin).text
    for line in (
        'laterna_videos{status="queued"} 2.0',
        'laterna_videos{status="completed"} 1.0',
        "laterna_queue_frames 64.0",
        "laterna_owners 2.0",
        'laterna_requests_total{method="GET",route="/v1/videos/{video_id}",status="200"} 2.0',
        'laterna_requests_total{method="GET",route="/v1/videos/{video_id}",status="500"} 1.0',
        'laterna_requests_total{method="GET",route="other",status="404"} 1.0',
        'laterna_request_seconds_count{method="GET",route="/v1/videos/{video_id}"} 3.0',
    ):
        assert line in told.splitlines(), line
    assert "BREW" not in told


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Where the log goes, for one test."""
    root, stream = logging.getLogger(), io.StringIO()
    kept, level = list(root.handlers), root.level
    log.configure(stream)
    yield stream
    root.handlers[:] = kept
    root.setLevel(level)


def test_every_request_is_a_line_and_what_it_logs_carries_its_id(
    client: TestClient, lines: io.StringIO
) -> None:
    video = "video_" + "a" * 24
    client.get(f"/v1/videos/{video}")
    client.get("/health")
    said = [json.loads(line) for line in lines.getvalue().splitlines()]
    inner, request = (line for line in said if line["logger"].startswith("laterna"))
    assert (inner["event"], inner["job"]) == (f"{video} was looked at", video)
    assert inner["request"] == request["request"] and request["request"].startswith("req_")
    assert (request["status"], request["job"]) == (200, video)
    assert request["path"] == f"/v1/videos/{video}" and request["level"] == "info"


def test_lines_name_jobs_and_hide_secrets(lines: io.StringIO) -> None:
    with log.about(job="video_x"):
        logging.getLogger("other").info("key %s", "sk-laterna-abcdefghijk")
    try:
        raise ValueError("in-" + "s" * 20)
    except ValueError:
        logging.getLogger("other").exception("it failed")
    first, second = (json.loads(line) for line in lines.getvalue().splitlines())
    assert (first["job"], first["event"]) == ("video_x", "key sk-***")
    assert "ValueError" in second["exception"] and "ssss" not in second["exception"]
