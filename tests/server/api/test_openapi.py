"""The OpenAPI document, and the server held to it by schemathesis."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable

from laterna.server.accounts import keys
from laterna.server.app import create_app
from laterna.server.settings import Settings
from laterna.server.store import Store

EXAMPLES = 4  # a route


class Idle:
    """Jobs that are taken and never filmed: it is the API that is asked here."""

    def on_end(self, hook: Callable[[str], None]) -> None:
        """Nothing ends."""

    def submit(self, video: str) -> None:
        """Queued for ever."""

    def cancel(self, video: str) -> bool:
        """As it was."""
        return False


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, str]]:
    data = tmp_path_factory.mktemp("openapi")
    told = Settings(data=data, engine="fake", hosts=("testserver", "localhost"))
    store = Store(told)
    key = keys.first_key(store)
    assert key is not None
    yield create_app(told, store, Idle()), key  # type: ignore[arg-type]
    store.close()


def test_every_route_keeps_to_the_document(app: tuple[Any, str]) -> None:
    document = schemathesis.openapi.from_asgi("/openapi.json", app[0]).include(path_regex="^/v1/")
    key = {"Authorization": f"Bearer {app[1]}"}
    left_out = [
        # What is right for a shot is more than a schema can say: a prompt may not be blank, and
        # sizes, lengths and fields depend on the engine.
        schemathesis.checks.CHECKS.get_one("positive_data_acceptance"),
        # A form carries text, so whatever is sent as a text field is one.
        schemathesis.checks.CHECKS.get_one("negative_data_rejection"),
    ]
    asked = set()
    for found in document.get_all_operations():
        operation = found.ok()
        for mode in schemathesis.GenerationMode:

            @settings(
                max_examples=EXAMPLES,
                deadline=None,
                derandomize=True,
                database=None,
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(generation_mode=mode))
            def hold(case: Any) -> None:
                case.call_and_validate(headers=key, excluded_checks=left_out)

            with suppress(Unsatisfiable):  # a route that cannot be asked wrongly
                hold()
        asked.add(operation.label)
    assert len(asked) == 23, sorted(asked)


def test_every_route_is_described(http: httpx.Client) -> None:
    told = http.get("/openapi.json").json()
    for path, operations in told["paths"].items():
        for method, operation in operations.items():
            if not path.startswith("/v1"):
                continue
            where = f"{method} {path}"
            assert operation["summary"] and operation["description"], where
            assert operation["security"], where
            assert {"401", "403"} <= operation["responses"].keys(), where
            assert "HTTPValidationError" not in str(operation), where
            if method == "post" and "cancel" not in path:
                assert operation["requestBody"]["content"], where
            if "{" in path:
                assert "404" in operation["responses"], where


def test_both_forms_of_a_body_are_described(http: httpx.Client) -> None:
    told = http.get("/openapi.json").json()["paths"]
    kinds = told["/v1/videos"]["post"]["requestBody"]["content"]
    assert kinds.keys() == {"application/json", "multipart/form-data"}
    assert "binary" in str(kinds["multipart/form-data"])
    assert "binary" not in str(kinds["application/json"])
    upload = told["/v1/videos/characters"]["post"]["requestBody"]["content"]
    assert upload.keys() == {"multipart/form-data"}
