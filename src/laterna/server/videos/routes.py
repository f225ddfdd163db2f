"""The routes of /v1/videos. Each reads its request and says what came of it; the work is elsewhere.

Fixed paths (edits, extensions, characters) stand before /videos/{video_id}, which would take them.
"""

from __future__ import annotations

import shutil
import time
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from pydantic import BaseModel
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from laterna.server.accounts import audit
from laterna.server.accounts.door import Guest
from laterna.server.errors import bad_request
from laterna.server.ids import is_id
from laterna.server.openapi import body, errors
from laterna.server.tables import Idempotency, Video
from laterna.server.videos import characters
from laterna.server.videos.content import VARIANTS, send
from laterna.server.videos.events import END, stream
from laterna.server.videos.idempotency import Once
from laterna.server.videos.inputs import Desk, own, whole
from laterna.server.videos.queueing import Queued, enqueue, replay
from laterna.server.videos.requests import (
    CharacterRequest,
    CreateRequest,
    EditRequest,
    ExtensionRequest,
    RemixRequest,
)
from laterna.server.videos.resource import (
    Deleted,
    Page,
    VideoAnswer,
    ahead,
    poll_after,
    render,
)
from laterna.server.videos.shots import (
    Plan,
    plan_create,
    plan_edit,
    plan_extension,
    plan_remix,
)
from laterna.server.wire import Body

__all__ = ["router"]

router = APIRouter(prefix="/v1/videos", tags=["videos"], responses=errors(401, 403))
PASSES = ("depth", "motion", "matte")
Variant = Literal["video", "thumbnail", "spritesheet", "draft", "depth", "motion", "matte"]
REPLAYED = "Idempotent-Replayed"
VideoId = Annotated[str, Path(description="A video's id.")]
IdempotencyKey = Annotated[
    str | None,
    Header(alias="Idempotency-Key", description="Sent twice with one key, it is done once."),
]


def desk(request: Request, who: Guest) -> Desk:
    """Where this request's material is laid out."""
    return Desk(request.app.state.settings, request.app.state.store, who)


At = Annotated[Desk, Depends(desk)]


def _film(
    request: Request, response: Response, at: Desk, asked: BaseModel, key: str | None, plan: Any
) -> VideoAnswer:
    """Queue what `plan()` says, unless the same request did before."""
    once = Once.of(at.who.owner, key, request.url.path, asked)
    done = replay(at, once) if key else None
    if done is None:
        planned: Plan = plan()
        done = enqueue(at, request.app.state.jobs, planned, once)
    return _queued(response, done)


def _queued(response: Response, done: Queued) -> VideoAnswer:
    response.headers["openai-poll-after-ms"] = str(poll_after(done.row, done.position))
    if done.replayed:
        response.headers[REPLAYED] = "true"
    return render(done.row, done.position)


FILMS = errors(400, 404, 413, 415, 422, 429, 503)
SOURCES = errors(400, 404, 410, 413, 415, 422, 429, 503)


@router.post("", summary="Film a shot", responses=FILMS, openapi_extra=body(CreateRequest))
def create(
    request: Request, response: Response, at: At, sent: Body, key: IdempotencyKey = None
) -> VideoAnswer:
    """Queue a shot from words, and pictures where they are given; poll the answer's id."""
    asked = sent.to(CreateRequest)
    engines = request.app.state.engines
    return _film(request, response, at, asked, key, lambda: plan_create(at, engines, asked))


