"""What clients may ask: the fields of every request, theirs and ours, one model a route.

Only forms and types stand here; what is right for a shot and for the engine that films it is
judged by `laterna.shot` and `laterna.engines.registry`. The OpenAPI document is made from these.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PlainSerializer,
    PlainValidator,
    Tag,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from laterna.server.validation import FILE, OBJECT
from laterna.server.wire import Upload, parse

__all__ = [
    "CharacterRequest", "CreateRequest", "EditRequest", "ExtensionRequest", "Options",
    "PictureReference", "RemixRequest", "VideoReference",
]  # fmt: skip

DEFAULT_SIZE = "720x1280"  # Sora's
ID = 40  # characters


def _seconds(value: object) -> object:
    """Sora's clients send "4"; others 4."""
    if isinstance(value, str) and re.fullmatch(r"\s*\d{1,4}(\.\d{1,6})?\s*", value, re.ASCII):
        return float(value)
    return value


def _listed(value: object) -> object:
    """A form with one entry looks like a single text."""
    return [value] if isinstance(value, str) else value


def _objects(value: object, info: ValidationInfo) -> object:
    """In a form a list of objects may be JSON: all of it in one text, or each object in its own."""
    sent = info.context or {}
    if not sent.get("form") or not isinstance(value, str | list):
        return value
    told: list[object] = []
    for one in value if isinstance(value, list) else [value]:
        try:
            parsed = parse(one.encode()) if isinstance(one, str) else one
        except ValueError as error:
            raise ValueError(f"it is not JSON: {error}; give a list of objects") from error
        if isinstance(parsed, list):
            told.extend(parsed)
        else:
            told.append(parsed)
    return told


def _file(value: object) -> Upload:
    if isinstance(value, Upload):
        return value
    raise PydanticCustomError("file", "send it as a file, in a multipart form")


def _branch(value: object) -> str | None:
    if isinstance(value, Upload):
        return FILE
    return OBJECT if isinstance(value, dict | BaseModel) else None


def _or_file(remedy: str) -> Discriminator:
    """Judges what is meant by its form, so that errors are about that alone."""
    return Discriminator(_branch, custom_error_type="file_or_object", custom_error_message=remedy)


# A file is written as its hash: what was asked is the same when its files are (`idempotency`).
File = Annotated[
    Upload,
    PlainValidator(_file),
    PlainSerializer(Upload.sha256, return_type=str),
    WithJsonSchema({"type": "string", "format": "binary"}),
]
Seconds = Annotated[
    float,
    BeforeValidator(_seconds),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": r"^\d{1,4}(\.\d{1,6})?$"},
                {"type": "number"},
            ]
        }
    ),
]
Words = Annotated[list[str], BeforeValidator(_listed), Field(max_length=8)]


class _Request(BaseModel):
    """Fields that are not known are refused, so that no wish is dropped in silence."""

    model_config = ConfigDict(extra="forbid")


class PictureReference(_Request):
    """A picture by address: a data URL, or https where this server may fetch from that host."""

    image_url: str | None = None
    file_id: Annotated[str | None, Field(max_length=200)] = None

    @model_validator(mode="after")
    def _one(self) -> PictureReference:
        if (self.image_url is None) == (self.file_id is None):
            raise ValueError("give exactly one of image_url and file_id")
        return self


class VideoReference(_Request):
    """One of your videos, completed."""

    id: Annotated[str, Field(max_length=ID)]


class CharacterReference(_Request):
    """One of your characters; its name stands in the prompt."""

    id: Annotated[str, Field(max_length=ID)]


Picture = Annotated[
    Annotated[File, Tag(FILE)] | Annotated[PictureReference, Tag(OBJECT)],
    _or_file("give an object with image_url, or send a file in a multipart form"),
]
Film = Annotated[
    Annotated[File, Tag(FILE)] | Annotated[VideoReference, Tag(OBJECT)],
    _or_file("give an object with id, or send a file in a multipart form"),
]


class KeyframeRequest(_Request):
    """A picture the shot passes through at a moment."""

    second: Seconds
    image: Picture


class CueRequest(_Request):
    """From this moment on the shot follows another prompt."""

    second: Seconds
    prompt: str


class CameraPoint(_Request):
    """Where the camera is at a moment; what is left out is as it was at the point before."""

    second: Seconds
    x: float | None = None
    y: float | None = None
    z: float | None = None
    pan: float | None = None
    tilt: float | None = None
    roll: float | None = None
    focal: float | None = None


Entry = TypeVar("Entry", bound=_Request)
Objects = Annotated[
    list[Entry], BeforeValidator(_objects), Field(description="A form may send it as JSON text.")
]


class Options(_Request):
    """Ours; OpenAI's clients pass them in `extra_body`."""

    seed: int | None = None
    negative_prompt: str | None = None
    guidance: float | None = None
    steps: int | None = None
    fps: float | None = None
    draft: bool = False
    final: bool = False
    passes: Words | None = None
    camera: Objects[CameraPoint] | None = None
    engine: Annotated[str | None, Field(max_length=100)] = None
    model: Annotated[str | None, Field(max_length=100)] = None

    @model_validator(mode="after")
    def _one_quality(self) -> Options:
        if self.draft and self.final:
            raise ValueError("final: a draft is not final; leave out one of the two")
        return self


class CreateRequest(Options):
    """POST /v1/videos."""

    prompt: str
    seconds: Seconds = 4.0
    size: Annotated[str, Field(max_length=20)] = DEFAULT_SIZE
    input_reference: Picture | None = None
    last_frame: Picture | None = None
    keyframes: Annotated[Objects[KeyframeRequest], Field(max_length=32)] = []
    cues: Annotated[Objects[CueRequest], Field(max_length=32)] = []
    characters: Annotated[Objects[CharacterReference], Field(max_length=2)] = []
    loop: bool = False


class RemixRequest(Options):
    """POST /v1/videos/{id}/remix: the same film told anew."""

    prompt: str
    strength: float = 0.6


class EditRequest(Options):
    """POST /v1/videos/edits: a remix; with a mask only what is white; with a size more around."""

    prompt: str
    video: Film | None = None
    strength: float | None = None
    mask: Picture | None = None
    size: Annotated[str | None, Field(max_length=20)] = None
    across: float | None = None
    down: float | None = None
    speed: float | None = None


class ExtensionRequest(Options):
    """POST /v1/videos/extensions: `seconds` of new film after it, before it, or as a bridge."""

    prompt: str
    seconds: Seconds
    video: Film
    side: Literal["end", "start"] = "end"
    loop: bool = False
    into: VideoReference | None = None


class CharacterRequest(_Request):
    """POST /v1/videos/characters."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    video: File
    description: Annotated[str, Field(max_length=400)] = ""
