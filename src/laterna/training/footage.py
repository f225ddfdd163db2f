"""Footage on disk: clips rendered once, read many times, a pure function of (seed, mixture).

Beside the clips of a folder lies `validation/`, a data set of its own from seeds that no training
reads. Seeds: training 0 to 8e9, validation from 8e9, evaluation from 9e9 (never rendered here).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from laterna.errors import InputError
from laterna.training.shards import Shards
from laterna.world.factors import CORE, EVERYTHING, Factors, Mixture
from laterna.world.surface import SUBJECT

FORMAT = 1
VALIDATION_SEED = 8_000_000_000
EVALUATION_SEED = 9_000_000_000
VALIDATION_CLIPS = 96
KINDS: dict[str, type[np.generic]] = {
    "frames": np.uint8,  # (T, H, W, 3)
    "camera": np.float32,  # (T, 8)
    "depth": np.float16,  # (T, h, w), metres
    "normals": np.float16,  # (T, h, w, 3)
    "matte": np.float16,  # (T, h, w, 8), shares of the cell
    "flow": np.float16,  # (T, h, w, 2), pixels to the next frame
}
MIXTURES = ("core", "everything", "blend")
BLEND_CORE = 0.7

Clip = dict[str, NDArray[Any]]
Render = Callable[[int, Mixture], tuple[Clip, Factors]]


def mixture_of(name: str, seed: int) -> Mixture:
    """The mixture clip `seed` is drawn from; "blend" is seven tenths core, the rest everything."""
    if name not in MIXTURES:
        raise InputError("mixture", name, f"choose one of {', '.join(MIXTURES)}")
    if name == "blend":
        core = np.random.default_rng((seed, 0xB1E4D)).random() < BLEND_CORE
        return CORE if core else EVERYTHING
    return CORE if name == "core" else EVERYTHING


def check_seeds(first: int, clips: int, low: int, high: int) -> None:
    """InputError unless the seeds first .. first + clips lie in low .. high."""
    if clips < 1:
        raise InputError("clips", clips, "give 1 or more")
    if first < low or first + clips > high:
        raise InputError("seed", first, f"seeds must stay between {low} and {high - clips}")


def render_world(frames: int, size: tuple[int, int], fps: float) -> Render:
    """The renderer of laterna.world as a `Render`."""
    from laterna.world.footage import render_clip

    def render(seed: int, mixture: Mixture) -> tuple[Clip, Factors]:
        shot = render_clip(seed, frames=frames, size=size, fps=fps, mixture=mixture)
        return {"frames": shot.frames, "camera": shot.camera, **shot.cells}, shot.factors

    return render


def render_footage(
    folder: Path,
    clips: int,
    seed: int,
    mixture: str,
    render: Render,
    tell: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Bring `folder` to `clips` clips, those of seeds `seed` .. `seed + clips`.

    Goes on where an earlier call stopped; a folder of another seed or mixture is an InputError.
    """
    mixture_of(mixture, 0)
    shards = Shards.begin(folder, {"format": FORMAT, "seed": seed, "mixture": mixture})
    for index in range(len(shards), clips):
        clip, factors = render(seed + index, mixture_of(mixture, seed + index))
        arrays = {kind: _fit(clip[kind], dtype) for kind, dtype in KINDS.items()}
        shards.append(arrays, {"seed": seed + index, "factors": factors.as_dict()})
        tell(index + 1, clips)


def _fit(data: NDArray[Any], dtype: type[np.generic]) -> NDArray[Any]:
    """`data` in `dtype`; what float16 cannot hold (a depth of 100 km) becomes infinite."""
    with np.errstate(over="ignore"):
        return data.astype(dtype)


@dataclass(frozen=True, slots=True)
class Crops:
    """What to cut out of clips: `count` pieces of `frames` x `side` x `side`.

    `still` is the share of pieces that are one frame repeated.
    """

    count: int = 8
    frames: int = 8
    side: int = 128
    still: float = 0.15


class Pieces(NamedTuple):
    """Pieces of film, (count, frames, side, side, 3), and for each of their pixels:

    subject  the share of the subject in the cell it lies in, 0 to 1, (count, frames, side, side)
    flow     where it goes in the next frame, pixels right and down, (count, frames, side, side, 2);
             found from cells, so wrong where near and far meet and where more moves than the camera
    """

    frames: NDArray[np.uint8]
    subject: NDArray[np.float32]
    flow: NDArray[np.float32]


