"""The engine contract: who films a Shot, and what comes out, chunk by chunk.

Cancelling is closing the iterator. Whatever consumes it (a file writer, a live preview, a job's
step) never knows which engine it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from laterna.shot import Frames, Shot


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an engine can honour.

    `fields` are names of Shot fields beyond prompt, seconds, size, seed. `weights` is the sha256 of
    the weights it films with, in hex, where it has any. `drafts` says that it films drafts, frames
    of `draft_grid(size).frame` at 8 a second; it is then shown pictures and film of that size and
    rate, and any other engine is shown them as they are.
    """

    fields: frozenset[str]
    fps: float
    max_seconds: float
    resumable: bool
    passes: frozenset[str] = frozenset()
    drafts: bool = False
    grid: int = 2  # sides are filmed on multiples of this many pixels
    licence: str = ""
    weights: str = ""
    options: frozenset[str] = frozenset()  # names in Shot.extra that any client may set
    note: str = ""  # what whoever sees the clip should know of how it was made


@dataclass(frozen=True, slots=True)
class Preflight:
    """Whether a shot fits, known before anything is loaded."""

    fits: bool
    reason: str
    memory_bytes: int
    frames: int


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """The next frames of a shot.

    start    index of the first frame of this chunk in the shot
    total    number of frames of the whole shot
    frames   (T, H, W, 3) uint8 at the engine's own rate and size
    passes   "depth" metres (T, H, W) float32, "motion" pixels to the next frame (T, H, W, 2)
             float32, "matte" class (T, H, W) uint8
    latents  (F, C, h, w) float16, where the engine has them (they go into the sidecar)
    state    safetensors bytes from which film(shot, resume=state) goes on to the same pixels
    """

    start: int
    total: int
    frames: Frames
    passes: dict[str, NDArray[np.generic]] = field(default_factory=dict)
    latents: NDArray[np.float16] | None = None
    state: bytes = b""


@runtime_checkable
class Engine(Protocol):
    """Films Shots."""

    name: str

    @property
    def capabilities(self) -> Capabilities:
        """What this engine can honour."""
        ...

    def preflight(self, shot: Shot) -> Preflight:
        """Say whether `shot` fits, without loading anything."""
        ...

    def film(self, shot: Shot, resume: bytes | None = None) -> Iterator[Chunk]:
        """Film `shot`, chunk by chunk.

        With `resume`, the state of a chunk, go on right after that chunk to the same pixels.
        """
        ...


@runtime_checkable
class Watched(Protocol):
    """An engine that tells how far it is between two chunks, which may lie minutes apart.

    `watch` hears the share of the shot that is done, 0 to 1, from the thread that films. It may
    raise: the engine then gives up as if its iterator had been closed, and lets that error pass.
    """

    watch: Callable[[float], None] | None


@runtime_checkable
class Telling(Protocol):
    """An engine that tells how it filmed: `notes` are of its last shot, a line each."""

    notes: list[str]
