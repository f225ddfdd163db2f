"""ASGI middleware: whose pages may talk to this server, and by what name it is called.

Host is checked because a name that an attacker owns can be pointed at 127.0.0.1, where a server
that answers to any name would be read by their page (DNS rebinding). An address in digits cannot be
pointed elsewhere, so one is let through when the server listens on all interfaces. Origin is
checked, besides the cookie's SameSite, for everything that changes something.
"""

from __future__ import annotations

import ipaddress
import json
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from laterna.server.errors import ApiError
from laterna.server.settings import Settings

__all__ = ["Guard", "answer"]

SAFE = {"GET", "HEAD", "OPTIONS"}
LOCAL = ("localhost", "127.0.0.1", "::1")
PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
# What every answer carries unless its route said otherwise.
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Guard:
    """Refuses requests for other hosts (421) and from other sites' pages (403)."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.hosts = {host.lower() for host in settings.hosts or (settings.host, *LOCAL)}
        self.hosts |= {host for origin in settings.origins if (host := _host(origin))}
        self.digits = not settings.hosts and settings.host in ("0.0.0.0", "::", "")
        self.origins = {origin.rstrip("/").lower() for origin in settings.origins}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is None:
            await self.app(scope, receive, _with_headers(send))
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await answer(_with_headers(send), refusal)

    def _refusal(self, scope: Scope) -> ApiError | None:
        headers = Headers(scope=scope)
        asked = headers.get("host", "")
        host = _host(f"//{asked}")
        if host not in self.hosts and not (self.digits and _is_address(host)):
            message = f"this server does not answer to the host {asked[:80]!r}; see --host"
            return ApiError(421, message, code="unknown_host")
        if scope["type"] == "http" and scope["method"] in SAFE:
            return None
        origin = headers.get("origin")
        foreign = ApiError(403, "requests of other sites' pages are refused", code="cross_origin")
        if origin is None:
            cross = headers.get("sec-fetch-site", "none") in ("cross-site", "same-site")
            return foreign if cross else None
        if origin.lower() in self.origins or _same(origin, scope["scheme"], asked):
            return None
        return foreign


def _host(url: str) -> str | None:
    """The host of a URL in lower case, without port and brackets."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".") or None
    except ValueError:
        return None


def _is_address(host: str | None) -> bool:
    try:
        ipaddress.ip_address(host or "")
    except ValueError:
        return False
    return True


def _same(origin: str, scheme: str, host: str) -> bool:
    """Whether `origin` is where the request went; a port may be left out when it is the usual."""
    scheme = {"ws": "http", "wss": "https"}.get(scheme, scheme)
    try:
        theirs, ours = urlsplit(origin), urlsplit(f"{scheme}://{host}")
        ports = (theirs.port or PORTS.get(theirs.scheme), ours.port or PORTS.get(scheme))
    except ValueError:
        return False
    same = theirs.scheme == scheme and theirs.hostname == ours.hostname
    return bool(theirs.hostname) and same and ports[0] == ports[1]


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sending


async def answer(send: Send, error: ApiError) -> None:
    """Answer with an error where no route was reached. The connection closes behind it."""
    body = json.dumps(error.body()).encode()
    told = {"content-type": "application/json", "content-length": str(len(body))}
    told |= {"connection": "close"} | {k.lower(): v for k, v in error.headers.items()}
    headers = [(name.encode(), value.encode()) for name, value in told.items()]
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
