"""Bodies of requests: JSON, or forms whose names nest with brackets, read into the same shape.

OpenAI's clients send `{"video": {"id": "v"}}` or the form field `video[id]=v`, and files as parts;
which of them depends on the version of the client. All become one tree of dicts, lists, texts and
Uploads. A form carries only text, so its values are read generously ("7" is a number); JSON says
what it means and is taken at its word.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from io import BytesIO
from typing import Annotated, Any, BinaryIO, TypeVar, cast

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from laterna.server.brackets import grow
from laterna.server.errors import ApiError, bad_request
from laterna.server.validation import explain

__all__ = ["Body", "Sent", "Upload", "parse"]

MAX_JSON = 32 << 20  # bytes; pictures may come as data URLs
MAX_FIELDS = 200
MAX_FILES = 8
FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a form. Its name and type are the client's claim and are not kept."""

    file: BinaryIO
    size: int

    def __repr__(self) -> str:
        """As errors show it."""
        return f"a file of {self.size:,} bytes"

    def read(self, limit: int, field: str) -> bytes:
        """All of it. Raises ApiError 413 above `limit` bytes."""
        if self.size > limit:
            raise ApiError(413, f"{field}: at most {limit:,} bytes are taken", param=field)
        self.file.seek(0)
        return self.file.read(limit + 1)

    def sha256(self) -> str:
        """Of what is in it."""
        self.file.seek(0)
        return hashlib.file_digest(cast(BytesIO, self.file), "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class Sent:
    """A body as it came."""

    tree: dict[str, Any]
    form: bool  # JSON says numbers where it means numbers; a form cannot

    def to(self, model: type[M]) -> M:
        """The body as `model`, whose validators find `form` in their context.

        Raises ApiError 400 that names the first field that is wrong.
        """
        context = {"form": self.form}
        try:
            return model.model_validate(self.tree, strict=not self.form, context=context)
        except ValidationError as error:
            raise explain(error.errors(include_url=False)[0]) from error


async def read_body(request: Request) -> Sent:
    """The body of `request`. Raises ApiError 400, 413 or 415."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in FORMS:
        return await _form(request)
    if kind == "application/json" or kind.endswith("+json") or not kind:
        return await _json(request)
    raise ApiError(415, f"{kind} cannot be read; send application/json or multipart/form-data")


Body = Annotated[Sent, Depends(read_body)]


async def _json(request: Request) -> Sent:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_JSON:
            raise ApiError(413, f"the body is over {MAX_JSON:,} bytes; send files as a form")
        parts.append(part)
    data = b"".join(parts)
    try:
        tree = parse(data) if data.strip() else {}
    except ValueError as error:
        raise bad_request(None, f"the body is not JSON: {error}", "invalid_json") from error
    if not isinstance(tree, dict):
        raise bad_request(None, "the body is not a JSON object", "invalid_json")
    return Sent(tree, form=False)


def parse(data: bytes) -> Any:
    """What JSON says. Raises ValueError, with the reason, for what is none."""
    try:
        told = json.loads(data, parse_constant=_no_number)
        if b"\\u" in data:  # halves of a surrogate pair are no text, and nothing can send them back
            json.dumps(told, ensure_ascii=False).encode()
    except RecursionError as error:
        raise ValueError("it nests too deep") from error
    return told


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


async def _form(request: Request) -> Sent:
    try:
        form = await request.form(
            max_files=MAX_FILES, max_fields=MAX_FIELDS, max_part_size=MAX_JSON
        )
    except HTTPException as error:
        raise bad_request(None, f"the form cannot be read: {error.detail}") from error
    fields = (
        (name, Upload(value.file, value.size or 0) if isinstance(value, UploadFile) else value)
        for name, value in form.multi_items()
    )
    return Sent(grow(fields), form=True)
