"""Servers that speak /v1/videos, and how: read from what each says of itself, written down once.

A laterna tells everything (`capabilities` of each model). The others tell their name and little
more, so what their forms take stands here, as their sources of 2026 have it (SGLang 0.5.23,
vLLM-Omni 0.30.0, FastVideo 0.2.1). A server of no known name is asked for nothing but what OpenAI's
API had. All of them take a multipart form; only a laterna takes JSON for everything as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from laterna.engines.remote.wire import Gone, Wire
from laterna.errors import EngineError, InputError
from laterna.shot import MAX_SECONDS

__all__ = ["Server", "recognise"]

# What requests of a laterna can carry; which of it an engine honours, that engine says.
CARRIED = frozenset(
    {
        "steps", "negative", "guidance", "cues", "keyframes", "lead", "trail",
        "source", "mask", "strength", "loop",
    }
)  # fmt: skip
TUNED = frozenset({"steps", "negative", "guidance"})
ASKED = 5  # times, in some five seconds, that a server is asked who it is

# Rates that families of models are trained at; others are asked for 24 (docs/remote.md). The first
# name that a model's contains counts.
RATES = (
    ("wan2.2-ti2v", 24.0), ("wan", 16.0), ("cogvideox1.5", 16.0), ("cogvideox", 8.0),
    ("mochi", 30.0), ("ltx", 24.0), ("hunyuan", 24.0), ("sana-video_2b", 16.0),
)  # fmt: skip
USUAL = 24.0


@dataclass(frozen=True, slots=True)
class Server:
    """How one server is spoken to, and what the model behind it films.

    kind      whose it is: "laterna", "sglang", "vllm", "fastvideo" or "unknown"
    fields    Shot fields it honours and requests can carry
    fps       its rate, or the one it will be asked for
    counts    whether a request can say how many frames and at which rate, not only whole seconds
    drafts    whether it films drafts (`Capabilities.drafts`)
    cancel    method and what stands behind a job's path to end it
    """

    kind: str
    fields: frozenset[str]
    fps: float
    max_seconds: float = MAX_SECONDS
    licence: str = ""
    counts: bool = True
    drafts: bool = False
    cancel: tuple[str, str] = ("DELETE", "")

    @property
    def laterna(self) -> bool:
        """Whether it is one of ours: drafts without loss, keys that film once, edits."""
        return self.kind == "laterna"


OTHERS = {
    "sglang": Server("sglang", TUNED, USUAL),
    "vllm": Server("vllm", TUNED | {"keyframes"}, USUAL),
    "fastvideo": Server("fastvideo", TUNED | {"keyframes"}, USUAL),
    "unknown": Server("unknown", frozenset({"keyframes"}), USUAL, counts=False),
}


def recognise(wire: Wire) -> Server:
    """Ask the server who it is and what it films. Raises EngineError, and InputError for a model
    that is not there.
    """
    try:
        told: Mapping[str, Any] = wire.get("/v1/models", tries=ASKED).told
    except Gone:
        told = _described(wire)
    models = [entry for entry in told.get("data") or () if isinstance(entry, dict)]
    asked = wire.target.model
    if not models and not asked and "paths" not in told:
        raise EngineError("the remote server has no model to film with")
    owner = str(models[0].get("owned_by", "")).lower() if models else ""
    if owner == "laterna":
        return _ours(_chosen(models, asked))
    return _theirs(owner, models, asked, wire.target.fps)


def _described(wire: Wire) -> Mapping[str, Any]:
    """The OpenAPI document of a server without /v1/models, if it films at all."""
    try:
        told = wire.get("/openapi.json", tries=ASKED).told
    except Gone as error:
        raise EngineError("the remote server does not speak /v1/videos") from error
    if "/v1/videos" not in (told.get("paths") or {}):
        raise EngineError("the remote server does not speak /v1/videos")
    return told


def _chosen(models: list[dict[str, Any]], asked: str) -> dict[str, Any]:
    for entry in models:
        if entry.get("id") == asked if asked else entry.get("default"):
            return entry
    if not asked:
        return models[0]
    names = ", ".join(str(entry.get("id")) for entry in models[:12])
    raise InputError("engine", asked, f"the remote server has no such model; it has {names}")


def _ours(model: Mapping[str, Any]) -> Server:
    can = model.get("capabilities")
    if not isinstance(can, dict):
        raise EngineError("the remote laterna does not say what it can film; update it")
    try:
        return Server(
            kind="laterna",
            fields=CARRIED & frozenset(map(str, can["fields"])),
            fps=float(can["fps"]),
            max_seconds=min(MAX_SECONDS, float(can["max_seconds"])),
            licence=str(can.get("licence", ""))[:200],
            drafts=can.get("drafts") is True,
            cancel=("POST", "/cancel"),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise EngineError("the remote laterna says in no known way what it can film") from error


def _theirs(owner: str, models: list[dict[str, Any]], asked: str, fps: float | None) -> Server:
    kind = "vllm" if owner.startswith("vllm") else owner
    server = OTHERS.get(kind, OTHERS["unknown"])
    model = _chosen(models, asked) if models else {}
    tasks = " ".join(map(str, model.get("supported_task_types") or [model.get("task_type", "")]))
    if server.kind == "sglang" and "I2V" in tasks:  # TI2V too
        server = replace(server, fields=server.fields | {"keyframes"})
    return replace(server, fps=fps or _usual_rate(str(model.get("id", asked))))


def _usual_rate(model: str) -> float:
    name = model.lower()
    return next((rate for part, rate in RATES if part in name), USUAL)
