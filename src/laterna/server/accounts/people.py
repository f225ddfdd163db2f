"""Letting people in: owners, invite codes and the waiting list.

The command line and the admin page both do their work here; each function takes the transaction
it is to be part of, and leaves its trace in the audit log.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from laterna.errors import InputError
from laterna.server.accounts import audit, keys
from laterna.server.accounts.stages import stage_named
from laterna.server.errors import ApiError
from laterna.server.ids import new_id
from laterna.server.tables import Invite, Key, Owner, SignIn, Waiting

__all__ = [
    "add_invite", "add_owner", "call_in", "change_owner", "join", "keys_of", "owner_named",
    "pending_invites", "wait", "withdraw_invite",
]  # fmt: skip

INVITE_DAYS = 14.0
MAX_DAYS = 365.0
DAY = 24 * 3600
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")


def add_owner(
    session: Session, name: str, stage: str, actor: str, *, admin: bool = False
) -> tuple[Owner, str]:
    """A new owner with a key of their own; the key is not seen again. Raises InputError."""
    owner = Owner(
        id=new_id("owner"),
        name=_name(name),
        stage=stage_named(stage),
        admin=admin,
        created=time.time(),
    )
    session.add(owner)
    session.flush()
    audit.note(session, actor, "owner.add", owner.id, stage=stage, admin=admin)
    _, secret = keys.add(session, owner.id, actor)
    return owner, secret


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > 200 or not name.isprintable():
        raise InputError("name", text, "give a name of 1 to 200 characters")
    return name


def owner_named(session: Session, given: str) -> Owner:
    """The owner with this id, or with this name when only one has it. Raises InputError."""
    owner = session.get(Owner, given)
    if owner is not None:
        return owner
    named = session.scalars(select(Owner).where(Owner.name == given).limit(2)).all()
    if len(named) == 1:
        return named[0]
    remedy = "several have that name; give the id" if named else "give the id or name of an owner"
    raise InputError("owner", given, remedy)


def change_owner(session: Session, owner: Owner, actor: str, **changes: Any) -> Owner:
    """Set name, stage, admin, seconds_a_day, jobs_at_once (None: the stage's) or disabled.

    Raises InputError, also when nobody would be left to administer.
    """
    if "name" in changes:
        changes["name"] = _name(changes["name"])
    if "stage" in changes:
        stage_named(changes["stage"])
    for field in ("seconds_a_day", "jobs_at_once"):
        if (changes.get(field) or 0) < 0:
            raise InputError(field, changes[field], "give 0 or more")
    told = dict(changes)
    administers = owner.admin and owner.disabled is None
    if "disabled" in changes:
        changes["disabled"] = time.time() if changes["disabled"] else None
    for field, value in changes.items():
        setattr(owner, field, value)
    session.flush()
    able = select(Owner.id).where(Owner.admin, Owner.disabled.is_(None)).limit(1)
    if administers and session.scalar(able) is None:
        raise InputError("owner", owner.name, "leave one administrator")
    if owner.disabled is not None:
        theirs = select(Key.id).where(Key.owner == owner.id)
        session.execute(update(SignIn).where(SignIn.key.in_(theirs)).values(expires=time.time()))
    audit.note(session, actor, "owner.change", owner.id, **told)
    return owner


def keys_of(session: Session, owner: str) -> Sequence[Key]:
    """All keys of an owner, the oldest first."""
    query = select(Key).where(Key.owner == owner).order_by(Key.created, Key.id)
    return session.scalars(query).all()


def add_invite(
    session: Session, stage: str, actor: str, days: float = INVITE_DAYS
) -> tuple[Invite, str]:
    """A code that lets one person in at `stage` within `days`. Raises InputError."""
    if not 0 < days <= MAX_DAYS:
        raise InputError("days", days, f"give more than 0 and at most {MAX_DAYS:g}")
    if stage_named(stage) == "closed":
        raise InputError("stage", stage, "invite at invited, partner or open")
    code, now = keys.new_secret("invite-"), time.time()
    invite = Invite(
        id=new_id("invite"),
        sha256=keys.digest(code),
        stage=stage,
        created=now,
        expires=now + days * DAY,
    )
    session.add(invite)
    audit.note(session, actor, "invite.add", invite.id, stage=stage, days=days)
    return invite, code


def pending_invites(session: Session) -> Sequence[Invite]:
    """Invites that somebody may still use."""
    query = select(Invite).where(Invite.used.is_(None), Invite.expires > time.time())
    return session.scalars(query.order_by(Invite.created)).all()


def withdraw_invite(session: Session, invite: Invite, actor: str) -> None:
    """Nobody may use it from now on."""
    invite.expires = min(invite.expires, time.time())
    audit.note(session, actor, "invite.withdraw", invite.id)


def join(session: Session, name: str, code: str | None, stage: str) -> tuple[Owner, str]:
    """Come in with an invite code, or without one where the server's `stage` is open.

    The new owner and their key. Raises ApiError 403, InputError.
    """
    if stage == "closed":
        raise ApiError(403, "this server is closed for now; join the waiting list", code="closed")
    if code is None:
        if stage != "open":
            message = "this server is by invitation; join the waiting list"
            raise ApiError(403, message, param="code", code="invite_needed")
        return add_owner(session, name, "open", audit.SYSTEM)
    owner = Owner(id=new_id("owner"), name=_name(name), created=time.time())
    now = time.time()
    claimed = (
        update(Invite)
        .where(Invite.sha256 == keys.digest(code), Invite.used.is_(None), Invite.expires > now)
        .values(used=now)
        .returning(Invite.id)
    )
    invite_id = session.scalar(claimed)  # of two that come at once, one gets it
    if invite_id is None:
        message = "the invite code is unknown, used or expired"
        raise ApiError(403, message, param="code", code="invite_invalid")
    invite = session.get_one(Invite, invite_id)
    owner.stage = invite.stage
    session.add(owner)
    session.flush()
    invite.owner = owner.id
    audit.note(session, owner.id, "invite.use", invite.id, stage=invite.stage)
    _, secret = keys.add(session, owner.id, owner.id)
    return owner, secret


def wait(session: Session, email: str, note: str = "") -> Waiting:
    """Join the waiting list; a second time changes nothing. Raises InputError."""
    email = email.strip().lower()
    if len(email) > 254 or not email.isprintable() or not _EMAIL.fullmatch(email):
        raise InputError("email", email, "give an address such as ada@example.org")
    found = session.scalar(select(Waiting).where(Waiting.email == email))
    if found is None:
        note = "".join(c for c in note[:1000] if c.isprintable() or c == "\n")
        found = Waiting(id=new_id("waiting"), email=email, note=note, created=time.time())
        session.add(found)
    return found


def call_in(
    session: Session, waiting: Waiting, stage: str, actor: str, days: float = INVITE_DAYS
) -> tuple[Invite, str]:
    """An invite and its code for somebody on the waiting list, to be sent to them."""
    invite, code = add_invite(session, stage, actor, days)
    waiting.invited = time.time()
    audit.note(session, actor, "waiting.invite", waiting.id, invite=invite.id)
    return invite, code
