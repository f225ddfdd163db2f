"""The process that films: `python -m laterna.server.jobs.child PARENT`.

It holds the engine, loaded once, and everything heavy; whatever goes wrong in there, the server
goes on. One line of JSON in, one out:

    open     engine, folder, spec, parts -> opened      films on behind the last part
    next     attempt                     -> parts, total
    publish  folder, spec, parts, before, after, attempt -> progress..., staged, sha256
    close                                -> closed      gives up what is being done

Anything else that comes back is `stopped` or `error` (code, message and, of surprises, the trace).
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from laterna.digest import file_sha256
from laterna.engines.protocol import Chunk, Engine, Watched
from laterna.engines.registry import check, load_engine
from laterna.errors import EngineError, LaternaError, OutputError
from laterna.media.write import write_whole
from laterna.server.jobs.faults import fault_of
from laterna.server.jobs.lifeline import Lifeline
from laterna.server.jobs.publish import VIDEO, stage
from laterna.server.jobs.spool import WORK, Maker, Part, read_chunk, write_chunk
from laterna.server.jobs.stitch import filmed
from laterna.server.spec import Spec

__all__ = ["LIVE", "main"]

LIVE = "live"  # folder of previews, NNNNN.jpg by the first draft frame of a chunk
BEAT = 0.5  # seconds between two reports of progress


class Stopped(Exception):
    """The parent wants no more of it."""


@dataclass(slots=True)
class _Take:
    """A shot being filmed."""

    folder: Path
    chunks: Iterator[Chunk]
    maker: Maker
    whole: bool  # the engine cannot go on from a state, so the film is one piece


class Filmer:
    """Does what the commands say."""

    def __init__(self, line: Lifeline) -> None:
        self._line = line
        self._engine: Engine | None = None
        self._take: _Take | None = None
        self._told = 0.0  # when progress was last reported

    def do(self, command: dict[str, Any]) -> dict[str, Any]:
        """One command's answer."""
        try:
            match command["do"]:
                case "open":
                    return self._open(command)
                case "next":
                    return self._next(command["attempt"])
                case "publish":
                    return self._publish(command)
                case _:
                    self._drop()
                    return {"closed": True}
        except Stopped:
            return {"stopped": True}
        except Exception as error:
            self._drop()
            surprise = not isinstance(error, LaternaError)
            trace = "".join(traceback.format_exception(error)) if surprise else ""
            told = fault_of(error).told()
            return {"error": {**told, "message": self._shown(told["message"]), "trace": trace}}

    def _shown(self, message: str) -> str:
        """`message` for clients, whom what stands behind KIND: does not concern."""
        name = "" if self._engine is None else self._engine.name
        return message.replace(name, name.partition(":")[0]) if ":" in name else message

    def _open(self, command: dict[str, Any]) -> dict[str, Any]:
        self._drop()
        folder, parts = Path(command["folder"]), _parts(command)
        spec = Spec.read(command["spec"], folder)
        engine = self._load(command["engine"])
        check(engine, spec.shot)
        before = engine.preflight(spec.shot)
        if not before.fits:
            raise EngineError(f"engine {engine.name}: {before.reason}")
        for name in (WORK, LIVE):
            _make(folder / name)
        can = engine.capabilities
        state = read_chunk(folder / WORK, parts[-1]).state if parts else None
        chunks = engine.film(spec.shot) if state is None else engine.film(spec.shot, state)
        maker = Maker(engine.name, can.weights, can.fps)
        self._take = _Take(folder, chunks, maker, whole=not can.resumable)
        return {"opened": True}

    def _load(self, name: str) -> Engine:
        if self._engine is None or self._engine.name != name:
            self._engine = None  # two models at once may not fit
            self._engine = load_engine(name)
            if isinstance(self._engine, Watched):
                self._engine.watch = self._watch
        return self._engine

    def _next(self, attempt: int) -> dict[str, Any]:
        take = self._take
        if take is None:
            raise EngineError("no shot is open")
        parts: list[Part] = []
        for chunk in take.chunks:
            _preview(take.folder / LIVE, chunk)
            parts.append(write_chunk(take.folder / WORK, chunk, take.maker, attempt))
            if self._line.closing.is_set():
                raise Stopped
            if not take.whole or parts[-1].stop >= chunk.total:
                return {"parts": [part.told() for part in parts], "total": chunk.total}
            self._line.answer({"progress": parts[-1].stop / chunk.total})
        raise EngineError(f"engine {take.maker.engine}: it ended before the shot did")

    def _watch(self, share: float) -> None:
        """Pass progress on, not too often; raises Stopped when the parent wants no more of it."""
        if self._line.closing.is_set():
            raise Stopped
        if time.monotonic() - self._told > BEAT:
            self._told = time.monotonic()
            self._line.answer({"progress": share})

    def _publish(self, command: dict[str, Any]) -> dict[str, Any]:
        self._drop()
        folder = Path(command["folder"])
        spec = Spec.read(command["spec"], folder)
        ends = [Path(name) if name else None for name in (command["before"], command["after"])]
        film = filmed(folder / WORK, tuple(_parts(command)), *ends)
        staged = stage(folder, film, spec.shot, spec.passes, command["attempt"], self._watch)
        width, height = film.size
        sha256 = file_sha256(staged / VIDEO)
        return {"staged": staged.name, "sha256": sha256, "draft_size": f"{width}x{height}"}

    def _drop(self) -> None:
        take, self._take = self._take, None
        close = getattr(take.chunks, "close", None) if take is not None else None
        if close is not None:
            close()


def _parts(command: dict[str, Any]) -> list[Part]:
    return [Part(**told) for told in command["parts"]]


def _make(folder: Path) -> None:
    """A folder of the video's; the video's own folder must be there, or it was deleted."""
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise OutputError(f"output: {folder} cannot be made ({error.strerror})") from error


def _preview(folder: Path, chunk: Chunk) -> None:
    """The chunk's first frame, for those who watch."""
    picture = BytesIO()
    Image.fromarray(np.ascontiguousarray(chunk.frames[0])).save(picture, "JPEG", quality=85)
    write_whole(folder / f"{chunk.start:05d}.jpg", picture.getvalue())


def main() -> None:
    """Film until the parent goes."""
    faulthandler.enable()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the parent says when to end
    line = Lifeline(int(sys.argv[1]))
    filmer = Filmer(line)
    line.answer({"ready": os.getpid()})
    while True:
        line.answer(filmer.do(line.next()))


if __name__ == "__main__":
    main()
