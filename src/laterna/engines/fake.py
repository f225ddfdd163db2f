"""An engine that films nothing but honours everything: for tests, and for writing a client.

Its picture is a coloured gradient that drifts, both drawn from the prompt and the seed. A frame is
a pure function of the shot and its index, so any chunk can be filmed first, resuming gives the
same pixels, and what a Shot says must be kept can be checked to the bit:

    keyframes   the frame there is the picture, cover-cropped
    lead        the first frame goes on from the last frame of the lead, and fades into the shot
    trail       the last frame leads up to the first frame of the trail
    source      with a mask kept pixels are the source's; with a strength the mean of both
    loop        the drift is a whole number of turns
    cues        from its second on, the colours of the cue's prompt
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from laterna.engines.protocol import Capabilities, Chunk, Preflight
from laterna.engines.state import read_state, write_state
from laterna.media.scale import cover_nearest
from laterna.shot import (
    DRAFT_FPS,
    MAX_SECONDS,
    Frames,
    Shot,
    Strip,
    draft_frames,
    draft_grid,
    frame_at,
    length,
    seeded,
)
from laterna.shot_json import shot_sha256

CHUNK = 4  # frames; one latent frame of the native model
FADE = 4  # frames over which lead and trail fade
LATENT_CHANNELS = 16
LATENT_CELL = 16  # pixels a side
TURN = 2 * np.pi

Picture = NDArray[np.float64]  # (H, W, 3), 0 to 255


class FakeEngine:
    """Films drifting gradients, at the native engine's sizes and rate."""

    name = "fake"

    @property
    def capabilities(self) -> Capabilities:
        """Everything a Shot can ask."""
        return Capabilities(
            fields=frozenset(Shot.__slots__),
            fps=DRAFT_FPS,
            max_seconds=MAX_SECONDS,
            resumable=True,
            drafts=True,
            passes=frozenset({"depth", "motion", "matte"}),
            grid=32,
            licence="Apache-2.0",
        )

    def preflight(self, shot: Shot) -> Preflight:
        """It always fits."""
        width, height = draft_grid(shot.size).frame
        frames = draft_frames(shot)
        return Preflight(True, "", CHUNK * width * height * 3, frames)

    def film(self, shot: Shot, resume: bytes | None = None) -> Iterator[Chunk]:
        """Film `shot`, four frames a chunk.

        A shot without a seed is filmed with seed 0, so that a state goes on with the shot as given.
        Raises InputError for a state that is not of this shot.
        """
        shot = seeded(shot)
        sha256 = shot_sha256(shot)
        first = 0 if resume is None else read_state(resume, sha256)[0]
        return _chunks(_Scene(shot), first, sha256)


def _chunks(scene: _Scene, first: int, sha256: str) -> Iterator[Chunk]:
    for start in range(first, scene.total, CHUNK):
        stop = min(start + CHUNK, scene.total)
        frames = np.stack([scene.frame(index) for index in range(start, stop)])
        yield Chunk(
            start=start,
            total=scene.total,
            frames=frames,
            passes=scene.passes(len(frames)),
            latents=_latents(frames),
            state=write_state(stop, sha256),
        )


