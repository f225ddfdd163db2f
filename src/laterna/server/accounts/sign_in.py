"""Signing in: a key, once, for a cookie that scripts of a page cannot read.

The cookie is HttpOnly, goes to this site only (SameSite=Strict), and over https only when it was
given over https. It is a secret of its own, kept as a hash, so that it can be ended on the server:
by signing out, by revoking the key it came from, and after two weeks.
"""

from __future__ import annotations

import time

from fastapi import Request, Response
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from laterna.server.accounts.keys import digest, new_secret
from laterna.server.tables import Key, Owner, SignIn

__all__ = ["COOKIE", "begin", "cookie_of", "end", "find", "give", "take"]

COOKIE = "laterna"
LASTS = 14 * 24 * 3600


def _name(request: Request) -> str:
    """With the __Host- prefix browsers refuse it from other hosts and over http."""
    return f"__Host-{COOKIE}" if request.url.scheme == "https" else COOKIE


def cookie_of(request: Request) -> str | None:
    """The secret that came with a request."""
    return request.cookies.get(_name(request))


def begin(session: Session, key: Key) -> str:
    """A sign-in with `key`; its secret goes into the cookie."""
    secret, now = new_secret("in-"), time.time()
    session.add(SignIn(sha256=digest(secret), key=key.id, created=now, expires=now + LASTS))
    return secret


def find(session: Session, secret: str) -> tuple[Key, Owner] | None:
    """Who signed in, while it lasts."""
    query = (
        select(Key, Owner)
        .join(SignIn, SignIn.key == Key.id)
        .join(Owner, Owner.id == Key.owner)
        .where(SignIn.sha256 == digest(secret), SignIn.expires > time.time())
        .where(Key.revoked.is_(None))
    )
    row = session.execute(query).first()
    return (row.Key, row.Owner) if row else None


def end(session: Session, secret: str) -> None:
    """Sign out."""
    session.execute(delete(SignIn).where(SignIn.sha256 == digest(secret)))


def give(request: Request, response: Response, secret: str) -> None:
    """Put the cookie on an answer."""
    secure = request.url.scheme == "https"
    response.set_cookie(
        _name(request), secret, LASTS, path="/", httponly=True, samesite="strict", secure=secure
    )


def take(request: Request, response: Response) -> None:
    """Take the cookie back."""
    secure = request.url.scheme == "https"
    response.delete_cookie(
        _name(request), path="/", httponly=True, samesite="strict", secure=secure
    )
