"""Work on film that is there: regions, frames, pace, both ends, bridges."""

from __future__ import annotations

from typing import Any

import httpx
import numpy as np
import pytest

from laterna.server.jobs.draft import read_draft

from .conftest import Live, picture


def done(live: Live, answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return live.ended(answer.json()["id"])


def frames(live: Live, video: str) -> Any:
    return read_draft(live.settings.folder(video)).frames


def test_an_extension_goes_on_from_either_side(live: Live, http: httpx.Client, video: str) -> None:
    asked = {"prompt": "on", "seconds": "1", "video": {"id": video}, "draft": True}
    after = done(live, http.post("/v1/videos/extensions", json=asked))
    before = done(live, http.post("/v1/videos/extensions", json={**asked, "side": "start"}))

    assert (after["seconds"], after["kind"], after["frames"]) == ("2", "extension", 8)
    assert after["remixed_from_video_id"] == video
    source = frames(live, video)
    assert np.array_equal(frames(live, after["id"])[:8], source)
    assert np.array_equal(frames(live, before["id"])[8:], source)


def test_a_video_says_the_size_that_a_blend_is_judged_by(live: Live, http: httpx.Client) -> None:
    sizes = {size: live.filmed(size=size, draft=True) for size in ("16:9", "512x288", "64x64")}
    told = {size: http.get(f"/v1/videos/{name}").json() for size, name in sizes.items()}
    assert [one["draft_size"] for one in told.values()] == ["256x144", "256x144", "160x160"]
    for size, status in (("512x288", 200), ("64x64", 400)):
        asked = {"prompt": "on", "seconds": "1", "into": {"id": sizes[size]}, "draft": True}
        answer = http.post("/v1/videos/extensions", json={**asked, "video": {"id": sizes["16:9"]}})
        assert answer.status_code == status, answer.text
        if status == 200:
            assert answer.json()["draft_size"] is None  # it is not filmed yet
            live.ended(answer.json()["id"])


def test_bridges(live: Live, http: httpx.Client, video: str) -> None:
    asked = {"prompt": "on", "seconds": "1", "video": {"id": video}, "draft": True}
    loop = done(live, http.post("/v1/videos/extensions", json={**asked, "loop": True}))
    assert loop["seconds"] == "2"
    other = live.filmed(prompt="a hill", draft=True)
    blend = done(live, http.post("/v1/videos/extensions", json={**asked, "into": {"id": other}}))
    assert blend["seconds"] == "3"
    joined = frames(live, blend["id"])
    assert np.array_equal(joined[:8], frames(live, video))
    assert np.array_equal(joined[16:], frames(live, other))


@pytest.mark.parametrize(
    ("told", "param"),
    [
        ({"loop": True, "side": "start"}, "side"),
        ({"loop": True, "into": {"id": "video_x"}}, "loop"),
        ({"seconds": "60.5"}, "seconds"),
        ({"seconds": "nine"}, "seconds"),
        ({"side": "left"}, "side"),
        ({"characters": []}, "characters"),
    ],
)
def test_extensions_that_cannot_be(
    http: httpx.Client, video: str, told: dict[str, object], param: str
) -> None:
    asked = {"prompt": "on", "seconds": "1", "video": {"id": video}, **told}
    answer = http.post("/v1/videos/extensions", json=asked)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


def test_a_region_is_filmed_anew_and_the_rest_is_kept(
    live: Live, http: httpx.Client, video: str
) -> None:
    from PIL import Image

    mask = np.zeros((72, 128), np.uint8)
    mask[:36] = 255
    import io

    file = io.BytesIO()
    Image.fromarray(mask).save(file, "PNG")
    answer = http.post(
        f"/v1/videos/{video}/edits",
        data={"prompt": "storm", "seed": "3", "draft": "true"},
        files={"mask": file.getvalue()},
    )
    edit = done(live, answer)
    old, new = frames(live, video), frames(live, edit["id"])
    assert np.array_equal(old[:, 76:], new[:, 76:])
    assert not np.array_equal(old[:, :68], new[:, :68])


def test_the_frame_and_the_pace_change(live: Live, http: httpx.Client, video: str) -> None:
    path = f"/v1/videos/{video}/edits"
    wide = done(live, http.post(path, json={"prompt": "x", "size": "144x144", "draft": True}))
    assert wide["size"] == "144x144"
    slow = done(live, http.post(path, json={"prompt": "x", "speed": 0.5, "draft": True}))
    assert slow["seconds"] == "2"


@pytest.mark.parametrize(
    ("told", "param"),
    [
        ({"speed": 99}, "speed"),
        ({"size": "128x72"}, "size"),
        ({"strength": 2}, "strength"),
        ({"strength": 0.5, "speed": 0.5}, "strength"),
        ({"across": 0.5}, "across"),
        ({"size": "1:1", "down": 3}, "down"),
        ({"video": {"id": "x"}}, "video"),
    ],
)
def test_edits_that_cannot_be(
    http: httpx.Client, video: str, told: dict[str, object], param: str
) -> None:
    answer = http.post(f"/v1/videos/{video}/edits", json={"prompt": "x", **told})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


def test_a_mask_of_another_shape_is_refused(http: httpx.Client, video: str) -> None:
    files = {"mask": picture(64, 64)}
    answer = http.post(f"/v1/videos/{video}/edits", data={"prompt": "x"}, files=files)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "mask")


def test_film_that_is_being_extended_is_not_deleted(live: Live, http: httpx.Client) -> None:
    source = live.filmed(draft=True)
    asked = {"prompt": "on", "seconds": 60, "video": {"id": source}, "draft": True}
    longer = http.post("/v1/videos/extensions", json=asked).json()["id"]
    answer = http.delete(f"/v1/videos/{source}")
    assert answer.json()["error"]["code"] == "video_in_use"
    http.post(f"/v1/videos/{longer}/cancel")
    assert http.delete(f"/v1/videos/{source}").status_code == 200


def test_the_source_is_named_when_it_is_missing(http: httpx.Client) -> None:
    answer = http.post("/v1/videos/edits", json={"prompt": "x"})
    assert answer.json()["error"]["param"] == "video"
    answer = http.post("/v1/videos/extensions", json={"prompt": "x", "seconds": 1})
    assert answer.json()["error"]["param"] == "video"
