"""Where new film joins old: what the engine is shown of the old, and how both go into one file.

The old frames are copied. Only those after the last draft-rate moment go (two of three at 24
frames/s): they were guesses of what comes next, and now it is known.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from laterna.cli.console import note
from laterna.engines.protocol import Capabilities, Chunk
from laterna.errors import MediaError
from laterna.media.finish import QuickFinish
from laterna.media.read import iterate, probe
from laterna.media.scale import cover
from laterna.media.sidecar import Sidecar, read_sidecar, sidecar_path
from laterna.media.write import open_writer
from laterna.shot import Frames, Shot, Size, Strip, draft_grid, parse_size, size_name

__all__ = ["Seam"]

FILM_FPS = 24
PER_LATENT = 4  # draft frames
SHOWN = 5.0  # seconds of the film that an engine that films no drafts is shown


class Seam:
    """The film at `path`, to be extended by an engine of these capabilities.

    size     of the film, which is the size of the result (even; an odd side loses one pixel)
    shape    the same as a Shot says it
    fps      of the result: the film's own where the engine's goes into it, else 24, else the
             engine's
    factor   frames delivered for each one filmed, and of those each `every`th
    strip    the film at the engine's rate, for an engine of drafts whole, at their size, and with
             latents where a sidecar of the same weights has them; else its end, or with `before`
             its beginning, as large as it is
    """

    def __init__(self, path: Path, can: Capabilities, before: bool = False) -> None:
        media = probe(path, "clip")
        self.path = path
        self.size: Size = (media.size[0] & ~1, media.size[1] & ~1)
        parse_size(self.size)
        self.shape = size_name(*self.size)
        self.fps, (self.factor, self.every) = _rates(float(media.fps), can.fps)
        if self.fps != float(media.fps):
            note(f"{path} has {float(media.fps):.4g} frames/s; the result has {self.fps:.4g}")
        self.frame = draft_grid(self.shape).frame if can.drafts else self.size
        found = iterate(path, fps=can.fps, size=self.frame, field="clip")
        most = None if can.drafts else round(SHOWN * can.fps)
        frames, self.count = _shown(found, most, before)
        if not before:  # the seam lies where a filmed frame is a frame of the result
            late = (self.count - 1) % self.every
            late = min(late, len(frames) - 1)
            self.count, frames = self.count - late, frames[: len(frames) - late]
        latents = _latents(path, self.count, can.weights) if can.drafts else None
        self.strip = Strip(np.stack(frames), can.fps, latents)

    def old(self) -> Iterator[Frames]:
        """The film's frames (1, H, W, 3) at the rate and size of the result."""
        rate = None if Fraction(self.fps) == probe(self.path, "clip").fps else self.fps
        for frame in iterate(self.path, fps=rate, size=self.size, field="clip"):
            yield frame[None]

    def write(
        self, output: str, chunks: Iterable[Chunk], shot: Shot, *, weights: str, overwrite: bool
    ) -> None:
        """Write the film with `chunks` of `shot` behind it, or, where it trails, in front."""
        finish = QuickFinish(self.frame, self.size, factor=self.factor, every=self.every)
        new: list[NDArray[np.float16] | None] = []
        with open_writer(output, size=self.size, fps=self.fps, overwrite=overwrite) as writer:
            if shot.trail is not None:
                parts = self._in_front(finish, _noting(chunks, new))
            else:
                parts = self._behind(finish, _noting(chunks, new))
            for frames in parts:
                writer.write(frames)
        beside = sidecar_path(writer.path)
        latents = self._joined(new, in_front=shot.trail is not None)
        if latents is None:
            beside.unlink(missing_ok=True)
        else:
            Sidecar(latents, shot, weights).write(beside)

    def _behind(self, finish: QuickFinish, chunks: Iterable[Chunk]) -> Iterator[Frames]:
        assert self.strip.frames is not None
        yield from islice(self.old(), self.factor * (self.count - 1) // self.every + 1)
        # The finish starts at the last old frame, which is in the file already.
        skip = 1 - len(finish.push(self.strip.frames[-1:]))
        for chunk in chunks:
            finished = finish.push(cover(chunk.frames, self.frame))
            yield finished[skip:]
            skip = max(0, skip - len(finished))
        yield finish.flush()

    def _in_front(self, finish: QuickFinish, chunks: Iterable[Chunk]) -> Iterator[Frames]:
        assert self.strip.frames is not None
        for chunk in chunks:
            early = max(0, chunk.total % self.every - chunk.start)
            yield finish.push(cover(chunk.frames[early:], self.frame))
        across = finish.push(self.strip.frames[:1])
        if self.factor > 1:
            yield across
        yield from self.old()

    def _joined(
        self, new: list[NDArray[np.float16] | None], *, in_front: bool
    ) -> NDArray[np.float16] | None:
        """The latents of the whole result, where all of it has them and they fit together."""
        told = [part for part in new if part is not None]
        old = self.strip.latents
        if old is None or not told or len(told) != len(new) or told[0].shape[1:] != old.shape[1:]:
            return None
        parts: list[NDArray[Any]] = [*told, old] if in_front else [old, *told]
        if not in_front and self.count % PER_LATENT:
            return None
        return np.concatenate(parts).astype(np.float16)


def _rates(film: float, engine: float) -> tuple[float, tuple[int, int]]:
    """The rate of the result, and how an engine's rate becomes it: factor and every."""
    for wanted in (film, float(FILM_FPS)):
        step = Fraction(wanted / engine).limit_denominator(3)
        if step >= 1 and abs(float(step) * engine - wanted) < 1e-6 * wanted:
            return wanted, (step.numerator, step.denominator)
    return engine, (1, 1)


def _shown(found: Iterator[Frames], most: int | None, before: bool) -> tuple[list[Frames], int]:
    """The frames that the engine is shown, at most `most` of them, and how many were decoded: from
    the beginning only those, as what follows is not looked at."""
    if before:
        first = list(islice(found, most))
        return first, len(first)
    kept: deque[Frames] = deque(maxlen=most)
    count = 0
    for frame in found:
        kept.append(frame)
        count += 1
    return list(kept), count


def _noting(chunks: Iterable[Chunk], latents: list[NDArray[np.float16] | None]) -> Iterator[Chunk]:
    for chunk in chunks:
        latents.append(chunk.latents)
        yield chunk


def _latents(path: Path, count: int, weights: str) -> NDArray[np.float32] | None:
    """The film's latents, unless they are another model's or of another length."""
    beside = sidecar_path(path)
    if not beside.is_file():
        return None
    try:
        found = read_sidecar(beside)
    except MediaError as error:
        note(f"{error}; the film itself is used")
        return None
    if found.weights != weights or len(found.latents) != -(-count // PER_LATENT):
        return None
    return found.latents.astype(np.float32)
