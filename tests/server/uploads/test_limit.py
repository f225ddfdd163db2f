"""Bodies that are too long are refused before they are read."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI, Request, UploadFile
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient

from laterna.server.errors import ApiError
from laterna.server.settings import Limits
from laterna.server.uploads import BodyLimit
from laterna.server.uploads.limit import FORM_ROOM

LIMITS = Limits(upload_bytes=1000)


@pytest.fixture
def client() -> Iterator[TestClient]:
    app = FastAPI()

    @app.post("/raw")
    async def raw(request: Request) -> int:
        return len(await request.body())

    @app.post("/form")
    async def form(file: UploadFile) -> int:
        return len(await file.read())

    @app.exception_handler(ApiError)
    async def answer(request: Request, error: ApiError) -> JSONResponse:
        return JSONResponse(error.body(), error.status)

    app.add_middleware(BodyLimit, limits=LIMITS)
    with TestClient(app) as client:
        yield client


def in_parts(size: int) -> Iterator[bytes]:
    """A body whose length is not told beforehand."""
    for _ in range(0, size, 65536):
        yield bytes(65536)


@pytest.mark.parametrize("path", ["/raw", "/form"])
@pytest.mark.parametrize("told", [True, False])
def test_a_body_that_is_too_long(path: str, told: bool, client: TestClient) -> None:
    size = 2 * FORM_ROOM
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    start = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    body = start + bytes(size) if told else iter([start, *in_parts(size)])
    answer = client.post(path, content=body, headers=headers)
    assert answer.status_code == 413
    assert answer.json()["error"]["message"] == "the body is over 1,049,576 bytes"


def test_a_body_that_fits(client: TestClient) -> None:
    assert client.post("/raw", content=bytes(1000)).json() == 1000
    assert client.post("/form", files={"file": bytes(1000)}).json() == 1000
    assert client.post("/raw", content=in_parts(65536 * 2)).json() == 65536 * 2


def test_a_length_that_lies_is_still_counted() -> None:
    sent: list[dict[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": bytes(1 << 19), "more_body": True}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "headers": [(b"content-length", b"10")]}
    asyncio.run(BodyLimit(app, LIMITS)(scope, receive, send))
    assert sent[0]["status"] == 413
