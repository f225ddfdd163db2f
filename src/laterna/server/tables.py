"""laterna's own tables. DBOS keeps its own beside them; nothing here depends on their form.

Moments are seconds since 1970 (float). Ids are those of `laterna.server.ids`. A change of these
classes needs a numbered migration in `migrations/`; a test compares the two.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Float, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

__all__ = [
    "FILMED", "Audit", "Base", "Character", "Choice", "Delivery", "Endpoint", "Idempotency",
    "Invite", "Key", "Owner", "SignIn", "Usage", "Video", "Waiting", "Worker",
]  # fmt: skip

FILMED = 40  # percent of a video's work that is done when all is filmed; finishing takes the rest


class Base(DeclarativeBase):
    """The root of all tables."""

    type_annotation_map = {dict[str, Any]: JSON, list[str]: JSON}


class Owner(Base):
    """Somebody who films. Sees only what is their own."""

    __tablename__ = "owner"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    stage: Mapped[str] = mapped_column(String(20), default="open")  # what they were let in to
    admin: Mapped[bool] = mapped_column(default=False)
    created: Mapped[float] = mapped_column(Float)
    disabled: Mapped[float | None] = mapped_column(Float)
    seconds_a_day: Mapped[float | None] = mapped_column(Float)  # None: that of the stage
    jobs_at_once: Mapped[int | None] = mapped_column(Integer)


class Key(Base):
    """An API key; only the hash of it is kept."""

    __tablename__ = "key"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    owner: Mapped[str] = mapped_column(ForeignKey("owner.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    hint: Mapped[str] = mapped_column(String(20))  # first characters, to tell keys apart
    created: Mapped[float] = mapped_column(Float)
    revoked: Mapped[float | None] = mapped_column(Float)
    used: Mapped[float | None] = mapped_column(Float)


class SignIn(Base):
    """A browser that signed in with a key; the cookie's hash. It falls with its key."""

    __tablename__ = "sign_in"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(ForeignKey("key.id"), index=True)
    created: Mapped[float] = mapped_column(Float)
    expires: Mapped[float] = mapped_column(Float, index=True)


class Invite(Base):
    """A code that lets somebody in at a stage; only the hash of it is kept."""

    __tablename__ = "invite"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    stage: Mapped[str] = mapped_column(String(20))
    created: Mapped[float] = mapped_column(Float)
    expires: Mapped[float] = mapped_column(Float)
    used: Mapped[float | None] = mapped_column(Float)
    owner: Mapped[str | None] = mapped_column(ForeignKey("owner.id"))


class Waiting(Base):
    """Somebody on the waiting list."""

    __tablename__ = "waiting"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    note: Mapped[str] = mapped_column(Text, default="")
    created: Mapped[float] = mapped_column(Float)
    invited: Mapped[float | None] = mapped_column(Float)


class Choice(Base):
    """What an administrator chose while the server ran; it goes before the setting of that name."""

    __tablename__ = "choice"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    changed: Mapped[float] = mapped_column(Float)


