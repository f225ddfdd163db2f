"""Bodies of requests: JSON, or forms whose names nest with brackets, read into the same shape.

OpenAI's clients send `{"video": {"id": "v"}}` or the form field `video[id]=v`, a list of objects as
`characters[][id]` once per object, and files as parts; which of them depends on the version of the
client. All become one tree of dicts, lists, texts and Uploads. A form carries only text, so its
values are read generously ("7" is a number); JSON says what it means and is taken at its word.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from io import BytesIO
from typing import Annotated, Any, BinaryIO, TypeVar, cast

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from laterna.server.errors import ApiError, bad_request

__all__ = ["Body", "Sent", "Upload"]

MAX_JSON = 32 << 20  # bytes; pictures may come as data URLs
MAX_FIELDS = 200
MAX_FILES = 8
MAX_DEPTH = 4
NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a form. Its name and type are the client's claim and are not kept."""

    file: BinaryIO
    size: int

    def read(self, limit: int, field: str) -> bytes:
        """All of it. Raises ApiError 413 above `limit` bytes."""
        if self.size > limit:
            raise ApiError(413, f"{field}: at most {limit:,} bytes are taken", param=field)
        self.file.seek(0)
        return self.file.read(limit + 1)


@dataclass(frozen=True, slots=True)
class Sent:
    """A body as it came."""

    tree: dict[str, Any]
    strict: bool  # JSON says numbers where it means numbers; a form cannot

    def to(self, model: type[M]) -> M:
        """The body as `model`. Raises ApiError 400 that names the first field that is wrong."""
        try:
            return model.model_validate(self.tree, strict=self.strict)
        except ValidationError as error:
            raise explain(error) from error

    def sha256(self, path: str) -> str:
        """What makes this request the same as another: its path, its fields and its files."""
        digest = hashlib.sha256(path.encode())
        digest.update(json.dumps(self.tree, sort_keys=True, default=_fingerprint).encode())
        return digest.hexdigest()


async def read_body(request: Request) -> Sent:
    """The body of `request`. Raises ApiError 400, 413 or 415."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in FORMS:
        return await _form(request)
    if kind == "application/json" or kind.endswith("+json") or not kind:
        return await _json(request)
    raise ApiError(415, f"{kind} cannot be read; send application/json or multipart/form-data")


Body = Annotated[Sent, Depends(read_body)]


def explain(error: ValidationError) -> ApiError:
    """The first thing that is wrong, in one line, with the name of its field."""
    first = error.errors(include_url=False)[0]
    # Branches of a union add their own names to the path; a client knows only its fields.
    path = [str(part) for part in first["loc"] if not re.search(r"[A-Z\[(]|^(str|int|float)$",
                                                                str(part))]  # fmt: skip
    param = ".".join(path) or None
    if first["type"] == "missing":
        return bad_request(param, f"{param}: it is missing", "missing_required_parameter")
    if first["type"] == "extra_forbidden":
        return bad_request(param, f"{param}: there is no such field here", "unknown_parameter")
    message = first["msg"].removeprefix("Value error, ")
    if param is None and ": " in message:  # about several fields; it names the first itself
        return bad_request(message.partition(":")[0], message)
    return bad_request(param, f"{param}: {message}" if param else message)


async def _json(request: Request) -> Sent:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_JSON:
            raise ApiError(413, f"the body is over {MAX_JSON:,} bytes; send files as a form")
        parts.append(part)
    data = b"".join(parts)
    try:
        tree = json.loads(data, parse_constant=_no_number) if data.strip() else {}
        if b"\\u" in data:  # halves of a surrogate pair are no text, and nothing can send them back
            json.dumps(tree, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise bad_request(None, f"the body is not JSON: {error}", "invalid_json") from error
    if not isinstance(tree, dict):
        raise bad_request(None, "the body is not a JSON object", "invalid_json")
    return Sent(tree, strict=True)


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


async def _form(request: Request) -> Sent:
    try:
        form = await request.form(
            max_files=MAX_FILES, max_fields=MAX_FIELDS, max_part_size=MAX_JSON
        )
    except HTTPException as error:
        raise bad_request(None, f"the form cannot be read: {error.detail}") from error
    tree: dict[str, Any] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            put(tree, name, Upload(value.file, value.size or 0))
        elif value != "":  # how clients write a field that is null
            put(tree, name, value)
    return Sent(tree, strict=False)


def put(tree: dict[str, Any], name: str, value: object) -> None:
    """Hang `value` into `tree` under its bracketed name. Raises ApiError 400."""
    match = NAME.fullmatch(name)
    steps = [] if match is None else [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]
    if not 1 <= len(steps) <= MAX_DEPTH:
        raise bad_request(name[:60], f"{name[:60]!r} is not a field's name")
    try:
        _put(tree, steps, value)
    except TypeError as error:
        raise bad_request(steps[0], f"{steps[0]}: it is given in two forms at once") from error


def _put(node: Any, steps: list[str], value: object) -> None:
    step, rest = steps[0], steps[1:]
    if not isinstance(node, dict):
        raise TypeError
    if not rest:
        if step in node:  # passes=depth&passes=motion
            known = node[step]
            node[step] = [*known, value] if isinstance(known, list) else [known, value]
        else:
            node[step] = value
    elif rest[0] == "" or rest[0].isdecimal():
        _put_in_list(node.setdefault(step, []), rest, value)
    else:
        _put(node.setdefault(step, {}), rest, value)


def _put_in_list(items: Any, steps: list[str], value: object) -> None:
    """`[]` begins a new entry when the last one has the field already; `[2]` is entry 2."""
    place, rest = steps[0], steps[1:]
    if not isinstance(items, list):
        raise TypeError
    if not rest:
        items.append(value)
        return
    if place == "":
        fresh = not items or (
            isinstance(items[-1], dict) and len(rest) == 1 and rest[0] in items[-1]
        )
        index = len(items) if fresh else len(items) - 1
    else:
        index = int(place[:4])
    if index > len(items):
        raise TypeError
    if index == len(items):
        items.append({})
    _put(items[index], rest, value)


def _fingerprint(value: object) -> str:
    if isinstance(value, Upload):
        value.file.seek(0)
        digest = hashlib.file_digest(cast(BytesIO, value.file), "sha256").hexdigest()
        value.file.seek(0)
        return digest
    raise TypeError(type(value).__name__)
