"""A video as clients see it: OpenAI's fields first, all of them always there, then ours."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from laterna.server.tables import Video

__all__ = ["Deleted", "Page", "VideoAnswer", "VideoError", "ahead", "poll_after", "render"]


class VideoError(BaseModel):
    """Why nothing was filmed."""

    code: str
    message: str


class VideoAnswer(BaseModel):
    """A job, and the film once it is completed. A failed one answers 200 too."""

    id: str
    object: Literal["video"] = "video"
    created_at: int
    completed_at: int | None
    expires_at: int | None
    status: Literal["queued", "in_progress", "completed", "failed"]
    progress: int
    model: str
    prompt: str | None
    seconds: str
    size: str
    remixed_from_video_id: str | None
    error: VideoError | None
    # ours
    engine: str
    kind: Literal["create", "remix", "edit", "extension"]
    seed: int | None
    fps: float | None
    quality: str | None
    frames: int
    draft_size: str | None  # once it is completed; a blend joins two that have the same
    passes: list[str]
    position: int | None = None


class Page(BaseModel):
    """A page of a list; the next one begins after `last_id`."""

    object: Literal["list"] = "list"
    data: list[VideoAnswer]
    first_id: str | None
    last_id: str | None
    has_more: bool


class Deleted(BaseModel):
    """What is gone."""

    id: str
    deleted: bool = True
    object: Literal["video.deleted"] = "video.deleted"


def render(row: Video, position: int | None = None) -> VideoAnswer:
    """`row` as the API says it; `position` is its place in the queue, from 1."""
    told: dict[str, Any] = row.answer
    failed = row.status == "failed"
    error = VideoError(
        code=row.error_code or "engine_error",
        message=row.error_message or "the shot could not be filmed",
    )
    return VideoAnswer(
        id=row.id,
        created_at=int(row.created),
        completed_at=_whole(row.completed) if row.status == "completed" else None,
        expires_at=_whole(row.expires),
        status=row.status,  # type: ignore[arg-type]  # checked by the model
        progress=100 if row.status == "completed" else row.progress,
        model=row.model,
        prompt=row.prompt,
        seconds=row.seconds,
        size=row.size,
        remixed_from_video_id=row.remixed_from,
        error=error if failed else None,
        engine=told.get("engine") or row.engine.partition(":")[0],
        kind=row.spec.get("kind", "create"),
        seed=told.get("seed"),
        fps=told.get("fps"),
        quality=told.get("quality"),
        frames=row.frames,
        draft_size=told.get("draft_size"),
        passes=list(row.spec.get("passes", ())),
        position=position,
    )


def ahead(session: Session, row: Video) -> int | None:
    """The place of `row` in the queue of all owners, from 1; None when it does not wait."""
    if row.status != "queued":
        return None
    before = select(func.count()).where(Video.status == "queued", Video.created < row.created)
    return 1 + (session.scalar(before) or 0)


def poll_after(row: Video, position: int | None) -> int:
    """Milliseconds after which asking again is worth it; clients keep to their first answer."""
    if position is None:
        return 1000
    return min(10_000, 1000 * max(1, position))


def _whole(moment: float | None) -> int | None:
    return None if moment is None else int(moment)
