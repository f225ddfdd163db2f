"""What a server is told once, at its start: where its data lies, who films, and every limit.

Values come from the command line, then from the environment (LATERNA_...), then from here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from laterna.errors import InputError
from laterna.home import home

__all__ = ["MODELS", "Limits", "Settings"]

# Names of Sora's models, which orphaned clients still send; None is the default engine.
MODELS: Mapping[str, str | None] = {
    "sora-2": None,
    "sora-2-pro": None,
    "sora-2-2025-10-06": None,
    "sora-2-2025-12-08": None,
    "sora-2-pro-2025-10-06": None,
}

MAX_ENGINE = 100  # characters of an engine's name; each video keeps its own


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that keep one client from starving the others, and a bad file from hurting anyone."""

    queue: int = 1000  # jobs that wait, of all owners together
    upload_bytes: int = 100 << 20
    upload_pixels: int = 4096 * 4096
    upload_seconds: float = 120.0
    upload_frames: int = 7200
    decode_seconds: float = 60.0  # processor time of the process that decodes an upload
    decode_bytes: int = 2 << 30  # and its memory
    keep_hours: float = 24 * 30  # finished videos, before they expire
    keep_bytes: int = 50 << 30  # of all finished videos; the oldest expire first


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything `laterna serve` and `laterna worker` share.

    data       folder of films and, with SQLite, of the databases; shared by all workers
    database   SQLAlchemy URL of PostgreSQL, or "" for SQLite files in `data`
    engines    further engines that requests may name, as NAME: KIND:TARGET
    devices    numbers (or names) of GPUs, as CUDA_VISIBLE_DEVICES knows them: a shot is filmed on
               each at once, whatever `workers` says
    films      names of the engines whose jobs this process films; empty: whatever comes
    stage      how far the roll-out has come: closed, invited, partner or open
    origins    origins the studio may be served from besides the server's own
    hosts      values of the Host header that are answered; empty: those of `host` and localhost
    fetch      hosts that image URLs may be fetched from; empty: nothing is fetched
    hooks      hosts that webhooks may reach without TLS and at private addresses
    """

    data: Path
    database: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    engine: str = "native"
    devices: tuple[str, ...] = ()
    films: tuple[str, ...] = ()
    models: Mapping[str, str | None] = field(default_factory=lambda: dict(MODELS))
    engines: Mapping[str, str] = field(default_factory=dict)
    stage: str = "closed"
    origins: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    fetch: tuple[str, ...] = ()
    hooks: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)

    @classmethod
    def of(cls, environment: Mapping[str, str] | None = None, **given: Any) -> Settings:
        """What was `given`, else what the environment says, else the defaults.

        None counts as not given. LATERNA_DATABASE_URL names the database, LATERNA_<FIELD> any other
        field, with commas between several, and LATERNA_LIMIT_<FIELD> a limit. Raises InputError.
        """
        environment = os.environ if environment is None else environment
        told = {name: value for name, value in given.items() if value is not None}
        if "database" not in told:
            told["database"] = environment.get("LATERNA_DATABASE_URL", "")
        for name, read in _READ.items():
            text = environment.get(f"LATERNA_{name.upper()}")
            if name not in told and text:
                told[name] = _parse(f"LATERNA_{name.upper()}", text, read)
        limits = {}
        for item in fields(Limits):
            text = environment.get(f"LATERNA_LIMIT_{item.name.upper()}")
            if text:
                read = type(item.default)
                limits[item.name] = _parse(f"LATERNA_LIMIT_{item.name.upper()}", text, read)
        told.setdefault("limits", Limits(**limits))
        told.setdefault("data", home() / "server")
        settings = cls(**told)
        for name in (settings.engine, *settings.engines.values()):
            if len(name) > MAX_ENGINE:
                raise InputError("engine", name, f"give at most {MAX_ENGINE} characters")
        return settings

    def shown(self, engine: str) -> str:
        """What clients call an engine: never its target, which is this house's own business."""
        named = {whole: name for name, whole in self.engines.items()}
        return named.get(engine, engine.partition(":")[0])

    @property
    def at_once(self) -> int:
        """Shots that this process films at once."""
        return len(self.devices) or self.workers

    @property
    def app_url(self) -> str:
        """SQLAlchemy URL of laterna's own tables."""
        return self.database or f"sqlite:///{self.data / 'laterna.db'}"

    @property
    def jobs_url(self) -> str:
        """SQLAlchemy URL of the job engine's tables."""
        return self.database or f"sqlite:///{self.data / 'jobs.db'}"

    def folder(self, video: str) -> Path:
        """Where everything of one video lies; `video` is an id that `ids.is_id` accepts."""
        return self.data / "videos" / video


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _models(text: str) -> dict[str, str | None]:
    """NAME=ENGINE,NAME=ENGINE; a name alone is the default engine's."""
    pairs = (word.partition("=") for word in _words(text))
    return {name.strip(): engine.strip() or None for name, _, engine in pairs}


def _engines(text: str) -> dict[str, str]:
    """NAME=KIND:TARGET,NAME=KIND:TARGET; a target may hold an equals sign, a name no colon."""
    pairs = [word.partition("=") for word in _words(text)]
    for name, _, engine in pairs:
        if not name.strip() or ":" in name or not engine.strip():
            raise InputError("LATERNA_ENGINES", text, "write NAME=KIND:TARGET, with commas between")
    return {name.strip(): engine.strip() for name, _, engine in pairs}


_READ: dict[str, Callable[[str], Any]] = {
    "data": lambda text: Path(text).expanduser(),
    "host": str,
    "port": int,
    "workers": int,
    "engine": str,
    "devices": _words,
    "films": _words,
    "models": _models,
    "engines": _engines,
    "stage": str,
    "origins": _words,
    "hosts": _words,
    "fetch": _words,
    "hooks": _words,
}


def _parse(name: str, text: str, read: Callable[[str], Any]) -> Any:
    try:
        return read(text)
    except InputError:
        raise
    except ValueError as error:
        raise InputError(name, text, "give a number") from error
