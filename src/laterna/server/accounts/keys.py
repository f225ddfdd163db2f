"""API keys and other secrets: 256 random bits, of which only the SHA-256 is kept.

A slow, salted hash is for passwords, which can be guessed. Nobody guesses 256 random bits, however
fast each try is, so a plain SHA-256 gives nothing away, and can be looked up by an index on every
request. The time of that look-up tells at most how a hash begins, which does not help to find a key
that has it; the comparison that decides is constant-time all the same.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import secrets
import time

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from laterna.errors import InputError
from laterna.server.accounts import audit
from laterna.server.ids import new_id
from laterna.server.migrations import lock
from laterna.server.store import Store
from laterna.server.tables import Key, Owner, SignIn

__all__ = ["SHORT", "add", "digest", "find", "first_key", "new_secret", "revoke"]

PREFIX = "sk-laterna-"  # some clients look for the sk-
SHORT = 20  # a key of fewer characters may be guessed from its hash

log = logging.getLogger(__name__)


def new_secret(prefix: str) -> str:
    """A fresh secret of 256 bits."""
    return prefix + secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def add(session: Session, owner: str, actor: str, secret: str | None = None) -> tuple[Key, str]:
    """A new key of `owner`, and its secret, which is not seen again."""
    secret = secret or new_secret(PREFIX)
    shown = len(PREFIX) + 4 if secret.startswith(PREFIX) else min(4, len(secret) // 4)
    key = Key(
        id=new_id("key"),
        owner=owner,
        sha256=digest(secret),
        hint=secret[:shown] + "…",
        created=time.time(),
    )
    session.add(key)
    session.flush()
    audit.note(session, actor, "key.add", key.id, owner=owner)
    return key, secret


def find(session: Session, secret: str) -> tuple[Key, Owner] | None:
    """The key that `secret` is, with its owner, unless it was revoked."""
    wanted = digest(secret)
    query = select(Key, Owner).join(Owner, Owner.id == Key.owner).where(Key.sha256 == wanted)
    row = session.execute(query).first()
    if row is None or not hmac.compare_digest(row.Key.sha256, wanted) or row.Key.revoked:
        return None
    return row.Key, row.Owner


def revoke(session: Session, key: Key, actor: str) -> None:
    """End a key and every sign-in that was made with it, at once."""
    now = time.time()
    if key.revoked is None:
        key.revoked = now
        audit.note(session, actor, "key.revoke", key.id, owner=key.owner)
    session.execute(update(SignIn).where(SignIn.key == key.id).values(expires=now))


def first_key(store: Store) -> str | None:
    """See that there is a key at all: LATERNA_KEY, else a fresh one, which is returned to be shown.

    None when there is nothing to show. With the first key its owner is made, an administrator.
    Once an administrator has a key, LATERNA_KEY changes nothing.
    """
    given = os.environ.get("LATERNA_KEY", "").strip()
    if (given and not given.isprintable()) or " " in given:
        raise InputError("LATERNA_KEY", "***", "give a key without blanks")
    with store.session() as session:
        lock(session.connection())
        theirs = select(Key.id).join(Owner, Owner.id == Key.owner).where(Owner.admin).limit(1)
        if session.scalar(theirs) is not None:
            if given and find(session, given) is None:
                log.warning("LATERNA_KEY is not a key of this server; it has others already")
            return None
        if given and len(given) < SHORT:
            log.warning("LATERNA_KEY is short; a key of %d or more characters is safer", SHORT)
        owner = Owner(id=new_id("owner"), name="owner", admin=True, created=time.time())
        session.add(owner)
        session.flush()
        audit.note(session, audit.SYSTEM, "owner.add", owner.id, admin=True)
        _, secret = add(session, owner.id, audit.SYSTEM, given or None)
    return None if given else secret
