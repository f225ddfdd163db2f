"""An exact camera path, for the engine that takes one."""

from __future__ import annotations

import io

import httpx
import numpy as np
import pytest

from tests.server.api.conftest import Live

pytest.importorskip("numba")

ASKED = {"prompt": "a red boat on the lake", "seconds": "0.5", "size": "64x64", "draft": True}


def test_previs_goes_where_the_camera_is_told(live: Live, http: httpx.Client) -> None:
    camera = [{"second": 0, "y": 4, "focal": 30}, {"second": 0.5, "z": -3}]
    asked = {**ASKED, "engine": "previs", "camera": camera, "passes": ["depth"]}
    answer = http.post("/v1/videos", json=asked)
    assert answer.status_code == 200, answer.text
    told = live.ended(answer.json()["id"])
    assert (told["engine"], told["passes"]) == ("previs", ["depth"])
    sent = http.get(f"/v1/videos/{told['id']}/content?variant=depth").content
    depth = np.load(io.BytesIO(sent))
    assert depth.shape == (4, 64, 64)
    sent = http.get(f"/v1/videos/{told['id']}/content?variant=draft")
    assert sent.headers["content-type"] == "video/x-matroska"


def test_a_path_that_cannot_be_is_refused_by_its_point(http: httpx.Client) -> None:
    for camera, param in (
        ([{"second": 0, "pan": 90}], "camera[0].pan"),
        ([{"second": 0}, {"second": 9}], "camera[1].second"),
        ("left", "camera"),
    ):
        answer = http.post("/v1/videos", json={**ASKED, "engine": "previs", "camera": camera})
        assert answer.status_code == 400
        assert answer.json()["error"]["param"] == param, answer.text
