"""Ways in: invites, the waiting list, and an open door."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from laterna.errors import InputError
from laterna.server.accounts import people, stages
from laterna.server.errors import ApiError
from laterna.server.store import Store
from laterna.server.tables import Invite, Owner, Waiting

from .conftest import Make, bearer


def invite(store: Store, stage: str = "partner") -> str:
    with store.session() as session:
        return people.add_invite(session, stage, "system")[1]


def test_an_invite_lets_one_person_in(client: TestClient, store: Store) -> None:
    code = invite(store)
    answer = client.post("/join", json={"name": "Ada", "code": code})
    assert answer.status_code == 201
    assert (answer.json()["stage"], answer.json()["name"]) == ("partner", "Ada")
    assert client.get("/me", headers=bearer(answer.json()["key"])).status_code == 200
    again = client.post("/join", json={"name": "Ben", "code": code})
    assert (again.status_code, again.json()["error"]["code"]) == (403, "invite_invalid")


@pytest.mark.parametrize("spoil", ["expire", "withdraw", "misspell"])
def test_an_invite_may_be_worth_nothing(spoil: str, client: TestClient, store: Store) -> None:
    code = invite(store)
    with store.session() as session:
        row = session.scalars(select(Invite)).one()
        if spoil == "expire":
            row.expires = time.time() - 1
        if spoil == "withdraw":
            people.withdraw_invite(session, row, "system")
    code += "x" * (spoil == "misspell")
    answer = client.post("/join", json={"name": "Ada", "code": code})
    assert answer.json()["error"]["code"] == "invite_invalid"
    with store.reading() as session:
        assert session.scalars(select(Owner)).all() == []


def test_of_many_who_come_with_one_invite_one_gets_in(store: Store) -> None:
    code = invite(store)

    def come(name: str) -> bool:
        try:
            with store.session() as session:
                people.join(session, name, code, "invited")
        except ApiError:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(come, "abcdef")) == 1


@pytest.mark.parametrize(
    ("stage", "status", "code"),
    [("closed", 403, "closed"), ("invited", 403, "invite_needed"), ("open", 201, None)],
)
def test_without_an_invite_only_an_open_server_lets_in(
    stage: str, status: int, code: str | None, client: TestClient, store: Store
) -> None:
    with store.session() as session:
        stages.choose(session, stage)
    answer = client.post("/join", json={"name": "Ada"})
    assert answer.status_code == status
    if code:
        assert answer.json()["error"]["code"] == code
    else:
        assert answer.json()["admin"] is False


def test_the_waiting_list_takes_an_address_once_and_tells_nothing(
    client: TestClient, store: Store
) -> None:
    first = client.post("/waiting", json={"email": "Ada@Example.org", "note": "I cut films\x00"})
    second = client.post("/waiting", json={"email": "ada@example.org"})
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    with store.reading() as session:
        row = session.scalars(select(Waiting)).one()
        assert (row.email, row.note) == ("ada@example.org", "I cut films")


@pytest.mark.parametrize("email", ["nobody", "a@b", "a b@example.org", "a@exa\nmple.org", "@x.y"])
def test_what_is_no_address_is_refused(email: str, client: TestClient) -> None:
    answer = client.post("/waiting", json={"email": email})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "email")


def test_joining_is_throttled(client: TestClient) -> None:
    tries = [client.post("/join", json={"name": "A", "code": f"x{n}"}) for n in range(11)]
    assert tries[-1].status_code == 429


def test_the_last_administrator_cannot_be_shut_out(store: Store, owner: Make) -> None:
    name, _ = owner("boss", admin=True)
    with pytest.raises(InputError, match="leave one administrator"), store.session() as session:
        people.change_owner(session, session.get_one(Owner, name), "system", disabled=True)
    owner("second", admin=True)
    with store.session() as session:
        people.change_owner(session, session.get_one(Owner, name), "system", disabled=True)


def test_an_owner_is_found_by_id_and_by_a_name_of_one(store: Store, owner: Make) -> None:
    ada, _ = owner("Ada")
    owner("Ben")
    owner("Ben")
    with store.reading() as session:
        assert people.owner_named(session, ada).id == people.owner_named(session, "Ada").id
        for wrong in ("Ben", "Cleo"):
            with pytest.raises(InputError, match="owner"):
                people.owner_named(session, wrong)
