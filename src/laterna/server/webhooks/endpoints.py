"""/v1/webhook_endpoints as OpenAI's newer clients speak it: make, list, change, test, rotate."""

from __future__ import annotations

import time
from typing import Annotated, Any, Literal

import httpx
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import delete as remove
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from laterna.checks import check_text
from laterna.server.accounts import audit
from laterna.server.accounts.door import Guest
from laterna.server.errors import ApiError, bad_request, not_found
from laterna.server.ids import is_id, new_id
from laterna.server.openapi import body, errors
from laterna.server.store import Store
from laterna.server.tables import Delivery, Endpoint
from laterna.server.webhooks import signing, target
from laterna.server.webhooks.events import TYPES, event
from laterna.server.wire import Body

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["webhooks"], responses=errors(401, 403))
MOST = 20  # endpoints an owner may have
DAY = 24 * 3600.0

EventType = Literal["video.completed", "video.failed"]
EventTypes = Annotated[list[EventType], Field(min_length=1, max_length=len(TYPES))]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class EndpointRequest(_Request):
    """POST /v1/webhook_endpoints."""

    name: Name
    url: str
    event_types: EventTypes


class EndpointChange(_Request):
    """POST /v1/webhook_endpoints/{id}: what is given is changed."""

    name: Name | None = None
    url: str | None = None
    event_types: EventTypes | None = None


class RotationRequest(_Request):
    """POST /v1/webhook_endpoints/{id}/rotate_secret."""

    keep_old_secret_active_for_24_hours: bool = False


class TestRequest(_Request):
    """POST /v1/webhook_endpoints/{id}/test."""

    __test__ = False
    event_type: EventType


class EndpointAnswer(BaseModel):
    """An endpoint; its secret is told once, when it is made or changed."""

    id: str
    object: Literal["webhook_endpoint"] = "webhook_endpoint"
    created_at: int
    updated_at: int
    name: str
    url: str
    event_types: list[str]
    signing_secret_hint: str


class EndpointWithSecret(EndpointAnswer):
    """An endpoint whose secret is new."""

    signing_secret: str


class EndpointsAnswer(BaseModel):
    """A page of endpoints."""

    object: Literal["list"] = "list"
    data: list[EndpointAnswer]
    first_id: str | None
    last_id: str | None
    has_more: bool


class EndpointDeleted(BaseModel):
    """What is gone."""

    id: str
    deleted: bool = True
    object: Literal["webhook_endpoint.deleted"] = "webhook_endpoint.deleted"


class TestAnswer(BaseModel):
    """What the endpoint said to a sample: `status_code`. `success` is that it said something."""

    __test__ = False
    object: Literal["webhook_endpoint.test"] = "webhook_endpoint.test"
    event_type: str
    status_code: int
    success: Literal[True] = True
    webhook_endpoint_id: str


class EventTypesAnswer(BaseModel):
    """What can be listened for."""

    object: Literal["list"] = "list"
    data: list[str]


@router.get("/webhook_event_types", summary="List the event types")
def event_types(who: Guest) -> EventTypesAnswer:
    """What can be listened for."""
    return EventTypesAnswer(data=list(TYPES))


@router.post(
    "/webhook_endpoints",
    summary="Make a webhook endpoint",
    responses=errors(400, 413, 415),
    openapi_extra=body(EndpointRequest),
)
def make(request: Request, who: Guest, sent: Body) -> EndpointWithSecret:
    """Have events of your videos sent to an address, signed with the secret in the answer."""
    asked = sent.to(EndpointRequest)
    check_text("name", asked.name)
    target.check(asked.url, request.app.state.settings)
    now = time.time()
    row = Endpoint(
        id=new_id("we"),
        owner=who.owner,
        name=asked.name,
        url=asked.url,
        events=list(dict.fromkeys(asked.event_types)),
        secret=signing.new_secret(),
        created=now,
        updated=now,
    )
    with _store(request).session() as session:
        count = select(func.count()).select_from(Endpoint).where(Endpoint.owner == who.owner)
        if (session.scalar(count) or 0) >= MOST:
            raise bad_request(None, f"there are {MOST} endpoints already; delete one")
        session.add(row)
        audit.note(session, who.owner, "webhook.create", row.id, url=row.url)
    return _with_secret(row)


