"""Migrations make what the models say, once, whoever opens the database."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from laterna.errors import LaternaError
from laterna.server.migrations import FOLDER, head, revision
from laterna.server.settings import Settings
from laterna.server.store import Store
from laterna.server.tables import Base, Worker

# The job engine's tables share the database on PostgreSQL and are its own to migrate.
OURS = {table.name for table in Base.metadata.tables.values()}


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    url = request.getfixturevalue("postgres") if request.param == "postgresql" else ""
    yield Settings(tmp_path / "with 100% odd 'name", url)


def ours(thing: object, name: str | None, kind: str, *_: object) -> bool:
    return kind != "table" or name in OURS


def test_models_and_migrations_agree(settings: Settings) -> None:
    store = Store(settings)
    with store.engine.connect() as connection:
        options = {"compare_type": True, "include_object": ours}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []
    store.close()


def test_opening_again_keeps_what_is_there(settings: Settings) -> None:
    store = Store(settings)
    with store.session() as session:
        session.add(Worker(id="w", expires=2.0, started=1.0))
    store.close()
    again = Store(settings)
    with again.reading() as session:
        assert session.get_one(Worker, "w").expires == 2.0
        assert revision(session.connection()) == head()
    again.close()


def test_opening_at_once_in_many_threads(settings: Settings) -> None:
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(Store, [settings] * 4))
    assert len({frozenset(inspect(store.engine).get_table_names()) for store in stores}) == 1
    for store in stores:
        store.close()


def test_opening_at_once_in_many_processes(settings: Settings) -> None:
    code = (
        "import sys; from pathlib import Path; from laterna.server.settings import Settings\n"
        "from laterna.server.store import Store; Store(Settings(Path(sys.argv[1]), sys.argv[2]))"
    )
    command = [sys.executable, "-c", code, str(settings.data), settings.database]
    processes = [subprocess.Popen(command) for _ in range(3)]
    assert [process.wait(120) for process in processes] == [0, 0, 0]


def test_what_a_newer_laterna_made_is_left_alone(settings: Settings) -> None:
    store = Store(settings)
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    with pytest.raises(LaternaError, match="form 9999"):
        Store(settings)


def test_a_migration_that_fails_leaves_nothing_behind(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no disk")

    monkeypatch.setattr("alembic.op.create_index", fail)
    with pytest.raises(RuntimeError, match="no disk"):
        Store(settings)
    monkeypatch.undo()
    Store(settings).close()


def test_numbers_follow_each_other() -> None:
    names = sorted(path.name for path in (FOLDER / "versions").glob("[0-9]*.py"))
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))


def test_a_database_up_to_date_is_opened_without_alembic(tmp_path: Path) -> None:
    Store(Settings(tmp_path)).close()
    code = (
        "import sys; from pathlib import Path; from laterna.server.settings import Settings\n"
        "from laterna.server.store import Store; Store(Settings(Path(sys.argv[1])))\n"
        "sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False).returncode == 0
