"""Whose pages may talk to the server, and by what name it is called."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from laterna.server.accounts.origin import Guard
from laterna.server.settings import Settings


def server(tmp_path: Path, **told: object) -> FastAPI:
    app = FastAPI()

    @app.get("/")
    @app.post("/")
    def answer() -> str:
        return "here"

    app.add_middleware(Guard, settings=Settings(tmp_path, **told))  # type: ignore[arg-type]
    return app


def ask(app: FastAPI, host: str, method: str = "GET", scheme: str = "http", **h: str) -> int:
    headers = {"Host": host, **{name.replace("_", "-"): value for name, value in h.items()}}
    with TestClient(app, f"{scheme}://127.0.0.1:8000") as client:
        return client.request(method, "/", headers=headers).status_code


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000", "LOCALHOST."])
def test_it_answers_to_its_own_names(host: str, tmp_path: Path) -> None:
    assert ask(server(tmp_path), host) == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[::1", "10.0.0.9"])
def test_and_to_no_other(host: str, tmp_path: Path) -> None:
    assert ask(server(tmp_path), host) == 421


def test_a_name_that_was_given_is_its_own(tmp_path: Path) -> None:
    app = server(tmp_path, hosts=("film.example",))
    assert ask(app, "film.example") == 200
    assert ask(app, "localhost") == 421
    assert ask(server(tmp_path, origins=("https://film.example",)), "film.example") == 200


def test_on_all_interfaces_an_address_in_digits_will_do(tmp_path: Path) -> None:
    app = server(tmp_path, host="0.0.0.0")
    assert ask(app, "192.168.1.20:8000") == 200
    assert ask(app, "evil.example") == 421


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({}, 200),
        ({"Origin": "http://127.0.0.1:8000"}, 200),
        ({"Sec_Fetch_Site": "same-origin"}, 200),
        ({"Origin": "https://studio.example"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://127.0.0.1:9000"}, 403),
        ({"Origin": "https://127.0.0.1:8000"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://[::1"}, 403),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
    ],
)
def test_only_its_own_pages_may_change_anything(
    told: dict[str, str], status: int, tmp_path: Path
) -> None:
    app = server(tmp_path, origins=("https://studio.example",))
    assert ask(app, "127.0.0.1:8000", "POST", **told) == status
    assert ask(app, "127.0.0.1:8000", "GET", **told) == 200


def test_a_port_that_goes_without_saying_may_be_said(tmp_path: Path) -> None:
    app = server(tmp_path, hosts=("film.example",))
    told = {"Origin": "https://film.example"}
    assert ask(app, "film.example:443", "POST", "https", **told) == 200


def test_refusals_have_the_shape_of_errors_and_answers_their_headers(tmp_path: Path) -> None:
    with TestClient(server(tmp_path), "http://evil.example") as client:
        answer = client.get("/")
        assert answer.json()["error"]["code"] == "unknown_host"
    with TestClient(server(tmp_path), "http://localhost") as client:
        answer = client.get("/")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
