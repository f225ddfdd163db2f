"""/v1/models: every name that `model` takes, with what the engine behind it can do."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel

from laterna.engines.protocol import Engine
from laterna.server.accounts.door import Guest
from laterna.server.errors import not_found
from laterna.server.openapi import errors
from laterna.server.videos.engines import SIZES, Engines, qualities
from laterna.server.videos.requests import Options

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["models"], responses=errors(401, 403))
CREATED = 1795305600  # of the API, in the year its clients lost theirs


class CapabilitiesAnswer(BaseModel):
    """What a request may ask of an engine: `fields` are those of a Shot, `options` those of the
    request that the engine takes beyond them.

    `drafts` says that its own frames are at most 256 pixels a side, 8 a second; pictures and film
    that are sent are then brought to that.
    """

    fields: list[str]
    options: list[str]
    fps: float
    max_seconds: float
    passes: list[str]
    qualities: list[str]
    sizes: list[str]
    licence: str
    drafts: bool


class ModelAnswer(BaseModel):
    """A model as OpenAI's clients see it, and the engine that films."""

    id: str
    object: Literal["model"] = "model"
    created: int = CREATED
    owned_by: str = "laterna"
    engine: str
    default: bool
    capabilities: CapabilitiesAnswer


class ModelsAnswer(BaseModel):
    """All of them; there is one page."""

    object: Literal["list"] = "list"
    data: list[ModelAnswer]


@router.get("/models", summary="List the models")
def models(request: Request, who: Guest) -> ModelsAnswer:
    """Engines by their own names, the default first, then Sora's names."""
    return ModelsAnswer(data=_all(request.app.state.engines))


@router.get("/models/{model}", summary="Look up a model", responses=errors(404))
def model(request: Request, model: str, who: Guest) -> ModelAnswer:
    """One of them."""
    for found in _all(request.app.state.engines):
        if found.id == model:
            return found
    raise not_found("model", model[:80])


def _all(engines: Engines) -> list[ModelAnswer]:
    usable = engines.usable()
    names = dict.fromkeys((*engines.names(), *engines.models()))
    meant = engines.models()
    default = engines.default
    return [
        ModelAnswer(
            id=name,
            engine=engines.settings.shown(meant[name]),
            default=name == default,
            capabilities=_capabilities(usable[meant[name]]),
        )
        for name in names
        if meant[name] in usable
    ]


def _capabilities(engine: Engine) -> CapabilitiesAnswer:
    can = engine.capabilities
    return CapabilitiesAnswer(
        fields=sorted(can.fields),
        # What an engine takes and no request can say is for Python alone.
        options=sorted(can.options & Options.model_fields.keys()),
        fps=can.fps,
        max_seconds=can.max_seconds,
        passes=sorted(can.passes),
        qualities=qualities(can),
        sizes=list(SIZES),
        licence=can.licence,
        drafts=can.drafts,
    )
