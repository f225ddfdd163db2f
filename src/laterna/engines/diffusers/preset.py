"""Preset: what the house has to know of a model family before it loads any of it.

A preset is data. It says which pipelines of diffusers film with one set of weights and what of a
Shot each of them takes, how many frames and which sizes the family was trained on, and every
default that is passed, because defaults of libraries change between versions. The rest of the
engine reads presets and knows no family by name.

Nothing here imports torch, so a list of all presets costs nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from laterna.size import RATIOS, Size, parse_size

__all__ = ["FIELD_OF", "FrameRule", "Preset", "SizeRule", "Use"]

# What a Shot may give beside words, as pipelines see it: pictures at the first frame, the last or
# elsewhere; film right before or after; film to work on, with a mask or a strength; blocking.
GIVEN = ("first", "last", "between", "lead", "trail", "source", "mask", "strength", "control")
FIELD_OF = {"first": "keyframes", "last": "keyframes", "between": "keyframes"}


@dataclass(frozen=True, slots=True)
class FrameRule:
    """How many frames a pipeline films at once: `step` * k + 1, at most `longest`.

    A `fixed` count is filmed whatever is asked, and trimmed.
    """

    step: int
    longest: int
    fixed: bool = False

    def fit(self, frames: int) -> int:
        """The smallest number of frames allowed that is not less than `frames`."""
        if self.fixed:
            return self.longest
        return min(self.longest, self.step * math.ceil((frames - 1) / self.step) + 1)


@dataclass(frozen=True, slots=True)
class SizeRule:
    """Which sizes a pipeline films.

    sizes     (width, height) it was trained on, the usual one first, landscape
    multiple  both sides are multiples of it
    fixed     no other size than those; else any aspect of about the same area, upright too
    """

    sizes: tuple[Size, ...]
    multiple: int
    fixed: bool = False

    def filmed(self, size: object) -> Size:
        """Width and height in which a Shot's `size` is filmed.

        A ratio takes the area of the usual size; pixels take their own area, kept between a
        quarter of the smallest trained area and the largest.
        """
        asked = parse_size(size)
        width, height = RATIOS[asked] if isinstance(asked, str) else asked
        ratio = width / height
        areas = [w * h for w, h in self.sizes]
        area: float = areas[0]
        if not isinstance(asked, str):
            area = max(min(areas) / 4, min(width * height, max(areas)))
        turned = () if self.fixed else tuple((h, w) for w, h in self.sizes)
        known = [*self.sizes, *turned]
        nearest = min(known, key=lambda s: (round(_away(s, ratio), 2), abs(s[0] * s[1] - area)))
        w, h = nearest
        if self.fixed or (_away(nearest, ratio) < 0.05 and 0.8 < w * h / area < 1.25):
            return nearest
        return self._up(math.sqrt(area * ratio)), self._up(math.sqrt(area / ratio))

    def _up(self, length: float) -> int:
        return max(1, round(length / self.multiple)) * self.multiple


@dataclass(frozen=True, slots=True)
class Use:
    """One pipeline class of diffusers, and the Shots it films.

    form    how the Shot becomes its arguments; a name in `laterna.engines.diffusers.arguments`
    needs   what a Shot has to give for it (words of `GIVEN`)
    either  of which it has to give one, and no more
    takes   what it may give besides
    """

    pipeline: str
    form: str
    needs: frozenset[str] = frozenset()
    either: frozenset[str] = frozenset()
    takes: frozenset[str] = frozenset()

    @property
    def given(self) -> frozenset[str]:
        """Everything it takes."""
        return self.needs | self.either | self.takes

    def films(self, wishes: frozenset[str]) -> bool:
        """Whether it films a Shot that gives exactly `wishes`."""
        fits = self.needs <= wishes <= self.given
        return fits and (not self.either or len(self.either & wishes) == 1)


@dataclass(frozen=True, slots=True)
class Preset:
    """One model family and variant.

    name         what it is asked for by, as in `diffusers:wan-2.1-t2v-1.3b`
    family       models whose adapters (LoRA) fit each other
    title        for people
    hub          id of the weights on the hub; `parts` further components with ids of their own
    revision     the commit of `hub` to take; empty: found out and recorded when it is installed
    licence      its name, and `licence_url` where it stands
    uses         pipelines, most wanted first
    fps          frames per second it was trained on
    frames       rule for one window; longer shots are filmed in windows that overlap
    size         rule for the picture
    go_on        how a window goes on from the last: "latents" (the last latent frames are held
                 while the next are denoised), "frames" (the last frames are given), "image" (only
                 the very last is) or "" (it cannot; shots end with the window)
    overlap      frames that two windows share
    max_seconds  longest shot
    steps, guidance  where a Shot leaves them open
    guidance_as  the argument that takes the guidance scale; "guider" is the pipeline's component
    call         further arguments, passed always
    controls     kinds of blocking it follows
    guidance_low of the network for low noise, where the family has two and the Shot leaves it open
    dtype        in which it runs on a GPU; `vae_dtype` its autoencoder
    scheduler    settings that its scheduler has, whatever the folder says; `_class_name` names its
                 class, where the folder of a model it is put together from has another
    bytes        per component, in `dtype`, rounded
    marks        what its folder's model_index.json and transformer/config.json say, to tell
                 variants with one pipeline class apart
    time_axis    which axis of the latents that the scheduler sees is time
    """

    name: str
    family: str
    title: str
    hub: str
    licence: str
    licence_url: str
    uses: tuple[Use, ...]
    fps: float
    frames: FrameRule
    size: SizeRule
    bytes: Mapping[str, int]
    revision: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)
    go_on: str = ""
    overlap: int = 1
    max_seconds: float = 60.0
    steps: int = 50
    guidance: float = 5.0
    guidance_as: str = "guidance_scale"
    guidance_low: float | None = None
    negative: bool = True
    call: Mapping[str, object] = field(default_factory=dict)
    controls: frozenset[str] = frozenset()
    dtype: str = "bfloat16"
    vae_dtype: str = "bfloat16"
    scheduler: Mapping[str, object] = field(default_factory=dict)
    marks: Mapping[str, object] = field(default_factory=dict)
    time_axis: int = 2

    @property
    def pipelines(self) -> tuple[str, ...]:
        """Names of the pipeline classes, most wanted first."""
        return tuple(dict.fromkeys(use.pipeline for use in self.uses))

    @property
    def given(self) -> frozenset[str]:
        """Everything of `GIVEN` that one of its pipelines takes."""
        return frozenset().union(*(use.given for use in self.uses))

    @property
    def fields(self) -> frozenset[str]:
        """Shot fields it honours beyond prompt, length, size and seed."""
        given = {FIELD_OF.get(name, name) for name in self.given}
        words = {"steps", "guidance", "extra", *(("negative",) if self.negative else ())}
        return frozenset(given | words)

    def vae_in(self, dtype: str) -> str:
        """What the autoencoder runs in where the network runs in `dtype`: its own where the family
        has one for it, else the network's, which a pipeline hands its numbers over in."""
        if dtype == "float32" or self.vae_dtype == self.dtype:
            return dtype
        return self.vae_dtype

    @property
    def window_seconds(self) -> float:
        """Seconds of one window."""
        return self.frames.longest / self.fps

    @property
    def total_bytes(self) -> int:
        """All components together."""
        return sum(self.bytes.values())


def _away(size: Size, ratio: float) -> float:
    return abs(math.log(size[0] / size[1] / ratio))
