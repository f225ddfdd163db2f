"""Chunks on disk: what is filmed already, so that a crash loses one chunk at most.

A chunk is one safetensors file in the video's `work` folder: frames, passes and latents as they
came, the state to go on from, and in its header who filmed it. Names carry the attempt, so a
process that was thought dead and comes back writes beside the files of its successor, never over
them. What the job remembers of a chunk is its `Part`: a name and a sha256.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load, save

from laterna.engines.protocol import Chunk
from laterna.errors import MediaError
from laterna.media.write import write_whole

__all__ = ["WORK", "Maker", "Part", "read_chunk", "read_maker", "write_chunk"]

FORMAT = "1"
WORK = "work"


@dataclass(frozen=True, slots=True)
class Part:
    """A finished chunk: `path` is its name in the work folder, `start` its first draft frame."""

    path: str
    sha256: str
    start: int
    frames: int

    @property
    def stop(self) -> int:
        """The draft frame that comes after it."""
        return self.start + self.frames

    def told(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Maker:
    """The engine that filmed a chunk: its name, the sha256 of its weights and its rate."""

    engine: str
    weights: str
    fps: float


def write_chunk(work: Path, chunk: Chunk, maker: Maker, attempt: int) -> Part:
    """Keep `chunk` in the folder `work`. Raises OutputError."""
    arrays: dict[str, NDArray[Any]] = {f"passes.{name}": a for name, a in chunk.passes.items()}
    arrays["frames"] = chunk.frames
    arrays["state"] = np.frombuffer(chunk.state, np.uint8)
    if chunk.latents is not None:
        arrays["latents"] = chunk.latents
    header = {
        "format": FORMAT,
        "start": str(chunk.start),
        "total": str(chunk.total),
        "engine": maker.engine,
        "weights": maker.weights,
        "fps": repr(maker.fps),
    }
    data = save({name: np.ascontiguousarray(array) for name, array in arrays.items()}, header)
    name = f"{chunk.start:05d}.{attempt}.safetensors"
    write_whole(work / name, data)
    return Part(name, hashlib.sha256(data).hexdigest(), chunk.start, len(chunk.frames))


def read_chunk(work: Path, part: Part) -> Chunk:
    """The chunk that `part` stands for. Raises MediaError when it is not as it was written."""
    path = work / part.path
    try:
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() != part.sha256:
            raise MediaError(f"spool: {path.name} is not as it was written; is the disk failing?")
        arrays = load(data)
        total = int(_header(path)["total"])
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise MediaError(f"spool: {path.name} cannot be read ({error})") from error
    passes = {
        name.removeprefix("passes."): array
        for name, array in arrays.items()
        if name.startswith("passes.")
    }
    state = arrays["state"].tobytes()
    return Chunk(part.start, total, arrays["frames"], passes, arrays.get("latents"), state)


def read_maker(work: Path, part: Part) -> Maker:
    """Who filmed `part`. Raises MediaError."""
    try:
        told = _header(work / part.path)
        return Maker(told["engine"], told["weights"], float(told["fps"]))
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise MediaError(f"spool: {part.path} cannot be read ({error})") from error


def _header(path: Path) -> dict[str, str]:
    with safe_open(path, framework="numpy") as file:
        header: dict[str, str] = file.metadata() or {}
    if header.get("format") != FORMAT:
        raise ValueError(f"format {header.get('format')}, and {FORMAT} is read")
    return header
