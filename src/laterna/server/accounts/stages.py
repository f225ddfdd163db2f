"""The roll-out: abilities are handed out step by step, to more people at each stage.

A server stands at a stage, and every owner was let in at one. An owner may do what either of the
two allows, so that partners have their abilities while the rest of the server is still at
`invited`, and everybody's grow when the server moves on. At `closed` nobody but administrators
films; what others made stays theirs to watch, download and delete.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy.orm import Session

from laterna.errors import InputError
from laterna.server.errors import ApiError
from laterna.server.settings import Settings
from laterna.server.tables import Choice, Owner

__all__ = [
    "ABILITIES",
    "STAGES",
    "Stage",
    "Who",
    "allow",
    "choose",
    "current",
    "stage_named",
    "who",
]

Limit = TypeVar("Limit", float, int)

# ability: how a refusal calls it
ABILITIES: Mapping[str, str] = {
    "text": "filming from text",
    "image": "filming from pictures",
    "edit": "editing video that was uploaded",
    "characters": "characters",
    "final": "final quality",
    "commercial": "commercial delivery",
}


@dataclass(frozen=True, slots=True)
class Stage:
    """What one stage hands out; None is no limit."""

    abilities: frozenset[str]
    seconds_a_day: float | None
    jobs_at_once: int | None


STAGES: Mapping[str, Stage] = {
    "closed": Stage(frozenset(), 0.0, 0),
    "invited": Stage(frozenset({"text", "image"}), 300.0, 2),
    "partner": Stage(frozenset(ABILITIES), 3600.0, 8),
    "open": Stage(frozenset(ABILITIES) - {"commercial"}, 300.0, 2),
}


@dataclass(frozen=True, slots=True)
class Who:
    """An owner at the door, with what they may do now; `key` is the key that they came with."""

    owner: str
    name: str
    stage: str
    admin: bool
    abilities: frozenset[str]
    seconds_a_day: float | None
    jobs_at_once: int | None
    key: str = ""


def stage_named(name: str) -> str:
    """`name`, when there is such a stage. Raises InputError."""
    if name not in STAGES:
        raise InputError("stage", name, f"give one of {', '.join(STAGES)}")
    return name


def current(session: Session, settings: Settings) -> str:
    """Where the server stands: what an administrator chose, else the setting."""
    chosen = session.get(Choice, "stage")
    return stage_named(chosen.value if chosen else settings.stage)


def choose(session: Session, name: str) -> None:
    """Move the server to a stage, for all its processes and beyond a restart."""
    session.merge(Choice(name="stage", value=stage_named(name), changed=time.time()))


def who(owner: Owner, stage: str, key: str = "") -> Who:
    """What `owner` may do on a server at `stage`."""
    theirs, ours = STAGES[owner.stage], STAGES[stage]
    if owner.admin:
        abilities, seconds, jobs = frozenset(ABILITIES), None, None
    elif stage == "closed":
        abilities, seconds, jobs = ours.abilities, ours.seconds_a_day, ours.jobs_at_once
    else:
        abilities = theirs.abilities | ours.abilities
        seconds = _more(theirs.seconds_a_day, ours.seconds_a_day)
        jobs = _more(theirs.jobs_at_once, ours.jobs_at_once)
    if owner.seconds_a_day is not None:
        seconds = owner.seconds_a_day
    if owner.jobs_at_once is not None:
        jobs = owner.jobs_at_once
    return Who(owner.id, owner.name, owner.stage, owner.admin, abilities, seconds, jobs, key)


def _more(one: Limit | None, other: Limit | None) -> Limit | None:
    return None if one is None or other is None else max(one, other)


def allow(who: Who, ability: str) -> None:
    """Let `who` use an ability. Raises ApiError 403 that says which one is missing."""
    if ability in who.abilities:
        return
    if not who.abilities:
        raise ApiError(403, "this server is closed for now; nothing is filmed", code="closed")
    raise ApiError(
        403, f"{ABILITIES[ability]} is not open to this account yet", code="not_open_yet"
    )
