"""Retakes: footage as the transformer would film it again, for the decoder to learn from.

A decoder that has only seen latents of real film meets others when it is shipped: a transformer's
neighbouring frames do not quite agree, and its edges stand a little beside themselves. Here real
latents are noised to a level between `FAINT` and `STRONG` and denoised again by the sampler that
ships (the way of SDEdit: Meng et al., arXiv 2108.01073). What comes out has the transformer's
faults and still shows what the clip shows, so the clip is the truth the decoder is asked for.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import nn

from laterna.errors import InputError
from laterna.model.networks.as_numpy import as_numpy
from laterna.model.networks.codec import CELL, GROUP
from laterna.model.patches import unpatchify
from laterna.model.schedule import Pace
from laterna.model.take import Given, Manner, Take
from laterna.model.window import film
from laterna.training.footage import Crops, Footage, Pieces, somewhere, stacked
from laterna.training.latents import Library, Tell, codec_name
from laterna.training.shards import Shards

__all__ = ["Retakes", "make_retakes", "retakes_folder"]

FORMAT = 1
FAINT, STRONG = 0.3, 0.75
GUIDANCE = 2.5  # as films are made


def retakes_folder(data: Path, codec: Path) -> Path:
    """Where the retakes of the footage in `data` lie that speak the latents of `codec`."""
    return data / f"retakes-{codec_name(codec)[:8]}"


def make_retakes(
    library: Library,
    network: nn.Module,
    folder: Path,
    grid: tuple[int, int],
    clips: int,
    tell: Tell = lambda done, total: None,
) -> None:
    """Bring `folder` to `clips` retakes by the transformer `network` of clips of `library`, whose
    tokens lie in `grid`.

    Goes on where an earlier call stopped. Which clips, and how far from them, are functions of the
    place in the folder. InputError where the folder holds retakes of other latents.
    """
    shards = Shards.begin(folder, {"format": FORMAT, "latents": library.latents.meta["codec"]})
    nothing = library.prompt(None)
    denoise = as_numpy(network)
    for item in range(len(shards), clips):
        rng = np.random.default_rng((0x7A4E5, item))
        index, strength = int(rng.integers(library.clips)), float(rng.uniform(FAINT, STRONG))
        clean = np.asarray(library.clip(index, 0, "video"), np.float32)
        leave = np.full(clean.shape[1], strength, np.float32)
        take = Take(
            frames=len(clean),
            grid=grid,
            seed=item,
            prompts=(library.prompt(index),),
            given={frame: Given(latents, leave) for frame, latents in enumerate(clean)},
            unwanted=nothing,
            guidance=GUIDANCE,
        )
        done = film(denoise, take, Manner(pace=Pace()))
        latents = unpatchify(np.stack([frame.latents for frame in done]), grid)
        record = {"clip": index, "seed": library.latents.records[index]["seed"]}
        shards.append({"latents": latents.astype(np.float16)}, record | {"strength": strength})
        tell(item + 1, clips)


class Retakes:
    """The retakes of a folder, each beside the clip it was made from."""

    def __init__(self, folder: Path, footage: Footage) -> None:
        """InputError where there are none, or they are of other footage than `footage`."""
        self._shards = Shards(folder, "laterna train retakes")
        if not self._shards.records:
            raise InputError("data", str(folder), "wait for its first retake")
        if any(footage.seed(item["clip"]) != item["seed"] for item in self._shards.records):
            raise InputError("data", str(folder), "its retakes are of other footage; remove it")
        self._footage = footage

    def crops(self, rng: np.random.Generator, crops: Crops) -> tuple[Pieces, NDArray[np.float32]]:
        """Random pieces of the clips, from edges of cells on and never stills, and the latents of
        their retakes (count, F, 16, h, w).
        """
        both = [self._crop(rng, crops) for _ in range(crops.count)]
        return stacked(piece for piece, _ in both), np.stack([latents for _, latents in both])

    def _crop(self, rng: np.random.Generator, crops: Crops) -> tuple[Pieces, NDArray[np.float32]]:
        item = int(rng.integers(len(self._shards)))
        latents = self._shards.read(item, "latents")
        shape = (crops.frames // GROUP, crops.side // CELL, crops.side // CELL)
        sizes = (latents.shape[0], *latents.shape[2:])
        f, h, w = somewhere(rng, sizes, shape)
        piece = self._footage.cut(
            self._shards.records[item]["clip"],
            np.arange(GROUP * f, GROUP * f + crops.frames),
            np.arange(CELL * h, CELL * h + crops.side),
            np.arange(CELL * w, CELL * w + crops.side),
        )
        cells = latents[f : f + shape[0], :, h : h + shape[1], w : w + shape[2]]
        return piece, cells.astype(np.float32)
