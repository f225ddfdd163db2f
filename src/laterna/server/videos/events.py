"""GET /v1/videos/{id}/events: what happens to a video while it happens, as server-sent events.

    data: {"type": "status", "status": "in_progress", "progress": 0, "position": null}
    data: {"type": "progress", "status": "in_progress", "progress": 12, "position": null}
    data: {"type": "frame", "index": 4, "frames": 32, "chunk": 1, "chunks": 8, "url": "data:..."}
    data: {"type": "status", "status": "completed", ..., "video": {...}}     and the stream ends

Everything is read from the row and from the `live` folder, so it does not matter which process
films, and a stream may begin at any time. A frame's number is the id of its event: a client that
comes back says it in Last-Event-ID and misses nothing.
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from laterna.server.store import Store
from laterna.server.tables import Video
from laterna.server.videos.resource import ahead, render

__all__ = ["END", "stream"]

LOOK = 0.3  # seconds between looks
SILENCE = 15.0  # after which a comment keeps proxies from hanging up
END = "end"  # id of the last event; who comes back with it has seen everything


def stream(
    store: Store, folder: Path, video: str, last: str | None, closing: Callable[[], bool]
) -> StreamingResponse:
    """Events of `video` after `last`; ends with the video, or when the server is `closing`."""
    seen = int(last[:9]) if last is not None and last[:9].isdecimal() else -1
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    told = _events(_Watch(store, folder, video, seen), closing)
    return StreamingResponse(told, media_type="text/event-stream", headers=headers)


async def _events(watch: _Watch, closing: Callable[[], bool]) -> AsyncIterator[str]:
    quiet = time.monotonic()
    while not closing():
        news = await run_in_threadpool(watch.look)
        for line in news:
            yield line
        if watch.ended:
            return
        now = time.monotonic()
        if news:
            quiet = now
        elif now - quiet > SILENCE:
            quiet = now
            yield ": still here\n\n"
        await asyncio.sleep(LOOK)


@dataclass(slots=True)
class _Watch:
    """What one listener has heard."""

    store: Store
    folder: Path
    video: str
    seen: int  # the newest frame
    ended: bool = False
    told: dict[str, Any] = field(default_factory=dict)

    def look(self) -> list[str]:
        """Events since the last look, ready to send."""
        with self.store.reading() as session:
            row = session.get(Video, self.video)
            if row is None or row.deleted is not None:
                self.ended = True
                return [_event({"type": "status", "status": "deleted"}, END)]
            position = ahead(session, row)
        frames = self._frames(row.frames)
        self.ended = row.status in ("completed", "failed")
        news = self._progress(row, position)
        if self.ended:
            return [*frames, *news]
        return [*news, *frames]

    def _progress(self, row: Video, position: int | None) -> list[str]:
        now = {"status": row.status, "progress": row.progress, "position": position}
        if now == self.told:
            return []
        kind = "progress" if self.told.get("status") == row.status else "status"
        self.told = now
        event: dict[str, Any] = {"type": kind, **now}
        if kind == "status":
            event["video"] = render(row, position).model_dump()
        return [_event(event, END if self.ended else None)]

    def _frames(self, total: int) -> list[str]:
        """Pictures that are new in the live folder."""
        try:
            found = sorted((int(p.stem), p) for p in (self.folder / "live").glob("*.jpg"))
        except (OSError, ValueError):
            return []  # it is being taken away
        # Chunks are equally long, so the second one's name tells how many there will be.
        chunks = {"chunks": -(-total // found[1][0])} if len(found) > 1 and found[1][0] else {}
        events = []
        told: dict[str, Any]
        for chunk, (index, path) in enumerate(found):
            if index <= self.seen:
                continue
            try:
                image = base64.b64encode(path.read_bytes()).decode()
            except OSError:
                break
            self.seen = index
            told = {"type": "frame", "index": index, "frames": total, "chunk": chunk, **chunks}
            told["url"] = f"data:image/jpeg;base64,{image}"
            events.append(_event(told, str(index)))
        return events


def _event(told: dict[str, Any], name: str | None = None) -> str:
    head = f"id: {name}\n" if name is not None else ""
    return f"{head}data: {json.dumps(told)}\n\n"
