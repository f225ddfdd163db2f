"""A worker in a process of its own: `python -m tests.server.jobs.worker DATA DATABASE LEASE`."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path

from laterna.server.jobs import Jobs
from laterna.server.settings import Settings
from laterna.server.store import Store


def main(data: str, database: str, lease: str) -> None:
    ending = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ending.set())
    settings = Settings(data=Path(data), database=database, engine="moody")
    jobs = Jobs(settings, Store(settings), lease=float(lease))
    jobs.on_end(lambda video: say("ended", video))
    jobs.start(film=True)
    say("started", jobs.worker)
    ending.wait()
    jobs.stop()
    say("stopped")


def say(*words: str) -> None:
    sys.stdout.write(" ".join(words) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
