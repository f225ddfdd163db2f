"""The files of the page: what they say of themselves, and that they ask nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

fastapi = pytest.importorskip("fastapi")
testclient = pytest.importorskip("starlette.testclient")

from laterna.server.errors import ApiError  # noqa: E402
from laterna.server.studio import router  # noqa: E402
from laterna.server.studio.routes import POLICY, pages  # noqa: E402


@pytest.fixture
def client() -> Iterator[testclient.TestClient]:
    app = fastapi.FastAPI()
    app.include_router(router)

    @app.exception_handler(ApiError)
    def wrong(_: fastapi.Request, error: ApiError) -> fastapi.responses.JSONResponse:
        return fastapi.responses.JSONResponse(error.body(), error.status)

    with testclient.TestClient(app) as client:
        yield client


def test_the_page_is_served_with_a_policy_that_runs_nothing_inline(client: Any) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_a_file_that_has_not_changed_is_not_sent_again(client: Any) -> None:
    first = client.get("/studio/js/main.js")
    assert first.headers["content-type"].startswith("text/javascript")
    again = client.get("/studio/js/main.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", ["nothing.js", "../routes.py", "..%2froutes.py", "js", ""])
def test_only_files_of_the_page_are_answered(client: Any, name: str) -> None:
    answer = client.get(f"/studio/{name}")
    assert answer.status_code == 404
    assert b"import" not in answer.content


def test_nothing_is_asked_of_another_server() -> None:
    for name, page in pages().items():
        text = page.data.decode().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|//[a-z0-9-]+\.[a-z]{2,}/", text), name


def test_every_script_and_style_the_page_names_is_there() -> None:
    named = set()
    for name, page in pages().items():
        text = page.data.decode()
        named |= set(re.findall(r'(?:src|href)="/studio/([^"]+)"', text))
        folder = name.rpartition("/")[0]
        for step in re.findall(r'from "(\.[^"]+)"', text):
            parts = [*folder.split("/"), *step.split("/")]
            while ".." in parts:
                at = parts.index("..")
                del parts[at - 1 : at + 1]
            named.add("/".join(part for part in parts if part != "."))
    assert named <= set(pages())
    assert {name for name in pages() if name.endswith(".js")} <= named


def test_the_policy_is_one_line() -> None:
    assert "\n" not in POLICY
