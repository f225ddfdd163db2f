"""Clip: what came back. Filmed while it is read, kept once it was, finished when it is written.

    clip = laterna.film("a boat on the lake, fog", seconds=3)
    for frames in clip: ...              # (T, H, W, 3) uint8 as they are filmed
    clip.frames, clip.passes["depth"]    # all of it
    clip.save("boat.mp4")                # quick finish, and boat.mp4.laterna beside it

A clip keeps the engine's own frames (at most 480 of them at draft size), so that it can be edited
and saved twice. What must run at constant memory whatever the engine takes `write_clip`, which
consumes chunks and keeps none.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from laterna.engines.protocol import Chunk, Engine
from laterna.engines.registry import check, load_engine
from laterna.errors import EngineError, UnsupportedError
from laterna.shot import Frames, Shot, Size, Strip, draft_grid, resolved

if TYPE_CHECKING:
    from laterna.media.write import Writer

__all__ = ["Clip", "Delivery", "deliver", "delivery", "film", "write_clip"]

FINISHED_FPS = 24


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is delivered: `size` (width, height) at `fps`.

    `factor` frames for each one filmed, and of those each `every`th.
    """

    size: Size
    fps: float
    factor: int
    every: int = 1

    def frames(self, filmed: int) -> int:
        """How many are delivered of so many filmed."""
        return -(-filmed * self.factor // self.every)


def delivery(shot: Shot, frame: Size, fps: float) -> Delivery:
    """What `shot`, filmed in frames of `frame` (width, height) at `fps`, is delivered as.

    Raises UnsupportedError for a quality there is no finisher for.
    """
    if shot.quality == "final":
        raise UnsupportedError("quality", "final", "no finisher is trained yet; use quick or draft")
    grid = draft_grid(shot.size)
    native = frame == grid.frame
    if shot.quality == "draft":
        exact = native or not isinstance(shot.size, str)
        return Delivery(grid.draft if exact else frame, fps, 1)
    if native or not isinstance(shot.size, str):
        size = grid.quick
    elif max(frame) >= max(grid.quick):  # large enough as it is; enlarging it adds nothing
        size = frame
    else:
        size = (2 * frame[0], 2 * frame[1])
    factor, every = (1, 1) if shot.frames == 1 else _to_24(fps)
    return Delivery(size, fps * factor / every, factor, every)


def _to_24(fps: float) -> tuple[int, int]:
    """Frames for each one filmed, and which of them are kept, for 24 frames a second.

    Rates from 24 on stay as they are; others that do not divide it come as near as whole numbers
    of frames allow, as 7 does with 21.
    """
    for factor, every in ((2, 1), (3, 1), (3, 2)):
        if fps * factor == FINISHED_FPS * every:
            return factor, every
    return max(1, round(FINISHED_FPS / fps)), 1


def deliver(chunks: Iterable[Chunk], shot: Shot, fps: float) -> Iterator[tuple[Delivery, Frames]]:
    """Finish chunks as they come: blocks (T, H, W, 3) at the delivered size and rate."""
    from laterna.media.finish import QuickFinish
    from laterna.media.scale import cover

    plan: Delivery | None = None
    finish: QuickFinish | None = None
    for chunk in chunks:
        if plan is None:
            frame = (chunk.frames.shape[2], chunk.frames.shape[1])
            plan = delivery(shot, frame, fps)
            if shot.quality == "quick":
                finish = QuickFinish(frame, plan.size, plan.factor, shot.loop, plan.every)
        block = cover(chunk.frames, plan.size) if finish is None else finish.push(chunk.frames)
        if len(block):
            yield plan, block
    if plan is not None and finish is not None:
        block = finish.flush()
        if len(block):
            yield plan, block


def write_clip(
    path: str | os.PathLike[str],
    chunks: Iterable[Chunk],
    shot: Shot,
    *,
    fps: float,
    weights: str = "",
    overwrite: bool = False,
) -> Path:
    """Film into a file at constant memory; where the engine gives latents, with its sidecar.

    `shot` is resolved, `fps` the engine's rate, `weights` the sha256 of what filmed it. Writability
    is checked before the first chunk is asked for. Raises InputError, OutputError and whatever the
    chunks raise; then nothing is left behind.
    """
    from laterna.media.sidecar import Sidecar, sidecar_path
    from laterna.media.write import ensure_writable, open_writer

    target = ensure_writable(path, overwrite=overwrite)
    delivery(shot, draft_grid(shot.size).frame, fps)
    latents: list[NDArray[np.float16]] = []
    blocks = deliver(_gather(_whole(chunks), latents), shot, fps)
    plan, block = next(blocks)
    with open_writer(path, size=plan.size, fps=plan.fps, overwrite=overwrite) as writer:
        _write_all(writer, block, blocks)
    beside = sidecar_path(target)
    if latents:
        Sidecar(np.concatenate(latents), shot, weights).write(beside)
    else:
        beside.unlink(missing_ok=True)  # of a clip that was overwritten
    return target


def _write_all(writer: Writer, block: Frames, rest: Iterator[tuple[Delivery, Frames]]) -> None:
    writer.write(block)
    for _, later in rest:
        writer.write(later)


def _whole(chunks: Iterable[Chunk]) -> Iterator[Chunk]:
    """Pass chunks on; raise EngineError when they end before the shot does."""
    done = total = 0
    for chunk in chunks:
        yield chunk
        done, total = chunk.start + len(chunk.frames), chunk.total
    if done < total or not total:
        raise EngineError(f"filming ended after {done} of {total or 'any'} frames; film it anew")


def _gather(chunks: Iterable[Chunk], latents: list[NDArray[np.float16]]) -> Iterator[Chunk]:
    for chunk in chunks:
        if chunk.latents is not None:
            latents.append(chunk.latents)
        yield chunk


class Clip:
    """A shot and its film.

    shot      what was filmed, resolved
    engine    the name of the engine that films it
    weights   sha256 of its weights, where it has any
    fps       frames per second of `frames`
    """

    def __init__(
        self, shot: Shot, chunks: Iterator[Chunk], *, fps: float, engine: str, weights: str = ""
    ) -> None:
        self.shot, self.fps, self.engine, self.weights = shot, fps, engine, weights
        self._coming = chunks
        self._filmed: list[Chunk] = []

    @property
    def seed(self) -> int:
        """The seed that gives this clip again."""
        return self.shot.seed or 0

    def chunks(self) -> Iterator[Chunk]:
        """Every chunk from the first: those filmed already, then the rest as they are filmed.

        Raises what the engine raises, and EngineError when filming was stopped short.
        """
        return _whole(self._film())

    def _film(self) -> Iterator[Chunk]:
        index = 0
        while True:
            while index < len(self._filmed):
                yield self._filmed[index]
                index += 1
            chunk = next(self._coming, None)
            if chunk is None:
                return
            self._filmed.append(chunk)

    def __iter__(self) -> Iterator[Frames]:
        """Blocks of frames (T, H, W, 3) uint8 as they are filmed."""
        return (chunk.frames for chunk in self.chunks())

    @property
    def frames(self) -> Frames:
        """All frames (T, H, W, 3) uint8 at the engine's own size and rate; films what is left."""
        return np.concatenate(list(self))

    @property
    def size(self) -> Size:
        """Width and height of `frames`; films the first chunk."""
        height, width = next(iter(self)).shape[1:3]
        return width, height

    @property
    def passes(self) -> dict[str, NDArray[Any]]:
        """Depth, motion and matte (T, H, W, ...) where the engine gives them."""
        chunks = list(self.chunks())
        return {name: np.concatenate([c.passes[name] for c in chunks]) for name in chunks[0].passes}

    @property
    def latents(self) -> NDArray[np.float16] | None:
        """Whitened latents (F, C, h, w), where the engine has them."""
        parts = [chunk.latents for chunk in self.chunks() if chunk.latents is not None]
        return np.concatenate(parts) if parts else None

    def strip(self) -> Strip:
        """The film as something another Shot can build on."""
        latents = self.latents
        return Strip(self.frames, self.fps, None if latents is None else latents.astype(np.float32))

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
        """Write the clip, finished as its shot's quality says; the name chooses the format.

        Gives back the path. Raises OutputError for a name that exists or cannot be written.
        """
        return write_clip(
            path,
            self.chunks(),
            self.shot,
            fps=self.fps,
            weights=self.weights,
            overwrite=overwrite,
        )

    def close(self) -> None:
        """Stop filming. What was filmed stays in memory, but the clip is never whole."""
        close = getattr(self._coming, "close", None)
        if close is not None:
            close()
        self._coming = iter(())

    def __repr__(self) -> str:
        return f"<Clip {self.shot.prompt!r} seed={self.seed} by {self.engine}>"


def film(prompt: str | Shot, engine: str | Engine | None = None, **fields: Any) -> Clip:
    """Film a sentence, or a whole Shot, with `engine` (a name, an Engine, or None: the default).

    `fields` are those of Shot. Nothing is filmed before the clip is read or saved, but everything
    that can be known is checked here: raises InputError and UnsupportedError for the request,
    EngineError when it does not fit this machine, and what loading the engine raises.
    """
    if isinstance(prompt, Shot):
        if fields:
            raise TypeError("fields go into the Shot")
        shot = prompt
    else:
        shot = Shot(prompt, **fields)
    worker = load_engine(engine) if engine is None or isinstance(engine, str) else engine
    check(worker, shot)
    shot = resolved(shot)
    before = worker.preflight(shot)
    if not before.fits:
        raise EngineError(f"engine {worker.name}: {before.reason}")
    can = worker.capabilities
    chunks = worker.film(shot)
    return Clip(shot, chunks, fps=can.fps, engine=worker.name, weights=can.weights)
