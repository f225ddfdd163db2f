"""`laterna admin`, beside a store that a server has opened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from laterna.server.accounts import keys, people, quotas, stages
from laterna.server.settings import Settings
from laterna.server.store import Store

from .conftest import Said

Admin = Callable[..., Said]


@pytest.fixture
def admin(laterna: Callable[..., Said], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Admin:
    monkeypatch.setenv("LATERNA_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("LATERNA_KEY", "sk-laterna-the-first-key-of-all")
    for name in ("LATERNA_DATABASE_URL", "LATERNA_DATA", "LATERNA_STAGE"):
        monkeypatch.delenv(name, raising=False)
    store = Store(Settings(tmp_path / "server"))
    keys.first_key(store)
    store.close()
    return lambda *words: laterna("admin", *words)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(Settings(tmp_path / "server"))


def test_an_owner_is_added_and_their_key_printed_once(admin: Admin, store: Store) -> None:
    said = admin("owners", "add", "Ada", "--stage", "partner")
    assert said.code == 0
    assert "only administrators film" in said.err
    with store.reading() as session:
        found = keys.find(session, said.out.strip())
        assert found is not None and (found[1].name, found[1].stage) == ("Ada", "partner")
    assert said.out.strip() not in admin("keys", "list").out + admin("audit").out


def test_an_owner_is_changed(admin: Admin, store: Store) -> None:
    admin("owners", "add", "Ada")
    change = ("owners", "change", "Ada")
    assert admin(*change, "--seconds-a-day", "60", "--jobs-at-once", "1").code == 0
    assert admin(*change, "--stage", "open", "--jobs-at-once", "-1", "--disable").code == 0
    with store.reading() as session:
        ada = people.owner_named(session, "Ada")
        assert (ada.stage, ada.seconds_a_day, ada.jobs_at_once) == ("open", 60.0, None)
        assert ada.disabled is not None
        assert quotas.jobs_now(session, ada.id) == 0
    listed = admin("owners", "list").out
    assert "Ada" in listed and "owner" in listed


def test_keys_come_and_go(admin: Admin, store: Store) -> None:
    secret = admin("keys", "add", "owner").out.strip()
    with store.reading() as session:
        found = keys.find(session, secret)
        assert found is not None
    assert admin("keys", "revoke", found[0].id).code == 0
    with store.reading() as session:
        assert keys.find(session, secret) is None
    assert found[0].id in admin("keys", "list", "owner").out


def test_people_come_in_from_the_waiting_list(admin: Admin, store: Store) -> None:
    with store.session() as session:
        people.wait(session, "ada@example.org", "I cut films")
    assert "I cut films" in admin("waiting", "list").out
    code = admin("waiting", "invite", "Ada@example.org", "--stage", "partner").out.strip()
    assert "partner" in admin("invites", "list").out
    with store.session() as session:
        assert people.join(session, "Ada", code, "invited")[0].stage == "partner"
    assert "partner" not in admin("invites", "list").out


def test_an_invite_is_withdrawn(admin: Admin) -> None:
    code = admin("invites", "add", "--days", "3").out.strip()
    assert code.startswith("invite-")
    name = next(w for w in admin("invites", "list").out.split() if w.startswith("invite_"))
    assert admin("invites", "withdraw", name).code == 0
    assert name not in admin("invites", "list").out


def test_the_stage_is_shown_and_moved(admin: Admin, store: Store) -> None:
    assert "closed (now)" in admin("stage").out
    assert "partner (now)" in admin("stage", "partner").out
    with store.reading() as session:
        assert stages.current(session, Settings(Path())) == "partner"
    assert "stage.choose" in admin("audit", "--limit", "1").out


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("stage", "everyone"), "closed, invited, partner, open"),
        (("owners", "change", "Ada", "--stage", "open"), "give the id or name of an owner"),
        (("owners", "change", "owner"), "say what to change"),
        (("owners", "change", "owner", "--disable"), "leave one administrator"),
        (("owners", "change", "owner", "--jobs-at-once", "-2"), "give 0 or more"),
        (("owners", "add", " "), "give a name"),
        (("keys", "revoke", "key_1"), "laterna admin keys list"),
        (("invites", "add", "--days", "0"), "days"),
        (("invites", "add", "--stage", "closed"), "invite at"),
        (("waiting", "invite", "x@example.org"), "laterna admin waiting list"),
        (("--data", "elsewhere", "owners", "list"), "start `laterna serve` once"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    words: tuple[str, ...], complaint: str, admin: Admin
) -> None:
    said = admin(*words)
    assert said.code == 2
    assert complaint in said.complaint
