"""ASGI middleware: one line of log and one count for every request.

The route is counted by its pattern, never by its path: a label has few values, and paths hold ids.
"""

from __future__ import annotations

import logging
import secrets
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from laterna.server.operation.log import about
from laterna.server.operation.metrics import Metrics

__all__ = ["Observe"]

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
QUIET = ("/health", "/ready", "/metrics")  # asked every few seconds by machines

log = logging.getLogger("laterna.server.request")


class Observe:
    """Stands inside of whatever gives requests their id (`scope["state"]["request_id"]`)."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        request = state.setdefault("request_id", f"req_{secrets.token_hex(12)}")
        begun, status, took = time.perf_counter(), 500, 0.0

        async def sending(message: Message) -> None:
            nonlocal status, took
            if message["type"] == "http.response.start":
                status, took = message["status"], time.perf_counter() - begun
            await send(message)

        with about(request=request):
            try:
                await self.app(scope, receive, sending)
            finally:
                self._note(scope, status, took or time.perf_counter() - begun, begun)

    def _note(self, scope: Scope, status: int, seconds: float, begun: float) -> None:
        method = scope["method"] if scope["method"] in METHODS else "other"
        route = getattr(scope.get("route"), "path", "other")
        self.metrics.answered(method, route, status, seconds)
        client = scope.get("client")
        fields = {
            "method": method,
            "path": scope["path"][:300],
            "status": status,
            "ms": round(1000 * seconds, 1),
            "whole_ms": round(1000 * (time.perf_counter() - begun), 1),
            "client": client[0] if client else None,
            "owner": scope["state"].get("owner"),
        }
        video = scope.get("path_params", {}).get("video_id")
        if video:
            fields["job"] = str(video)[:60]
        level = logging.DEBUG if scope["path"] in QUIET and status < 400 else logging.INFO
        log.log(level, "request", extra=fields)
