"""A server of accounts alone: its routes, its guard, and one route that stands for all others."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import pytest
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient

from laterna.server.accounts import admin_routes, door, keys, people, routes, stages
from laterna.server.accounts.origin import Guard
from laterna.server.errors import ApiError
from laterna.server.settings import Settings
from laterna.server.store import Store

BASE = "http://127.0.0.1:8000"
Make = Callable[..., tuple[str, str]]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, stage="invited")


@pytest.fixture
def store(settings: Settings, tables: Path) -> Iterator[Store]:
    shutil.copy(tables, settings.data)
    store = Store(settings)
    yield store
    store.close()


@pytest.fixture
def app(settings: Settings, store: Store) -> FastAPI:
    app = FastAPI()
    app.state.settings, app.state.store = settings, store
    app.include_router(routes.router)
    app.include_router(admin_routes.router)

    @app.get("/me")
    def me(who: Annotated[door.Who, Depends(door.require)]) -> dict[str, object]:
        return {"owner": who.owner, "abilities": sorted(who.abilities)}

    @app.get("/ability/{ability}")
    def use(ability: str, who: door.Guest) -> str:
        stages.allow(who, ability)
        return "done"

    @app.exception_handler(ApiError)
    async def answer(request: Request, error: ApiError) -> JSONResponse:
        return JSONResponse(error.body(), error.status, headers=error.headers)

    app.add_middleware(Guard, settings=settings)
    return app


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, BASE, client=("192.0.2.7", 1234)) as client:
        yield client


@pytest.fixture
def admin(store: Store, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Headers of an administrator."""
    monkeypatch.delenv("LATERNA_KEY", raising=False)
    secret = keys.first_key(store)
    assert secret is not None
    return bearer(secret)


@pytest.fixture
def owner(store: Store) -> Make:
    """Make an owner: (id, secret)."""

    def make(name: str = "Ada", stage: str = "invited", **options: bool) -> tuple[str, str]:
        with store.session() as session:
            made, secret = people.add_owner(session, name, stage, "system", **options)
            return made.id, secret

    return make


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}
