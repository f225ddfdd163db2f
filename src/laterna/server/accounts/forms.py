"""What the account and admin routes take and answer, as the OpenAPI document shows it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from laterna.server.tables import Audit, Invite, Key, Owner, Waiting

__all__ = [
    "ERRORS", "AccountOut", "AuditOut", "InviteIn", "InviteOut", "JoinIn", "KeyOut", "OwnerIn",
    "OwnerOut", "OwnerPatch", "SignInIn", "StageIn", "StageOut", "WaitIn", "WaitingOut",
]  # fmt: skip

StageName = Literal["closed", "invited", "partner", "open"]
MAX = 2**31 - 1  # what an Integer column holds


class ErrorOut(BaseModel):
    """Why a request was refused."""

    message: str
    type: str
    param: str | None = None
    code: str | None = None


class ErrorBody(BaseModel):
    """Every error has this shape, which is that of OpenAI's API."""

    error: ErrorOut


def ERRORS(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The errors of a route, for the OpenAPI document."""
    return {status: {"model": ErrorBody} for status in statuses}


class Strict(BaseModel):
    """A request; fields that do not exist are an error, not a wish unheard."""

    model_config = ConfigDict(extra="forbid")


class SignInIn(Strict):
    """A key, for a cookie."""

    key: str = Field(min_length=1, max_length=512)


class JoinIn(Strict):
    """An invite code, for an account."""

    name: str = Field(min_length=1, max_length=200)
    code: str | None = Field(None, max_length=200)


class WaitIn(Strict):
    """An address to send an invite to."""

    email: str = Field(min_length=3, max_length=254)
    note: str = Field("", max_length=1000)


class OwnerIn(Strict):
    """A new owner."""

    name: str = Field(min_length=1, max_length=200)
    stage: StageName = "invited"
    admin: bool = False


class OwnerPatch(Strict):
    """What to change; a field left out stays, null falls back to the stage's limit."""

    name: str = Field("", min_length=1, max_length=200)
    stage: StageName = "invited"
    admin: bool = False
    seconds_a_day: float | None = Field(None, ge=0, le=1e9, allow_inf_nan=False)
    jobs_at_once: int | None = Field(None, ge=0, le=MAX)
    disabled: bool = False


class InviteIn(Strict):
    """A new invite."""

    stage: Literal["invited", "partner", "open"] = "invited"
    days: float = Field(14.0, gt=0, le=365, allow_inf_nan=False)


class StageIn(Strict):
    """Where the server is to stand."""

    stage: StageName


class AccountOut(BaseModel):
    """Who is signed in, and what they may do; null is no limit."""

    object: Literal["account"] = "account"
    id: str
    name: str
    admin: bool
    stage: str
    abilities: list[str]
    seconds_a_day: float | None
    seconds_today: float
    jobs_at_once: int | None
    jobs_now: int
    key: str | None = None


class KeyOut(BaseModel):
    """A key; `key`, the secret itself, only when it was just made."""

    object: Literal["key"] = "key"
    id: str
    hint: str
    created_at: int
    used_at: int | None
    revoked_at: int | None
    key: str | None = None

    @classmethod
    def of(cls, key: Key, secret: str | None = None) -> KeyOut:
        """From its row."""
        return cls(
            id=key.id,
            hint=key.hint,
            created_at=int(key.created),
            used_at=_second(key.used),
            revoked_at=_second(key.revoked),
            key=secret,
        )


class OwnerOut(BaseModel):
    """An owner, as administrators see them; null limits are those of the stage."""

    object: Literal["owner"] = "owner"
    id: str
    name: str
    stage: str
    admin: bool
    created_at: int
    disabled_at: int | None
    seconds_a_day: float | None
    jobs_at_once: int | None
    seconds_today: float
    jobs_now: int
    keys: list[KeyOut]

    @classmethod
    def of(cls, owner: Owner, keys: list[KeyOut], seconds_today: float, jobs: int) -> OwnerOut:
        """From its row."""
        return cls(
            id=owner.id,
            name=owner.name,
            stage=owner.stage,
            admin=owner.admin,
            created_at=int(owner.created),
            disabled_at=_second(owner.disabled),
            seconds_a_day=owner.seconds_a_day,
            jobs_at_once=owner.jobs_at_once,
            seconds_today=seconds_today,
            jobs_now=jobs,
            keys=keys,
        )


class InviteOut(BaseModel):
    """An invite; `code` only when it was just made."""

    object: Literal["invite"] = "invite"
    id: str
    stage: str
    created_at: int
    expires_at: int
    code: str | None = None

    @classmethod
    def of(cls, invite: Invite, code: str | None = None) -> InviteOut:
        """From its row."""
        return cls(
            id=invite.id,
            stage=invite.stage,
            created_at=int(invite.created),
            expires_at=int(invite.expires),
            code=code,
        )


class WaitingOut(BaseModel):
    """Somebody on the waiting list."""

    object: Literal["waiting"] = "waiting"
    id: str
    email: str
    note: str
    created_at: int
    invited_at: int | None

    @classmethod
    def of(cls, waiting: Waiting) -> WaitingOut:
        """From its row."""
        return cls(
            id=waiting.id,
            email=waiting.email,
            note=waiting.note,
            created_at=int(waiting.created),
            invited_at=_second(waiting.invited),
        )


class StageOut(BaseModel):
    """Where the server stands, and what each stage hands out."""

    object: Literal["stage"] = "stage"
    stage: str
    stages: dict[str, list[str]]


class AuditOut(BaseModel):
    """One entry of the audit log."""

    object: Literal["audit"] = "audit"
    id: int
    at: int
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]

    @classmethod
    def of(cls, row: Audit) -> AuditOut:
        """From its row."""
        return cls(
            id=row.id,
            at=int(row.at),
            actor=row.actor,
            action=row.action,
            subject=row.subject,
            detail=row.detail,
        )


def _second(moment: float | None) -> int | None:
    return None if moment is None else int(moment)
