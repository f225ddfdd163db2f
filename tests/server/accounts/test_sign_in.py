"""The page's sign-in: a key for a cookie, which ends when it should."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from laterna.server.accounts import keys
from laterna.server.store import Store
from laterna.server.tables import Key, SignIn

from .conftest import BASE, Make, bearer


def sign_in(client: TestClient, secret: str) -> None:
    assert client.post("/session", json={"key": secret}).status_code == 200


def test_a_key_is_taken_for_a_cookie(client: TestClient, owner: Make) -> None:
    name, secret = owner()
    answer = client.post("/session", json={"key": f" {secret}\n"})
    assert answer.json()["id"] == name
    assert answer.json()["abilities"] == ["text", "image"]
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("laterna=in-")
    for trait in ("HttpOnly", "SameSite=strict", "Path=/", "Max-Age="):
        assert trait in cookie
    assert "Secure" not in cookie
    assert secret not in cookie
    assert client.get("/me").json()["owner"] == name


def test_over_https_the_cookie_is_secure_and_tied_to_the_host(app: FastAPI, owner: Make) -> None:
    with TestClient(app, "https://localhost:8000") as client:
        cookie = client.post("/session", json={"key": owner()[1]}).headers["set-cookie"]
        assert cookie.startswith("__Host-laterna=")
        assert "Secure" in cookie
        assert client.get("/session").status_code == 200


def test_signing_out_ends_it_on_the_server(client: TestClient, owner: Make) -> None:
    sign_in(client, owner()[1])
    stolen = dict(client.cookies)
    assert client.delete("/session").status_code == 204
    assert not client.cookies
    client.cookies.update(stolen)
    assert client.get("/me").status_code == 401
    assert client.delete("/session").status_code == 204


def test_revoking_the_key_ends_it(client: TestClient, store: Store, owner: Make) -> None:
    sign_in(client, owner()[1])
    with store.session() as session:
        keys.revoke(session, session.scalars(select(Key)).one(), "system")
    assert client.get("/me").status_code == 401


def test_time_ends_it(client: TestClient, store: Store, owner: Make) -> None:
    sign_in(client, owner()[1])
    with store.session() as session:
        session.execute(update(SignIn).values(expires=1.0))
    assert client.get("/me").json()["error"]["message"] == "the sign-in has ended; sign in again"


def test_a_wrong_key_is_not_saved_by_a_cookie(client: TestClient, owner: Make) -> None:
    sign_in(client, owner()[1])
    assert client.get("/me", headers=bearer("sk-laterna-wrong")).status_code == 401


def test_guessing_is_slowed_down(client: TestClient, app: FastAPI, owner: Make) -> None:
    _, secret = owner()
    wrong = [client.post("/session", json={"key": f"guess {n}"}) for n in range(11)]
    assert [answer.status_code for answer in wrong] == [401] * 10 + [429]
    assert int(wrong[-1].headers["retry-after"]) > 0
    assert client.post("/session", json={"key": secret}).status_code == 429
    with TestClient(app, BASE, client=("192.0.2.8", 1)) as other:
        assert other.post("/session", json={"key": secret}).status_code == 200


def test_signing_in_often_is_no_guessing(client: TestClient, owner: Make) -> None:
    _, secret = owner()
    for _ in range(15):
        sign_in(client, secret)
