"""What a training is asked for, as plain values: made into a stage here or on other machines."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from laterna.training.codec import CodecStage, finish
from laterna.training.footage import Crops, Footage
from laterna.training.leg import Plan, Stage

if TYPE_CHECKING:
    from torch import nn

    from laterna.model.networks.transformer import Size
    from laterna.training.flow import Diet

__all__ = ["CodecOrder", "FlowOrder", "Order"]

GRID = (5, 8)  # tokens of the native footage, down and across


class Order(Protocol):
    """A training; whoever has it can make the stage of it, wherever the folders are seen."""

    @property
    def plan(self) -> Plan:
        """How long and how fast."""
        ...

    @property
    def run(self) -> Path:
        """The run's folder."""
        ...

    @property
    def device(self) -> str:
        """The kind of device it can train on beside the processor: "cuda", or "" for none."""
        ...

    def build(self) -> tuple[Stage, nn.Module]:
        """The stage, and a second module of its model's shape for the averaged weights."""
        ...

    def finish(self) -> Path | None:
        """Write what a run that is done leaves, beside its checkpoint; None if that is all."""
        ...


@dataclass(frozen=True, slots=True)
class CodecOrder:
    """The codec's training, or with `start`, a finished codec's file, that of its decoder alone,
    half of the pieces then being `retakes` if wanted.
    """

    run: Path
    data: Path
    plan: Plan
    crops: Crops
    start: Path | None = None
    retakes: bool = False
    device: str = ""

    def build(self) -> tuple[Stage, nn.Module]:
        """As of Order."""
        from laterna.model.networks.codec import Codec
        from laterna.training.sharpen import SharpenStage

        given = (self.data, self.plan.seed, self.run)
        if self.start is None:
            return CodecStage(*given, self.crops, compiled=_compiler()), Codec()
        stage = SharpenStage(
            *given, self.start, self.crops, compiled=_compiler(), retakes=self.retakes
        )
        return stage, Codec()

    def finish(self) -> Path:
        """As of Order: the file that is encoded with and exported."""
        from laterna.training import sharpen

        if self.start is not None:
            return sharpen.finish(self.run)
        return finish(self.run, Footage(self.data))


@dataclass(frozen=True, slots=True)
class FlowOrder:
    """The transformer's training; `stage` is "stills" or "clips".

    `codec` is the file whose latents are trained on, `start` a checkpoint to take averaged weights
    from, of as many layers as `size` or fewer.
    """

    stage: str
    run: Path
    data: Path
    codec: Path
    plan: Plan
    diet: Diet
    size: Size
    start: Path | None = None
    device: str = "cuda"

    def build(self) -> tuple[Stage, nn.Module]:
        """As of Order."""
        from laterna.model.networks.transformer import Transformer
        from laterna.training.flow import FlowStage
        from laterna.training.grow import start
        from laterna.training.latents import Library, latents_folder, load_codec, text_folder
        from laterna.training.samples import Sheet

        library, held_out = (
            Library(latents_folder(folder, self.codec), text_folder(folder))
            for folder in (self.data, self.data / "validation")
        )
        sheet = Sheet(load_codec(self.codec), held_out, self.diet.frames, GRID)
        stage = FlowStage(
            self.stage, library, held_out, self.plan.seed, self.diet, self.size, GRID, sheet,
            compiled=_compiler(),
        )  # fmt: skip
        if self.start is not None:
            start(stage.network, self.start)
        return stage, Transformer(self.size)

    def finish(self) -> None:
        """As of Order."""


def _compiler() -> bool:
    """Whether torch.compile can work here."""
    return any(shutil.which(name) for name in ("g++", "clang++"))
