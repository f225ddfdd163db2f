"""Keys: hashed, revocable, and the first one made once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from laterna.errors import InputError
from laterna.server.accounts import keys
from laterna.server.settings import Settings
from laterna.server.store import Store
from laterna.server.tables import Key, Owner

from .conftest import Make, bearer


def test_a_key_opens_the_door(client: TestClient, owner: Make) -> None:
    name, secret = owner()
    answer = client.get("/me", headers=bearer(secret))
    assert answer.status_code == 200
    assert answer.json() == {"owner": name, "abilities": ["image", "text"]}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer sk-laterna-wrong"},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic dXNlcjpwYXNz"},
        {"Authorization": "Bearer " + "x" * 5000},
        {"Authorization": b"Bearer k\xe4y"},
        {"Cookie": "laterna=in-wrong"},
    ],
)
def test_without_a_key_it_stays_shut(client: TestClient, headers: dict[str, str]) -> None:
    answer = client.get("/me", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["error"]["type"] == "authentication_error"
    assert answer.headers["www-authenticate"] == "Bearer"


def test_only_the_hash_of_a_key_is_kept(store: Store, settings: Settings, owner: Make) -> None:
    _, secret = owner()
    store.close()
    for path in settings.data.iterdir():
        assert secret.encode() not in path.read_bytes()
    assert store.engine.url.database == str(settings.data / "laterna.db")


def test_a_revoked_key_is_worth_nothing(client: TestClient, store: Store, owner: Make) -> None:
    _, secret = owner()
    with store.session() as session:
        keys.revoke(session, session.scalars(select(Key)).one(), "system")
    assert client.get("/me", headers=bearer(secret)).status_code == 401


def test_a_disabled_owner_is_told_so(client: TestClient, store: Store, owner: Make) -> None:
    name, secret = owner()
    with store.session() as session:
        session.get_one(Owner, name).disabled = 1.0
    answer = client.get("/me", headers=bearer(secret))
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "account_disabled")


def test_owners_see_and_end_only_their_own_keys(client: TestClient, owner: Make) -> None:
    _, ada = owner("Ada")
    _, ben = owner("Ben")
    [mine] = client.get("/account/keys", headers=bearer(ada)).json()
    assert mine["key"] is None and mine["hint"] == ada[:15] + "…"
    assert client.delete(f"/account/keys/{mine['id']}", headers=bearer(ben)).status_code == 404
    second = client.post("/account/keys", headers=bearer(ada)).json()["key"]
    assert client.delete(f"/account/keys/{mine['id']}", headers=bearer(second)).status_code == 200
    assert client.get("/me", headers=bearer(ada)).status_code == 401
    assert client.get("/me", headers=bearer(second)).status_code == 200


def test_using_a_key_is_noted(client: TestClient, store: Store, owner: Make) -> None:
    _, secret = owner()
    client.get("/me", headers=bearer(secret))
    with store.reading() as session:
        assert session.scalars(select(Key.used)).one() is not None


class TestFirstKey:
    def test_is_made_once(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("LATERNA_KEY", raising=False)
        assert (keys.first_key(store) or "").startswith("sk-laterna-")
        assert keys.first_key(store) is None

    def test_comes_from_the_environment(
        self, store: Store, client: TestClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LATERNA_KEY", "a-key-of-my-own-choosing")
        assert keys.first_key(store) is None
        assert keys.first_key(store) is None
        answer = client.get("/me", headers=bearer("a-key-of-my-own-choosing"))
        assert "commercial" in answer.json()["abilities"]

    def test_is_not_changed_by_setting_another(
        self, store: Store, client: TestClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LATERNA_KEY", "a-key-of-my-own-choosing")
        keys.first_key(store)
        monkeypatch.setenv("LATERNA_KEY", "another-key-altogether")
        assert keys.first_key(store) is None
        assert client.get("/me", headers=bearer("another-key-altogether")).status_code == 401

    def test_may_not_hold_blanks(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LATERNA_KEY", "two words")
        with pytest.raises(InputError, match="LATERNA_KEY"):
            keys.first_key(store)

    def test_is_one_even_when_many_start_at_once(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("LATERNA_KEY", raising=False)
        stores = [Store(Settings(data=tmp_path / "many")) for _ in range(4)]
        with ThreadPoolExecutor(4) as pool:
            made = list(pool.map(keys.first_key, stores))
        assert sum(secret is not None for secret in made) == 1
        for store in stores:
            store.close()
