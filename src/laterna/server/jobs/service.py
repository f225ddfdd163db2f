"""Jobs: what the rest of the server calls, and the thread that keeps a worker honest.

Every few seconds a worker renews its lease and takes over what dead workers were filming. Less
often it looks for videos whose job is missing, because a process ended between writing the row and
queueing it, and for jobs that ended without a word.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable

from laterna.server.jobs.engine import ENDED, JobEngine
from laterna.server.jobs.faults import Fault
from laterna.server.jobs.filming import Studio, film, set_studio
from laterna.server.jobs.lease import Lease, OnlyOne
from laterna.server.jobs.pool import Pool
from laterna.server.jobs.rows import Rows
from laterna.server.settings import Settings
from laterna.server.store import Store

__all__ = ["Jobs"]

LEASE = 15.0  # seconds a worker may be silent before it counts as dead
SWEEP = 30.0  # seconds between two looks for jobs that went missing
HISTORY = 3 * 24 * 3600.0  # seconds the steps of a job that has ended are kept

Hook = Callable[[str], None]

_log = logging.getLogger(__name__)


class Jobs:
    """The jobs of one server, seen from one of its processes; one at a time in a process.

    Methods wait for the database: call them from a thread, not from an event loop.
    """

    def __init__(self, settings: Settings, store: Store, *, lease: float = LEASE) -> None:
        """`lease` is how many seconds a worker may be silent; the same for all of them."""
        self.settings, self.store = settings, store
        self.rows = Rows(store, settings.limits.keep_hours * 3600)
        self.worker = f"{socket.gethostname()[:40]}.{os.getpid()}.{secrets.token_hex(6)}"
        self._lease = Lease(store, self.worker, lease)
        self._hooks: list[Hook] = []
        self._engine: JobEngine | None = None
        self._studio: Studio | None = None
        self._alone: OnlyOne | None = None
        self._ending = threading.Event()
        self._keeper: threading.Thread | None = None

    def on_end(self, hook: Hook) -> None:
        """Have `hook(video_id)` called when a video is completed or has failed, at least once.

        It is called in the process that ended the job, from any thread; what it raises is logged.
        """
        self._hooks.append(hook)

    def start(self, film: bool = True) -> None:
        """Queue jobs from now on, and with `film` make them: `settings.workers` at once, or one on
        each of `settings.devices`, and only those of `settings.films` if any are named.

        Raises InputError on SQLite when another process films from the same folder.
        """
        if film:
            self._begin_filming()
        try:
            width = self.settings.at_once if film else 0
            self._engine = JobEngine(
                _url(self.settings.jobs_url), self.worker, width, self.settings.films
            )
        except BaseException:
            self._end_filming()
            raise
        self._ending.clear()
        self._keeper = threading.Thread(target=self._keep, name="jobs-keeper", daemon=True)
        self._keeper.start()

    def _begin_filming(self) -> None:
        if not self.settings.database:
            self._alone = OnlyOne(self.settings.data)
        self._lease.renew()
        if self._alone is not None:
            self._lease.clear()
        self._studio = Studio(self.settings, self.store, Pool(self.settings.devices), self._tell)
        set_studio(self._studio)

    def _end_filming(self) -> None:
        studio, self._studio = self._studio, None
        if studio is None:
            return
        set_studio(None)
        studio.pool.close()
        self._lease.give_up()
        if self._alone is not None:
            self._alone.release()

    def submit(self, video: str) -> None:
        """Queue the job of a video whose row is committed; again does nothing."""
        assert self._engine is not None, "jobs are not started"
        self._queue(self._engine, video)

    def _queue(self, engine: JobEngine, video: str) -> None:
        row = self.rows.read(video)
        if row is not None:
            engine.enqueue(film, video, row.engine)

    def cancel(self, video: str) -> bool:
        """End a job that waits or is filmed; False when it has ended already.

        The row says `failed` (error_code `cancelled`) at once; filming stops within one chunk.
        """
        before = self.rows.cancel(video)
        if before is None:
            return False
        if before == "queued":  # else the worker that films it tells
            self._tell(video)
            if self._engine is not None:
                self._engine.cancel(video)
        return True

    def stop(self, patience: float = 10.0) -> None:
        """Leave: chunks being filmed have `patience` seconds, then others go on where they were.

        Waits until everything this process started has ended. May be called again.
        """
        if self._studio is not None:
            self._studio.stopping.set()
        self._ending.set()
        engine, self._engine = self._engine, None
        if engine is None:
            return
        if self._keeper is not None:
            self._keeper.join()  # it must not ask a job engine that is being taken down
        if self._studio is None:
            engine.stop(0)
        else:
            hurry = threading.Timer(patience, self._studio.pool.kill)
            hurry.start()
            engine.stop(int(patience) + 5 if self._studio.takes else 0)
            hurry.cancel()
        self._end_filming()

    def _tell(self, video: str) -> None:
        for hook in self._hooks:
            try:
                hook(video)
            except Exception:
                _log.exception("a hook failed for %s", video)

    def _keep(self) -> None:
        """Until the end: stay alive, look after the dead, find what is missing."""
        swept = 0.0
        while not self._ending.is_set():
            try:
                if self._studio is not None:
                    self._lease.renew()
                    self._take_over()
                if time.monotonic() - swept > SWEEP or not swept:
                    self._reconcile()
                    swept = time.monotonic()
            except Exception:  # the database may be away; the next round tries again
                _log.exception("the keeper of the jobs stumbled")
            self._ending.wait(self._lease.seconds / 4)

    def _take_over(self) -> None:
        engine = self._engine
        if engine is None:
            return
        # In this order: who begins in between has a lease before it has a job.
        running = engine.executors()
        dead = running - self._lease.living()
        if dead:
            jobs = engine.take_over(dead)
            _log.warning("took over from %s: %s", ", ".join(sorted(dead)), ", ".join(jobs))
        self._lease.bury()

    def _reconcile(self) -> None:
        """Queue videos without a job; end videos whose job ended without ending them."""
        engine = self._engine
        if engine is None:
            return
        live = self.rows.live()
        states = engine.states(live)
        for video in live:
            state = states.get(video)
            if state is None:
                self._queue(engine, video)
                _log.warning("%s had no job; it has one now", video)
            elif state in ENDED:
                fault = Fault("internal_error", "its job ended without a result; ask for it again")
                if self.rows.fail(video, fault):
                    _log.error("the job of %s ended as %s without a result", video, state)
                    self._tell(video)
        engine.forget(HISTORY)


def _url(url: str) -> str:
    """As DBOS spells it: it brings its own driver."""
    for prefix in ("postgresql+psycopg://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql://" + url.removeprefix(prefix)
    return url
