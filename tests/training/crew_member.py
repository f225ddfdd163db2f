"""One of two processes that train together: `python -m tests.training.crew_member RANK FOLDER`.

They train twice: whole, and in shards, where both break off in the middle and go on.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import torch
import torch.distributed as dist

from laterna.errors import InputError
from laterna.model.networks.transformer import Transformer
from laterna.training import leg
from laterna.training.crew import Team
from laterna.training.flow import Diet, FlowStage
from laterna.training.latents import Library
from tests.training.test_flow import GRID, TINY

PLAN = leg.Plan(steps=6, warmup=2, checkpoint_minutes=0.0)
# Shards add up the norm in another order; where that scales gradients by its last bit, Muon makes a
# difference of it that can be seen.
UNCLIPPED = replace(PLAN, clip=1e6)
DIET = Diet(count=4, frames=8, part=2)


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


def main(rank: int, folder: Path) -> None:
    """Train in `folder`/whole and `folder`/shards."""
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
    dist.destroy_process_group()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
