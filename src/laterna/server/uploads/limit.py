"""ASGI middleware: a body is refused (413) as soon as it is known to be too long.

That is at once when its Content-Length says so, and in mid-stream when nothing was said; the form
parser behind never spools more than the limit to disk.
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from laterna.server.accounts.origin import answer
from laterna.server.errors import ApiError
from laterna.server.settings import Limits

__all__ = ["BodyLimit"]

FORM_ROOM = 1 << 20  # for the fields beside the file, and the borders between them
JSON_BYTES = 32 << 20  # is held in memory; pictures may come in it as data URLs


class BodyLimit:
    """Forms may be as long as an upload, anything else as long as JSON needs."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self.app = app
        self.form = limits.upload_bytes + FORM_ROOM
        self.other = min(JSON_BYTES, self.form)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        is_form = headers.get("content-type", "").lower().startswith("multipart/")
        counted = _Counted(receive, send, self.form if is_form else self.other)
        told = headers.get("content-length", "")
        if told.isdecimal() and int(told[:20]) > counted.limit:
            await answer(send, counted.refusal())
            return
        try:
            await self.app(scope, counted.receive, counted.send)
        except ApiError:
            if not counted.over or counted.started:
                raise
        if counted.over and not counted.started:
            await answer(send, counted.refusal())


class _Counted:
    """One request's channels. Once the body is too long, what the app answers is not heard."""

    def __init__(self, receive: Receive, send: Send, limit: int) -> None:
        self._receive, self._send, self.limit = receive, send, limit
        self.size, self.over, self.started = 0, False, False

    def refusal(self) -> ApiError:
        return ApiError(413, f"the body is over {self.limit:,} bytes", code="too_large")

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self.size += len(message.get("body", b""))
            if self.size > self.limit:
                self.over = True
                raise self.refusal()
        return message

    async def send(self, message: Message) -> None:
        if self.over and not self.started:
            return
        self.started = True
        await self._send(message)
