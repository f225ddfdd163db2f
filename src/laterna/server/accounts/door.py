"""The dependency of every route that needs a key: `who: Annotated[Who, Depends(door.require)]`."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import or_, update

from laterna.server.accounts import keys, sign_in, stages
from laterna.server.accounts.stages import Who
from laterna.server.errors import ApiError, unauthorised
from laterna.server.settings import Settings
from laterna.server.store import Store
from laterna.server.tables import Key

__all__ = ["Administrator", "Guest", "Who", "require", "require_admin"]

USED_EVERY = 60.0  # seconds; not every poll is worth a write
MAX_KEY = 512  # characters

bearer = HTTPBearer(auto_error=False, scheme_name="key", description="An API key of this server.")


def require(
    request: Request,
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)] = None,
) -> Who:
    """Who is asking, by key or by cookie. Raises ApiError 401 or 403."""
    store: Store = request.app.state.store
    settings: Settings = request.app.state.settings
    cookie = sign_in.cookie_of(request)
    # A key that is given and wrong is an error, whatever cookie came along.
    by_key = "authorization" in request.headers
    secret = given.credentials if given else None
    with store.reading() as session:
        if by_key:
            found = keys.find(session, secret) if secret and len(secret) <= MAX_KEY else None
        else:
            found = sign_in.find(session, cookie) if cookie else None
        if found is None:
            raise _refusal(by_key, cookie is not None)
        key, owner = found
        stage = stages.current(session, settings)
    if owner.disabled is not None:
        raise ApiError(403, "this account is disabled", code="account_disabled")
    now = time.time()
    if key.used is None or key.used < now - USED_EVERY:
        _mark_used(store, key.id, now)
    who = stages.who(owner, stage, key.id)
    request.state.owner = who.owner  # for the log
    return who


def _refusal(by_key: bool, by_cookie: bool) -> ApiError:
    if by_key:
        return unauthorised("the API key is not one of this server, or was revoked")
    if by_cookie:
        return unauthorised("the sign-in has ended; sign in again")
    return unauthorised("no API key was given; send it as 'Authorization: Bearer KEY'")


def _mark_used(store: Store, key: str, now: float) -> None:
    stale = or_(Key.used.is_(None), Key.used < now - USED_EVERY)
    with store.session() as session:
        session.execute(update(Key).where(Key.id == key, stale).values(used=now))


Guest = Annotated[Who, Depends(require)]


def require_admin(who: Guest) -> Who:
    """An administrator. Raises ApiError 401 or 403."""
    if not who.admin:
        raise ApiError(403, "this is for administrators", code="not_admin")
    return who


Administrator = Annotated[Who, Depends(require_admin)]
