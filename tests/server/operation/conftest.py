"""A store, and videos in it with files of a known size."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from laterna.server.ids import new_id
from laterna.server.settings import Limits, Settings
from laterna.server.store import Store
from laterna.server.tables import Owner, Video

Add = Callable[..., str]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path, limits=Limits(keep_bytes=1000))


@pytest.fixture
def store(settings: Settings, tables: Path) -> Iterator[Store]:
    shutil.copy(tables, settings.data)
    store = Store(settings)
    with store.session() as session:
        session.add(Owner(id="owner_a", name="Ada", created=0.0))
    yield store
    store.close()


@pytest.fixture
def add(settings: Settings, store: Store) -> Add:
    """Add a video, made at second `created`: its id."""

    def make(
        created: float = 0.0, status: str = "completed", size: int = 100, **told: object
    ) -> str:
        video = new_id("video")
        row = {
            "owner": "owner_a", "status": status, "created": created, "expires": created + 100,
            "model": "sora-2", "engine": "fake", "prompt": "a lake", "seconds": "4",
            "size": "64x64", "frames": 32, "bytes": size, **told,
        }  # fmt: skip
        with store.session() as session:
            session.add(Video(id=video, **row))
        folder = settings.folder(video)
        folder.mkdir(parents=True)
        (folder / "video.mp4").write_bytes(bytes(size))
        return video

    return make
