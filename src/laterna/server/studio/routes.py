"""`/` and `/studio/*`: the files of the page, read once, told apart by their hash.

Only files that were there at the start are answered, looked up by name in a table, so no path from
a request ever reaches the file system.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request, Response

from laterna.server.errors import not_found

__all__ = ["POLICY", "router"]

PAGES = Path(__file__).with_name("pages")
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

# blob: is what the page makes itself (masks, pictures chosen but not sent yet).
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "connect-src 'self' blob:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    # The files change with laterna's version: always ask, and mostly hear 304.
    "Cache-Control": "no-cache",
}

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Page:
    """One file and its strong entity tag."""

    data: bytes
    kind: str
    tag: str


@cache
def pages() -> dict[str, Page]:
    """Every file of the studio by its name under /studio/."""
    found = {}
    for path in sorted(PAGES.rglob("*")):
        if path.suffix in TYPES:
            data = path.read_bytes()
            tag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
            found[path.relative_to(PAGES).as_posix()] = Page(data, TYPES[path.suffix], tag)
    return found


@router.get("/")
@router.head("/")
def index(request: Request) -> Response:
    """The page itself; what it shows stands behind the # of the address."""
    return _answer(request, "index.html")


@router.get("/studio/{name:path}")
@router.head("/studio/{name:path}")
def file(request: Request, name: str) -> Response:
    """A script, a style sheet or the icon."""
    return _answer(request, name)


def _answer(request: Request, name: str) -> Response:
    page = pages().get(name)
    if page is None:
        raise not_found("page", name)
    headers = {**HEADERS, "ETag": page.tag}
    if page.tag in request.headers.get("If-None-Match", ""):
        return Response(status_code=304, headers=headers)
    return Response(page.data, media_type=page.kind, headers=headers)
