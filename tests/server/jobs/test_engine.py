"""What laterna relies on in DBOS, some of it private: look here first when its version changes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from importlib.metadata import requires, version

import pytest
from sqlalchemy import create_engine, text

import laterna
from laterna.server.jobs import Jobs
from laterna.server.jobs.engine import STEPS_VERSION
from laterna.server.tables import Video
from laterna.shot import Shot
from tests.server.jobs.conftest import House, Process


def film(seconds: float = 1, pause: float = 0.0) -> Shot:
    return Shot("a boat", seconds=seconds, seed=5, quality="draft", extra={"pause": pause})


def test_the_version_is_pinned() -> None:
    pinned = [need for need in requires("laterna") or [] if need.startswith("dbos")]
    assert all(f"=={version('dbos')}" in need for need in pinned)


def test_steps_are_json_with_a_path_and_a_sha256(
    house: House, worker: Callable[..., Process]
) -> None:
    video = house.add(film())
    process = worker(house)
    assert process.expect("ended") == video
    process.kill()
    with closing(sqlite3.connect(house.settings.data / "jobs.db")) as tables:
        rows = tables.execute(
            "SELECT function_name, output, serialization FROM operation_outputs ORDER BY 1, 2"
        ).fetchall()
    assert [name for name, _, _ in rows].count("chunk") == 2
    for name, output, kind in rows:
        assert kind == "portable_json"
        if name in ("chunk", "publish"):
            assert '"sha256"' in output and '"path"' in output
            assert len(output) < 2000


def test_an_upgrade_strands_no_job(
    house: House, worker: Callable[..., Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(laterna, "__version__", "0.0.1")
    older = Jobs(house.settings, house.store)
    older.start(film=False)
    video = house.add(film())
    older.submit(video)
    older.stop()
    with closing(sqlite3.connect(house.settings.data / "jobs.db")) as tables:
        told = tables.execute("SELECT application_version FROM workflow_status").fetchall()
    assert told == [(STEPS_VERSION,)]
    assert worker(house).expect("ended") == video


def test_a_process_films_as_many_as_it_was_told(shared_house: House) -> None:
    settings = replace(shared_house.settings, workers=2)
    videos = [shared_house.add(film(30, pause=0.3)) for _ in range(3)]
    jobs = Jobs(settings, shared_house.store)
    jobs.start(film=True)
    try:
        shared_house.wait_for_chunk(videos[0], 0)
        shared_house.wait_for_chunk(videos[1], 0)
        with create_engine(_spoken(settings.database)).connect() as tables:
            asked = text("SELECT DISTINCT worker_concurrency FROM dbos.queues")
            shared = tables.execute(asked).scalar_one()
        states = [shared_house.row(video).status for video in videos]
        for video in videos:
            jobs.cancel(video)
    finally:
        jobs.stop()
    assert states == ["in_progress", "in_progress", "queued"]
    assert shared == 1  # what another process reads, which says its own width


def test_the_oldest_job_goes_first_whichever_engine_it_is_for(shared_house: House) -> None:
    house = shared_house
    engines = ("stateless", "moody", "stateless", "moody", "moody", "stateless")
    videos = [house.add(film(0.25, pause=0.2), engine=engine) for engine in engines]
    jobs = Jobs(replace(house.settings, workers=1), house.store)
    jobs.start(film=True)
    try:
        for video in videos:
            jobs.submit(video)
        begun = [house.wait(video).started for video in videos]
    finally:
        jobs.stop()
    assert all(begun)
    assert begun == sorted(begun)


def test_a_job_that_ended_without_a_word_fails_its_video(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from laterna.server.jobs import filming

    def broken(take: object) -> dict[str, object]:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr(filming, "_made", broken)
    monkeypatch.setattr("laterna.server.jobs.service.SWEEP", 0.1)
    video = house.add(film())
    jobs = Jobs(house.settings, house.store, lease=1.0)
    ended: list[str] = []
    jobs.on_end(ended.append)
    jobs.start(film=True)
    try:
        row: Video = house.wait(video)
    finally:
        jobs.stop()
    assert (row.status, row.error_code, ended) == ("failed", "internal_error", [video])


def test_records_of_old_jobs_are_dropped(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("laterna.server.jobs.service.SWEEP", 0.1)
    monkeypatch.setattr("laterna.server.jobs.service.HISTORY", -60.0)
    video = house.add(film())
    jobs = Jobs(house.settings, house.store, lease=1.0)
    jobs.start(film=True)
    try:
        house.wait(video)
        for _ in range(1000):
            engine = jobs._engine
            if engine is None or video not in engine.states([video]):
                break
            jobs._ending.wait(0.05)
        else:
            pytest.fail("the record is still there")
    finally:
        jobs.stop()
    assert house.row(video).status == "completed"


def _spoken(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://")
