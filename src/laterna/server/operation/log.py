"""Logs as JSON lines on standard error, each with the request and the job that it is about.

Whatever uses Python's own logging (uvicorn, SQLAlchemy, DBOS, this server) ends up here in one
form. The request's id comes from the context, the job's too or, where code merely names a video in
its words, from there; so that `grep video_...` finds all that happened to it.
"""

from __future__ import annotations

import logging
import re
import sys
from contextlib import AbstractContextManager
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor

__all__ = ["about", "configure"]

_VIDEO = re.compile(r"\bvideo_[0-9a-z]{24}\b")
_SECRET = re.compile(r"\b(sk-|in-|invite-|whsec_)[A-Za-z0-9_\-+/=]{8,}")


def about(**ids: str) -> AbstractContextManager[None]:
    """Every line logged in this block carries `ids` (job, request)."""
    return structlog.contextvars.bound_contextvars(**ids)


def configure(stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Send all logging of this process to `stream` (standard error) as JSON lines."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _name_job,
            _clean,
            structlog.processors.JSONRenderer(default=str, ensure_ascii=False),
        ],
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # uvicorn brings handlers of its own; its access log says what Observe says better.
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    logging.getLogger("uvicorn.access").disabled = True
    logging.getLogger("alembic").setLevel(logging.WARNING)


def _name_job(_: Any, __: str, event: EventDict) -> EventDict:
    found = _VIDEO.search(str(event.get("event", "")))
    if found:
        event.setdefault("job", found[0])
    return event


def _clean(_: Any, __: str, event: EventDict) -> EventDict:
    """Keys and cookies do not belong into logs, whoever put them there; nor do colours."""
    event.pop("color_message", None)  # uvicorn's, for terminals
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = _SECRET.sub(r"\1***", value)
    return event
