"""What a server is told once, at its start: where its data lies, who films, and every limit.

Values come from the command line, then from the environment (LATERNA_...), then from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["MODELS", "Limits", "Settings"]

# Names of Sora's models, which orphaned clients still send; None is the default engine.
MODELS: Mapping[str, str | None] = {
    "sora-2": None,
    "sora-2-pro": None,
    "sora-2-2025-10-06": None,
    "sora-2-2025-12-08": None,
    "sora-2-pro-2025-10-06": None,
}


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
    stage      how far the roll-out has come: closed, invited, partner or open
    origins    origins the studio may be served from besides the server's own
    hosts      values of the Host header that are answered; empty: those of `host` and localhost
    fetch      hosts that image URLs may be fetched from; empty: nothing is fetched
    """

    data: Path
    database: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    engine: str = "native"
    models: Mapping[str, str | None] = field(default_factory=lambda: dict(MODELS))
    stage: str = "closed"
    origins: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    fetch: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)

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
