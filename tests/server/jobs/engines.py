"""Engines that misbehave as a shot's `extra` says; filming processes find them by entry points.

pause     seconds before each chunk
die_at    the process is killed before this frame is filmed...
marker    ...unless this file exists; the death makes it, so only the first attempt dies
fail_at   an error is raised before this frame
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from laterna.engines.fake import FakeEngine
from laterna.engines.protocol import Capabilities, Chunk
from laterna.errors import EngineError
from laterna.shot import Shot


class Moody(FakeEngine):
    """Films what the fake engine films, unless it dies first."""

    name = "moody"

    def film(self, shot: Shot, resume: bytes | None = None) -> Iterator[Chunk]:
        chunks = super().film(shot, resume)
        return self._film(chunks, shot)

    def _film(self, chunks: Iterator[Chunk], shot: Shot) -> Iterator[Chunk]:
        for chunk in chunks:
            time.sleep(float(str(shot.extra.get("pause", 0))))
            if chunk.start == shot.extra.get("die_at"):
                _die(shot.extra.get("marker"))
            if chunk.start == shot.extra.get("fail_at"):
                raise EngineError("the film tore")
            yield chunk


class Stateless(Moody):
    """Cannot go on from a state."""

    name = "stateless"

    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, resumable=False)


def _die(marker: object) -> None:
    if marker is not None:
        path = Path(str(marker))
        if path.exists():
            return
        path.touch()
    os.kill(os.getpid(), signal.SIGKILL)