@router.get("", summary="List your videos", responses=errors(400))
def videos(
    at: At,
    after: Annotated[str | None, Query(description="The id that the last page ended with.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    order: Literal["asc", "desc"] = "desc",
) -> Page:
    """A page, the newest first."""
    with at.store.reading() as session:
        rows = _page(session, at.who.owner, after, limit + 1, order)
        shown = [render(row, ahead(session, row)) for row in rows[:limit]]
    first, last = (shown[0].id, shown[-1].id) if shown else (None, None)
    return Page(data=shown, first_id=first, last_id=last, has_more=len(rows) > limit)


def _page(session: Session, owner: str, after: str | None, limit: int, order: str) -> list[Video]:
    query = select(Video).where(Video.owner == owner, Video.deleted.is_(None))
    if after is not None:
        # One that is deleted still marks its place.
        mark = session.get(Video, after) if is_id(after, "video") else None
        if mark is None or mark.owner != owner:
            raise bad_request("after", f"after: there is no video {after[:60]!r}")
        if order == "asc":
            later, among = Video.created > mark.created, Video.id > mark.id
        else:
            later, among = Video.created < mark.created, Video.id < mark.id
        query = query.where(or_(later, and_(Video.created == mark.created, among)))
    by = (Video.created, Video.id) if order == "asc" else (Video.created.desc(), Video.id.desc())
    return list(session.scalars(query.order_by(*by).limit(limit)))


@router.post("/edits", summary="Edit a video", responses=SOURCES, openapi_extra=body(EditRequest))
def edit(
    request: Request, response: Response, at: At, sent: Body, key: IdempotencyKey = None
) -> VideoAnswer:
    """Film a video, one of yours or an upload, with something changed.

    `strength` tells all of it anew, `mask` a region, `size` adds picture around it, `speed` films
    the moments between.
    """
    asked = sent.to(EditRequest)
    engines = request.app.state.engines
    return _film(request, response, at, asked, key, lambda: plan_edit(at, engines, asked))


@router.post(
    "/extensions",
    summary="Extend a video",
    responses=SOURCES,
    openapi_extra=body(ExtensionRequest),
)
def extend(
    request: Request, response: Response, at: At, sent: Body, key: IdempotencyKey = None
) -> VideoAnswer:
    """Film on after a video's end or before its beginning, or a bridge to another or to itself.

    The answer is the whole film; its `seconds` are the total.
    """
    asked = sent.to(ExtensionRequest)
    engines = request.app.state.engines
    return _film(request, response, at, asked, key, lambda: plan_extension(at, engines, asked))


@router.post(
    "/characters",
    summary="Make a character",
    responses=errors(400, 413, 415, 422),
    openapi_extra=body(CharacterRequest),
)
def make_character(
    request: Request, response: Response, at: At, sent: Body, key: IdempotencyKey = None
) -> characters.CharacterAnswer:
    """Give a name to words that prompts then use."""
    asked = sent.to(CharacterRequest)
    once = Once.of(at.who.owner, key, request.url.path, asked)
    made, replayed = characters.make(at, asked, once)
    if replayed:
        response.headers[REPLAYED] = "true"
    return made


@router.get("/characters/{character_id}", summary="Look up a character", responses=errors(404))
def character(at: At, character_id: str) -> characters.CharacterAnswer:
    """One of yours."""
    return characters.look_up(at, character_id)


@router.get("/{video_id}", summary="Look up a video", responses=errors(404))
def video(response: Response, at: At, video_id: VideoId) -> VideoAnswer:
    """Its state, and why when it failed; a failed job is a good answer too."""
    with at.store.reading() as session:
        row = _own(session, at, video_id)
        position = ahead(session, row)
    return _queued(response, Queued(row, position))


@router.delete("/{video_id}", summary="Delete a video", responses=errors(400, 404))
def delete(at: At, video_id: VideoId) -> Deleted:
    """Delete a video that is completed or failed, with all its files."""
    with at.store.session() as session:
        row = _own(session, at, video_id)
        if row.status not in ("completed", "failed"):
            message = f"video {row.id} is not finished; cancel it first"
            raise bad_request("video_id", message, "video_not_finished")
        _unneeded(session, row)
        row.deleted = time.time()
        query = select(Idempotency).where(Idempotency.made == row.id)
        for kept in session.scalars(query):
            session.delete(kept)
        audit.note(session, at.who.owner, "video.delete", row.id)
    shutil.rmtree(at.settings.folder(row.id), ignore_errors=True)
    return Deleted(id=row.id)


def _unneeded(session: Session, row: Video) -> None:
    """Raise ApiError while a film is made that this one will be part of."""
    waiting = select(Video).where(
        Video.owner == row.owner, Video.status.in_(("queued", "in_progress"))
    )
    for other in session.scalars(waiting):
        if row.id in (other.spec.get("before"), other.spec.get("after")):
            message = f"video {row.id} is being extended by {other.id}; wait for it or cancel it"
            raise bad_request("video_id", message, "video_in_use")


@router.post("/{video_id}/cancel", summary="Cancel a job", responses=errors(404))
def cancel(request: Request, response: Response, at: At, video_id: VideoId) -> VideoAnswer:
    """Stop filming; the video fails with the code `cancelled`. What has ended stays as it is."""
    with at.store.session() as session:
        row = _own(session, at, video_id)
        running = row.status in ("queued", "in_progress")
        if running:
            audit.note(session, at.who.owner, "video.cancel", row.id)
    if running:
        request.app.state.jobs.cancel(row.id)
    return video(response, at, video_id)


@router.post(
    "/{video_id}/remix",
    summary="Remix a video",
    responses=SOURCES,
    openapi_extra=body(RemixRequest),
)
def remix(
    request: Request,
    response: Response,
    at: At,
    sent: Body,
    video_id: VideoId,
    key: IdempotencyKey = None,
) -> VideoAnswer:
    """Tell the same film anew; `strength` says how far it may leave the first."""
    asked = sent.to(RemixRequest)
    engines = request.app.state.engines
    return _film(
        request, response, at, asked, key, lambda: plan_remix(at, engines, video_id, asked)
    )


@router.post(
    "/{video_id}/edits",
    summary="Edit this video",
    responses=SOURCES,
    openapi_extra=body(EditRequest, without=("video",)),
)
def edit_one(
    request: Request,
    response: Response,
    at: At,
    sent: Body,
    video_id: VideoId,
    key: IdempotencyKey = None,
) -> VideoAnswer:
    """The same as /v1/videos/edits, for the video in the path."""
    asked = sent.to(EditRequest)
    if asked.video is not None:
        raise bad_request("video", "video: the path names it already; leave it out")
    engines = request.app.state.engines
    return _film(request, response, at, asked, key, lambda: plan_edit(at, engines, asked, video_id))


@router.get(
    "/{video_id}/content",
    summary="Download a video",
    response_class=Response,
    responses={
        200: {"content": {kind: {} for _, kind in VARIANTS.values()}},
        206: {"description": "The range that was asked for."},
        304: {"description": "It is as you have it."},
        **errors(400, 404, 410, 416),
    },
)
def content(request: Request, at: At, video_id: VideoId, variant: Variant = "video") -> Response:
    """The film (MP4), its thumbnail (WebP), its spritesheet (JPEG), its draft (the engine's own
    frames, lossless, in Matroska), or a pass (NumPy array).
    """
    with at.store.reading() as session:
        row = _own(session, at, video_id)
    whole(row, "video_id")
    folder = at.settings.folder(row.id)
    if variant in PASSES:
        kind = "application/octet-stream"
        path = folder / "passes" / f"{variant}.npy"
        return send(request, path, kind, f"{row.id}-{variant}.npy")
    name, kind = VARIANTS[variant]
    path = folder / name
    return send(request, path, kind, row.id + path.suffix)


router.add_api_route("/{video_id}/content", content, methods=["HEAD"], include_in_schema=False)


@router.get(
    "/{video_id}/events",
    summary="Watch a video being filmed",
    response_class=Response,
    responses={
        200: {"content": {"text/event-stream": {}}},
        204: {"description": "Everything was heard; do not ask again."},
        **errors(404),
    },
)
def events(
    request: Request,
    at: At,
    video_id: VideoId,
    last: Annotated[str | None, Header(alias="Last-Event-ID")] = None,
) -> Response:
    """Server-sent events: status, progress, and frames as they are made."""
    with at.store.reading() as session:
        row = _own(session, at, video_id)
    if last == END:
        return Response(status_code=204)
    state = request.app.state
    return stream(at.store, at.settings.folder(row.id), row.id, last, lambda: state.closing)


def _own(session: Session, at: Desk, name: str) -> Video:
    row = session.get(Video, name) if is_id(name, "video") else None
    return own(row, at.who, name)
