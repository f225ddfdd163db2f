"""Which job at a server films which shot: a small file for each, so that none is paid for twice.

    LATERNA_HOME/remote/<name>.json    {"format": 1, "job": "video_...", "attempt": 0}

A process that is killed while a server films for it finds the job here when it, or another on the
same data root, is asked for the shot again. The name is a function of server, model and shot, and
with the attempt it is also the key that a laterna knows a request by: even a request whose answer
was lost films once.
"""

from __future__ import annotations

import hashlib
import json
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from laterna.errors import OutputError
from laterna.home import home
from laterna.media.write import write_whole

__all__ = ["Record"]

FORMAT = 1
KEPT = 7 * 24 * 3600.0  # seconds; what nobody came back for


@dataclass(slots=True)
class Record:
    """The job of one shot. `attempt` counts jobs that came to nothing."""

    path: Path
    job: str = ""
    attempt: int = 0

    @classmethod
    def of(cls, target: str, shot_sha256: str) -> Record:
        """The record of a shot at a target, as it was left."""
        name = hashlib.sha256(f"{target}\n{shot_sha256}".encode()).hexdigest()[:40]
        record = cls(home() / "remote" / f"{name}.json")
        with suppress(OSError, ValueError, TypeError, KeyError):
            told = json.loads(record.path.read_text("utf-8"))
            if told["format"] == FORMAT:
                record.job, record.attempt = str(told["job"]), int(told["attempt"])
        return record

    @property
    def key(self) -> str:
        """What a laterna is to know the request by."""
        return f"remote-{self.path.stem}-{self.attempt}"

    def found(self, job: str) -> None:
        """Keep the job's id. Raises OutputError."""
        self.job = job
        self._write()

    def failed(self) -> None:
        """The job came to nothing; another one has to be a new one. Raises OutputError."""
        self.job, self.attempt = "", self.attempt + 1
        self._write()

    def done(self) -> None:
        """Nobody needs it any more."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)

    def _write(self) -> None:
        told = {"format": FORMAT, "job": self.job, "attempt": self.attempt}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            folder = self.path.parent
            raise OutputError(f"output: {folder} cannot be written ({error.strerror})") from error
        self._forget_old()
        write_whole(self.path, json.dumps(told).encode())

    def _forget_old(self) -> None:
        for path in self.path.parent.glob("*.json"):
            with suppress(OSError):
                if path.stat().st_mtime < time.time() - KEPT:
                    path.unlink()
