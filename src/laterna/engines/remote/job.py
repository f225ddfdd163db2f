"""One shot at a server, from the request to a film that was looked at.

A job that the server has lost (404 after it was known, expired, cancelled by somebody who shared
it) is asked for once more and then given up; one that failed is not. Whatever is raised from
outside while it runs ends the job at the server too.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from laterna.engines.remote.records import Record
from laterna.engines.remote.requests import VIDEOS, Request
from laterna.engines.remote.result import Film, examine
from laterna.engines.remote.servers import Server
from laterna.engines.remote.wire import Answer, Gone, Refused, Wire
from laterna.errors import EngineError, LaternaError
from laterna.shot import Shot

__all__ = ["Job", "Patience"]

TRIES = 3  # of a download that a server promised
RENEWALS = 4  # requests that are sent at most, those included that only find an ended job again
GROWTH = 1.4  # of the time between two looks
FETCHED = 0.98  # share of the work that is done when the server is
LOST = ("deleted", "expired", "cancelled", "canceled")
ONCE = "idempotency_key_reused"


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: from one look at a job to the next, growing from `first` to `most`; that a server
    may be out of reach; that a film may take, its place in the queue included."""

    first: float = 0.5
    most: float = 5.0
    outage: float = 120.0
    whole: float = 24 * 3600.0


class Told(Protocol):
    """Who hears how far it is."""

    share: float

    def heard(self) -> None:
        """Tell it; may raise to give up."""
        ...

    def pause(self, seconds: float) -> None:
        """Wait, telling it."""
        ...


class _Lost(Exception):
    """The server does not have the job any more, or not for us."""


class Job:
    """A request and the job it became."""

    def __init__(
        self,
        wire: Wire,
        server: Server,
        request: Request,
        record: Record,
        patience: Patience,
        told: Told,
    ) -> None:
        self.wire, self.server, self.request, self.record = wire, server, request, record
        self.patience, self.told = patience, told
        self._shared = bool(record.job)  # begun by another process, or for another request

    def film(self, shot: Shot, to: Path, *, renew: bool) -> Film:
        """The film, downloaded to `to` and examined; `renew` allows asking anew for a lost job.

        Raises EngineError; then the job is over, unless the server was only out of reach.
        """
        lost = 0
        try:
            while True:
                try:
                    if not self.record.job:
                        self._submit()
                    return self._fetched(self._ended(), shot, to)
                except _Lost as error:
                    lost += 1
                    if not renew or lost > 1:
                        self.record.failed()
                        message = "the remote server does not have the film any more; film it anew"
                        raise EngineError(message) from error
                    self.record.failed()
                    self._shared = False
        except LaternaError:
            raise
        except BaseException:
            self._end()
            raise

    def _end(self) -> None:
        """It is not wanted any more."""
        if self.server.laterna and not self.record.job:
            # Interrupted before the answer was there: the same key finds what became of it.
            with suppress(LaternaError):
                self._submit(quick=True)
        if self.record.job:
            method, behind = self.server.cancel
            self.wire.drop(method, self._path + behind)
        self.record.done()

    @property
    def _path(self) -> str:
        return f"{VIDEOS}/{quote(self.record.job, safe='')}"

    def _submit(self, *, quick: bool = False) -> None:
        """Send the request; one that only finds a job again that came to nothing is sent anew."""
        for _ in range(RENEWALS):
            headers = {"Idempotency-Key": self.record.key} if self.server.laterna else {}
            try:
                answer = self.wire.post(
                    self.request.path,
                    safe=self.server.laterna,
                    quick=quick,
                    headers=headers,
                    **self.request.body(),
                )
            except Refused as error:
                raise_anew = error.told.get("error")
                if isinstance(raise_anew, dict) and raise_anew.get("code") == ONCE:
                    self.record.failed()
                    continue
                raise _explained(error) from error
            replayed = answer.headers.get("idempotent-replayed") == "true"
            if replayed and answer.told.get("status") == "failed":
                self.record.failed()
                continue
            job = answer.told.get("id")
            if not isinstance(job, str) or not 0 < len(job) <= 200:
                raise EngineError("the remote server took the shot but names no job")
            self.record.found(job)
            self._shared = replayed
            return
        raise EngineError("the remote server keeps answering with a job that has failed")

    def _ended(self) -> dict[str, Any]:
        """Follow the job until it is completed; what the server says of it then."""
        until, wait = time.monotonic() + self.patience.whole, self.patience.first
        while True:
            answer = self._look()
            status = answer.told.get("status")
            if status == "completed":
                self.told.share = FETCHED
                return answer.told
            if status in LOST:
                raise _Lost
            if status == "failed":
                raise self._failure(answer.told)
            if time.monotonic() > until:
                self._end()
                raise EngineError("the remote server has not filmed it in a day; it was cancelled")
            self.told.share = FETCHED * _share(answer.told.get("progress"))
            self.told.pause(_wait(answer, wait))
            wait = min(wait * GROWTH, self.patience.most)

    def _look(self) -> Answer:
        try:
            return self.wire.get(self._path)
        except Refused as error:
            if error.told.get("status") == "failed":  # vLLM-Omni answers with the failure's status
                return Answer(dict(error.told), {})
            if isinstance(error, Gone):
                raise _Lost from error
            raise _explained(error) from error

    def _failure(self, told: dict[str, Any]) -> Exception:
        error = told.get("error")
        error = error if isinstance(error, dict) else {"message": error or ""}
        if error.get("code") == "cancelled" and self._shared:
            return _Lost()
        self.record.failed()
        words = self.wire.clean(error.get("message") or "it does not say why")
        return EngineError(f"the remote server could not film it: {words}")

    def _fetched(self, told: dict[str, Any], shot: Shot, to: Path) -> Film:
        """The film, looked at; a second time where it was still being written."""
        trouble: EngineError | None = None
        for turn in range(TRIES):
            if turn:
                self.told.pause(self.patience.first * 2**turn)
                self._look()  # lost meanwhile?
            try:
                self._download(told, to)
                return examine(to, self.request, shot, self.server.fps, self.told.heard)
            except Gone as error:
                if error.status == 410:
                    raise _Lost from error
                trouble = EngineError("the remote server has no film of a job that it completed")
            except Refused as error:
                raise _explained(error) from error
            except EngineError as error:
                trouble = error
        assert trouble is not None
        self.record.failed()
        raise trouble

    def _download(self, told: dict[str, Any], to: Path) -> None:
        """The draft of a laterna, which has lost nothing; the film itself of others."""
        if self.server.laterna:
            self.wire.download(f"{self._path}/content?variant=draft", to)
            return
        url = told.get("url")
        stored = url if isinstance(url, str) and url.startswith(("http://", "https://")) else ""
        # No variant: SGLang reads it as a number.
        self.wire.download(f"{self._path}/content", to, url=stored)


def _share(progress: object) -> float:
    if not isinstance(progress, int | float):
        return 0.0
    return min(max(float(progress) / 100, 0.0), 1.0)


def _wait(answer: Answer, wait: float) -> float:
    """Seconds until the next look; a laterna says itself when it is worth it."""
    told = answer.headers.get("openai-poll-after-ms", "")
    return min(max(wait, int(told) / 1000), 10.0) if told.isdecimal() else wait


def _explained(error: Refused) -> EngineError:
    """A refusal with what to do about it, where that is known."""
    if error.status == 409:
        remedy = "vLLM-Omni keeps jobs in one process only: start it with --api-server-count 1"
        return EngineError(f"{error}; {remedy}")
    if error.status == 429:
        return EngineError(f"{error}; wait until it has room, or ask its operator for more")
    return error
