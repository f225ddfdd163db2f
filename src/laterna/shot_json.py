"""A Shot as JSON: words and numbers as they are, arrays by their sha256.

    {"format": 1, "prompt": "...", "seconds": 4.0, "size": [256, 144], "seed": 7, ...,
     "keyframes": [{"second": 0.0, "image": {"sha256": "...", "dtype": "uint8", "shape": [...]}}]}

Fields at their defaults are left out. The arrays themselves travel beside the JSON, keyed by their
sha256 (`arrays_of`), and a Shot comes back whole with them, or without them and without the fields
that mean nothing alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from laterna.errors import InputError
from laterna.shot import Control, Cue, Keyframe, Shot, Strip

__all__ = ["FORMAT", "array_sha256", "arrays_of", "shot_from_json", "shot_sha256", "shot_to_json"]

FORMAT = 1
Array = NDArray[Any]

_STRIPS = ("lead", "trail", "source")


def shot_to_json(shot: Shot) -> dict[str, Any]:
    """`shot` as an object that json.dumps takes."""
    told: dict[str, Any] = {"format": FORMAT, "prompt": shot.prompt}
    plain = Shot(prompt=shot.prompt)
    for item in fields(Shot):
        value = getattr(shot, item.name)
        if isinstance(value, np.ndarray | Strip | Control):
            told[item.name] = _tell(value)
        elif item.name in ("cues", "keyframes"):
            if value:
                told[item.name] = [_tell(entry) for entry in value]
        elif value != getattr(plain, item.name):
            told[item.name] = _tell(value)
    return told


def shot_from_json(told: object, arrays: Mapping[str, Array] | None = None) -> Shot:
    """The inverse of `shot_to_json`.

    `arrays` holds the arrays by sha256. Without it, keyframes, lead, trail, control and source are
    left out, and with the source its mask and strength. Raises InputError for what is not a Shot, a
    later format, an unknown field, or an array that is not there.
    """
    if not isinstance(told, dict) or not isinstance(told.get("prompt"), str):
        raise InputError("shot", type(told).__name__, "give a JSON object with a prompt")
    if told.get("format") != FORMAT:
        raise InputError("shot.format", told.get("format"), f"this laterna reads format {FORMAT}")
    known = {item.name for item in fields(Shot)}
    kept = {name: value for name, value in told.items() if name != "format"}
    unknown = sorted(kept.keys() - known)
    if unknown:
        raise InputError("shot", unknown[0], "this is no field of a shot; update laterna")
    if arrays is None:
        for name in ("keyframes", *_STRIPS, "mask", "control"):
            kept.pop(name, None)
        kept.pop("strength", None)
    try:
        return Shot(**_read(kept, arrays or {}))
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            "shot", str(error), "it is damaged; its fields have another form"
        ) from error


def arrays_of(shot: Shot) -> dict[str, Array]:
    """Every array of `shot` by its sha256."""
    found: list[Array | None] = [shot.mask, *(keyframe.image for keyframe in shot.keyframes)]
    strips = [getattr(shot, name) for name in _STRIPS]
    if shot.control is not None:
        strips.append(shot.control.film)
    for strip in strips:
        if strip is not None:
            found += [strip.frames, strip.latents]
    return {array_sha256(array): array for array in found if array is not None}


def array_sha256(array: Array) -> str:
    """The sha256 of an array's type, shape and numbers, in hex."""
    digest = hashlib.sha256(f"{array.dtype.str} {array.shape}".encode())
    digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def shot_sha256(shot: Shot) -> str:
    """The sha256 of everything a Shot says, its arrays included."""
    return hashlib.sha256(json.dumps(shot_to_json(shot), sort_keys=True).encode()).hexdigest()


def _tell(value: object) -> Any:
    if isinstance(value, np.ndarray):
        shape = list(value.shape)
        return {"sha256": array_sha256(value), "dtype": str(value.dtype), "shape": shape}
    if isinstance(value, Strip):
        parts = {"frames": value.frames, "latents": value.latents}
        told = {name: _tell(array) for name, array in parts.items() if array is not None}
        return {"fps": float(value.fps), **told}
    if isinstance(value, Control):
        strength = float(value.strength)
        return {"kind": value.kind, "strength": strength, "film": _tell(value.film)}
    if isinstance(value, Keyframe):
        return {"second": float(value.second), "image": _tell(value.image)}
    if isinstance(value, Cue):
        return {"second": float(value.second), "prompt": value.prompt}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, tuple):
        return [_tell(entry) for entry in value]
    return value


def _read(told: dict[str, Any], arrays: Mapping[str, Array]) -> dict[str, Any]:
    def array(name: str, reference: object) -> Array:
        sha256 = _object(name, reference)["sha256"]
        if sha256 not in arrays:
            remedy = "give the picture or film it stands for; it is not stored with the shot"
            raise InputError(name, sha256, remedy)
        return arrays[sha256]

    def strip(name: str, reference: object) -> Strip:
        parts: dict[str, Any] = {
            part: array(name, value) if part in ("frames", "latents") else value
            for part, value in _object(name, reference).items()
        }
        return Strip(**parts)

    out = dict(told)
    if isinstance(out.get("size"), list):
        out["size"] = tuple(out["size"])
    if "cues" in out:
        out["cues"] = tuple(Cue(**_object("cues", cue)) for cue in out["cues"])
    if "keyframes" in out:
        out["keyframes"] = tuple(
            Keyframe(entry["second"], array("keyframes", entry["image"]))
            for entry in (_object("keyframes", entry) for entry in out["keyframes"])
        )
    if "mask" in out:
        out["mask"] = array("mask", out["mask"])
    for name in _STRIPS:
        if name in out:
            out[name] = strip(name, out[name])
    if "control" in out:
        control = _object("control", out["control"])
        film = strip("control", control["film"])
        out["control"] = Control(control["kind"], film, control["strength"])
    return out


def _object(name: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InputError(f"shot.{name}", value, "give a JSON object, or leave the field out")
    return value
