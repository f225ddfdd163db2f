"""The roll-out: who may do what at which stage."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from laterna.errors import InputError
from laterna.server.accounts import stages
from laterna.server.settings import Settings
from laterna.server.store import Store

from .conftest import Make, bearer

ALL = ("text", "image", "edit", "characters", "final", "commercial")
HANDED = {
    ("closed", "partner"): set(),
    ("invited", "invited"): {"text", "image"},
    ("invited", "partner"): set(ALL),
    ("invited", "open"): set(ALL) - {"commercial"},
    ("partner", "invited"): set(ALL),
    ("open", "invited"): set(ALL) - {"commercial"},
    ("open", "closed"): set(ALL) - {"commercial"},
}


@pytest.mark.parametrize(("server", "theirs"), HANDED)
def test_an_owner_may_what_either_stage_allows(
    server: str, theirs: str, client: TestClient, store: Store, owner: Make
) -> None:
    _, secret = owner(stage=theirs)
    with store.session() as session:
        stages.choose(session, server)
    may = {a for a in ALL if client.get(f"/ability/{a}", headers=bearer(secret)).is_success}
    assert may == HANDED[server, theirs]


def test_a_refusal_says_what_is_missing(client: TestClient, owner: Make) -> None:
    answer = client.get("/ability/edit", headers=bearer(owner()[1]))
    assert answer.status_code == 403
    error = answer.json()["error"]
    assert error["type"] == "permission_error"
    assert "editing video that was uploaded is not open to this account yet" in error["message"]


def test_administrators_may_everything_even_when_closed(
    client: TestClient, store: Store, admin: dict[str, str]
) -> None:
    with store.session() as session:
        stages.choose(session, "closed")
    assert all(client.get(f"/ability/{a}", headers=admin).is_success for a in ALL)


def test_a_choice_goes_before_the_setting_and_survives_a_restart(
    store: Store, settings: Settings
) -> None:
    with store.session() as session:
        assert stages.current(session, settings) == "invited"
        stages.choose(session, "open")
    again = Store(settings)
    with again.reading() as session:
        assert stages.current(session, settings) == "open"
    again.close()


def test_a_stage_that_is_none_is_refused(store: Store, tmp_path: object) -> None:
    with store.session() as session, pytest.raises(InputError, match="closed, invited, partner"):
        stages.choose(session, "everyone")
