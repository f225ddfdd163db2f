"""One of two processes that train together: `python -m tests.training.crew_member RANK FOLDER`.

They train the transformer twice: whole, and in shards, where both break off in the middle and go
on. Then the codec and its sharpening, whose batches have two parts as well.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import torch
import torch.distributed as dist
from torch import nn

from laterna.errors import InputError
from laterna.model.networks.transformer import Transformer
from laterna.training import leg
from laterna.training.codec import CodecStage
from laterna.training.crew import Team
from laterna.training.flow import Diet, FlowStage
from laterna.training.footage import Crops
from laterna.training.latents import Library
from laterna.training.sharpen import SharpenStage
from tests.training.test_codec import tiny
from tests.training.test_flow import GRID, TINY

PLAN = leg.Plan(steps=6, warmup=2, checkpoint_minutes=0.0)
# Shards add up the norm in another order; where that scales gradients by its last bit, Muon makes a
# difference of it that can be seen.
UNCLIPPED = replace(PLAN, clip=1e6)
DIET = Diet(count=4, frames=8, part=2)
CROPS = Crops(count=16, frames=4, side=32)
SHORT = replace(PLAN, steps=3)


class Torn(Exception):
    """The training breaks off."""


class Stage(FlowStage):
    """Breaks off before `last`."""

    def __init__(self, library: Library, diet: Diet = DIET, last: int = 100) -> None:
        super().__init__("clips", library, library, 0, diet, TINY, GRID)
        self.last = last

    def backward(self, step: int, half: bool, parts: Iterable[int]) -> dict[str, float]:
        if step == self.last:
            raise Torn
        return super().backward(step, half, parts)


def codec_stages(folder: Path, out: str) -> Iterator[tuple[leg.Stage, nn.Module, leg.Plan, Path]]:
    """What to call `leg.run` with, for the codec and for its sharpening, in folders `out`-STAGE."""
    run = folder / f"{out}-codec"
    yield CodecStage(folder, 0, run, CROPS, tiny), tiny(), SHORT, run
    run = folder / f"{out}-sharpen"
    start = folder / "codec.safetensors"
    yield SharpenStage(folder, 0, run, start, CROPS, tiny), tiny(), SHORT, run


def main(rank: int, folder: Path) -> None:
    """Train in `folder`/whole, `folder`/shards and `folder`/crew-STAGE."""
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=2)
    library = Library(folder / "latents", folder / "text")
    leg.run(Stage(library), Transformer(TINY), PLAN, folder / "whole", crew=Team())
    for last in (3, 100):
        try:
            stage, crew = Stage(library, last=last), Team(shard=True)
            leg.run(stage, Transformer(TINY), UNCLIPPED, folder / "shards", crew=crew)
        except Torn:
            continue
    try:
        odd = Stage(library, replace(DIET, count=6))
        leg.run(odd, Transformer(TINY), PLAN, folder / "odd", crew=Team())
    except InputError as error:
        assert not (folder / "odd").exists()
        (folder / f"refused-{rank}").write_text(str(error))
    for given in codec_stages(folder, "crew"):
        leg.run(*given, crew=Team())
    dist.destroy_process_group()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
