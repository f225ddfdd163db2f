"""What can be asked of whom."""

from __future__ import annotations

import httpx
import openai
import pytest

from .conftest import Live


def test_engines_say_what_they_can(http: httpx.Client) -> None:
    told = http.get("/v1/models").json()
    assert told["object"] == "list"
    models = {model["id"]: model for model in told["data"]}
    assert told["data"][0]["id"] == "fake" and models["fake"]["default"]
    assert models["sora-2"]["engine"] == "fake" and not models["sora-2"]["default"]
    can = models["fake"]["capabilities"]
    assert (can["fps"], can["max_seconds"], can["qualities"]) == (8, 60, ["draft", "quick"])
    assert "keyframes" in can["fields"] and can["passes"] == ["depth", "matte", "motion"]
    assert "720x1280" in can["sizes"] and "16:9" in can["sizes"]
    assert can["options"] == []


def test_an_option_is_told_where_a_request_may_set_it(http: httpx.Client) -> None:
    pytest.importorskip("numba")
    can = http.get("/v1/models/previs").json()["capabilities"]
    assert can["options"] == ["camera"]  # `setting` and the like are in no request


def test_the_client_of_openai_lists_them(live: Live) -> None:
    with openai.OpenAI(base_url=f"{live.url}/v1", api_key=live.key) as client:
        assert "sora-2-pro" in [model.id for model in client.models.list()]
        assert client.models.retrieve("sora-2").object == "model"
