"""The unmodified client of OpenAI, pointed at a live server."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest
from PIL import Image

from laterna.media.read import probe

from .conftest import OPENAI_WAIT, SMALL, Live, picture

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def client(live: Live) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{live.url}/v1", api_key=live.key, max_retries=0) as client:
        yield client


def wait(client: openai.OpenAI, video: openai.types.Video) -> openai.types.Video:
    return client.videos.poll(video.id, poll_interval_ms=OPENAI_WAIT)


def test_a_shot_is_filmed_and_downloaded(client: openai.OpenAI, tmp_path: Path) -> None:
    video = client.videos.create_and_poll(
        model="sora-2",
        prompt="a boat on the lake",
        poll_interval_ms=OPENAI_WAIT,
        extra_body={"draft": True},
    )

    assert (video.status, video.progress, video.model) == ("completed", 100, "sora-2")
    assert (video.seconds, video.size, video.prompt) == ("4", "720x1280", "a boat on the lake")
    assert video.engine == "fake"  # type: ignore[attr-defined]
    assert isinstance(video.seed, int)  # type: ignore[attr-defined]
    assert video.completed_at and video.expires_at and video.expires_at > video.completed_at

    film = tmp_path / "film.mp4"
    client.videos.download_content(video.id).write_to_file(film)
    told = probe(film)
    assert (told.size, told.fps, told.seconds) == ((720, 1280), 8, 4.0)
    for variant, kind in (("thumbnail", "WEBP"), ("spritesheet", "JPEG")):
        data = client.videos.download_content(video.id, variant=variant).read()  # type: ignore[arg-type]
        assert Image.open(io.BytesIO(data)).format == kind


def test_a_picture_is_the_first_frame(client: openai.OpenAI, png: bytes) -> None:
    video = client.videos.create(
        prompt="the sea",
        input_reference=png,
        size=SMALL,  # type: ignore[arg-type]
        extra_body={"seconds": 1, "seed": 7, "draft": True, "last_frame": None},
    )
    video = wait(client, video)
    assert (video.status, video.seconds, video.seed) == ("completed", "1", 7)  # type: ignore[attr-defined]

    thumbnail = client.videos.download_content(video.id, variant="thumbnail").read()
    assert Image.open(io.BytesIO(thumbnail)).size == (128, 72)


def test_a_picture_of_another_shape_is_refused_by_its_name(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as error:
        client.videos.create(prompt="the sea", input_reference=picture(64, 64))
    assert error.value.param == "input_reference"
    assert "64x64" in error.value.message and "720x1280" in error.value.message


def test_pages_follow_each_other(client: openai.OpenAI, live: Live) -> None:
    made = [live.filmed(prompt=f"hill {number}", draft=True) for number in range(3)]

    newest = [video.id for video in client.videos.list(limit=2)]
    assert newest[:3] == made[::-1]
    assert len(newest) == len(set(newest))
    oldest = [video.id for video in client.videos.list(limit=2, order="asc")]
    assert oldest == newest[::-1]
    page = client.videos.list(limit=1, after=made[1])
    assert [video.id for video in page.data] == [made[0]]


def test_remix_edit_and_extend(client: openai.OpenAI, video: str, mp4: Path) -> None:
    remix = wait(
        client, client.videos.remix(video, prompt="at night", extra_body={"strength": 0.3})
    )
    assert (remix.status, remix.remixed_from_video_id) == ("completed", video)
    assert remix.size == SMALL

    edit = client.videos.edit(
        prompt="in snow", video=openai.omit, extra_body={"video": {"id": video}}
    )
    assert wait(client, edit).kind == "edit"  # type: ignore[attr-defined]
    uploaded = client.videos.edit(
        prompt="in rain", video=mp4, extra_body={"model": "sora-2", "draft": True}
    )
    told = wait(client, uploaded)
    assert (told.status, told.seconds, told.remixed_from_video_id) == ("completed", "2", None)

    longer = client.videos.extend(
        prompt="fog lifts", seconds="1", video=openai.omit, extra_body={"video": {"id": video}}
    )
    assert (wait(client, longer).status, longer.seconds) == ("completed", "2")


def test_uploaded_film_is_extended(client: openai.OpenAI, mp4: Path, tmp_path: Path) -> None:
    video = wait(client, client.videos.extend(
        prompt="on and on", seconds="1", video=mp4, extra_body={"draft": True}
    ))  # fmt: skip
    assert (video.status, video.seconds) == ("completed", "3")
    client.videos.download_content(video.id).write_to_file(tmp_path / "film.mp4")
    assert probe(tmp_path / "film.mp4").seconds == 3.0


def test_characters_speak_through_their_description(client: openai.OpenAI, mp4: Path) -> None:
    made = client.videos.create_character(
        name="Mossy", video=mp4, extra_body={"description": "a red balloon"}
    )
    assert made.id
    assert client.videos.get_character(made.id).name == "Mossy"
    told = {"characters": [{"id": made.id}], "draft": True, "size": SMALL, "seconds": 1}

    video = client.videos.create(prompt="Mossy over the hills", extra_body=told)
    assert wait(client, video).prompt == "Mossy over the hills"
    with pytest.raises(openai.BadRequestError, match="does not say 'Mossy'"):
        client.videos.create(prompt="hills", extra_body=told)


def test_a_video_is_deleted(client: openai.OpenAI, live: Live) -> None:
    video = live.filmed(draft=True)
    gone = client.videos.delete(video)
    assert (gone.id, gone.deleted, gone.object) == (video, True, "video.deleted")
    with pytest.raises(openai.NotFoundError):
        client.videos.retrieve(video)
    assert not live.settings.folder(video).exists()


def test_a_cancelled_job_is_a_failed_one(client: openai.OpenAI) -> None:
    video = client.videos.create(
        prompt="sea", size=SMALL, extra_body={"seconds": 60}  # type: ignore[arg-type]
    )  # fmt: skip
    client.post(f"/videos/{video.id}/cancel", cast_to=object)
    video = wait(client, video)
    assert video.status == "failed" and video.error
    assert video.error.code == "cancelled"


def test_errors_are_the_classes_of_the_client(client: openai.OpenAI, live: Live) -> None:
    with pytest.raises(openai.AuthenticationError):
        client.with_options(api_key="wrong").videos.list()
    with pytest.raises(openai.NotFoundError) as missing:
        client.videos.retrieve("video_of_nobody")
    assert missing.value.request_id
    for told, param in (
        ({"seconds": "61"}, "seconds"),
        ({"size": "1x1"}, "size"),
        ({"model": "sora-9"}, "model"),
        ({"engine": "none"}, "engine"),
        ({"camera": {"pan": 3}}, "camera"),
        ({"final": True}, "final"),
        ({"fps": 30}, "fps"),
        ({"passes": ["sound"]}, "passes"),
        ({"guidance": 99}, "guidance"),
        ({"sound": True}, "sound"),
    ):
        with pytest.raises(openai.BadRequestError) as error:
            client.videos.create(prompt="x", extra_body=told)
        assert error.value.param == param, error.value
        assert error.value.type == "invalid_request_error"


def test_the_asynchronous_client(live: Live) -> None:
    async def run() -> tuple[openai.types.Video, bytes, list[str]]:
        async with openai.AsyncOpenAI(base_url=f"{live.url}/v1", api_key=live.key) as client:
            video = await client.videos.create_and_poll(
                prompt="a desert at noon",
                size=SMALL,  # type: ignore[arg-type]
                poll_interval_ms=OPENAI_WAIT,
                extra_body={"seconds": 1, "draft": True},
            )
            film = await client.videos.download_content(video.id)
            ids = [one.id async for one in client.videos.list(limit=1)]
            return video, film.read(), ids

    video, film, ids = asyncio.run(run())
    assert video.status == "completed"
    assert film[4:8] == b"ftyp"
    assert video.id in ids


def test_the_first_poll_says_when_to_come_back(client: openai.OpenAI, video: str) -> None:
    answer = client.videos.with_raw_response.retrieve(video)
    assert int(answer.headers["openai-poll-after-ms"]) >= 500
    assert answer.headers["x-request-id"].startswith("req_")
    assert client.videos.poll(video).status == "completed"  # ended: no wait at all
