"""What the OpenAPI document says beyond the types of answers: bodies in both forms, and errors.

Bodies are read by `wire`, not by the framework, so their schemas come from the request models: as
JSON without files, as a form with them.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

__all__ = ["body", "document", "errors"]

WORDS = {
    400: "A field is wrong; `param` names it.",
    401: "No key was given, or it is not one of this server.",
    403: "This is not open to the account yet.",
    404: "There is none, or it is somebody else's.",
    405: "The path does not take this method.",
    410: "It has expired.",
    413: "It is larger than this server takes.",
    415: "Send JSON or a form.",
    416: "The file has no such range.",
    422: "The Idempotency-Key came with another request before.",
    429: "Too much at once; Retry-After says when to try again.",
    503: "The engine cannot be used now.",
}
BINARY = {"type": "string", "format": "binary"}


class Told(BaseModel):
    """What went wrong."""

    message: str
    type: str
    param: str | None
    code: str | None


class ErrorAnswer(BaseModel):
    """The body of every error."""

    error: Told


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Answers of a route besides the good one."""
    return {status: {"model": ErrorAnswer, "description": WORDS[status]} for status in statuses}


def body(model: type[BaseModel], without: tuple[str, ...] = ()) -> dict[str, Any]:
    """The body of a route, as JSON and as a form, from its request model."""
    form = _inlined(model.model_json_schema(ref_template="#/$defs/{model}"))
    for name in without:
        form["properties"].pop(name, None)
    kinds: dict[str, Any] = {"multipart/form-data": {"schema": form}}
    json = _without_files(form)
    if json is not None:
        kinds = {"application/json": {"schema": json}, **kinds}
    return {"requestBody": {"required": True, "content": kinds}}


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, made once; without the framework's own form of errors, never sent."""
    if app.openapi_schema is None:
        told = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        for path in told["paths"].values():
            for operation in path.values():
                _own_errors(operation["responses"])
        for name in ("HTTPValidationError", "ValidationError"):
            told["components"]["schemas"].pop(name, None)
        app.openapi_schema = told
    return app.openapi_schema


def _own_errors(answers: dict[str, Any]) -> None:
    """Validation is a 400 here; what the framework says of its own 422 is left out."""
    schema = str(answers.get("422", {}).get("content", {}))
    if "HTTPValidationError" in schema:
        told = answers.pop("422")
        content = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorAnswer"}}}
        answers.setdefault("400", {**told, "description": WORDS[400], "content": content})


def _inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """Definitions put where the schema refers to them; no model is recursive."""
    known = schema.pop("$defs", {})

    def put(node: Any) -> Any:
        if isinstance(node, dict):
            reference = node.get("$ref", "")
            if reference.startswith("#/$defs/"):
                return put(deepcopy(known[reference.removeprefix("#/$defs/")]))
            return {name: put(inner) for name, inner in node.items()}
        return [put(inner) for inner in node] if isinstance(node, list) else node

    inlined: dict[str, Any] = put(schema)
    return inlined


def _without_files(node: Any) -> Any:
    """The schema for JSON, where no file can stand; None when it cannot do without."""
    if not isinstance(node, dict):
        return node
    if all(node.get(name) == value for name, value in BINARY.items()):
        return None
    told = dict(node)
    for union in ("anyOf", "oneOf"):
        if union in told:
            told[union] = [kept for one in told[union] if (kept := _without_files(one)) is not None]
    if "items" in told:
        told["items"] = _without_files(told["items"])
    fields = told.get("properties", {})
    kept = {name: _without_files(field) for name, field in fields.items()}
    if any(kept[name] is None for name in told.get("required", ())):
        return None
    if fields:
        told["properties"] = {name: field for name, field in kept.items() if field is not None}
    return told
