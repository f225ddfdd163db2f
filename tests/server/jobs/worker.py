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
    jobs.on_end(lambda video: print("ended", video, flush=True))
    jobs.start(film=True)
    print("started", jobs.worker, flush=True)
    ending.wait()
    jobs.stop()
    print("stopped", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
