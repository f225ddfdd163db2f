"""What clients may ask: the fields of every request, theirs and ours, one model a route.

Only forms and types stand here; what is right for a shot and for the engine that films it is
judged by `laterna.shot` and `laterna.engines.registry`. The OpenAPI document is made from these.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    WithJsonSchema,
    model_validator,
)

from laterna.server.wire import Upload

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


File = Annotated[InstanceOf[Upload], WithJsonSchema({"type": "string", "format": "binary"})]
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


Picture = File | PictureReference
Film = File | VideoReference


class KeyframeRequest(_Request):
    """A picture the shot passes through at a moment."""

    second: Seconds
    image: Picture


class CueRequest(_Request):
    """From this moment on the shot follows another prompt."""

    second: Seconds
    prompt: str


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
    camera: Any = None
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
    keyframes: Annotated[list[KeyframeRequest], Field(max_length=32)] = []
    cues: Annotated[list[CueRequest], Field(max_length=32)] = []
    characters: Annotated[list[CharacterReference], Field(max_length=2)] = []
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
