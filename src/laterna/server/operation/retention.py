"""What is kept, and how long: finished videos expire by age, and the oldest when space is short.

Expiring is two steps in an order that survives a crash at any moment: first the row says so, and
from then on the API answers 410; then the files go. A row that says so while files are still there
is finished by the next sweep. What an unfinished job builds on is left alone, however old.
"""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from laterna.server.accounts import audit
from laterna.server.ids import is_id
from laterna.server.settings import Settings
from laterna.server.store import Store
from laterna.server.tables import Delivery, Idempotency, SignIn, Video

__all__ = ["Sweeper", "sweep"]

DAY = 24 * 3600
FORGOTTEN = DAY  # seconds after which a folder without a row is nobody's
REPLAYED = 2 * DAY  # as long as an Idempotency-Key is remembered
DELIVERED = 30 * DAY  # as long as one can look up what became of a webhook
UPLOAD = "upload"  # the engine of rows that stand for uploaded film: hidden, yet in use

log = logging.getLogger(__name__)


def sweep(settings: Settings, store: Store, now: float | None = None) -> list[str]:
    """Expire what is too old or too much and remove its files; ids of what expired."""
    now = time.time() if now is None else now
    with store.session() as session:
        expired = _expire(session, settings, now)
        _forget(session, now)
    for video in expired:
        log.info("%s expired", video)
    _remove_files(settings, store, now)
    return expired


def _expire(session: Session, settings: Settings, now: float) -> list[str]:
    in_use = set(_in_use(session))
    done = Video.status.in_(("completed", "failed"))
    kept = select(Video).where(done, Video.expired.is_(None)).order_by(Video.created, Video.id)
    rows = [row for row in session.scalars(kept) if row.id not in in_use]
    stored = sum(row.bytes for row in session.scalars(kept) if not _is_deleted(row))
    expired = []
    for row in rows:
        old = row.expires is not None and row.expires <= now
        much = stored > settings.limits.keep_bytes and row.bytes > 0
        if not (old or much or _is_deleted(row)):
            continue
        row.expired = now
        if not _is_deleted(row):
            stored -= row.bytes
        if row.deleted is None:
            expired.append(row.id)
            why = "age" if old else "space"
            audit.note(session, audit.SYSTEM, "video.expire", row.id, why=why)
    return expired


def _is_deleted(row: Video) -> bool:
    return row.deleted is not None and row.engine != UPLOAD


def _in_use(session: Session) -> Iterator[str]:
    """Videos that unfinished jobs are joined to."""
    unfinished = Video.status.in_(("queued", "in_progress"))
    for spec in session.scalars(select(Video.spec).where(unfinished)):
        yield from (name for name in (spec.get("before"), spec.get("after")) if name)


def _forget(session: Session, now: float) -> None:
    session.execute(delete(SignIn).where(SignIn.expires < now))
    session.execute(delete(Idempotency).where(Idempotency.created < now - REPLAYED))
    done = Delivery.due.is_(None)
    session.execute(delete(Delivery).where(done, Delivery.created < now - DELIVERED))


def _remove_files(settings: Settings, store: Store, now: float) -> None:
    """Folders whose row says that they are gone, and those that never got a row."""
    root = settings.data / "videos"
    if not root.is_dir():
        return
    folders = {path.name: path for path in root.iterdir() if path.is_dir()}
    names = [name for name in folders if is_id(name, "video")]
    known: set[str] = set()
    gone: set[str] = set()
    with store.reading() as session:
        for start in range(0, len(names), 500):
            some = Video.id.in_(names[start : start + 500])
            for name, expired in session.execute(select(Video.id, Video.expired).where(some)):
                (known if expired is None else gone).add(name)
    for name in names:
        if name in gone or (name not in known and _age(folders[name], now) > FORGOTTEN):
            _remove(folders[name])
    for name, path in folders.items():
        if name.startswith(".gone-"):
            shutil.rmtree(path, ignore_errors=True)


def _age(folder: Path, now: float) -> float:
    try:
        return now - folder.stat().st_mtime
    except OSError:
        return 0.0


def _remove(folder: Path) -> None:
    """Out of sight in one step, then file by file; whoever reads one still has it to its end."""
    try:
        hidden = folder.rename(folder.with_name(f".gone-{folder.name}"))
    except OSError:
        hidden = folder
    shutil.rmtree(hidden, ignore_errors=True)


class Sweeper:
    """Sweeps every so often, in a thread, until it is stopped."""

    def __init__(self, settings: Settings, store: Store, every: float = 300.0) -> None:
        self._settings, self._store, self._every = settings, store, every
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="laterna-sweeper", daemon=True)

    def start(self) -> None:
        """Sweep now and then."""
        self._thread.start()

    def stop(self) -> None:
        """Return when no sweep is under way any more."""
        self._ending.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._ending.is_set():
            try:
                sweep(self._settings, self._store)
            except Exception:  # a full disk or a database that is away must not end all sweeping
                log.exception("the sweep failed; it is tried again in %g s", self._every)
            self._ending.wait(self._every)
