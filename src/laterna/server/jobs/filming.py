"""The workflow of a film: chunk by chunk, then publish, close, tell.

    chunk, chunk, ..., publish, close, tell

What a step returns is JSON and is remembered by DBOS; after a crash the function runs again from
its top and is told the old results until it comes to the first step that has none. So the order of
steps may depend on nothing but those results. Nothing here raises for a film that fails: failing
is a result as well.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Any

from dbos import DBOS

from laterna.errors import OutputError
from laterna.server.jobs.faults import CRASHED, Fault, fault_of
from laterna.server.jobs.pool import Crashed, Filming, Pool
from laterna.server.jobs.publish import VIDEO, clean, unveil
from laterna.server.jobs.rows import HandedOver, Rows
from laterna.server.jobs.spool import WORK
from laterna.server.jobs.starts import DEATHS, Starts
from laterna.server.settings import Settings
from laterna.server.store import Store
from laterna.server.tables import FILMED

__all__ = ["CRASHES", "Studio", "film", "set_studio"]

CRASHES = 2  # filming processes a shot may cost

Told = dict[str, Any]
LOST: Told = {"end": "lost"}

_log = logging.getLogger(__name__)
_studio: Studio | None = None


def set_studio(studio: Studio | None) -> None:
    """Say where films of this process are made."""
    global _studio
    _studio = studio


class Studio:
    """What a film needs of this process."""

    def __init__(
        self, settings: Settings, store: Store, pool: Pool, tell: Callable[[str], None]
    ) -> None:
        self.settings, self.pool, self.tell = settings, pool, tell
        self.stopping = threading.Event()
        self.rows = Rows(store, settings.limits.keep_hours * 3600, self.stopping)
        self.takes: set[_Take] = set()  # that are at work


@DBOS.workflow(name="film", max_recovery_attempts=10_000)
def film(video: str) -> str:
    """Make the film of `video`; how it ended."""
    if _studio is None:
        raise HandedOver
    with _Take(_studio, video) as take:
        outcome = _made(take)
        DBOS.run_step({"name": "close"}, take.close, outcome)
        DBOS.run_step({"name": "tell"}, take.tell)
    return str(outcome["end"])


def _made(take: _Take) -> Told:
    """Film and publish; {end: completed, bytes, draft_size}, {end: failed, code, message} or
    {end: lost}."""
    parts: list[Told] = []
    crashes, total = 0, 1
    while True:
        if _stop(parts) < total:
            told = DBOS.run_step({"name": "chunk"}, take.chunk, parts)
        else:
            told = DBOS.run_step({"name": "publish"}, take.publish, parts)
        if "crashed" in told:
            crashes += 1
            if crashes >= CRASHES:
                message = f"filming it ended {crashes} processes; the last time {told['crashed']}"
                return _failed(CRASHED, message)
        elif "parts" in told:
            parts, total = parts + told["parts"], told["total"]
        else:
            return told


class _Take:
    """One execution of the workflow. Its methods are the steps, its token opens the row."""

    def __init__(self, studio: Studio, video: str) -> None:
        self._studio, self._rows, self.video = studio, studio.rows, video
        self._folder = studio.settings.folder(video)
        self._token = 0
        self._what: Told = {}  # folder and spec, as the filming process is told them
        self._engine = ""
        self._lent = ExitStack()
        self._filming: Filming | None = None
        self._open = False

    def __enter__(self) -> _Take:
        self._studio.takes.add(self)
        return self

    def __exit__(self, *trouble: object) -> None:
        self._let_go()
        self._studio.takes.discard(self)

    def chunk(self, parts: list[Told]) -> Told:
        """Film on behind `parts`."""
        if not self._begun():
            return LOST
        starts = Starts(self._folder / WORK, _stop(parts))
        deaths = starts.count
        if deaths >= DEATHS:
            return _failed(CRASHED, f"{deaths} workers ended over its frame {_stop(parts)}")
        try:
            starts.note(self._token)
        except OutputError as error:
            fault = fault_of(error)
            return _failed(fault.code, fault.message)
        try:
            told = self._film_on(parts)
        finally:
            starts.forget(self._token)
        if "parts" in told:
            done = _stop(told["parts"]) / told["total"]
            return told if self._advance(FILMED * done) else LOST
        return told

    def _film_on(self, parts: list[Told]) -> Told:
        if not self._open:
            told = self._ask(0, 0, do="open", engine=self._engine, parts=parts, **self._what)
            if "opened" not in told:
                return told
            self._open = True
        return self._ask(0, FILMED, do="next", attempt=self._token)

    def publish(self, parts: list[Told]) -> Told:
        """Put the film where it is looked for."""
        if not self._begun():
            return LOST
        ends = {name: self._other(name) for name in ("before", "after")}
        told = self._ask(
            FILMED, 99, do="publish", parts=parts, attempt=self._token, **self._what, **ends
        )
        if "staged" not in told:
            return told
        if not self._advance(99):
            return LOST
        size = unveil(self._folder, self._folder / told["staged"])
        kept = {"sha256": told["sha256"], "bytes": size, "draft_size": told["draft_size"]}
        return {"end": "completed", "path": VIDEO, **kept}

    def close(self, outcome: Told) -> None:
        """Say in the row how it ended, and take the spool away."""
        if self._begun():
            if outcome["end"] == "completed":
                # One that was published before a restart may not have told its draft's size.
                size = outcome.get("draft_size")
                self._rows.complete(self.video, self._token, outcome["bytes"], size)
            elif outcome["end"] == "failed":
                fault = Fault(outcome["code"], outcome["message"])
                self._rows.fail(self.video, fault, self._token)
            _log.info("%s: %s %s", self.video, outcome["end"], outcome.get("message", ""))
        self._let_go()
        clean(self._folder)

    def tell(self) -> None:
        """Say it to whoever wanted to know."""
        self._studio.tell(self.video)

    def _begun(self) -> bool:
        """Whether the film is ours to make, which the first step of an execution finds out."""
        if self._studio.stopping.is_set():
            raise HandedOver
        if self._token:
            return True
        token = self._rows.begin(self.video)
        row = self._rows.read(self.video)
        if token is None or row is None:
            return False
        _log.info("%s is filmed, attempt %d", self.video, token)
        self._token, self._engine = token, row.engine
        self._what = {"folder": str(self._folder.absolute()), "spec": row.spec}
        return True

    def _other(self, name: str) -> str | None:
        """The folder of the video that comes before or after this one."""
        other = self._what["spec"].get(name)
        return str(self._studio.settings.folder(other).absolute()) if other else None

    def _advance(self, progress: float) -> bool:
        """Report progress; False when the film was cancelled or deleted.

        When it is another's, everything this execution still does is void: it ends.
        """
        if self._rows.advance(self.video, self._token, int(progress)):
            return True
        row = self._rows.read(self.video)
        if row is not None and row.attempt != self._token:
            raise HandedOver
        return False

    def _ask(self, low: float, high: float, **command: Any) -> Told:
        """Have the filming process do something, from `low` to `high` percent of the work."""

        def progress(share: float) -> bool:
            return self._advance(low + (high - low) * share)

        try:
            if self._filming is None:
                self._filming = self._lent.enter_context(self._studio.pool.lend())
            told = self._filming.ask(progress, **command)
        except Crashed as crash:
            self._let_go()
            if self._studio.stopping.is_set():
                raise HandedOver from crash
            _log.error("%s: the filming process died; %s", self.video, crash)
            return {"crashed": str(crash)}
        if "error" in told:
            if told["error"]["trace"]:
                _log.error("%s: %s", self.video, told["error"]["trace"])
            return _failed(told["error"]["code"], told["error"]["message"])
        return LOST if "stopped" in told else told

    def _let_go(self) -> None:
        """Give the filming process back, with nothing open."""
        if self._filming is not None and self._open:
            with suppress(Crashed):
                self._filming.ask(do="close")
        self._filming, self._open = None, False
        self._lent.close()


def _stop(parts: list[Told]) -> int:
    """The draft frame after `parts`."""
    return int(parts[-1]["start"] + parts[-1]["frames"]) if parts else 0


def _failed(code: str, message: str) -> Told:
    return {"end": "failed", "code": code, "message": message}
