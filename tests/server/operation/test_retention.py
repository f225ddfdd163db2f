"""What is too old or too much expires: the row first, then its files."""

from __future__ import annotations

import os
import threading

import pytest
from sqlalchemy import select

from laterna.server.ids import new_id
from laterna.server.operation import Sweeper, sweep
from laterna.server.operation import retention as module
from laterna.server.settings import Settings
from laterna.server.store import Store
from laterna.server.tables import Audit, Idempotency, Video

from .conftest import Add


def expired(store: Store, video: str) -> bool:
    with store.reading() as session:
        return session.get_one(Video, video).expired is not None


def test_what_is_too_old_expires(settings: Settings, store: Store, add: Add) -> None:
    old, young = add(0), add(50)
    failed = add(0, "failed", size=0)
    assert sorted(sweep(settings, store, now=120)) == sorted([old, failed])
    assert expired(store, old) and not expired(store, young)
    assert not settings.folder(old).exists() and settings.folder(young).exists()
    assert sweep(settings, store, now=121) == []
    with store.reading() as session:
        rows = session.scalars(select(Audit).where(Audit.subject == old)).all()
        assert [(row.action, row.detail) for row in rows] == [("video.expire", {"why": "age"})]


def test_when_space_is_short_the_oldest_go(settings: Settings, store: Store, add: Add) -> None:
    videos = [add(second, size=400) for second in (3, 1, 2)]
    assert sweep(settings, store, now=10) == [videos[1]]
    assert sum(settings.folder(video).exists() for video in videos) == 2


def test_what_is_not_done_stays(settings: Settings, store: Store, add: Add) -> None:
    videos = [add(0, "queued", size=0), add(0, "in_progress", size=5000)]
    assert sweep(settings, store, now=1e6) == []
    assert all(settings.folder(video).exists() for video in videos)


def test_what_a_job_builds_on_stays_until_it_is_done(
    settings: Settings, store: Store, add: Add
) -> None:
    base, upload = add(0), add(0, deleted=1.0, engine="upload")
    job = add(0, "queued", spec={"before": base, "after": upload})
    assert sweep(settings, store, now=120) == []
    with store.session() as session:
        session.get_one(Video, job).status = "completed"
    assert set(sweep(settings, store, now=120)) == {base, job}
    assert not settings.folder(upload).exists()


def test_what_was_deleted_leaves_no_files(settings: Settings, store: Store, add: Add) -> None:
    video = add(0, deleted=1.0)
    assert sweep(settings, store, now=2) == []
    assert not settings.folder(video).exists()
    with store.reading() as session:
        assert session.scalars(select(Audit)).all() == []


def test_a_sweep_that_was_cut_short_is_finished(
    settings: Settings, store: Store, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    video = add(0)

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "_remove_files", fail)
    with pytest.raises(KeyboardInterrupt):
        sweep(settings, store, now=120)
    assert expired(store, video) and settings.folder(video).exists()
    monkeypatch.undo()
    (settings.data / "videos" / ".gone-video_x").mkdir()
    sweep(settings, store, now=121)
    assert list((settings.data / "videos").iterdir()) == []


def test_folders_without_a_row_go_after_a_day_and_what_is_not_ours_stays(
    settings: Settings, store: Store, add: Add
) -> None:
    old, young = (settings.folder(new_id("video")) for _ in range(2))
    other = settings.data / "videos" / "holiday"
    for folder in (old, young, other):
        folder.mkdir(parents=True)
    for folder in (old, other):
        os.utime(folder, (0, 0))
    os.utime(young, (90_000, 90_000))
    sweep(settings, store, now=100_000)
    assert (old.exists(), young.exists(), other.exists()) == (False, True, True)


def test_keys_of_requests_are_forgotten(settings: Settings, store: Store) -> None:
    with store.session() as session:
        for created in (0.0, 200_000.0):
            session.add(
                Idempotency(
                    owner="owner_a", key=str(created), request_sha256="", made="v", created=created
                )
            )
    sweep(settings, store, now=200_000)
    with store.reading() as session:
        assert session.scalars(select(Idempotency.created)).all() == [200_000.0]


def test_the_sweeper_goes_on_after_a_failure_and_ends_when_told(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls, twice = [], threading.Event()

    def fail(*_: object) -> None:
        calls.append(1)
        if len(calls) == 2:
            twice.set()
        raise OSError("no disk")

    monkeypatch.setattr(module, "sweep", fail)
    sweeper = Sweeper(settings, store, every=0.0)
    sweeper.start()
    assert twice.wait(30)
    sweeper.stop()
    Sweeper(settings, store).stop()
