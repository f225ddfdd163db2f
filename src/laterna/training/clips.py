"""Clips as files: footage rendered to SEED.mp4, SEED.safetensors and SEED.json.

A clip is a function of its seed and of how all clips of the folder are rendered, so its name says
all there is to say, and it is never rendered twice. Every file is written beside its name and then
renamed; the JSON comes last and says that the clip is whole. Two processes that render the same
clip, because one of them was wrongly thought dead, leave the same files as one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import save

from laterna.errors import InputError
from laterna.media.write import open_writer, write_whole
from laterna.shot import MAX_SIDE

__all__ = ["FORMAT", "Rendering", "in_words"]

FORMAT = 1
CELL = 16  # pixels; sides are multiples of it


@dataclass(frozen=True, slots=True)
class Rendering:
    """How the clips of `folder` are rendered.

    frames   pictures of a clip, at 8 a second
    size     width and height in pixels, multiples of 16 from 64 to 1920
    core     whether factors are drawn from the core mixture alone
    full     whether the truth is given per pixel instead of per 16 pixels

    Raises InputError for a length or size that cannot be.
    """

    folder: Path
    frames: int = 32
    size: tuple[int, int] = (256, 160)
    core: bool = False
    full: bool = False

    def __post_init__(self) -> None:
        if self.frames < 1:
            raise InputError("frames", self.frames, "at least one frame")
        if any(side % CELL or not 64 <= side <= MAX_SIDE for side in self.size):
            raise InputError("size", self.size, "sides are multiples of 16 from 64 to 1920")

    def whole(self, seed: int) -> bool:
        """Whether the clip of `seed` is there."""
        return (self.folder / f"{seed}.json").exists()

    def render(self, seed: int) -> str:
        """Render the clip of `seed` to its three files; what it shows, in words.

        Raises InputError for a seed that cannot be, OutputError where nothing can be written.
        """
        from laterna.world.captions import caption
        from laterna.world.factors import CORE, EVERYTHING
        from laterna.world.footage import render_clip

        mixture = CORE if self.core else EVERYTHING
        shot = render_clip(
            seed, frames=self.frames, size=self.size, mixture=mixture, full=self.full
        )
        film = self.folder / f"{seed}.mp4"
        with open_writer(film, size=self.size, fps=shot.fps, overwrite=True) as writer:
            writer.write(shot.frames)
        truth = {"camera": shot.camera, **shot.cells}
        truth = {name: np.ascontiguousarray(data) for name, data in truth.items()}
        write_whole(self.folder / f"{seed}.safetensors", save(truth))
        factors = shot.factors.as_dict()
        words = {
            language: caption(shot.factors, np.random.default_rng(seed), language)
            for language in ("en", "de")
        }
        record = {"format": FORMAT, "seed": seed, "factors": factors, "captions": words}
        told = json.dumps(record, ensure_ascii=False, indent=1)
        write_whole(self.folder / f"{seed}.json", told.encode())
        return in_words(factors)


def in_words(factors: dict[str, str]) -> str:
    """What a clip shows, in one line."""
    return ", ".join(f"{name} {value}" for name, value in factors.items() if value != "none")
