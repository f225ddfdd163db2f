"""The record of what was done to accounts and films. Rows are added, never changed."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from laterna.server.tables import Audit

__all__ = ["SYSTEM", "note", "recent"]

SYSTEM = "system"  # the actor when nobody signed in did it: the command line, a sweep


def note(session: Session, actor: str, action: str, subject: str = "", **detail: Any) -> None:
    """Record, in the transaction that does it, that `actor` did `action` to `subject`.

    `action` reads thing.verb (key.add, video.delete); `detail` is JSON and holds no secrets.
    """
    session.add(Audit(at=time.time(), actor=actor, action=action, subject=subject, detail=detail))


def recent(session: Session, limit: int = 100, before: int | None = None) -> list[Audit]:
    """The newest entries first; `before` is the id at which a page before this one ended."""
    query = select(Audit).order_by(Audit.id.desc()).limit(limit)
    if before is not None:
        query = query.where(Audit.id < before)
    return list(session.scalars(query))
