"""The remote engine: ask, follow the job, take the film, give it on frame by frame.

Nothing comes before the whole film is there, so what survives a kill is the job at the server: it
is written down (`records`) as soon as it is known, and whoever films the shot again follows it
instead of paying for another. Closing the iterator, or an error raised by `watch`, ends the job at
the server too.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from laterna.engines.protocol import Capabilities, Chunk, Preflight
from laterna.engines.remote.job import Job, Patience
from laterna.engines.remote.records import Record
from laterna.engines.remote.requests import Request, request_of
from laterna.engines.remote.result import Film
from laterna.engines.remote.servers import Server, recognise
from laterna.engines.remote.target import Target
from laterna.engines.remote.wire import Refused, Wire
from laterna.engines.state import read_state, write_state
from laterna.shot import Frames, Shot, draft_grid, seeded
from laterna.shot_json import shot_sha256

__all__ = ["Patience", "RemoteEngine"]

STEP = 8  # frames a chunk
KNOWN = 300.0  # seconds that what a server said of itself is taken for granted
SLICE = 0.25  # seconds between two looks at whether it is still wanted


@dataclass(frozen=True, slots=True)
class _State:
    """Where a shot goes on: the job, and the next frame."""

    job: str = ""
    frame: int = 0


class RemoteEngine:
    """Films with another server. `target` is URL, URL#MODEL or URL?fps=N#MODEL.

    Asking for its capabilities asks the server, at most every five minutes: raises EngineError when
    it cannot be reached or does not speak /v1/videos.
    """

    def __init__(self, target: str, patience: Patience | None = None) -> None:
        """Raises InputError for what is no address."""
        self.target = Target.parse(target)
        self.patience = patience or Patience()
        self.name = f"remote:{target}"
        self.watch: Callable[[float], None] | None = None
        self._known: tuple[float, Server] | None = None
        self._asking = threading.Lock()

    @property
    def capabilities(self) -> Capabilities:
        """What the server honours and a request to it can carry."""
        server = self._server()
        return Capabilities(
            fields=server.fields,
            fps=server.fps,
            max_seconds=server.max_seconds,
            resumable=True,
            drafts=server.drafts,
            licence=server.licence,
        )

    def _server(self) -> Server:
        with self._asking:
            if self._known is None or time.monotonic() - self._known[0] > KNOWN:
                wire = self._wire(time.sleep)
                try:
                    self._known = (time.monotonic(), recognise(wire))
                finally:
                    wire.close()
            return self._known[1]

    def _wire(self, pause: Callable[[float], None]) -> Wire:
        return Wire(self.target, outage=self.patience.outage, pause=pause)

    def preflight(self, shot: Shot) -> Preflight:
        """Whether the server says that it is ready; its memory is its own business.

        Raises UnsupportedError for what no request can carry.
        """
        request = self._request(seeded(shot))
        width, height = request.frame or draft_grid(shot.size).frame
        memory = STEP * width * height * 3
        wire = self._wire(time.sleep)
        try:
            wire.get("/health", tries=2)
        except Refused as error:
            if error.status == 503:
                return Preflight(False, "the remote server is not ready", memory, request.total)
        except Exception:  # an answer that is no JSON, or none: filming will say it better
            return Preflight(True, "", memory, request.total)
        finally:
            wire.close()
        return Preflight(True, "", memory, request.total)

    def _request(self, shot: Shot) -> Request:
        return request_of(shot, self._server(), self.target.model)

    def film(self, shot: Shot, resume: bytes | None = None) -> Iterator[Chunk]:
        """Have the server film `shot`; eight frames a chunk once it has.

        A shot without a seed is filmed with seed 0. Raises UnsupportedError for what no request can
        carry, InputError for a state of another shot; while filming EngineError.
        """
        shot = seeded(shot)
        sha256 = shot_sha256(replace(shot, quality="draft"))  # the finish is made here
        state = _State() if resume is None else _opened(resume, sha256)
        return self._film(shot, self._request(shot), sha256, state)

    def _film(self, shot: Shot, request: Request, sha256: str, state: _State) -> Iterator[Chunk]:
        server, record = self._server(), Record.of(self.target.text, sha256)
        if state.job:
            record.job = state.job
        told = _Told(lambda: self.watch)
        wire = self._wire(told.pause)
        try:
            with tempfile.TemporaryDirectory(prefix="laterna-remote-") as folder:
                job = Job(wire, server, request, record, self.patience, told)
                film = job.film(shot, Path(folder) / "film", renew=state.frame == 0)
                yield from _chunks(film, state.frame, sha256, record.job, told.heard)
            record.done()
        except GeneratorExit:
            record.done()
            raise
        finally:
            wire.close()


def _chunks(
    film: Film, start: int, sha256: str, job: str, heard: Callable[[], None]
) -> Iterator[Chunk]:
    block: list[Frames] = []
    for number, frame in enumerate(film.frames(start, heard), start + 1):
        block.append(frame)
        if len(block) == STEP or number == film.request.total:
            state = write_state(number, sha256, job=job)
            total = film.request.total
            yield Chunk(number - len(block), total, np.stack(block), state=state)
            block = []


class _Told:
    """What the one who watches is told, and asked for: whether this is still wanted."""

    def __init__(self, watch: Callable[[], Callable[[float], None] | None]) -> None:
        self._watch, self.share = watch, 0.0

    def heard(self) -> None:
        """Say how far it is; what `watch` raises passes."""
        watch = self._watch()
        if watch is not None:
            watch(self.share)

    def pause(self, seconds: float) -> None:
        """Wait, and be heard meanwhile."""
        until = time.monotonic() + seconds
        while True:
            self.heard()
            left = until - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, SLICE))


def _opened(state: bytes, sha256: str) -> _State:
    """The job and frame that a state goes on with."""
    frame, (job,) = read_state(state, sha256, "job")
    return _State(job, frame)
