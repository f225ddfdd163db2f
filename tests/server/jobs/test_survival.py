"""A worker that is killed, stopped or started again loses nothing and doubles nothing."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from laterna.server.jobs import Jobs
from laterna.shot import Shot
from tests.server.jobs.conftest import House, Process, undisturbed

Workers = Callable[..., Process]
Queueing = Callable[[House], Jobs]


def film(seconds: float = 4, **extra: object) -> Shot:
    return Shot("a boat", seconds=seconds, seed=5, quality="draft", extra={"pause": 0.15, **extra})


def test_killed_in_mid_film_it_goes_on_to_the_same_frames(house: House, worker: Workers) -> None:
    shot = film(5)
    video = house.add(shot)
    chance = random.Random(7)
    for _ in range(2):
        process = worker(house)
        done = len(list((house.folder(video) / "live").glob("*.jpg")))
        house.wait_for_chunk(video, 4 * done)
        time.sleep(chance.uniform(0, 0.4))
        process.kill()
    assert not (house.folder(video) / "video.mp4").exists()
    worker(house)
    assert house.wait(video).status == "completed"
    np.testing.assert_array_equal(house.frames(video), undisturbed(shot))
    assert house.row(video).attempt == 3


def test_killed_while_it_publishes_it_publishes_once(house: House, worker: Workers) -> None:
    shot = Shot("a boat", seconds=2, seed=5, size=(640, 360))
    video = house.add(shot)
    process = worker(house)
    house.wait(video, lambda row: row.progress > 40)
    assert [path.name for path in house.folder(video).glob("video*")] == []
    process.kill()
    worker(house)
    assert house.wait(video).status == "completed"
    np.testing.assert_array_equal(house.frames(video), undisturbed(shot))
    names = {path.name for path in house.folder(video).iterdir()}
    assert names == {
        "live", "draft", "video.mp4", "video.mp4.laterna", "thumbnail.webp", "spritesheet.jpg",
    }  # fmt: skip


def test_the_filming_process_dies_with_its_worker(house: House, worker: Workers) -> None:
    video = house.add(film(60))
    process = worker(house)
    house.wait_for_chunk(video, 0)
    (child,) = _children(process.process.pid)
    process.kill()
    for _ in range(500):
        if not Path(f"/proc/{child}").exists() or _state(child) == "Z":
            break
        time.sleep(0.02)
    else:
        pytest.fail("the filming process lives on")


def test_a_stopped_worker_leaves_its_film_to_the_next(house: House, worker: Workers) -> None:
    shot = film(5)
    video = house.add(shot)
    process = worker(house)
    house.wait_for_chunk(video, 8)
    process.signal(signal.SIGTERM)
    process.expect("stopped")
    assert process.process.wait() == 0
    row = house.row(video)
    assert (row.status, row.error_code) == ("in_progress", None)
    assert not list((house.folder(video) / "work").glob("*.start.*"))
    assert worker(house).expect("ended") == video
    np.testing.assert_array_equal(house.frames(video), undisturbed(shot))


def test_what_was_queued_without_a_worker_is_filmed_by_the_next(
    house: House, worker: Workers, queueing: Queueing
) -> None:
    jobs = queueing(house)
    first, second = house.add(film(1)), house.add(film(1))
    jobs.submit(first)
    jobs.submit(first)  # again does nothing; the second is never submitted at all
    assert house.row(first).status == "queued"
    process = worker(house)
    assert {process.expect("ended"), process.expect("ended")} == {first, second}
    assert house.row(first).attempt == house.row(second).attempt == 1


def _children(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            if int(stat.rpartition(")")[2].split()[1]) == pid:
                found.append(int(entry.name))
    return found


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


if os.name != "posix":
    pytest.skip("kill -9 is of this system's world only", allow_module_level=True)
