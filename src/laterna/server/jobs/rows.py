"""What a video's row may become, and who may say so.

    queued -> in_progress -> completed
         \\-> failed <-/        failed and completed are for ever

Every change is one conditional UPDATE. Whoever films holds a token, the row's `attempt`: `begin`
counts it up, so the token of a worker that was thought dead opens nothing any more, and progress
that comes late revives nothing.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar, cast

from sqlalchemy import CursorResult, Update, select, update
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from laterna.server.jobs.faults import CANCELLED, Fault
from laterna.server.store import Store
from laterna.server.tables import Video

__all__ = ["LIVE", "HandedOver", "Rows"]

LIVE = ("queued", "in_progress")
PATIENCE = 10.0  # seconds a database may be away before whoever asked hears of it

T = TypeVar("T")

_log = logging.getLogger(__name__)


class HandedOver(BaseException):
    """This process lets go of a film without an end; DBOS records nothing, another goes on.

    Not an Exception: that would be the workflow's result.
    """


class Rows:
    """The changes of status, for one server; threads may share it."""

    def __init__(
        self, store: Store, keep_seconds: float, leaving: threading.Event | None = None
    ) -> None:
        """`keep_seconds` is how long a video is kept after its end.

        With `leaving` every change waits as long as the database is away, as films should, until
        that is set: then HandedOver is raised.
        """
        self.store, self.keep_seconds, self.leaving = store, keep_seconds, leaving

    def read(self, video: str) -> Video | None:
        """The row, detached."""

        def look(session: Session) -> Video | None:
            return session.get(Video, video)

        return self._do(look)

    def live(self) -> list[str]:
        """Videos that wait or are filmed, the oldest first."""
        asked = select(Video.id).where(Video.status.in_(LIVE)).order_by(Video.created)
        return self._do(lambda session: list(session.scalars(asked)))

    def begin(self, video: str) -> int | None:
        """Take the film on: a new token, or None when it has ended."""

        def change(session: Session) -> int | None:
            ours = update(Video).where(Video.id == video, Video.status.in_(LIVE))
            values = {"attempt": Video.attempt + 1, "status": "in_progress"}
            if not _changed(session, ours.values(values)):
                return None
            row = session.get_one(Video, video)
            row.started = row.started or time.time()
            return row.attempt

        return self._do(change)

    def advance(self, video: str, token: int, progress: int) -> bool:
        """Report progress, which never falls; False when the film is not the token's any more."""
        ours = _held(video, token)
        moved = ours.where(Video.progress < progress).values(progress=progress)

        def change(session: Session) -> bool:
            if _changed(session, moved):
                return True
            row = session.get(Video, video)
            return row is not None and (row.attempt, row.status) == (token, "in_progress")

        return self._do(change)

    def complete(self, video: str, token: int, size: int, draft_size: str | None = None) -> bool:
        """The film is published, in `size` bytes; its draft frames are `draft_size`."""
        now = time.time()
        values = {
            "status": "completed",
            "progress": 100,
            "completed": now,
            "expires": now + self.keep_seconds,
            "bytes": size,
        }
        row = self.read(video)
        if row is not None:  # nobody else changes the answer once the row is there
            values["answer"] = {**row.answer, "draft_size": draft_size}
        done = _held(video, token).values(values)
        return self._do(lambda session: _changed(session, done))

    def fail(self, video: str, fault: Fault, token: int | None = None) -> bool:
        """The film will not be; without a token whoever has it loses it."""
        ours = update(Video).where(Video.id == video, Video.status.in_(LIVE))
        if token is not None:
            ours = _held(video, token)
        values = self._failed(fault)
        return self._do(lambda session: _changed(session, ours.values(values)))

    def cancel(self, video: str) -> str | None:
        """Fail as cancelled; the status there was, or None when the film has ended already."""

        def change(session: Session) -> str | None:
            locked = select(Video).where(Video.id == video).with_for_update()
            row = session.scalars(locked).one_or_none()
            if row is None or row.status not in LIVE:
                return None
            before = row.status
            fault = Fault(CANCELLED, "the job was cancelled")
            for name, value in {**self._failed(fault), "cancelled": time.time()}.items():
                setattr(row, name, value)
            return before

        return self._do(change)

    def _failed(self, fault: Fault) -> dict[str, Any]:
        now = time.time()
        return {
            "status": "failed",
            "failed": now,
            "error_code": fault.code,
            "error_message": fault.message,
            "expires": now + self.keep_seconds,
        }

    def _do(self, work: Callable[[Session], T]) -> T:
        """Do `work` in a transaction, again while the database is away."""
        deadline, pause = time.monotonic() + PATIENCE, 0.1
        while True:
            try:
                with self.store.session() as session:
                    return work(session)
            except (InterfaceError, OperationalError) as error:
                if self.leaving is None and time.monotonic() > deadline:
                    raise
                if self.leaving is not None and self.leaving.wait(pause):
                    raise HandedOver from error
                _log.warning("the database is away: %s", error.orig)
                time.sleep(pause)
                pause = min(5.0, 2 * pause)


def _held(video: str, token: int) -> Update:
    """An update of the row as long as `token` films it."""
    return update(Video).where(
        Video.id == video, Video.attempt == token, Video.status == "in_progress"
    )


def _changed(session: Session, statement: Update) -> bool:
    return cast("CursorResult[Any]", session.execute(statement)).rowcount > 0
