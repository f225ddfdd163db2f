"""`laterna serve`: the Videos API, the jobs and the studio, in one process."""

from __future__ import annotations

import os
from pathlib import Path
from types import FrameType

import typer
import uvicorn
from fastapi import FastAPI

from laterna.engines.registry import load_engine
from laterna.errors import InputError, OutputError
from laterna.server.accounts import keys
from laterna.server.app import create_app
from laterna.server.operation import log
from laterna.server.settings import Settings
from laterna.server.store import Store

GRACE = 10  # seconds that requests have to end when the server is told to


def serve(
    host: str = typer.Option(None, help="Address to listen at.  [default: 127.0.0.1]"),
    port: int = typer.Option(None, min=1, max=65535, help="Port.  [default: 8000]"),
    data: Path = typer.Option(None, help="Folder of films and databases.  [default: data root]"),
    workers: int = typer.Option(
        None,
        min=0,
        max=64,
        help="Shots filmed at once; above 1 needs PostgreSQL, 0 leaves it to `laterna worker`."
        "  [default: 1]",
    ),
    engine: str = typer.Option(None, help="The engine that films.  [default: native]"),
) -> None:
    """Serve the Videos API, and the studio with it."""
    given = data.expanduser().absolute() if data else None
    settings = Settings.of(host=host, port=port, data=given, workers=workers, engine=engine)
    if settings.workers > 1 and not settings.database:
        remedy = "set LATERNA_DATABASE_URL to a PostgreSQL database"
        raise InputError("workers", settings.workers, remedy)
    load_engine(settings.engine)  # a server that cannot film should not start
    store = _open(settings)
    try:
        key = keys.first_key(store)
        if key is not None:
            print(f"Your key, shown this once: {key}", flush=True)
        log.configure()
        _run(create_app(settings, store), settings)
    finally:
        store.close()


def _open(settings: Settings) -> Store:
    try:
        # Films and keys are nobody else's on this machine.
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        return Store(settings)
    except OSError as error:
        message = f"data: {settings.data} cannot be written ({error.strerror}); choose another"
        raise OutputError(message) from error


class _Server(uvicorn.Server):
    """Tells the application as soon as it has to end, so that streams of events do."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._laterna = app

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGINT or SIGTERM."""
        self._laterna.state.closing = True
        super().handle_exit(sig, frame)


def _run(app: FastAPI, settings: Settings) -> None:
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,  # the application writes its own
        server_header=False,
        timeout_graceful_shutdown=GRACE,
        proxy_headers=True,
        forwarded_allow_ips=os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1"),
    )
    shown = f"[{settings.host}]" if ":" in settings.host else settings.host
    print(f"http://{shown}:{settings.port}  (studio; the API is at /v1)", flush=True)
    server = _Server(config, app)
    try:
        server.run()
    except KeyboardInterrupt:  # the signal that ended it, once more; it has ended in good order
        return
    except SystemExit as error:  # uvicorn's word for a port that is taken, or a start that failed
        message = f"port: {settings.host}:{settings.port} cannot be served; see the log above"
        raise OutputError(message) from error
    if not server.started:
        raise OutputError(f"port: {settings.host}:{settings.port} cannot be served; see the log")
