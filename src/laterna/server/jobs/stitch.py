"""The whole film of a job: what was filmed, with the drafts it extends before or behind it.

The pieces come out as one run of chunks at the new film's draft size and rate, so that finishing
interpolates across the seams as if they had been filmed in one go.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from laterna.engines.protocol import Chunk
from laterna.media.scale import cover
from laterna.server.jobs.draft import Draft, open_draft
from laterna.server.jobs.spool import Maker, Part, read_chunk, read_maker
from laterna.shot import Frames

__all__ = ["Film", "filmed"]

PER_LATENT = 4  # draft frames


@dataclass(frozen=True, slots=True)
class Film:
    """The pieces in order; `work` holds the chunks named by `parts`."""

    work: Path
    parts: tuple[Part, ...]
    maker: Maker
    before: Draft | None
    after: Draft | None

    @property
    def total(self) -> int:
        """Draft frames of the whole film."""
        return self.first + self.parts[-1].stop + self._count(self.after)

    @property
    def first(self) -> int:
        """The first new frame."""
        return self._count(self.before)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of its draft frames. Raises MediaError."""
        height, width = read_chunk(self.work, self.parts[0]).frames.shape[1:3]
        return width, height

    def chunks(self) -> Iterator[Chunk]:
        """All of it, at constant memory. Raises MediaError."""
        size = self.size
        yield from self._draft(self.before, 0, size)
        for part in self.parts:
            chunk = read_chunk(self.work, part)
            yield Chunk(
                self.first + chunk.start, self.total, chunk.frames, chunk.passes, chunk.latents
            )
        yield from self._draft(self.after, self.first + self.parts[-1].stop, size)

    def joined(self, new: list[NDArray[np.float16]]) -> NDArray[np.float16] | None:
        """The latents of the whole film, where every piece has its own and they fit together."""
        if len(new) != len(self.parts):
            return None
        pieces = list(new)
        for draft, at in ((self.before, 0), (self.after, len(pieces) + 1)):
            if draft is not None:
                latents = draft.latents
                if latents is None or (draft.weights, draft.fps) != (
                    self.maker.weights,
                    self.maker.fps,
                ):
                    return None
                pieces.insert(at, latents)
        # A latent holds four frames: a piece that ends within one cannot be followed by another.
        ends = [self.first, *([self.first + self.parts[-1].stop] if self.after else [])]
        fit = all(piece.shape[1:] == pieces[0].shape[1:] for piece in pieces)
        if not fit or any(end % PER_LATENT for end in ends):
            return None
        return np.concatenate(pieces)

    def _count(self, draft: Draft | None) -> int:
        """How many frames `draft` has at the film's rate."""
        if draft is None:
            return 0
        return max(1, math.floor(draft.count * self.maker.fps / draft.fps + 0.5))

    def _draft(self, draft: Draft | None, start: int, size: tuple[int, int]) -> Iterator[Chunk]:
        if draft is None:
            return
        count, at, read = self._count(draft), 0, 0
        for block in draft.blocks():
            wanted = []
            while at < count:
                nearest = min(draft.count - 1, int(at * draft.fps / self.maker.fps))
                if nearest >= read + len(block):
                    break
                wanted.append(nearest - read)
                at += 1
            read += len(block)
            if wanted:
                frames: Frames = cover(block[wanted], size)
                yield Chunk(start + at - len(wanted), self.total, frames)


def filmed(
    work: Path, parts: tuple[Part, ...], before: Path | None = None, after: Path | None = None
) -> Film:
    """The film of `parts`; `before` and `after` are folders of finished videos.

    Raises MediaError when a piece is missing or damaged.
    """
    ends = [None if folder is None else open_draft(folder) for folder in (before, after)]
    return Film(work, parts, read_maker(work, parts[0]), ends[0], ends[1])
