"""The state of engines whose frames stand for themselves: which frame comes next, of which shot.

It is safetensors with `next` as int64 and, in the header, the sha256 of the shot under `shot` and
whatever else an engine has to know to go on.
"""

from __future__ import annotations

import json

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from laterna.errors import InputError

__all__ = ["read_state", "write_state"]


def write_state(frame: int, shot_sha256: str, **told: str) -> bytes:
    """A state that goes on with frame number `frame`; `told` is what else the engine writes."""
    return save({"next": np.array([frame], np.int64)}, {"shot": shot_sha256, **told})


def read_state(
    state: bytes, shot_sha256: str, *names: str, remedy: str = "film it anew"
) -> tuple[int, list[str]]:
    """The frame that `state` goes on with, and what else was told under `names`.

    Raises InputError for what is no such state, or one of another shot, with `remedy`.
    """
    try:
        frame = int(load(state)["next"][0])
        size = int.from_bytes(state[:8], "little")
        header = json.loads(state[8 : 8 + size])["__metadata__"]
        found, told = header["shot"], [header[name] for name in names]
    except (SafetensorError, KeyError, ValueError, IndexError) as error:
        raise InputError("resume", len(state), "give the state of a chunk, whole") from error
    if found != shot_sha256:
        raise InputError("resume", found[:12], f"this state is of another shot; {remedy}")
    return frame, told
