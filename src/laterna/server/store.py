"""laterna's tables in SQLite or PostgreSQL, opened the same way everywhere.

SQLite runs in WAL mode, so that readers never wait for a writer, and a transaction that will write
takes its lock at once (BEGIN IMMEDIATE): two that read before they write cannot deadlock.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session, sessionmaker

from laterna.server.migrations import upgrade
from laterna.server.settings import Settings

__all__ = ["Store"]


class Store:
    """The database of one server; threads may share it."""

    def __init__(self, settings: Settings) -> None:
        url = settings.app_url
        if url.startswith("sqlite"):
            settings.data.mkdir(parents=True, exist_ok=True)
        self.engine: Engine = create_engine(_driver(url), pool_pre_ping=True)
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        upgrade(self.engine)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        looking = self.engine.execution_options(reading=True)
        self._looks = sessionmaker(looking, expire_on_commit=False)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A transaction: committed when the block ends, rolled back when it raises."""
        with self._sessions.begin() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that only reads, and so waits for no writer."""
        with self._looks.begin() as session:
            yield session

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def _driver(url: str) -> str:
    """PostgreSQL is spoken through psycopg 3, however the URL is spelled."""
    for short in ("postgresql://", "postgres://"):
        if url.startswith(short):
            return "postgresql+psycopg://" + url.removeprefix(short)
    return url


def _prepare_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # transactions are ours to begin
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout=30000")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    reading = connection.get_execution_options().get("reading")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
