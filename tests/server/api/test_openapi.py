"""The OpenAPI document, and the server held to it by schemathesis."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from .conftest import Live

EXAMPLES = 8  # a route
OURS = re.compile(r"^/v1/")
schema = schemathesis.pytest.from_fixture("document")


@pytest.fixture
def document(live: Live) -> Any:
    told = schemathesis.openapi.from_url(
        f"{live.url}/openapi.json", headers={"authorization": f"Bearer {live.key}"}
    )
    return told.include(path_regex=OURS.pattern)


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_every_route_keeps_to_the_document(case: Any, live: Live) -> None:
    case.call_and_validate(
        headers={"authorization": f"Bearer {live.key}"},
        excluded_checks=[
            # Two words of ours are wider than a schema can say: a prompt may not be blank, and
            # which sizes, lengths and fields are right depends on the engine.
            schemathesis.checks.CHECKS.get_one("positive_data_acceptance"),
            # A form carries text, so whatever is sent as a text field is one.
            schemathesis.checks.CHECKS.get_one("negative_data_rejection"),
        ],
    )


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