def _latents(frames: Frames) -> NDArray[np.float16]:
    """Block means as (1, C, h, w): enough to see that latents arrive where they should."""
    grey = frames.mean((0, 3))
    rows, columns = (max(1, side // LATENT_CELL) for side in grey.shape)
    grey = grey[: rows * LATENT_CELL, : columns * LATENT_CELL]
    cells = grey.reshape(rows, grey.shape[0] // rows, columns, grey.shape[1] // columns)
    plane = (cells.mean((1, 3)) / 127.5 - 1).astype(np.float16)
    return np.repeat(plane[None, None], LATENT_CHANNELS, axis=1)


@dataclass(slots=True)
class _Look:
    """Two colours and a drift, drawn from words."""

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    waves: NDArray[np.float64]  # per picture, across and down
    turns: float  # per second

    @classmethod
    def of(cls, *words: object) -> _Look:
        digest = hashlib.sha256(repr(words).encode()).digest()
        rng = np.random.default_rng(int.from_bytes(digest[:8], "little"))
        waves, turns = rng.uniform(0.5, 2, 2), rng.choice([-1, 1]) * rng.uniform(0.2, 0.6)
        return cls(rng.uniform(0, 255, 3), rng.uniform(0, 255, 3), waves, float(turns))


class _Scene:
    """A shot laid out; `frame` films one frame of it."""

    def __init__(self, shot: Shot) -> None:
        self.shot = shot
        self.total = draft_frames(shot)
        self.width, self.height = draft_grid(shot.size).frame
        taste = (shot.seed, shot.steps, shot.negative, shot.guidance, sorted(shot.extra.items()))
        self.looks = [(0, _Look.of(shot.prompt, *taste))]
        self.looks += [
            (frame_at(cue.second, self.total), _Look.of(cue.prompt, *taste)) for cue in shot.cues
        ]
        self.keyframes = {
            frame_at(keyframe.second, self.total): cover_nearest(
                keyframe.image, (self.width, self.height)
            )
            for keyframe in shot.keyframes
        }

    def frame(self, index: int) -> Frames:
        """Frame `index`, (H, W, 3) uint8."""
        if index in self.keyframes:
            return self.keyframes[index]
        picture = self._ends(self._drift(index), index)
        return self._source(np.clip(np.rint(picture), 0, 255).astype(np.uint8), index)

    def passes(self, count: int) -> dict[str, NDArray[np.generic]]:
        """A floor that rises to a wall: depth, no motion, two classes."""
        shape = (count, self.height, self.width)
        down = np.linspace(1, 0, self.height, dtype=np.float32)[:, None]
        return {
            "depth": np.broadcast_to(2 + 98 * down, shape).copy(),
            "motion": np.zeros((*shape, 2), np.float32),
            "matte": np.broadcast_to((down > 0.5).astype(np.uint8), shape).copy(),
        }

    def _drift(self, index: int) -> Picture:
        look = [look for start, look in self.looks if start <= index][-1]
        turns = look.turns * index / DRAFT_FPS
        if self.shot.loop:
            whole = max(1, round(abs(look.turns) * length(self.shot)))
            turns = whole * index / self.total
        x = np.linspace(0, 1, self.width)[None, :] * look.waves[0]
        y = np.linspace(0, 1, self.height)[:, None] * look.waves[1]
        share = (0.5 + 0.5 * np.sin(TURN * (x + y + turns)))[..., None]
        mixed: Picture = look.low + share * (look.high - look.low)
        return mixed

    def _ends(self, picture: Picture, index: int) -> Picture:
        """Fade from the lead and into the trail."""
        for strip, which, away in (
            (self.shot.lead, -1, index),
            (self.shot.trail, 0, self.total - 1 - index),
        ):
            if away < FADE:
                near = _picture(strip, which, self.width, self.height)
                if near is not None:
                    picture = near + (picture - near) * ((away + 1) / (FADE + 1))
        return picture

    def _source(self, picture: Frames, index: int) -> Frames:
        """Keep what the source and its mask or strength say."""
        source, mask = self.shot.source, self.shot.mask
        if source is None or source.frames is None:
            return picture
        at = min(len(source.frames) - 1, int(index * source.fps / DRAFT_FPS + 0.5))
        old = cover_nearest(source.frames[at], (self.width, self.height))
        if self.shot.strength is not None:
            share = self.shot.strength
            picture = np.rint(old + (picture.astype(float) - old) * share).astype(np.uint8)
        if mask is not None:
            anew = cover_nearest(mask if mask.ndim == 2 else mask[at], (self.width, self.height))
            picture = np.where(anew[..., None], picture, old)
        return picture


def _picture(strip: Strip | None, which: int, width: int, height: int) -> Picture | None:
    if strip is None or strip.frames is None:
        return None
    return cover_nearest(strip.frames[which], (width, height)).astype(np.float64)
