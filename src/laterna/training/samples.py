"""What a transformer in training films: held-out captions through the sampler that ships."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from laterna.model.networks.as_numpy import as_numpy
from laterna.model.networks.codec import Codec
from laterna.model.networks.transformer import Transformer
from laterna.model.patches import unpatchify
from laterna.model.sampler import Floats
from laterna.model.schedule import Pace
from laterna.model.take import Manner, Take
from laterna.model.window import film
from laterna.training.codec import write_sheet
from laterna.training.latents import Library
from laterna.training.tensors import to_frames

GUIDANCE = 2.0


@torch.no_grad()
def decode(codec: Codec, tokens: Floats, grid: tuple[int, int]) -> NDArray[np.uint8]:
    """Tokens (F, S, 64) to frames (4F, H, W, 3)."""
    latents = torch.from_numpy(unpatchify(np.asarray(tokens, np.float32), grid))
    frames: NDArray[np.uint8] = to_frames(codec.decode(latents[None]))[0]
    return frames


class Sheet:
    """A picture per validation: a row per caption, the truth beside what was filmed.

    Stills show the truth and three seeds; clips the first, middle and last frames of both.
    """

    def __init__(
        self, codec: Codec, library: Library, frames: int, grid: tuple[int, int], rows: int = 12
    ) -> None:
        self.codec, self.library, self.frames, self.grid = codec, library, frames, grid
        self.rows = range(min(rows, library.clips))
        self.nothing = library.prompt(None)

    def write(self, network: Transformer, step: int, folder: Path) -> None:
        """Leave `sheet-STEP.png`, and the captions as `sheet.txt`, in `folder`."""
        rows = [np.concatenate(self._row(network, i), axis=1) for i in self.rows]
        write_sheet(rows, folder / f"sheet-{step:07d}.png")
        said = [self.library.text.records[i + 1]["captions"][0] for i in self.rows]
        (folder / "sheet.txt").write_text("\n".join(said) + "\n", encoding="utf-8")

    def _row(self, network: Transformer, index: int) -> Sequence[NDArray[np.uint8]]:
        if self.frames == 1:
            truth = self.library.clip(index, 0, "still")[:1]
            pictures = [decode(self.codec, truth, self.grid)[0]]
            return pictures + [self.film(network, index, seed)[0] for seed in range(3)]
        truth = self.library.clip(index, 0, "video")[: self.frames]
        both = decode(self.codec, truth, self.grid), self.film(network, index, 0)
        return [clip[i] for clip in both for i in (0, len(clip) // 2, -1)]

    def film(self, network: Transformer, index: int, seed: int) -> NDArray[np.uint8]:
        """Film the first caption of clip `index`: frames (4F, H, W, 3)."""
        take = Take(
            frames=self.frames,
            grid=self.grid,
            seed=seed,
            prompts=(self.library.prompt(index),),
            still=self.frames == 1,
            unwanted=self.nothing,
            guidance=GUIDANCE,
        )
        finished = film(as_numpy(network), take, Manner(pace=Pace()))
        return decode(self.codec, np.stack([done.latents for done in finished]), self.grid)
