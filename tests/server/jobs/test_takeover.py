"""Several workers on one PostgreSQL: what one cannot finish, another does."""

from __future__ import annotations

import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from laterna.server.jobs import Jobs
from laterna.shot import Shot
from tests.server.jobs.conftest import House, Process, undisturbed

Workers = Callable[..., Process]
Queueing = Callable[[House], Jobs]
LEASE = 3.0


def film(seconds: float = 4) -> Shot:
    return Shot("a boat", seconds=seconds, seed=5, quality="draft", extra={"pause": 0.15})


def test_a_killed_workers_film_is_taken_over(shared_house: House, worker: Workers) -> None:
    shot = film(8)
    video = shared_house.add(shot)
    first = worker(shared_house, LEASE)
    shared_house.wait_for_chunk(video, 4)
    second = worker(shared_house, LEASE)
    first.kill()
    assert second.expect("ended") == video
    row = shared_house.row(video)
    assert (row.status, row.attempt) == ("completed", 2)
    np.testing.assert_array_equal(shared_house.frames(video), undisturbed(shot))


def test_a_stopped_workers_film_is_handed_over(shared_house: House, worker: Workers) -> None:
    shot = film(6)
    video = shared_house.add(shot)
    first = worker(shared_house, 600)  # so that only a proper good-bye can be noticed
    shared_house.wait_for_chunk(video, 4)
    second = worker(shared_house, LEASE)
    first.signal(signal.SIGTERM)
    first.expect("stopped")
    assert second.expect("ended") == video
    np.testing.assert_array_equal(shared_house.frames(video), undisturbed(shot))


def test_a_worker_thought_dead_publishes_nothing(shared_house: House, worker: Workers) -> None:
    shot = film(6)
    video = shared_house.add(shot)
    sleeper = worker(shared_house, LEASE)
    shared_house.wait_for_chunk(video, 4)
    second = worker(shared_house, LEASE)
    sleeper.signal(signal.SIGSTOP)
    assert second.expect("ended") == video
    before = _files(shared_house, video)
    other = shared_house.add(film(1))
    sleeper.signal(signal.SIGCONT)
    third = shared_house.add(film(1))
    for each in (other, third):
        assert shared_house.wait(each).status == "completed"
    assert _files(shared_house, video) == before
    row = shared_house.row(video)
    assert (row.status, row.attempt) == ("completed", 2)
    np.testing.assert_array_equal(shared_house.frames(video), undisturbed(shot))
    sleeper.signal(signal.SIGTERM)  # it is well, and says good-bye
    sleeper.expect("stopped")
    assert sleeper.process.wait(60) == 0


def test_workers_share_a_queue_and_film_nothing_twice(
    shared_house: House, worker: Workers, queueing: Queueing
) -> None:
    jobs = queueing(shared_house)
    videos = [shared_house.add(film(0.5)) for _ in range(8)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(jobs.submit, videos))
    workers = [worker(shared_house), worker(shared_house)]
    for video in videos:
        assert shared_house.wait(video).status == "completed"
    assert [shared_house.row(video).attempt for video in videos] == [1] * 8
    told = []
    for each in workers:
        each.signal(signal.SIGTERM)
        assert each.process.stdout is not None
        lines = each.process.stdout.read().splitlines()
        told.append([line.split()[1] for line in lines if line.startswith("ended")])
    assert sorted(told[0] + told[1]) == sorted(videos)
    assert told[0] and told[1]


def test_two_servers_do_not_film_from_one_folder_without_a_database(
    house: House, worker: Workers
) -> None:
    import pytest

    from laterna.errors import InputError

    worker(house)
    second = Jobs(house.settings, house.store)
    with pytest.raises(InputError, match="LATERNA_DATABASE_URL"):
        second.start(film=True)


def _files(house: House, video: str) -> dict[str, tuple[int, int]]:
    """Every published file: which it is on the disk, and when it was written."""
    folder = house.folder(video)
    stats = {path.name: path.stat() for path in folder.iterdir() if path.is_file()}
    return {name: (stat.st_ino, stat.st_mtime_ns) for name, stat in stats.items()}
