"""GET /v1/videos/{id}/content: the film and what goes with it, in parts where they are asked for.

A file is opened before anything is promised, so one that expires in mid-download is still sent
whole. One range a request is honoured, as players and download managers send them; for several the
whole file is a correct answer, and the simpler one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from typing import BinaryIO

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from laterna.server.errors import ApiError, bad_request

__all__ = ["VARIANTS", "send"]

BLOCK = 256 << 10
VARIANTS = {
    "video": ("video.mp4", "video/mp4"),
    "thumbnail": ("thumbnail.webp", "image/webp"),
    "spritesheet": ("spritesheet.jpg", "image/jpeg"),
    "draft": ("draft/frames.mkv", "video/x-matroska"),  # the engine's frames, without loss
}
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def send(request: Request, path: Path, kind: str, name: str) -> Response:
    """The file at `path`, or the part of it that was asked for. Raises ApiError 404 and 416."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise bad_request("variant", f"variant: there is no {path.stem} of this video") from error
    try:
        return _send(request, file, kind, name)
    except BaseException:
        file.close()
        raise


def _send(request: Request, file: BinaryIO, kind: str, name: str) -> Response:
    stat = os.fstat(file.fileno())
    tag = f'"{stat.st_size:x}-{stat.st_mtime_ns:x}"'
    headers = {
        "ETag": tag,
        "Last-Modified": formatdate(int(stat.st_mtime), usegmt=True),
        "Accept-Ranges": "bytes",
        # Somebody's own; and it may expire.
        "Cache-Control": "private, no-cache",
        "Content-Disposition": f'inline; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
    }
    if _matches(request.headers.get("if-none-match"), tag):
        file.close()
        return Response(status_code=304, headers=headers)
    part = None
    condition = request.headers.get("if-range")
    if condition is None or condition in (tag, headers["Last-Modified"]):
        part = _part(request.headers.get("range"), stat.st_size)
    start, stop = part or (0, stat.st_size)
    headers["Content-Length"] = str(stop - start)
    if part is not None:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{stat.st_size}"
    if request.method == "HEAD":
        file.close()
        return Response(status_code=206 if part else 200, headers=headers, media_type=kind)
    return StreamingResponse(
        _blocks(file, start, stop),
        status_code=206 if part else 200,
        headers=headers,
        media_type=kind,
    )


def _blocks(file: BinaryIO, start: int, stop: int) -> Iterator[bytes]:
    with file:
        file.seek(start)
        left = stop - start
        while left and (block := file.read(min(BLOCK, left))):
            left -= len(block)
            yield block


def _part(asked: str | None, size: int) -> tuple[int, int] | None:
    """First byte and the one after the last; None is all of it (RFC 9110, section 14)."""
    match = RANGE.fullmatch((asked or "").replace(" ", ""))
    if match is None or match[0] == "bytes=-":
        return None
    if match[1]:
        start = int(match[1])
        stop = min(size, int(match[2]) + 1) if match[2] else size
        if match[2] and int(match[2]) < start:
            return None
    else:
        start, stop = max(0, size - int(match[2])), size
    if start >= size or start >= stop:
        headers = {"Content-Range": f"bytes */{size}"}
        message = f"Range: the file has {size:,} bytes"
        raise ApiError(416, message, param="Range", code="invalid_range", headers=headers)
    return start, stop


def _matches(condition: str | None, tag: str) -> bool:
    if condition is None:
        return False
    tags = [one.strip().removeprefix("W/") for one in condition.split(",")]
    return "*" in tags or tag in tags