@router.get("/webhook_endpoints", summary="List your webhook endpoints", responses=errors(400))
def endpoints(
    request: Request,
    who: Guest,
    after: Annotated[str | None, Query(description="The id that the last page ended with.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> EndpointsAnswer:
    """A page, the oldest first."""
    with _store(request).reading() as session:
        query = select(Endpoint).where(Endpoint.owner == who.owner)
        rows = list(session.scalars(query.order_by(Endpoint.created, Endpoint.id)))
    ids = [row.id for row in rows]
    if after is not None:
        if after not in ids:
            raise bad_request("after", f"after: there is no webhook endpoint {after[:60]!r}")
        rows = rows[ids.index(after) + 1 :]
    shown = [_told(row) for row in rows[:limit]]
    first, last = (shown[0].id, shown[-1].id) if shown else (None, None)
    more = len(rows) > limit
    return EndpointsAnswer(data=shown, first_id=first, last_id=last, has_more=more)


@router.get(
    "/webhook_endpoints/{webhook_endpoint_id}",
    summary="Look up a webhook endpoint",
    responses=errors(404),
)
def endpoint(request: Request, who: Guest, webhook_endpoint_id: str) -> EndpointAnswer:
    """One of yours."""
    with _store(request).reading() as session:
        return _told(_own(session, who.owner, webhook_endpoint_id))


@router.post(
    "/webhook_endpoints/{webhook_endpoint_id}",
    summary="Change a webhook endpoint",
    responses=errors(400, 404, 413, 415),
    openapi_extra=body(EndpointChange),
)
def change(request: Request, who: Guest, sent: Body, webhook_endpoint_id: str) -> EndpointAnswer:
    """Change its name, its address or what it listens for."""
    asked = sent.to(EndpointChange)
    told: dict[str, Any] = asked.model_dump(exclude_none=True)
    if asked.name is not None:
        check_text("name", asked.name)
    if asked.url is not None:
        target.check(asked.url, request.app.state.settings)
    if asked.event_types is not None:
        told["events"] = list(dict.fromkeys(told.pop("event_types")))
    with _store(request).session() as session:
        row = _own(session, who.owner, webhook_endpoint_id)
        changed = {name: value for name, value in told.items() if getattr(row, name) != value}
        for name, value in changed.items():
            setattr(row, name, value)
        if changed:
            row.updated = time.time()
            audit.note(session, who.owner, "webhook.change", row.id, fields=sorted(changed))
    return _told(row)


@router.delete(
    "/webhook_endpoints/{webhook_endpoint_id}",
    summary="Delete a webhook endpoint",
    responses=errors(404),
)
def delete(request: Request, who: Guest, webhook_endpoint_id: str) -> EndpointDeleted:
    """Nothing more is sent there."""
    with _store(request).session() as session:
        row = _own(session, who.owner, webhook_endpoint_id)
        session.execute(remove(Delivery).where(Delivery.endpoint == row.id))
        session.delete(row)
        audit.note(session, who.owner, "webhook.delete", row.id)
    return EndpointDeleted(id=row.id)


@router.post(
    "/webhook_endpoints/{webhook_endpoint_id}/rotate_secret",
    summary="Change the signing secret",
    responses=errors(400, 404, 413, 415),
    openapi_extra=body(RotationRequest),
)
def rotate(
    request: Request, who: Guest, sent: Body, webhook_endpoint_id: str
) -> EndpointWithSecret:
    """A new secret; the old one signs too for a day, where that is asked for."""
    asked = sent.to(RotationRequest)
    with _store(request).session() as session:
        row = _own(session, who.owner, webhook_endpoint_id)
        now = time.time()
        kept = asked.keep_old_secret_active_for_24_hours
        row.secret_before, row.secret_until = (row.secret, now + DAY) if kept else (None, None)
        row.secret, row.updated = signing.new_secret(), now
        audit.note(session, who.owner, "webhook.rotate", row.id)
    return _with_secret(row)


@router.post(
    "/webhook_endpoints/{webhook_endpoint_id}/test",
    summary="Send a sample",
    responses=errors(400, 404, 413, 415),
    openapi_extra=body(TestRequest),
)
async def test(request: Request, who: Guest, sent: Body, webhook_endpoint_id: str) -> TestAnswer:
    """Send an event of a video that does not exist, once, and say what was answered."""
    asked = sent.to(TestRequest)

    def look() -> Endpoint:
        with _store(request).reading() as session:
            return _own(session, who.owner, webhook_endpoint_id)

    row = await run_in_threadpool(look)
    name, now = new_id("evt"), time.time()
    text = event(name, asked.event_type, new_id("video"), now)
    headers = signing.headers(row, name, now, text)
    settings = request.app.state.settings
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            status = await target.post(client, row.url, text, headers, settings)
    except (target.Forbidden, httpx.HTTPError, OSError, ValueError) as error:
        message = f"the endpoint could not be reached: {error or type(error).__name__}"
        raise ApiError(400, message, param="url", code="endpoint_unreachable") from error
    return TestAnswer(event_type=asked.event_type, status_code=status, webhook_endpoint_id=row.id)


def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


def _own(session: Session, owner: str, name: str) -> Endpoint:
    row = session.get(Endpoint, name) if is_id(name, "we") else None
    if row is None or row.owner != owner:
        raise not_found("webhook endpoint", name[:80])
    return row


def _told(row: Endpoint) -> EndpointAnswer:
    return EndpointAnswer(
        id=row.id,
        created_at=int(row.created),
        updated_at=int(row.updated or row.created),
        name=row.name,
        url=row.url,
        event_types=row.events,
        signing_secret_hint=signing.hint(row.secret),
    )


def _with_secret(row: Endpoint) -> EndpointWithSecret:
    return EndpointWithSecret(**_told(row).model_dump(), signing_secret=row.secret)
