"""What administrators do from outside."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from .conftest import Make, bearer

Headers = dict[str, str]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/owners"), ("POST", "/owners"), ("PATCH", "/owners/x"), ("POST", "/owners/x/keys"),
        ("DELETE", "/keys/x"), ("GET", "/invites"), ("POST", "/invites"), ("DELETE", "/invites/x"),
        ("GET", "/waiting"), ("POST", "/waiting/x/invite"), ("GET", "/stage"), ("PUT", "/stage"),
        ("GET", "/audit"),
    ],
)  # fmt: skip
def test_it_is_for_administrators(method: str, path: str, client: TestClient, owner: Make) -> None:
    ask = {"json": {}} if method in ("POST", "PUT", "PATCH") else {}
    assert client.request(method, f"/admin/api{path}", **ask).status_code == 401
    _, secret = owner(stage="partner")
    answer = client.request(method, f"/admin/api{path}", headers=bearer(secret), **ask)
    assert answer.status_code == 403


def test_the_page_needs_no_key_and_runs_nothing_foreign(client: TestClient) -> None:
    for path in ("", "/admin.js", "/admin.css"):
        answer = client.get(f"/admin{path}")
        assert answer.status_code == 200
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert "http://" not in answer.text.replace("http://www.w3.org/", "")
    assert "<script>" not in client.get("/admin").text


def test_an_owner_from_invitation_to_farewell(client: TestClient, admin: Headers) -> None:
    made = client.post("/admin/api/owners", json={"name": "Ada"}, headers=admin).json()
    key = bearer(made["keys"][0]["key"])
    assert (made["stage"], client.get("/me", headers=key).status_code) == ("invited", 200)
    path = f"/admin/api/owners/{made['id']}"
    changed = client.patch(path, json={"stage": "partner", "seconds_a_day": 60}, headers=admin)
    assert (changed.json()["stage"], changed.json()["seconds_a_day"]) == ("partner", 60)
    back = client.patch(path, json={"seconds_a_day": None}, headers=admin).json()
    assert (back["stage"], back["seconds_a_day"]) == ("partner", None)
    assert client.get("/session", headers=key).json()["seconds_a_day"] == 3600
    second = client.post(f"{path}/keys", headers=admin).json()
    client.delete(f"/admin/api/keys/{made['keys'][0]['id']}", headers=admin)
    assert client.get("/me", headers=key).status_code == 401
    assert client.get("/me", headers=bearer(second["key"])).status_code == 200
    client.patch(path, json={"disabled": True}, headers=admin)
    assert client.get("/me", headers=bearer(second["key"])).status_code == 403
    shown = client.get("/admin/api/owners", headers=admin).json()
    assert {owner["name"] for owner in shown} == {"owner", "Ada"}
    assert all(key["key"] is None for owner in shown for key in owner["keys"])


def test_from_the_waiting_list_to_an_account(client: TestClient, admin: Headers) -> None:
    client.post("/waiting", json={"email": "ada@example.org"})
    [entry] = client.get("/admin/api/waiting", headers=admin).json()
    assert entry["invited_at"] is None
    path = f"/admin/api/waiting/{entry['id']}/invite"
    code = client.post(path, json={"stage": "partner", "days": 3}, headers=admin).json()["code"]
    assert client.get("/admin/api/waiting", headers=admin).json()[0]["invited_at"] is not None
    [pending] = client.get("/admin/api/invites", headers=admin).json()
    assert pending["code"] is None
    joined = client.post("/join", json={"name": "Ada", "code": code}).json()
    assert joined["stage"] == "partner"
    assert client.get("/admin/api/invites", headers=admin).json() == []


def test_the_stage_moves_at_once(client: TestClient, admin: Headers, owner: Make) -> None:
    _, secret = owner()
    assert client.get("/ability/edit", headers=bearer(secret)).status_code == 403
    answer = client.put("/admin/api/stage", json={"stage": "open"}, headers=admin)
    assert answer.json()["stage"] == "open"
    assert client.get("/ability/edit", headers=bearer(secret)).status_code == 200


def test_all_of_it_is_on_record_and_no_secret_is(client: TestClient, admin: Headers) -> None:
    made = client.post("/admin/api/owners", json={"name": "Ada"}, headers=admin).json()
    client.patch(f"/admin/api/owners/{made['id']}", json={"stage": "open"}, headers=admin)
    invite = client.post("/admin/api/invites", json={}, headers=admin).json()
    client.delete(f"/admin/api/invites/{invite['id']}", headers=admin)
    client.put("/admin/api/stage", json={"stage": "open"}, headers=admin)
    answer = client.get("/admin/api/audit", headers=admin)
    done = [entry["action"] for entry in answer.json()]
    assert done == [
        "stage.choose", "invite.withdraw", "invite.add", "owner.change", "key.add", "owner.add",
        "key.add", "owner.add",
    ]  # fmt: skip
    assert made["keys"][0]["key"] not in answer.text
    assert invite["code"] not in answer.text
    older = f"/admin/api/audit?limit=2&before={answer.json()[5]['id']}"
    assert [entry["action"] for entry in client.get(older, headers=admin).json()] == done[6:]


@pytest.mark.parametrize(
    ("method", "path", "form"),
    [
        ("PATCH", "/owners/owner_none", {"name": "x"}), ("POST", "/owners/owner_none/keys", None),
        ("DELETE", "/keys/key_none", None), ("DELETE", "/invites/x", None),
        ("POST", "/waiting/x/invite", {}),
    ],
)  # fmt: skip
def test_what_is_not_there(
    method: str, path: str, form: object, client: TestClient, admin: Headers
) -> None:
    answer = client.request(method, f"/admin/api{path}", json=form, headers=admin)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def test_nobody_locks_everybody_out(client: TestClient, admin: Headers) -> None:
    me = client.get("/me", headers=admin).json()["owner"]
    answer = client.patch(f"/admin/api/owners/{me}", json={"admin": False}, headers=admin)
    assert answer.status_code == 400
    assert client.get("/admin/api/owners", headers=admin).status_code == 200
