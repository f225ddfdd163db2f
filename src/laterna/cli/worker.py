"""`laterna worker`: films for servers elsewhere, from one PostgreSQL and one folder of films."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from pathlib import Path

import typer

from laterna.engines.registry import load_engine
from laterna.errors import InputError
from laterna.server.accounts import quotas
from laterna.server.jobs import Jobs
from laterna.server.operation import log
from laterna.server.settings import Settings
from laterna.server.store import Store
from laterna.server.videos.queueing import forget_uploads


def worker(
    data: Path = typer.Option(
        None, help="Folder of films, the same for all workers.  [default: data root]"
    ),
    workers: int = typer.Option(
        None, min=1, max=64, help="Shots filmed at once on this machine.  [default: 1]"
    ),
    engine: str = typer.Option(
        None, help="An engine that has to be there; each job names its own.  [default: native]"
    ),
    engines: str = typer.Option(
        None, help="Film the jobs of these engines alone, such as native,previs."
    ),
    devices: str = typer.Option(
        None, help="GPUs by number, such as 0,1: a shot at once on each.  [default: all see all]"
    ),
) -> None:
    """Film what servers are asked for; end it with Ctrl-C, and another goes on."""
    given = data.expanduser().absolute() if data else None
    if devices is not None and workers is not None:
        raise InputError("workers", workers, "leave it out: each of the devices films one shot")
    settings = Settings.of(
        data=given, workers=workers, engine=engine,
        devices=_several("devices", devices), films=_several("engines", engines),
    )  # fmt: skip
    if not settings.database:
        remedy = "set LATERNA_DATABASE_URL to the servers' PostgreSQL; one host needs no workers"
        raise InputError("database", settings.database, remedy)
    # A worker that cannot film should not start. Jobs name engines as these name themselves.
    asked = settings.films or (settings.engine,)
    found = [load_engine(settings.engines.get(name, name)).name for name in asked]
    if settings.films:
        settings = replace(settings, films=tuple(dict.fromkeys(found)))
    log.configure()
    store = Store(settings)
    jobs = Jobs(settings, store)
    jobs.on_end(quotas.settle(store))
    jobs.on_end(forget_uploads(settings, store))
    try:
        jobs.start(film=True)
        logging.getLogger("laterna.worker").info("worker %s films", jobs.worker)
        threading.Event().wait()
    except KeyboardInterrupt:  # Ctrl-C or SIGTERM: the way a worker ends
        pass
    finally:
        jobs.stop()
        store.close()


def _several(field: str, text: str | None) -> tuple[str, ...] | None:
    """The words between commas, each once; None where nothing was said."""
    if text is None:
        return None
    words = [word.strip() for word in text.split(",")]
    if not all(words) or len(set(words)) < len(words):
        raise InputError(field, text, "name each once, with commas between")
    return tuple(words)
