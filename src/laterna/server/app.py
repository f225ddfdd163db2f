"""The server as one ASGI application: every router, one shape of error, one id a request.

What it needs is made here unless it is given, and what was made here is also ended here. The task
that sends webhooks and the hooks that follow a job's end are bound to its life.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from laterna import __version__
from laterna.errors import LaternaError
from laterna.server import operation, studio
from laterna.server.accounts import admin_routes, quotas
from laterna.server.accounts import routes as account_routes
from laterna.server.accounts.origin import Guard
from laterna.server.errors import ApiError, from_error
from laterna.server.jobs import Jobs
from laterna.server.openapi import document
from laterna.server.operation.routes import metrics_of
from laterna.server.settings import Settings
from laterna.server.store import Store
from laterna.server.uploads.limit import BodyLimit
from laterna.server.validation import explain
from laterna.server.videos import models, routes
from laterna.server.videos.engines import Engines
from laterna.server.videos.queueing import forget_uploads
from laterna.server.webhooks import endpoints
from laterna.server.webhooks.sender import Sender

__all__ = ["create_app"]

log = logging.getLogger("laterna.server")

ABOUT = """The Videos API that Sora's clients speak: change the base URL and nothing else.
What is ours beyond it goes through the same bodies (`extra_body` in OpenAI's clients)."""
METHODS = {404: "there is nothing at {path}", 405: "{path} does not take {method}"}
VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def create_app(settings: Settings, store: Store | None = None, jobs: Jobs | None = None) -> FastAPI:
    """The application for one server; a `store` and `jobs` that are given stay their owner's."""
    app = FastAPI(
        title="laterna",
        version=__version__,
        description=ABOUT,
        docs_url=None,  # those pages load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_life(jobs is None, store is None),
    )
    app.state.settings = settings
    app.state.store = Store(settings) if store is None else store
    app.state.jobs = Jobs(settings, app.state.store) if jobs is None else jobs
    app.state.engines = Engines(settings)
    app.state.closing = False
    for router in (
        routes.router,
        models.router,
        endpoints.router,
        account_routes.router,
        admin_routes.router,
        operation.router,
        studio.router,
    ):
        app.include_router(router)
    for kind, handler in _HANDLERS.items():
        app.add_exception_handler(kind, handler)
    # Added last is met first: the envelope stands around everything.
    app.add_middleware(BodyLimit, limits=settings.limits)
    app.add_middleware(Guard, settings=settings)
    app.add_middleware(operation.Observe, metrics=metrics_of(app.state, app.state.store))
    app.add_middleware(Envelope)
    app.openapi = lambda: document(app)  # type: ignore[method-assign]
    return app


def _life(own_jobs: bool, own_store: bool) -> Callable[[FastAPI], Any]:
    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        state = app.state
        sender = Sender(state.settings, state.store)
        sweeper = operation.Sweeper(state.settings, state.store)
        for hook in (
            sender.wake,
            quotas.settle(state.store),
            forget_uploads(state.settings, state.store),
        ):
            state.jobs.on_end(hook)
        if own_jobs:
            await run_in_threadpool(state.jobs.start, film=state.settings.workers > 0)
        sender.start()
        sweeper.start()
        try:
            yield
        finally:
            state.closing = True
            await sender.close()
            await run_in_threadpool(sweeper.stop)
            if own_jobs:
                await run_in_threadpool(state.jobs.stop)
            if own_store:
                state.store.close()

    return life


class Envelope:
    """Gives every answer an id, and turns what nobody expected into an answer that has one.

    It stands outside of the framework's own last resort, whose answers would have neither.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        name = f"req_{secrets.token_hex(12)}"
        scope.setdefault("state", {})["request_id"] = name
        begun = False

        async def answer(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                MutableHeaders(scope=message)["x-request-id"] = name
            await send(message)

        try:
            await self.app(scope, receive, answer)
        except Exception:
            log.exception("request %s: %s %s", name, scope["method"], scope["path"])
            if begun:
                raise
            error = ApiError(
                500, f"something went wrong here; tell it with {name}", code="internal"
            )
            await _answer(error)(scope, receive, answer)


def _answer(error: ApiError) -> JSONResponse:
    return JSONResponse(error.body(), error.status, headers=error.headers)


async def _api_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ApiError)
    return _answer(error)


async def _laterna_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, LaternaError)
    told = from_error(error)
    if told.status >= 500:
        log.error("%s: %s", request.url.path, error, exc_info=error)
    return _answer(told)


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    """What the framework itself refuses: paths and methods that are not there."""
    assert isinstance(error, HTTPException)
    form = METHODS.get(error.status_code, str(error.detail))
    message = form.format(path=request.url.path[:200], method=request.method)
    code = "not_found" if error.status_code == 404 else None
    headers = dict(error.headers or {})
    if error.status_code == 405:  # the framework names the methods of the first route only
        headers["Allow"] = ", ".join(_taken(request))
    return _answer(ApiError(error.status_code, message, code=code, headers=headers))


def _taken(request: Request) -> list[str]:
    """The methods that the routes of this path take together."""

    def taken(method: str) -> bool:
        scope = {**request.scope, "method": method}
        return any(route.matches(scope)[0] == Match.FULL for route in request.app.router.routes)

    return [method for method in VERBS if taken(method)]


async def _validation_error(request: Request, error: Exception) -> JSONResponse:
    """A path, a query or a header that is not what its route says."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    return _answer(explain(first, skip=min(1, len(first["loc"]) - 1)))  # "query", "path", "body"


_HANDLERS: dict[type[Exception], Callable[[Request, Exception], Awaitable[JSONResponse]]] = {
    ApiError: _api_error,
    LaternaError: _laterna_error,
    HTTPException: _http_error,
    RequestValidationError: _validation_error,
}
