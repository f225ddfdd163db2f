"""Numbered migrations, run when a store opens: an upgrade of laterna brings its tables along.

`versions/NNNN_*.py` are Alembic revisions whose id is their number, so that the newest is known
from the file names and a database that is up to date costs one query and no import of Alembic.
All of a run is one transaction under one lock: processes that open the same database at once wait
for the first, and find nothing left to do. `python -m laterna.server.migrations WORDS` drafts the
next one from how the models differ from the migrations.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from laterna.errors import LaternaError

__all__ = ["FOLDER", "head", "lock", "revision", "upgrade"]

FOLDER = Path(__file__).parent
_LOCK = 0x6C617465  # "late", the advisory lock of everything that must happen one at a time


def head() -> str:
    """The number of the newest migration."""
    return max(path.name[:4] for path in (FOLDER / "versions").glob("[0-9]*.py"))


def revision(connection: Connection) -> str | None:
    """Where a database stands; None when it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def lock(connection: Connection) -> None:
    """One at a time, until this transaction ends. SQLite's BEGIN IMMEDIATE has seen to it."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def upgrade(engine: Engine) -> None:
    """Bring the tables to the newest form. Raises LaternaError when a newer laterna made them."""
    with engine.execution_options(reading=True).begin() as connection:
        if revision(connection) == head():
            return
    with engine.begin() as connection:
        lock(connection)
        found = revision(connection)
        if found == head():
            return
        if found is not None and found > head():
            raise LaternaError(
                f"the database is of form {found}, this laterna knows {head()}; "
                "install the newer laterna again, or restore a backup"
            )
        _run(connection)


def _run(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    # Alembic reads % in options as the start of an interpolation.
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
