"""Where new film joins old: what the engine is shown of the old, and how both go into one file.

The old frames are copied. Only those after the last draft-rate moment go (two of three at 24
frames/s): they were guesses of what comes next, and now it is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from laterna.cli.console import note
from laterna.engines.protocol import Chunk
from laterna.errors import MediaError
from laterna.media.finish import QuickFinish
from laterna.media.read import iterate, probe
from laterna.media.sidecar import Sidecar, read_sidecar, sidecar_path
from laterna.media.write import open_writer
from laterna.shot import Frames, Shot, Size, Strip, draft_grid, parse_size, size_name

__all__ = ["Seam"]

FILM_FPS = 24
PER_LATENT = 4  # draft frames


class Seam:
    """The film at `path`, to be extended by an engine that films `rate` frames/s.

    size     of the film, which is the size of the result (even; an odd side loses one pixel)
    shape    the same as a Shot says it
    fps      of the result: the film's own where it is a multiple of the engine's, else 24
    factor   frames delivered for each one filmed
    strip    the whole film at the engine's rate and size, with latents where a sidecar of the same
             `weights` has them
    """

    def __init__(self, path: Path, rate: float, weights: str) -> None:
        media = probe(path, "clip")
        self.path = path
        self.size: Size = (media.size[0] & ~1, media.size[1] & ~1)
        parse_size(self.size)
        self.shape = size_name(*self.size)
        self.fps = float(media.fps)
        if self.fps % rate:
            note(f"{path} has {self.fps:.4g} frames/s; the result has {FILM_FPS}")
            self.fps = FILM_FPS
        self.factor = max(1, round(self.fps / rate))
        self.frame = draft_grid(self.shape).frame
        frames = np.stack(list(iterate(path, fps=rate, size=self.frame, field="clip")))
        self.strip = Strip(frames, rate, _latents(path, len(frames), weights))

    def old(self) -> Iterator[Frames]:
        """The film's frames (1, H, W, 3) at the rate and size of the result."""
        rate = None if Fraction(self.fps) == probe(self.path, "clip").fps else self.fps
        for frame in iterate(self.path, fps=rate, size=self.size, field="clip"):
            yield frame[None]

    def write(
        self, output: str, chunks: Iterable[Chunk], shot: Shot, *, weights: str, overwrite: bool
    ) -> None:
        """Write the film with `chunks` of `shot` behind it, or, where it trails, in front."""
        finish = QuickFinish(self.frame, self.size, factor=self.factor)
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
        count = len(self.strip.frames)
        yield from islice(self.old(), self.factor * (count - 1) + 1)
        # The finish starts at the last old frame, which is in the file already.
        skip = 1 - len(finish.push(self.strip.frames[-1:]))
        for chunk in chunks:
            finished = finish.push(chunk.frames)
            yield finished[skip:]
            skip = max(0, skip - len(finished))
        yield finish.flush()

    def _in_front(self, finish: QuickFinish, chunks: Iterable[Chunk]) -> Iterator[Frames]:
        assert self.strip.frames is not None
        for chunk in chunks:
            yield finish.push(chunk.frames)
        across = finish.push(self.strip.frames[:1])
        yield across[: self.factor if self.factor > 1 else 0]
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
        if not in_front and self.strip.frames is not None and len(self.strip.frames) % PER_LATENT:
            return None
        return np.concatenate(parts).astype(np.float16)


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
