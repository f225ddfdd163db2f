"""/health and /ready need no key; /metrics is for administrators."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from fastapi import APIRouter, Request, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from laterna import __version__
from laterna.server.accounts.door import Administrator
from laterna.server.accounts.forms import ERRORS
from laterna.server.errors import ApiError
from laterna.server.operation.metrics import Metrics
from laterna.server.store import Store

__all__ = ["metrics_of", "router"]

ROOM = 256 << 20  # bytes that have to be free to take on work

router = APIRouter(tags=["operation"])


def metrics_of(app_state: object, store: Store) -> Metrics:
    """The figures of an application, made once."""
    found: Metrics | None = getattr(app_state, "metrics", None)
    if found is None:
        found = Metrics(store)
        app_state.metrics = found  # type: ignore[attr-defined]
    return found


@router.get("/health")
async def health() -> dict[str, str]:
    """The process answers. Says nothing of what it needs; see /ready."""
    return {"status": "ok", "version": __version__}


@router.get("/ready", responses=ERRORS(503))
def ready(request: Request) -> dict[str, str]:
    """The server can take on work: its database answers and its disk has room. Else 503."""
    state = request.app.state
    for trouble in (
        "it is shutting down" if getattr(state, "closing", False) else None,
        _database(state.store),
        _disk(state.settings.data),
    ):
        if trouble:
            headers = {"Retry-After": "5"}
            raise ApiError(503, f"not ready: {trouble}", code="not_ready", headers=headers)
    return {"status": "ready"}


def _database(store: Store) -> str | None:
    try:
        with store.reading() as session:
            session.execute(text("SELECT 1 FROM video LIMIT 1"))
    except SQLAlchemyError:
        return "the database does not answer"
    return None


def _disk(folder: Path) -> str | None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK):
            return "the data folder cannot be written"
        free = shutil.disk_usage(folder).free
    except OSError:
        return "the data folder is not there"
    return f"the disk has {free >> 20:,} MB left" if free < ROOM else None


@router.get("/metrics", responses=ERRORS(401, 403))
def metrics(request: Request, who: Administrator) -> Response:
    """Figures for Prometheus; give it an administrator's key as its bearer token."""
    figures = metrics_of(request.app.state, request.app.state.store).text()
    return Response(figures, media_type="text/plain; version=0.0.4; charset=utf-8")
