"""Idempotency-Key: a request that is sent twice films once, and makes one character.

A key belongs to its owner and to what was asked with it first, in JSON or as a form; it is written
in the transaction that makes the video, so of two that race one finds the other's. After a day it
is free again.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass

from pydantic import BaseModel
from sqlalchemy import delete
from sqlalchemy.orm import Session

from laterna.server.errors import ApiError, bad_request
from laterna.server.tables import Idempotency

__all__ = ["Once"]

KEPT = 24 * 3600.0  # seconds


@dataclass(frozen=True, slots=True)
class Once:
    """A key and the request that it came with; `key` is None where none was sent."""

    owner: str
    key: str | None
    request_sha256: str

    @classmethod
    def of(cls, owner: str, key: str | None, path: str, asked: BaseModel) -> Once:
        """The key of a request to `path`. Raises ApiError 400 for what is not a key."""
        if key is None:
            return cls(owner, None, "")
        if not (0 < len(key) <= 255 and key.isprintable()):
            raise bad_request("Idempotency-Key", "Idempotency-Key: use 1 to 255 characters")
        # Without defaults: a field that a newer laterna brings does not make it another request.
        told = f"{path}\n{asked.model_dump_json(exclude_defaults=True)}"
        return cls(owner, key, hashlib.sha256(told.encode()).hexdigest())

    def known(self, session: Session) -> str | None:
        """The id of what the key has made. Raises ApiError 422 when that was another request."""
        if self.key is None:
            return None
        row = session.get(Idempotency, (self.owner, self.key))
        if row is None or row.created < time.time() - KEPT:
            return None
        if row.request_sha256 != self.request_sha256:
            message = "Idempotency-Key: it came with another request before; take a new one"
            code = "idempotency_key_reused"
            raise ApiError(422, message, param="Idempotency-Key", code=code)
        return row.made

    def keep(self, session: Session, made: str) -> None:
        """Remember what the key has made."""
        if self.key is None:
            return
        ours = (Idempotency.owner == self.owner, Idempotency.key == self.key)
        session.execute(delete(Idempotency).where(*ours))
        session.add(
            Idempotency(
                owner=self.owner,
                key=self.key,
                request_sha256=self.request_sha256,
                made=made,
                created=time.time(),
            )
        )
