"""Characters: a name that prompts use, and the words it stands for.

Sora learned a likeness from the clip. No engine here does, and none pretends to: a character films
by its description, which takes the place of its name in the prompt. The clip is looked at, so that
a client hears at once when it is no film, and is not kept.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from pydantic import BaseModel
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from laterna.checks import check_text
from laterna.server import uploads
from laterna.server.accounts import audit, stages
from laterna.server.errors import bad_request, not_found
from laterna.server.ids import is_id, new_id
from laterna.server.tables import Character
from laterna.server.videos.idempotency import Once
from laterna.server.videos.requests import CharacterRequest
from laterna.server.wire import Upload
from laterna.shot import DRAFT_FPS

if TYPE_CHECKING:
    from laterna.server.videos.inputs import Desk

__all__ = ["CharacterAnswer", "look_up", "make", "named"]

LOOK = (64, 64)  # pixels suffice to see that it is film


class CharacterAnswer(BaseModel):
    """A character as clients see it."""

    id: str
    object: str = "character"
    created_at: int
    name: str
    description: str


def make(desk: Desk, asked: CharacterRequest, once: Once) -> tuple[CharacterAnswer, bool]:
    """Keep a character, and whether an earlier request had made it.

    Raises ApiError, and InputError for a name that cannot be said.
    """
    stages.allow(desk.who, "characters")
    earlier = _replay(desk, once)
    if earlier is not None:
        return earlier, True
    check_text("name", asked.name)
    if asked.description:
        check_text("description", asked.description)
    assert isinstance(asked.video, Upload)  # what the model says
    with desk.stored(asked.video, "video") as path:
        uploads.film(path, desk.settings.limits, "video", fps=DRAFT_FPS, size=LOOK)
    row = Character(
        id=new_id("char"),
        owner=desk.who.owner,
        name=asked.name.strip(),
        description=asked.description.strip(),
        created=time.time(),
    )
    try:
        with desk.store.session() as session:
            earlier = _known(session, once)
            if earlier is None:
                session.add(row)
                once.keep(session, row.id)
                audit.note(session, desk.who.owner, "character.create", row.id)
    except IntegrityError:
        earlier = _replay(desk, once)  # PostgreSQL lets two race to the same key; one loses here
        if earlier is None:
            raise
    return (_answer(row), False) if earlier is None else (earlier, True)


def _replay(desk: Desk, once: Once) -> CharacterAnswer | None:
    with desk.store.reading() as session:
        return _known(session, once)


def _known(session: Session, once: Once) -> CharacterAnswer | None:
    name = once.known(session)
    row = None if name is None else session.get(Character, name)
    return None if row is None else _answer(row)


def look_up(desk: Desk, name: str) -> CharacterAnswer:
    """One of theirs. Raises ApiError 404."""
    return _answer(_own(desk, name))


def named(desk: Desk, prompt: str, ids: list[str]) -> str:
    """`prompt` with descriptions in the place of the characters' names. Raises ApiError."""
    if ids:
        stages.allow(desk.who, "characters")
    for number, name in enumerate(ids):
        field = f"characters.{number}.id"
        row = _own(desk, name)
        spoken = re.compile(rf"(?<!\w){re.escape(row.name)}(?!\w)")
        if not spoken.search(prompt):
            raise bad_request(field, f"{field}: the prompt does not say {row.name!r}")
        if not row.description:
            remedy = "make it anew with a description; no engine here films from a likeness"
            raise bad_request(field, f"{field}: {row.name!r} has no description; {remedy}")
        prompt = spoken.sub(lambda _, said=row.description: said, prompt)  # type: ignore[misc]
    return prompt


def _own(desk: Desk, name: str) -> Character:
    with desk.store.reading() as session:
        row = session.get(Character, name) if is_id(name, "char") else None
    if row is None or row.owner != desk.who.owner:
        raise not_found("character", name[:80])
    return row


def _answer(row: Character) -> CharacterAnswer:
    return CharacterAnswer(
        id=row.id, created_at=int(row.created), name=row.name, description=row.description
    )
