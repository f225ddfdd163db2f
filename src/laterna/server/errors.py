"""What goes wrong, in the shape OpenAI's clients understand.

    {"error": {"message": ..., "type": ..., "param": ..., "code": ...}}

The clients turn the status into an exception class, retry 408, 409, 429 and 5xx by themselves, and
honour Retry-After; hence 409 is never used for "not yet".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from laterna.errors import InputError, LaternaError, MediaError

__all__ = ["ApiError", "bad_request", "from_error", "not_found", "unauthorised"]

TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    405: "invalid_request_error",
    410: "invalid_request_error",
    413: "invalid_request_error",
    415: "invalid_request_error",
    422: "invalid_request_error",
    429: "rate_limit_error",
    503: "server_error",
}


class ApiError(Exception):
    """An answer with this status; `param` is the field that caused it, dotted."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.param, self.code = status, message, param, code
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        """The JSON of the answer."""
        kind = TYPES.get(self.status, "server_error" if self.status >= 500 else TYPES[400])
        told = {"message": self.message, "type": kind, "param": self.param, "code": self.code}
        return {"error": told}


def bad_request(param: str | None, message: str, code: str = "invalid_value") -> ApiError:
    """400 that names the field."""
    return ApiError(400, message, param=param, code=code)


def unauthorised(message: str = "no valid API key was given") -> ApiError:
    """401."""
    return ApiError(401, message, code="invalid_api_key", headers={"WWW-Authenticate": "Bearer"})


def not_found(what: str, name: str) -> ApiError:
    """404; the same for what is not there and for what is somebody else's."""
    return ApiError(404, f"there is no {what} {name!r}", param="id", code="not_found")


def from_error(error: LaternaError) -> ApiError:
    """What an error of laterna's own tree is to a client."""
    if isinstance(error, InputError):
        return bad_request(error.field, str(error))
    if isinstance(error, MediaError):
        return bad_request(None, str(error), code="invalid_media")
    return ApiError(500, str(error), code="engine_error")