class Usage(Base):
    """Seconds of video that an owner asked for on a day (UTC, YYYY-MM-DD)."""

    __tablename__ = "usage"
    owner: Mapped[str] = mapped_column(ForeignKey("owner.id"), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    seconds: Mapped[float] = mapped_column(Float, default=0.0)


class Audit(Base):
    """What was done to accounts and films, by whom; rows are never changed."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    at: Mapped[float] = mapped_column(Float, index=True)
    actor: Mapped[str] = mapped_column(String(40))  # an owner's id, or "system"
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(60), default="")
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Video(Base):
    """A job and what came of it.

    `status` is one of queued, in_progress, completed, failed. `spec` is what to film (the Shot as
    JSON, see `spec.py`), `answer` what the API says of it besides the columns here. `frames` is the
    cost, known before it runs. `attempt` counts the starts of a filming process.
    """

    __tablename__ = "video"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    owner: Mapped[str] = mapped_column(ForeignKey("owner.id"), index=True)
    status: Mapped[str] = mapped_column(String(20), index=True)
    progress: Mapped[int] = mapped_column(Integer, default=0)
    created: Mapped[float] = mapped_column(Float)
    started: Mapped[float | None] = mapped_column(Float)
    completed: Mapped[float | None] = mapped_column(Float)
    failed: Mapped[float | None] = mapped_column(Float)
    expires: Mapped[float | None] = mapped_column(Float)
    expired: Mapped[float | None] = mapped_column(Float)
    deleted: Mapped[float | None] = mapped_column(Float)
    cancelled: Mapped[float | None] = mapped_column(Float)  # when it was asked for
    model: Mapped[str] = mapped_column(String(100))  # as the client said it
    engine: Mapped[str] = mapped_column(String(100))  # who films
    prompt: Mapped[str] = mapped_column(Text)
    seconds: Mapped[str] = mapped_column(String(20))
    size: Mapped[str] = mapped_column(String(20))
    frames: Mapped[int] = mapped_column(Integer)
    remixed_from: Mapped[str | None] = mapped_column(String(40))
    spec: Mapped[dict[str, Any]] = mapped_column(default=dict)
    answer: Mapped[dict[str, Any]] = mapped_column(default=dict)
    error_code: Mapped[str | None] = mapped_column(String(60))
    error_message: Mapped[str | None] = mapped_column(Text)
    bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    refunded: Mapped[float | None] = mapped_column(Float)  # when its seconds were given back
    attempt: Mapped[int] = mapped_column(Integer, default=0)
    __table_args__ = (Index("video_page", "owner", "created", "id"),)


class Character(Base):
    """A subject that prompts may name, from a clip that was uploaded."""

    __tablename__ = "character"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    owner: Mapped[str] = mapped_column(ForeignKey("owner.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, default="")  # what prompts say in its place
    created: Mapped[float] = mapped_column(Float)


class Endpoint(Base):
    """Where an owner wants to hear of events (Standard Webhooks)."""

    __tablename__ = "endpoint"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    owner: Mapped[str] = mapped_column(ForeignKey("owner.id"), index=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    url: Mapped[str] = mapped_column(Text)
    events: Mapped[list[str]] = mapped_column(default=list)
    secret: Mapped[str] = mapped_column(Text)  # needed to sign, so it is kept as it is
    secret_before: Mapped[str | None] = mapped_column(Text)  # signs too until `secret_until`
    secret_until: Mapped[float | None] = mapped_column(Float)
    created: Mapped[float] = mapped_column(Float)
    updated: Mapped[float | None] = mapped_column(Float)


class Delivery(Base):
    """One event on its way to one endpoint."""

    __tablename__ = "delivery"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)  # the webhook-id
    endpoint: Mapped[str] = mapped_column(ForeignKey("endpoint.id"), index=True)
    video: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(40))
    body: Mapped[str] = mapped_column(Text)
    created: Mapped[float] = mapped_column(Float)
    due: Mapped[float | None] = mapped_column(Float, index=True)  # None: done or given up
    tries: Mapped[int] = mapped_column(Integer, default=0)
    status: Mapped[int | None] = mapped_column(Integer)  # of the last answer


class Idempotency(Base):
    """What an Idempotency-Key was first used for."""

    __tablename__ = "idempotency"
    owner: Mapped[str] = mapped_column(ForeignKey("owner.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    request_sha256: Mapped[str] = mapped_column(String(64))
    made: Mapped[str] = mapped_column("video", String(40))  # id of a video or a character
    created: Mapped[float] = mapped_column(Float)


class Worker(Base):
    """A process that films, and until when it is believed to live."""

    __tablename__ = "worker"
    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    expires: Mapped[float] = mapped_column(Float, index=True)
    started: Mapped[float] = mapped_column(Float)
