"""How much an owner may film, and what comes back when it is not filmed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from laterna.server.accounts import people, quotas, stages
from laterna.server.accounts.stages import Who
from laterna.server.errors import ApiError
from laterna.server.ids import new_id
from laterna.server.settings import Limits, Settings
from laterna.server.spec import Spec
from laterna.server.store import Store
from laterna.server.tables import FILMED, Owner, Video
from laterna.shot import Shot


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    url = request.getfixturevalue("postgres") if request.param == "postgresql" else ""
    yield Settings(tmp_path, url, stage="invited", limits=Limits(queue=4))


@pytest.fixture
def store(database: Settings) -> Iterator[Store]:
    store = Store(database)
    yield store
    store.close()


@pytest.fixture
def ada(store: Store) -> Who:
    """May film 20 s a day, three jobs at once."""
    with store.session() as session:
        owner, _ = people.add_owner(session, "Ada", "invited", "system")
        people.change_owner(session, owner, "system", seconds_a_day=20.0, jobs_at_once=3)
        return stages.who(owner, "invited")


def film(store: Store, settings: Settings, who: Who, seconds: float = 4.0) -> str:
    """What the API does with a request: asks, and stores the job, in one transaction."""
    video = new_id("video")
    spec = Spec(Shot("a lake", seconds=seconds)).write(settings.folder(video))
    with store.session() as session:
        quotas.admit(session, who, seconds, settings)
        session.add(
            Video(
                id=video, owner=who.owner, status="queued", created=time.time(), model="sora-2",
                engine="fake", prompt="a lake", seconds=f"{seconds:g}", size="64x64", frames=32,
                spec=spec,
            )
        )  # fmt: skip
    return video


def end(store: Store, video: str, status: str, code: str | None = None, progress: int = 0) -> None:
    with store.session() as session:
        row = session.get_one(Video, video)
        row.status, row.error_code, row.progress = status, code, progress
    hook = quotas.settle(store)
    hook(video)
    hook(video)  # hooks are called at least once


def used(store: Store, who: Who) -> float:
    with store.reading() as session:
        return quotas.seconds_today(session, who.owner)


def test_seconds_of_a_day_run_out(store: Store, database: Settings, ada: Who) -> None:
    for _ in range(2):
        end(store, film(store, database, ada, 8), "completed")
    with pytest.raises(ApiError) as refused:
        film(store, database, ada, 8)
    assert (refused.value.status, refused.value.code) == (429, "insufficient_quota")
    assert "4 of 20 s a day are left" in refused.value.message
    assert 0 < int(refused.value.headers["Retry-After"]) <= 24 * 3600
    assert refused.value.headers["x-should-retry"] == "false"
    assert used(store, ada) == 16
    film(store, database, ada, 4)


def test_jobs_at_once(store: Store, database: Settings, ada: Who) -> None:
    videos = [film(store, database, ada) for _ in range(3)]
    with pytest.raises(ApiError, match="3 jobs at once") as refused:
        film(store, database, ada)
    assert refused.value.headers["Retry-After"] == "15"
    end(store, videos[0], "completed")
    film(store, database, ada)


def test_the_queue_has_an_end_for_everybody(store: Store, database: Settings, ada: Who) -> None:
    boss = replace(ada, admin=True, seconds_a_day=None, jobs_at_once=None)
    for _ in range(4):
        film(store, database, boss)
    with pytest.raises(ApiError, match="the queue is full, 4 jobs wait"):
        film(store, database, boss)


def test_what_failed_is_given_back_once(store: Store, database: Settings, ada: Who) -> None:
    end(store, film(store, database, ada, 8), "failed", "engine_error", 90)
    assert used(store, ada) == 0


def test_what_was_cancelled_is_given_back_as_far_as_it_was_not_filmed(
    store: Store, database: Settings, ada: Who
) -> None:
    end(store, film(store, database, ada, 8), "failed", "cancelled", FILMED * 3 // 4)
    assert used(store, ada) == 6


def test_what_was_cancelled_while_it_was_finished_was_filmed(
    store: Store, database: Settings, ada: Who
) -> None:
    end(store, film(store, database, ada, 8), "failed", "cancelled", FILMED)
    end(store, film(store, database, ada, 8), "failed", "cancelled", 90)
    assert used(store, ada) == 16


def test_what_was_filmed_is_not_given_back(store: Store, database: Settings, ada: Who) -> None:
    end(store, film(store, database, ada, 8), "completed", None, 100)
    assert used(store, ada) == 8


def test_requests_that_come_together_cannot_take_the_same_seconds(
    store: Store, database: Settings, ada: Who
) -> None:
    many = replace(ada, jobs_at_once=None)

    def ask(_: int) -> bool:
        try:
            film(store, database, many, 8)
        except ApiError:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(ask, range(6))) == 2
    assert used(store, ada) == 16


def test_another_owner_is_not_held_up(store: Store, database: Settings, ada: Who) -> None:
    film(store, database, ada, 20)
    with store.session() as session:
        ben, _ = people.add_owner(session, "Ben", "invited", "system")
    film(store, database, stages.who(ben, "invited"), 20)
    with store.reading() as session:
        assert session.get_one(Owner, ada.owner).seconds_a_day == 20
