"""Who lives: every worker renews a row, and who has not for a while is taken for dead.

The clock is the database's, so that workers' own may differ. A worker that was only asleep (a
suspended laptop, a stalled disk) comes back to find its jobs with others and its tokens void; it
takes new ones as if nothing had been.

On SQLite there is one host, and one process on it that films: a lock on a file, which the system
gives back however its holder ends, says so at once where a lease would have to run out.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import IO

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from laterna.errors import InputError
from laterna.server.store import Store
from laterna.server.tables import Worker

__all__ = ["Lease", "OnlyOne"]


class Lease:
    """One worker's sign of life, and what it sees of the others'."""

    def __init__(self, store: Store, worker: str, seconds: float) -> None:
        self._store, self.worker, self.seconds = store, worker, seconds
        self._started = time.time()

    def renew(self) -> None:
        """Live `seconds` longer."""
        with self._store.session() as session:
            expires = _now(session) + self.seconds
            session.merge(Worker(id=self.worker, expires=expires, started=self._started))

    def living(self) -> set[str]:
        """All workers that live, this one included."""
        with self._store.reading() as session:
            now = _now(session)
            return set(session.scalars(select(Worker.id).where(Worker.expires >= now)))

    def bury(self) -> None:
        """Forget workers whose time is over."""
        with self._store.session() as session:
            session.execute(delete(Worker).where(Worker.expires < _now(session)))

    def give_up(self) -> None:
        """Die: the others may take over at once."""
        with self._store.session() as session:
            session.execute(delete(Worker).where(Worker.id == self.worker))

    def clear(self) -> None:
        """Declare all the others dead; for whoever knows that it is alone."""
        with self._store.session() as session:
            session.execute(delete(Worker).where(Worker.id != self.worker))


def _now(session: Session) -> float:
    if session.get_bind().dialect.name != "postgresql":
        return time.time()
    asked = text("SELECT extract(epoch FROM clock_timestamp())::double precision")
    return float(session.execute(asked).scalar_one())


class OnlyOne:
    """A lock on a file in `folder` for as long as this object is held."""

    def __init__(self, folder: Path) -> None:
        """Raises InputError when another process holds it."""
        folder.mkdir(parents=True, exist_ok=True)
        self._file: IO[str] = (folder / "filming.lock").open("a")
        try:
            _lock(self._file)
        except OSError as error:
            self._file.close()
            remedy = "another server films from it; several workers need LATERNA_DATABASE_URL"
            raise InputError("data", str(folder), remedy) from error

    def release(self) -> None:
        """Let the next one in."""
        self._file.close()


def _lock(file: IO[str]) -> None:
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        return
    import fcntl

    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
