"""Lists of objects through OpenAI's client, which writes a form name by name."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from sqlalchemy import select

from laterna.server.tables import Video

from .conftest import SMALL, Live

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

CUES = [{"second": 0.2, "prompt": "a storm"}, {"second": 0.6, "prompt": "sun"}]
PATH = [{"second": 0, "y": 40}, {"second": 1, "z": -3, "y": 45}]


@pytest.fixture
def client(live: Live) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{live.url}/v1", api_key=live.key, max_retries=0) as client:
        yield client


def shot(live: Live, client: openai.OpenAI, **more: Any) -> dict[str, Any]:
    """The shot that the server made of these fields."""
    told = {"draft": True, **more}
    video = client.videos.create(prompt="sea", seconds="1", size=SMALL, extra_body=told)  # type: ignore[arg-type]
    return kept(live, client, video.id)


def kept(live: Live, client: openai.OpenAI, video: str) -> dict[str, Any]:
    """The shot of a video, which nobody waits for: it need not be filmed."""
    client.post(f"/videos/{video}/cancel", cast_to=object)
    with live.store.reading() as session:
        row = session.scalars(select(Video).where(Video.id == video)).one()
        made: dict[str, Any] = row.spec["shot"]
        return made


def test_cues(live: Live, client: openai.OpenAI) -> None:
    made = shot(live, client, cues=CUES)
    assert [(cue["second"], cue["prompt"]) for cue in made["cues"]] == [
        (0.2, "a storm"),
        (0.6, "sun"),
    ]
    assert shot(live, client, cues=json.dumps(CUES))["cues"] == made["cues"]


def test_keyframes_by_address(live: Live, client: openai.OpenAI, png: bytes) -> None:
    url = "data:image/png;base64," + base64.b64encode(png).decode()
    told = [{"image": {"image_url": url}, "second": second} for second in (0.25, 0.75)]
    for keyframes in (told, json.dumps(told)):
        made = shot(live, client, keyframes=keyframes)
        assert [one["second"] for one in made["keyframes"]] == [0.25, 0.75]


def test_keyframes_as_files(live: Live, client: openai.OpenAI, png: bytes) -> None:
    video = client.post(
        "/videos",
        cast_to=openai.types.Video,
        body={
            "prompt": "sea",
            "seconds": "1",
            "size": SMALL,
            "draft": True,
            "keyframes": [{"second": 0.25}, {"second": 0.75}],
        },
        files=[("keyframes[][image]", png), ("keyframes[][image]", png)],
        options={"headers": {"Content-Type": "multipart/form-data"}},
    )
    assert [one["second"] for one in kept(live, client, video.id)["keyframes"]] == [0.25, 0.75]


def test_a_list_that_leaves_open_what_belongs_together(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="2 of cues") as error:
        told = {"cues": [CUES[0], {"second": 0.6}]}
        client.videos.create(prompt="sea", extra_body=told)
    assert error.value.param == "cues"
    with pytest.raises(openai.BadRequestError, match=r"not JSON.*give a list") as error:
        client.videos.create(prompt="sea", extra_body={"cues": "at noon, a storm"})
    assert error.value.param == "cues"


def test_a_camera_path_is_numbers(live: Live, client: openai.OpenAI) -> None:
    pytest.importorskip("numba")
    uniform = [{"second": 0, "y": 40}, {"second": 1, "y": 45}]
    made = shot(live, client, engine="previs", camera=uniform)
    assert made["extra"]["camera"] == uniform
    # Points with fields of their own come as one text: in brackets it is open whose z it is.
    made = shot(live, client, engine="previs", camera=json.dumps(PATH))
    assert made["extra"]["camera"] == PATH
    with pytest.raises(openai.BadRequestError, match="or send camera as JSON text") as error:
        shot(live, client, engine="previs", camera=PATH)
    assert error.value.param == "camera"
