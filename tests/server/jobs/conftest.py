"""A data folder, jobs to put into it, and workers to do them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from laterna.engines.fake import FakeEngine
from laterna.server.ids import new_id
from laterna.server.jobs import Jobs
from laterna.server.jobs.draft import read_draft
from laterna.server.jobs.service import LEASE
from laterna.server.settings import Settings
from laterna.server.spec import Spec
from laterna.server.store import Store
from laterna.server.tables import Owner, Video
from laterna.shot import Frames, Shot, draft_frames, resolved

ROOT = Path(__file__).parents[3]
OWNER = "owner_of_the_tests"
PATIENCE = 120  # seconds; machines differ, and only a hang takes that long


class House:
    """A server's data, and what tests ask of it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = Store(settings)
        with self.store.session() as session:
            session.add(Owner(id=OWNER, name="tests", created=time.time()))

    def add(self, shot: Shot, engine: str = "moody", **spec: Any) -> str:
        """A video as the API writes it: inputs first, then the row, queued."""
        video, shot = new_id("video"), resolved(shot)
        told = Spec(shot, **spec).write(self.folder(video))
        with self.store.session() as session:
            session.add(
                Video(
                    id=video, owner=OWNER, status="queued", created=time.time(), model="sora-2",
                    engine=engine, prompt=shot.prompt, seconds=str(shot.seconds), size="",
                    frames=draft_frames(shot), spec=told,
                )
            )  # fmt: skip
        return video

    def folder(self, video: str) -> Path:
        return self.settings.folder(video)

    def row(self, video: str) -> Video:
        with self.store.reading() as session:
            return session.get_one(Video, video)

    def wait(self, video: str, until: Callable[[Video], bool] | None = None) -> Video:
        """The row, once it has ended or is as wanted."""
        wanted = until or (lambda row: row.status in ("completed", "failed"))
        deadline = time.monotonic() + PATIENCE
        while not wanted(row := self.row(video)):
            assert time.monotonic() < deadline, f"{row.status} {row.progress} {row.error_message}"
            assert until is None or row.status != "failed", row.error_message
            time.sleep(0.02)
        return row

    def wait_for_chunk(self, video: str, frame: int) -> None:
        """Until the chunk with this draft frame has been filmed."""
        deadline = time.monotonic() + PATIENCE
        while not (self.folder(video) / "live" / f"{frame:05d}.jpg").exists():
            assert time.monotonic() < deadline, self.row(video).status
            time.sleep(0.01)

    def frames(self, video: str) -> Frames:
        frames = read_draft(self.folder(video)).frames
        assert frames is not None
        return frames


class Process:
    """A worker in a process of its own."""

    def __init__(self, house: House, lease: float) -> None:
        settings = house.settings
        words = [str(settings.data), settings.database, str(lease)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.server.jobs.worker", *words],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        self.name = self.expect("started")

    def expect(self, word: str) -> str:
        """Read until a line begins with `word`; what follows it."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            first, _, rest = line.strip().partition(" ")
            if first == word:
                return rest
        pytest.fail(f"the worker ended with {self.process.wait()} before it said {word!r}")

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        self.process.wait()


@pytest.fixture(scope="session", autouse=True)
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Make the engines of these tests known to every process, as a package would."""
    site = tmp_path_factory.mktemp("site")
    facts = site / "moody-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: moody\nVersion: 1.0\n")
    module = "tests.server.jobs.engines"
    names = f"moody = {module}:Moody\nstateless = {module}:Stateless\n"
    (facts / "entry_points.txt").write_text(f"[laterna.engines]\n{names}")
    with pytest.MonkeyPatch.context() as patch:
        paths = [str(site), str(ROOT), str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))
        patch.syspath_prepend(str(site))
        yield


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """On SQLite."""
    house = House(Settings(data=tmp_path / "data", engine="moody"))
    yield house
    house.store.close()


@pytest.fixture
def shared_house(tmp_path: Path, postgres: str) -> Iterator[House]:
    """On PostgreSQL."""
    house = House(Settings(data=tmp_path / "data", database=postgres, engine="moody"))
    yield house
    house.store.close()


@pytest.fixture
def worker() -> Iterator[Callable[..., Process]]:
    """Start workers; what is left of them ends with the test."""
    started: list[Process] = []

    def start(house: House, lease: float = LEASE) -> Process:
        started.append(Process(house, lease))
        return started[-1]

    yield start
    for process in started:
        if process.process.poll() is None:
            process.signal(signal.SIGCONT)
            process.kill()
        assert process.process.stdout is not None
        process.process.stdout.close()


@pytest.fixture
def queueing() -> Iterator[Callable[[House], Jobs]]:
    """Jobs of a process that asks for films and makes none."""
    started: list[Jobs] = []

    def start(house: House) -> Jobs:
        jobs = Jobs(house.settings, house.store)
        jobs.start(film=False)
        started.append(jobs)
        return jobs

    yield start
    for jobs in started:
        jobs.stop()


def undisturbed(shot: Shot) -> Frames:
    """What the fake engine films when nothing happens."""
    return np.concatenate([chunk.frames for chunk in FakeEngine().film(resolved(shot))])


__all__ = ["House", "Process", "undisturbed"]
