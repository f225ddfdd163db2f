"""A live server: uvicorn on a free port, real jobs, the fake engine, and clients to ask it with.

It lives as long as this package's tests: a process can have one set of jobs at a time.
"""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import uvicorn
from PIL import Image

from laterna.media.write import open_writer
from laterna.server.accounts import keys
from laterna.server.app import create_app
from laterna.server.settings import Settings
from laterna.server.store import Store

SMALL = "128x72"
OPENAI_WAIT = 20  # milliseconds between polls


@dataclass(frozen=True)
class Live:
    """A server that runs."""

    url: str
    key: str
    settings: Settings
    app: Any

    @property
    def store(self) -> Store:
        return self.app.state.store

    def http(self, **headers: str) -> httpx.Client:
        told = {"authorization": f"Bearer {self.key}", **headers}
        return httpx.Client(base_url=self.url, headers=told, timeout=60, trust_env=False)

    def filmed(self, **fields: Any) -> str:
        """The id of a small video that is completed."""
        with self.http() as http:
            asked = {"prompt": "a lighthouse", "seconds": "1", "size": SMALL, **fields}
            answer = http.post("/v1/videos", json=asked)
            assert answer.status_code == 200, answer.text
            return self.ended(answer.json()["id"])["id"]

    def ended(self, video: str) -> dict[str, Any]:
        """The video, once it is completed."""
        with self.http() as http:
            while (told := http.get(f"/v1/videos/{video}").json())["status"] not in ENDED:
                time.sleep(0.05)
        assert told["status"] == "completed", told
        return told


ENDED = ("completed", "failed")


@pytest.fixture(scope="package")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    data = tmp_path_factory.mktemp("server")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = Settings(data=data, engine="fake", port=port, hooks=("127.0.0.1",))
    store = Store(settings)
    key = keys.first_key(store)
    assert key is not None
    app = create_app(settings, store)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.02)
    yield Live(f"http://127.0.0.1:{port}", key, settings, app)
    app.state.closing = True
    server.should_exit = True
    thread.join(60)
    store.close()


@pytest.fixture
def http(live: Live) -> Iterator[httpx.Client]:
    with live.http() as client:
        yield client


@pytest.fixture(scope="package")
def video(live: Live) -> str:
    """A completed video that tests may read but not change."""
    return live.filmed()


@pytest.fixture(scope="package")
def png() -> bytes:
    """A picture of the size of small videos."""
    return picture(128, 72)


@pytest.fixture(scope="package")
def mp4(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of two seconds."""
    path = tmp_path_factory.mktemp("film") / "clip.mp4"
    ramp = np.add.outer(np.arange(72), np.arange(128)).astype(np.uint8)
    frames = np.stack([np.stack([ramp + 4 * t] * 3, -1) for t in range(16)])
    with open_writer(path, size=(128, 72), fps=8) as writer:
        writer.write(frames)
    return path


def picture(width: int, height: int, kind: str = "PNG") -> bytes:
    ramp = np.add.outer(np.arange(height), np.arange(width)) % 256
    file = io.BytesIO()
    Image.fromarray(np.stack([ramp] * 3, -1).astype(np.uint8)).save(file, kind)
    return file.getvalue()
