"""What administrators do from outside, and the page that does it with them (`/admin`).

The page is static and holds nothing secret: every figure on it comes from the routes below, each of
which asks who is there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import FileResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from laterna.errors import InputError
from laterna.server.accounts import audit, keys, people, quotas, stages
from laterna.server.accounts.door import Administrator, require_admin
from laterna.server.accounts.forms import (
    ERRORS,
    AuditOut,
    InviteIn,
    InviteOut,
    KeyOut,
    OwnerIn,
    OwnerOut,
    OwnerPatch,
    StageIn,
    StageOut,
    WaitingOut,
)
from laterna.server.errors import from_error, not_found
from laterna.server.store import Store
from laterna.server.tables import Base, Invite, Key, Owner, Waiting

__all__ = ["router"]

Row = TypeVar("Row", bound=Base)

PAGE = Path(__file__).parent / "page"
# The page runs its own script and nothing else, and may be framed by nobody.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

router = APIRouter(tags=["admin"])
api = APIRouter(
    prefix="/admin/api", dependencies=[Depends(require_admin)], responses=ERRORS(400, 401, 403)
)


def _file(name: str) -> FileResponse:
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}
    return FileResponse(PAGE / name, headers=headers)


@router.get("/admin", include_in_schema=False)
def page() -> FileResponse:
    """The page."""
    return _file("admin.html")


@router.get("/admin/admin.js", include_in_schema=False)
def script() -> FileResponse:
    """Its script."""
    return _file("admin.js")


@router.get("/admin/admin.css", include_in_schema=False)
def style() -> FileResponse:
    """Its style."""
    return _file("admin.css")


def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


def _row(session: Session, table: type[Row], name: str, what: str) -> Row:
    """The row of this id. Raises ApiError 404."""
    found = session.get(table, name)
    if found is None:
        raise not_found(what, name)
    return found


def _shown(session: Session, owner: Owner) -> OwnerOut:
    theirs = [KeyOut.of(key) for key in people.keys_of(session, owner.id)]
    used = quotas.seconds_today(session, owner.id)
    return OwnerOut.of(owner, theirs, used, quotas.jobs_now(session, owner.id))


@api.get("/owners")
def owners(
    request: Request,
    after: Annotated[str | None, Query(max_length=40)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> list[OwnerOut]:
    """Owners in the order of their ids; `after` is the last id of the page before."""
    query = select(Owner).order_by(Owner.id).limit(limit)
    if after is not None:
        query = query.where(Owner.id > after)
    with _store(request).reading() as session:
        return [_shown(session, owner) for owner in session.scalars(query)]


@api.post("/owners", status_code=201)
def add_owner(form: OwnerIn, request: Request, who: Administrator) -> OwnerOut:
    """A new owner; their first key is in the answer, this once."""
    try:
        with _store(request).session() as session:
            owner, secret = people.add_owner(
                session, form.name, form.stage, who.owner, admin=form.admin
            )
            shown = _shown(session, owner)
    except InputError as error:
        raise from_error(error) from error
    shown.keys[0].key = secret
    return shown


@api.patch("/owners/{owner_id}", responses=ERRORS(404))
def change_owner(owner_id: str, form: OwnerPatch, request: Request, who: Administrator) -> OwnerOut:
    """Change what is given of an owner."""
    try:
        with _store(request).session() as session:
            owner = _row(session, Owner, owner_id, "owner")
            changes = form.model_dump(exclude_unset=True)
            return _shown(session, people.change_owner(session, owner, who.owner, **changes))
    except InputError as error:
        raise from_error(error) from error


@api.post("/owners/{owner_id}/keys", status_code=201, responses=ERRORS(404))
def add_key(owner_id: str, request: Request, who: Administrator) -> KeyOut:
    """One more key of an owner, shown this once."""
    with _store(request).session() as session:
        owner = _row(session, Owner, owner_id, "owner")
        key, secret = keys.add(session, owner.id, who.owner)
        return KeyOut.of(key, secret)


@api.delete("/keys/{key_id}", responses=ERRORS(404))
def revoke_key(key_id: str, request: Request, who: Administrator) -> KeyOut:
    """End a key, and all that signed in with it."""
    with _store(request).session() as session:
        key = _row(session, Key, key_id, "key")
        keys.revoke(session, key, who.owner)
        return KeyOut.of(key)


@api.get("/invites")
def invites(request: Request) -> list[InviteOut]:
    """Invites that may still be used."""
    with _store(request).reading() as session:
        return [InviteOut.of(invite) for invite in people.pending_invites(session)]


@api.post("/invites", status_code=201)
def add_invite(form: InviteIn, request: Request, who: Administrator) -> InviteOut:
    """A code that lets one person in, shown this once."""
    with _store(request).session() as session:
        invite, code = people.add_invite(session, form.stage, who.owner, form.days)
        return InviteOut.of(invite, code)


@api.delete("/invites/{invite_id}", responses=ERRORS(404))
def withdraw_invite(invite_id: str, request: Request, who: Administrator) -> InviteOut:
    """Withdraw an invite."""
    with _store(request).session() as session:
        invite = _row(session, Invite, invite_id, "invite")
        people.withdraw_invite(session, invite, who.owner)
        return InviteOut.of(invite)


@api.get("/waiting")
def waiting(request: Request) -> list[WaitingOut]:
    """The waiting list, who waits longest first."""
    query = select(Waiting).order_by(Waiting.created, Waiting.id).limit(1000)
    with _store(request).reading() as session:
        return [WaitingOut.of(row) for row in session.scalars(query)]


@api.post("/waiting/{waiting_id}/invite", status_code=201, responses=ERRORS(404))
def call_in(waiting_id: str, form: InviteIn, request: Request, who: Administrator) -> InviteOut:
    """An invite for somebody who waits; sending it to them is up to the administrator."""
    with _store(request).session() as session:
        row = _row(session, Waiting, waiting_id, "entry on the waiting list")
        invite, code = people.call_in(session, row, form.stage, who.owner, form.days)
        return InviteOut.of(invite, code)


def _stage(session: Session, request: Request) -> StageOut:
    handed = {name: sorted(stage.abilities) for name, stage in stages.STAGES.items()}
    return StageOut(stage=stages.current(session, request.app.state.settings), stages=handed)


@api.get("/stage")
def stage(request: Request) -> StageOut:
    """Where the server stands."""
    with _store(request).reading() as session:
        return _stage(session, request)


@api.put("/stage")
def choose_stage(form: StageIn, request: Request, who: Administrator) -> StageOut:
    """Move the server to a stage; it holds from the next request on, and after restarts."""
    with _store(request).session() as session:
        stages.choose(session, form.stage)
        audit.note(session, who.owner, "stage.choose", form.stage)
        session.flush()
        return _stage(session, request)


@api.get("/audit")
def log(
    request: Request,
    before: Annotated[int | None, Query(ge=0, le=2**31 - 1)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[AuditOut]:
    """The audit log, the newest first; `before` is the last id of the page before."""
    with _store(request).reading() as session:
        return [AuditOut.of(row) for row in audit.recent(session, limit, before)]


router.include_router(api)
