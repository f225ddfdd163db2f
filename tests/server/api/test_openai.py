"""The unmodified client of OpenAI, pointed at a live server."""

from __future__ import annotations

import asyncio
import io
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import openai
import pytest
from PIL import Image

from laterna.media.read import probe, read_strip

from .conftest import OPENAI_WAIT, SMALL, Live, picture

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def client(live: Live) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{live.url}/v1", api_key=live.key, max_retries=0) as client:
        yield client


def test_a_shot_is_filmed_and_downloaded(client: openai.OpenAI, tmp_path: Path) -> None:
    video = client.videos.create_and_poll(
        model="sora-2",
        prompt="a boat on the lake",
        poll_interval_ms=OPENAI_WAIT,
        extra_body={"draft": True},
    )

    assert (video.status, video.progress, video.model) == ("completed", 100, "sora-2")
    assert (video.seconds, video.size, video.prompt) == ("4", "720x1280", "a boat on the lake")
    assert video.engine == "fake" and isinstance(video.seed, int)  # type: ignore[attr-defined]
    assert video.completed_at and video.expires_at and video.expires_at > video.completed_at

    film = tmp_path / "film.mp4"
    client.videos.download_content(video.id).write_to_file(film)
    told = probe(film)
    assert (told.size, told.fps, told.seconds) == ((720, 1280), 8, 4.0)
    for variant, kind in (("thumbnail", "WEBP"), ("spritesheet", "JPEG")):
        data = client.videos.download_content(video.id, variant=variant).read()  # type: ignore[arg-type]
        assert Image.open(io.BytesIO(data)).format == kind