def stacked(pieces: Iterable[Pieces]) -> Pieces:
    """Pieces that lack the first axis as one that has it."""
    return Pieces(*(np.stack(arrays) for arrays in zip(*pieces, strict=True)))


def somewhere(
    rng: np.random.Generator, whole: Sequence[int], part: Sequence[int]
) -> tuple[int, ...]:
    """Where a part of sizes `part` may begin in a whole of sizes `whole`, at random."""
    return tuple(
        int(rng.integers(size - taken + 1)) for size, taken in zip(whole, part, strict=True)
    )


def joined(one: Pieces, other: Pieces) -> Pieces:
    """The pieces of both."""
    return Pieces(
        np.concatenate([one.frames, other.frames]),
        np.concatenate([one.subject, other.subject]),
        np.concatenate([one.flow, other.flow]),
    )


class Footage:
    """The finished clips of a folder, read through memory maps."""

    def __init__(self, folder: Path) -> None:
        self._shards = Shards(folder, "laterna train footage")
        if not self._shards.records:
            raise InputError("data", str(folder), "wait for its first clip")

    def __len__(self) -> int:
        return len(self._shards)

    def factors(self, index: int) -> Factors:
        """What clip `index` shows."""
        return Factors.from_dict(self._shards.records[index]["factors"])

    def seed(self, index: int) -> int:
        """The seed clip `index` was rendered from."""
        return int(self._shards.records[index]["seed"])

    def read(self, index: int, kind: str = "frames") -> NDArray[Any]:
        """One clip's data of one of KINDS, a view into the memory map."""
        return self._shards.read(index, kind)

    def crops(self, rng: np.random.Generator, crops: Crops) -> Pieces:
        """Random pieces, half of them mirrored."""
        return stacked([self._crop(rng, crops) for _ in range(crops.count)])

    def _crop(self, rng: np.random.Generator, crops: Crops) -> Pieces:
        index = int(rng.integers(len(self)))
        sizes = self.read(index).shape[:3]
        t, h, w = somewhere(rng, sizes, (crops.frames, crops.side, crops.side))
        times = np.arange(t, t + crops.frames)
        still = rng.random() < crops.still
        if still:
            times = np.full(crops.frames, t)
        step = -1 if rng.random() < 0.5 else 1
        down, right = (np.arange(start, start + crops.side) for start in (h, w))
        piece = self.cut(index, times, down, right[::step])
        piece.flow[:] *= 0 if still else (step, 1)  # a mirror turns what goes right
        return piece

    def cut(
        self, index: int, times: NDArray[Any], down: NDArray[Any], right: NDArray[Any]
    ) -> Pieces:
        """One piece of clip `index`, without the first axis: frames `times`, rows `down`, columns
        `right`.
        """
        clip, matte = self.read(index), self.read(index, "matte")
        cell = clip.shape[1] // matte.shape[1]
        share = matte[..., SUBJECT][np.ix_(times, down // cell, right // cell)]
        flow = _between(self.read(index, "flow")[times].astype(np.float32), down, right, cell)
        return Pieces(clip[np.ix_(times, down, right)], share.astype(np.float32), flow)

    def groups(self, rng: np.random.Generator, clips: int) -> Iterator[NDArray[np.uint8]]:
        """The frames of `clips` random clips, for statistics."""
        for index in rng.choice(len(self), min(clips, len(self)), replace=False):
            yield self.read(int(index))


def _between(
    cells: NDArray[np.float32], down: NDArray[Any], right: NDArray[Any], cell: int
) -> NDArray[np.float32]:
    """What cells (T, h, w, C) of `cell` pixels say at the pixels `down` x `right`, linearly."""
    for axis, places in ((1, down), (2, right)):
        last = cells.shape[axis] - 1
        at = np.clip((places + 0.5) / cell - 0.5, 0, last)
        low = np.minimum(at.astype(int), max(last - 1, 0))
        share = np.expand_dims((at - low).astype(np.float32), (1, 2) if axis == 1 else 1)
        before, after = (np.take(cells, np.minimum(i, last), axis) for i in (low, low + 1))
        cells = before + (after - before) * share
    return cells
