"""A server that answers as SGLang-diffusion, vLLM-Omni or FastVideo do.

What it says stands in `recorded/*.json`, written down from the sources of the versions named there;
how it behaves (forms whose numbers are numbers, a variant that is one, films served while they are
written, jobs that vanish) follows the same files. The film is a real one, of the size, length and
rate that the form asked for, unless a test says otherwise.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from laterna.media.write import open_writer

RECORDED = Path(__file__).parent / "recorded"


class StandIn:
    """One server. The attributes say what it does otherwise than well."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.told: dict[str, Any] = json.loads((RECORDED / f"{kind}.json").read_text("utf-8"))
        self.folder = folder
        self.forms: list[dict[str, str]] = []  # what was asked for
        self.heads: list[dict[str, str]] = []  # headers of every request, in order
        self.ranges: list[str] = []
        self.deleted: list[str] = []
        self.looked: dict[str, int] = {}
        self.film: bytes | None = None  # sent instead of what was asked for
        self.shape: dict[str, Any] = {}  # size, count or rate of the film instead
        self.lost: set[int] = set()  # jobs, by number, that vanish at the second look
        self.fails = False
        self.busy: list[Response] = []  # answers to the first POSTs
        self.torn = 0  # downloads that break off in the middle
        self.half = 0  # downloads of a file that is not whole yet
        self.elsewhere = ""  # where films are, if not here
        self.url = ""  # where the job says its film is
        self.model_answers: list[Response] = []
        routes = [
            Route("/health", self.health),
            Route("/v1/models", self.models),
            Route("/v1/videos", self.create, methods=["POST"]),
            Route("/v1/videos/{job}", self.job, methods=["GET", "DELETE"]),
            Route("/v1/videos/{job}/content", self.content),
        ]
        self.app = Starlette(routes=routes)

    def heard(self, request: Request) -> None:
        self.heads.append(dict(request.headers))

    async def health(self, request: Request) -> Response:
        self.heard(request)
        return JSONResponse({"status": "ok"})

    async def models(self, request: Request) -> Response:
        self.heard(request)
        if self.model_answers:
            return self.model_answers.pop(0)
        return JSONResponse(self.told["models"])

    async def create(self, request: Request) -> Response:
        self.heard(request)
        if self.busy:
            return self.busy.pop(0)
        if not request.headers.get("content-type", "").startswith("multipart/form-data"):
            return JSONResponse({"detail": "only forms are read"}, 422)
        form = await request.form()
        asked = {name: str(getattr(v, "filename", v)) for name, v in form.items()}
        for name, value in asked.items():
            if name not in self.told["form"]:
                return _wrong(name, "there is no such field")
            if name in self.told["numbers"] and not value.isdecimal():
                return _wrong(name, "Input should be a valid integer")
        self.forms.append(asked)
        job = f"job-{len(self.forms)}"
        self.looked[job] = 0
        return JSONResponse({**self.told["created"], "id": job})

    async def job(self, request: Request) -> Response:
        self.heard(request)
        job = request.path_params["job"]
        if job not in self.looked or job in self.deleted:
            return _recorded(self.told["missing"])
        if request.method == "DELETE":
            self.deleted.append(job)
            return _recorded(self.told["deleted"], id=job)
        turn = self.looked[job]
        self.looked[job] += 1
        if turn and int(job.partition("-")[2]) in self.lost:
            self.deleted.append(job)
            return _recorded(self.told["missing"])
        if turn and self.fails:
            status, told = self.told["failed"]
            return JSONResponse({**self.told["created"], **told, "id": job}, status)
        looks = self.told["looks"]
        status, told = looks[min(turn, len(looks) - 1)]
        more = {"url": self.url} if self.url else {}
        return JSONResponse({**self.told["created"], **told, **more, "id": job}, status)

    async def content(self, request: Request) -> Response:
        self.heard(request)
        job = request.path_params["job"]
        variant = request.query_params.get("variant")
        if variant is not None and self.told.get("variant_is_a_number"):
            return JSONResponse({"detail": f"Video variant {variant} not found"}, 404)
        if self.elsewhere:
            return RedirectResponse(self.elsewhere, 307)
        if self.url:
            return JSONResponse({"detail": f"Please use the cloud URL: {self.url}"}, 400)
        done = self.looked.get(job, 0) >= len(self.told["looks"])
        if not done and not self.told.get("served_while_written"):
            return _recorded(self.told["not_ready"])
        return self.send(request, self.made(job))

    def send(self, request: Request, film: bytes) -> Response:
        """All of it, the part that is asked for, or less than was promised."""
        headers = {"ETag": '"one"', "Accept-Ranges": "bytes"}
        wanted = request.headers.get("range", "")
        self.ranges.append(wanted)
        status = 200
        if wanted and request.headers.get("if-range") == '"one"':
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
            headers["Content-Range"] = f"bytes {start}-{len(film) - 1}/{len(film)}"
            film, status = film[start:], 206
        if self.half:
            self.half -= 1
            film = film[: len(film) // 2]
        headers["Content-Length"] = str(len(film))
        if self.torn:
            self.torn -= 1
            return _Torn(film, status, headers, media_type="video/mp4")
        return Response(film, status, headers, media_type="video/mp4")

    def made(self, job: str) -> bytes:
        """The film of a job."""
        if self.film is not None:
            return self.film
        form = self.forms[int(job.partition("-")[2]) - 1]
        count = int(form.get("num_frames", 0)) or 24 * int(form["seconds"])
        asked = {"size": form["size"], "count": count, "fps": form.get("fps", "24"), **self.shape}
        width, height = (int(side) for side in asked["size"].split("x"))
        path = self.folder / f"{job}.mp4"
        frame = np.empty((1, height, width, 3), np.uint8)
        with open_writer(path, size=(width, height), fps=float(asked["fps"]), overwrite=True) as w:
            for number in range(int(asked["count"])):
                frame[:] = 3 * number % 256
                w.write(frame)
        return path.read_bytes()


class _Torn(Response):
    """Breaks off after half of what it promised."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        head = {"type": "http.response.start", "status": self.status_code}
        await send({**head, "headers": self.raw_headers})
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        raise ConnectionResetError("the line is cut")


def _recorded(answer: list[Any], **more: Any) -> Response:
    status, told = answer
    return JSONResponse({**more, **told}, status)


def _wrong(name: str, why: str) -> Response:
    return JSONResponse({"detail": [{"loc": ["body", name], "msg": why, "type": "error"}]}, 422)
