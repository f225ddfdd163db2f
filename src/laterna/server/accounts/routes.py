"""Signing in and out, one's own account and keys, and the ways in: invite code, waiting list."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from laterna.errors import InputError
from laterna.server.accounts import audit, keys, people, quotas, sign_in, stages
from laterna.server.accounts.door import Guest
from laterna.server.accounts.forms import ERRORS, AccountOut, JoinIn, KeyOut, SignInIn, WaitIn
from laterna.server.accounts.stages import Who
from laterna.server.accounts.throttle import Throttle, address_of
from laterna.server.errors import ApiError, from_error, not_found, unauthorised
from laterna.server.store import Store
from laterna.server.tables import Key

__all__ = ["router"]

router = APIRouter(tags=["account"])
MAX_KEYS = 20  # live ones of one owner


def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


def _throttle(request: Request) -> Throttle:
    state = request.app.state
    if not hasattr(state, "throttle"):
        state.throttle = Throttle()
    throttle: Throttle = state.throttle
    return throttle


def _account(session: Session, who: Who, secret: str | None = None) -> AccountOut:
    return AccountOut(
        id=who.owner,
        name=who.name,
        admin=who.admin,
        stage=who.stage,
        abilities=[ability for ability in stages.ABILITIES if ability in who.abilities],
        seconds_a_day=who.seconds_a_day,
        seconds_today=quotas.seconds_today(session, who.owner),
        jobs_at_once=who.jobs_at_once,
        jobs_now=quotas.jobs_now(session, who.owner),
        key=secret,
    )


@router.post("/session", responses=ERRORS(400, 401, 403, 413, 429))
def enter(form: SignInIn, request: Request, response: Response) -> AccountOut:
    """Sign in: a key, for a cookie that scripts cannot read."""
    throttle, address = _throttle(request), address_of(request)
    throttle.count(address)
    with _store(request).session() as session:
        found = keys.find(session, form.key.strip())
        if found is None:
            raise unauthorised("the API key is not one of this server, or was revoked")
        key, owner = found
        if owner.disabled is not None:
            raise ApiError(403, "this account is disabled", code="account_disabled")
        secret = sign_in.begin(session, key)
        audit.note(session, owner.id, "session.begin", key.id)
        stage = stages.current(session, request.app.state.settings)
        account = _account(session, stages.who(owner, stage, key.id))
    throttle.forgive(address)
    sign_in.give(request, response, secret)
    return account


@router.get("/session", responses=ERRORS(401, 403))
def account(request: Request, who: Guest) -> AccountOut:
    """Who is signed in, what they may do, and what they have used today."""
    with _store(request).reading() as session:
        return _account(session, who)


@router.delete("/session", status_code=204, responses=ERRORS(403))
def leave(request: Request, response: Response) -> None:
    """Sign out; the cookie is worth nothing from now on. Signed out already is no error."""
    secret = sign_in.cookie_of(request)
    if secret:
        with _store(request).session() as session:
            sign_in.end(session, secret)
    sign_in.take(request, response)


@router.post("/join", status_code=201, responses=ERRORS(400, 403, 413, 429))
def join(form: JoinIn, request: Request) -> AccountOut:
    """Make an account with an invite code; none is needed once the server is open.

    The answer holds the account's first key, which is shown this once.
    """
    _throttle(request).count(address_of(request))
    try:
        with _store(request).session() as session:
            stage = stages.current(session, request.app.state.settings)
            owner, secret = people.join(session, form.name, form.code, stage)
            return _account(session, stages.who(owner, stage), secret)
    except InputError as error:
        raise from_error(error) from error


@router.post("/waiting", status_code=202, responses=ERRORS(400, 413, 429))
def wait(form: WaitIn, request: Request) -> dict[str, str]:
    """Join the waiting list. The answer does not tell who is on it already."""
    _throttle(request).count(address_of(request))
    try:
        with _store(request).session() as session:
            people.wait(session, form.email, form.note)
    except InputError as error:
        raise from_error(error) from error
    return {"object": "waiting", "status": "noted"}


@router.get("/account/keys", responses=ERRORS(401, 403))
def list_keys(request: Request, who: Guest) -> list[KeyOut]:
    """One's own keys, the oldest first."""
    with _store(request).reading() as session:
        return [KeyOut.of(key) for key in people.keys_of(session, who.owner)]


@router.post("/account/keys", status_code=201, responses=ERRORS(400, 401, 403))
def add_key(request: Request, who: Guest) -> KeyOut:
    """One more key of one's own; it is shown this once."""
    with _store(request).session() as session:
        live = [key for key in people.keys_of(session, who.owner) if key.revoked is None]
        if len(live) >= MAX_KEYS:
            raise ApiError(400, f"there are {MAX_KEYS} keys; revoke one first", code="too_many")
        key, secret = keys.add(session, who.owner, who.owner)
        return KeyOut.of(key, secret)


@router.delete("/account/keys/{key_id}", responses=ERRORS(401, 403, 404))
def revoke_key(key_id: str, request: Request, who: Guest) -> KeyOut:
    """End one of one's own keys, and all that signed in with it."""
    with _store(request).session() as session:
        key = session.get(Key, key_id)
        if key is None or key.owner != who.owner:
            raise not_found("key", key_id)
        keys.revoke(session, key, who.owner)
        return KeyOut.of(key)
