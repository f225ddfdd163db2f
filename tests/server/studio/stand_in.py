"""A server small enough to hold in one file, that speaks what the studio hears from the real one.

It films real clips with the fake engine, at a pace the test decides: a chunk is filmed when `go`
lets it. So a test can look at the page while a shot waits, while it is half filmed, and after.
"""

from __future__ import annotations

import base64
import io
import itertools
import json
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, JSONResponse, StreamingResponse
from PIL import Image

from laterna.clip import write_clip
from laterna.engines.fake import FakeEngine
from laterna.engines.protocol import Chunk
from laterna.server.errors import ApiError, not_found, unauthorised
from laterna.server.studio import router
from laterna.shot import Shot, draft_grid, resolved
from laterna.size import RATIOS

KEY = "a-key-for-tests"
ENDED = ("completed", "failed")


@dataclass
class Film:
    """One video and where it stands."""

    told: dict[str, Any]
    folder: Path
    frames: list[tuple[int, bytes]] = field(default_factory=list)
    cancelled: bool = False


class StandIn:
    """Films on a thread of its own, one shot after another.

    `asked` keeps the fields of every request that films, `refuse` makes the next one fail with an
    error, `capabilities` is what the engine is said to do.
    """

    def __init__(self) -> None:
        self.films: dict[str, Film] = {}
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.refuse: ApiError | None = None
        self.go = threading.Event()  # cleared: nothing is filmed any further
        self.go.set()
        self.steps: threading.Semaphore | None = None  # where there is one: chunks it may film
        self.closed = False
        can = FakeEngine().capabilities
        self.capabilities: dict[str, Any] = {
            "fields": sorted(can.fields),
            "options": [],
            "fps": can.fps,
            "max_seconds": can.max_seconds,
            "passes": sorted(can.passes),
            "qualities": ["draft", "quick"],
            "sizes": [*RATIOS, "720x1280"],
        }
        self._queue: list[Film] = []
        self._numbers = itertools.count(1)
        self._folder = tempfile.TemporaryDirectory()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()
        self.app = self._routes()

    def close(self) -> None:
        self.closed = True
        self.go.set()
        self._thread.join(30)
        self._folder.cleanup()

    def add(self, prompt: str, *, wait: bool = False, **fields: Any) -> str:
        """A shot as if it had been asked for; with `wait` it is filmed when this returns."""
        film = self.accept("create", {"prompt": prompt, **fields})
        while wait and film.told["status"] not in ENDED:
            time.sleep(0.01)
        return str(film.told["id"])

    def accept(self, kind: str, fields: dict[str, Any], source: str | None = None) -> Film:
        number = next(self._numbers)
        seconds = float(fields.get("seconds", self.films[source].told["seconds"] if source else 4))
        size = fields.get("size") or (self.films[source].told["ratio"] if source else "16:9")
        width, height = draft_grid(size).draft  # whatever the finish: it is the page that is tested
        total = seconds + (
            float(self.films[source].told["seconds"]) if source and kind == "extension" else 0
        )
        told = {
            "id": f"video_{number:024d}",
            "object": "video",
            "created_at": int(time.time()) + number,
            "completed_at": None,
            "expires_at": None,
            "status": "queued",
            "progress": 0,
            "model": "sora-2",
            "engine": "fake",
            "prompt": fields["prompt"],
            "seconds": f"{total:g}",
            "size": f"{width}x{height}",
            "draft_size": "{}x{}".format(*draft_grid(size).frame),
            "ratio": size,
            "seed": int(fields.get("seed") or 1000 + number),
            "kind": kind,
            "fps": 8.0,
            "passes": fields.get("passes", []),
            "remixed_from_video_id": source,
            "error": None,
            "position": None,
        }
        folder = Path(self._folder.name) / told["id"]
        folder.mkdir()
        film = Film(told, folder)
        self.films[told["id"]] = film
        self._queue.append(film)
        return film

    def _work(self) -> None:
        while not self.closed:
            if self._queue and self.go.wait(0.05):
                film = self._queue.pop(0)
                if film.told["status"] == "queued":
                    self._film(film)
            else:
                time.sleep(0.01)

    def _film(self, film: Film) -> None:
        told = film.told
        told["status"] = "in_progress"
        shot = resolved(
            Shot(
                told["prompt"],
                seconds=float(told["seconds"]),
                size=told["ratio"],
                seed=told["seed"],
                quality="draft",
            )
        )
        try:
            write_clip(film.folder / "video.mp4", self._chunks(film, shot), shot, fps=8)
        except Exception as error:
            code = "cancelled" if film.cancelled else "engine_error"
            told.update(status="failed", error={"code": code, "message": str(error)})
            return
        told.update(status="completed", progress=100, completed_at=int(time.time()))
        told["expires_at"] = int(time.time()) + 30 * 86400

    def _chunks(self, film: Film, shot: Shot) -> Iterator[Chunk]:
        for chunk in FakeEngine().film(shot):
            self.go.wait()
            if self.steps is not None:
                while not self.steps.acquire(timeout=0.05):
                    if self.closed or film.cancelled:
                        break
            if film.cancelled or self.closed:
                raise RuntimeError("cancelled")
            if "fail" in shot.prompt:
                raise RuntimeError("The engine ran out of memory at this size; ask for less.")
            picture = Image.fromarray(chunk.frames[0])
            if chunk.start == 0:
                picture.save(film.folder / "thumbnail.webp")
                picture.save(film.folder / "spritesheet.jpg")
            film.frames.append((chunk.start, _jpeg(picture)))
            film.told["progress"] = int(95 * (chunk.start + len(chunk.frames)) / chunk.total)
            film.told["frames"] = chunk.total
            yield chunk

    def _render(self, film: Film) -> dict[str, Any]:
        waiting = [one for one in self._queue if one.told["status"] == "queued"]
        place = waiting.index(film) + 1 if film in waiting else None
        return {**film.told, "position": place}

    def _events(self, film: Film) -> Iterator[str]:
        seen, last = 0, ""
        while not self.closed:
            now = self._render(film)
            frames = film.frames[seen:]
            seen += len(frames)
            for index, data in frames:
                image = "data:image/jpeg;base64," + base64.b64encode(data).decode()
                total = film.told["frames"]
                yield _event({"type": "frame", "index": index, "frames": total, "url": image})
            if frames:
                stage = {"status": now["status"], "progress": now["progress"], "position": None}
                yield _event({"type": "progress", **stage})
            if now["status"] != last or now["status"] in ENDED:
                last = now["status"]
                yield _event({"type": "status", **now, "video": now})
            if last in ENDED:
                return
            time.sleep(0.03)

    def _routes(self) -> FastAPI:
        app = FastAPI()
        app.include_router(router)

        @app.exception_handler(ApiError)
        def wrong(_: Request, error: ApiError) -> JSONResponse:
            return JSONResponse(error.body(), error.status, headers=error.headers)

        def door(request: Request) -> None:
            if request.cookies.get("laterna") != KEY:
                raise unauthorised()

        def film_of(name: str) -> Film:
            if name not in self.films:
                raise not_found("video", name)
            return self.films[name]

        async def film(request: Request, kind: str, source: str | None = None) -> Any:
            door(request)
            fields = await _fields(request)
            self.asked.append((kind, fields))
            if self.refuse is not None:
                error, self.refuse = self.refuse, None
                raise error
            return self._render(self.accept(kind, fields, source or _source(fields)))

        @app.get("/session")
        def who(request: Request) -> Any:
            door(request)
            abilities = ["text", "image", "edit", "final"]
            return {"id": "owner_1", "name": "Tester", "admin": False, "abilities": abilities}

        @app.post("/session")
        async def enter(request: Request, response: Response) -> Any:
            if (await request.json())["key"] != KEY:
                raise unauthorised("the API key is not one of this server, or was revoked")
            response.set_cookie("laterna", KEY, httponly=True, samesite="strict")
            return {"id": "owner_1", "name": "Tester", "admin": False}

        @app.delete("/session", status_code=204)
        def leave(response: Response) -> None:
            response.delete_cookie("laterna")

        @app.get("/v1/models")
        def models(request: Request) -> Any:
            door(request)
            one = {"object": "model", "engine": "fake", "capabilities": self.capabilities}
            return {"object": "list", "data": [{"id": "fake", **one}, {"id": "sora-2", **one}]}

        @app.post("/v1/videos")
        async def create(request: Request) -> Any:
            return await film(request, "create")

        @app.post("/v1/videos/extensions")
        async def extend(request: Request) -> Any:
            return await film(request, "extension")

        @app.post("/v1/videos/{name}/edits")
        async def edit(name: str, request: Request) -> Any:
            return await film(request, "edit", name)

        @app.post("/v1/videos/{name}/remix")
        async def remix(name: str, request: Request) -> Any:
            return await film(request, "remix", name)

        @app.post("/v1/videos/{name}/cancel")
        def cancel(name: str, request: Request) -> Any:
            door(request)
            one = film_of(name)
            one.cancelled = True
            if one.told["status"] == "queued":
                error = {"code": "cancelled", "message": "it was cancelled"}
                one.told.update(status="failed", error=error)
                self._queue.remove(one)
            return self._render(one)

        @app.get("/v1/videos")
        def page(request: Request, after: str | None = None, limit: int = 20) -> Any:
            door(request)
            known = [self._render(one) for one in reversed(self.films.values())]
            ids = [one["id"] for one in known]
            start = ids.index(after) + 1 if after else 0
            data = known[start : start + limit]
            last = data[-1]["id"] if data else None
            more = start + limit < len(known)
            return {"object": "list", "data": data, "last_id": last, "has_more": more}

        @app.get("/v1/videos/{name}")
        def get(name: str, request: Request) -> Any:
            door(request)
            return self._render(film_of(name))

        @app.delete("/v1/videos/{name}")
        def delete(name: str, request: Request) -> Any:
            door(request)
            film_of(name)
            del self.films[name]
            return {"id": name, "deleted": True, "object": "video.deleted"}

        @app.get("/v1/videos/{name}/content")
        def content(name: str, request: Request, variant: str = "video") -> Any:
            door(request)
            files = {"thumbnail": "thumbnail.webp", "spritesheet": "spritesheet.jpg"}
            return FileResponse(film_of(name).folder / files.get(variant, "video.mp4"))

        @app.get("/v1/videos/{name}/events")
        def events(name: str, request: Request) -> Any:
            door(request)
            return StreamingResponse(self._events(film_of(name)), media_type="text/event-stream")

        return app


async def _fields(request: Request) -> dict[str, Any]:
    """JSON as it is; of a form its texts, and of its pictures shape and whiteness."""
    if not request.headers["content-type"].startswith("multipart/"):
        told: dict[str, Any] = await request.json()
        return told
    fields: dict[str, Any] = {}
    for name, value in (await request.form()).multi_items():
        if isinstance(value, str):
            fields[name] = value
        else:
            pixels = np.asarray(Image.open(io.BytesIO(await value.read())).convert("L"))
            fields[name] = {"shape": pixels.shape, "white": float((pixels > 127).mean())}
    return fields


def _source(fields: dict[str, Any]) -> str | None:
    video = fields.get("video")
    return video["id"] if isinstance(video, dict) else fields.get("video[id]")


def _jpeg(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=80)
    return file.getvalue()


def _event(told: dict[str, Any]) -> str:
    return f"data: {json.dumps(told)}\n\n"
