"""Whether a model films a shot on this machine, in numbers, before a byte of it is loaded.

Three ways to place a model are tried, the fastest first:

    whole   every component stays on the device: all weights + the larger of the two working sums
    model   one component on the device at a time, the others in main memory (diffusers'
            model offload): the largest component with its own work
    group   layers are streamed from main memory (group offload): two of the largest layers at once
            (one at work, one under way) + work

and main memory has to hold all weights as soon as any of them leaves the device. On a processor
there is only `whole`. `geometry` has the sums for the work.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from laterna.engines.preflight.geometry import geometry_of
from laterna.engines.preflight.machine import Machine
from laterna.engines.preflight.weights import LOADED, Component, read_folder
from laterna.engines.registry import asked_fields
from laterna.shot import Shot, frame_count, length
from laterna.size import Size

if TYPE_CHECKING:  # the engine asks for a preflight, so its package is not imported from here
    from laterna.engines.diffusers.preset import Preset

__all__ = ["Part", "Report", "best_alternative", "gib", "preflight_model"]

WHOLE, MODEL, GROUP, NOT = "whole", "model", "group", ""
CUDA_CONTEXT = 700 << 20  # what CUDA, cuBLAS and the allocator's gaps take beside tensors
PROCESS = 700 << 20  # Python with torch and diffusers in it
NETWORKS = ("transformer", "transformer_2", "unet", "motion_adapter")


@dataclass(frozen=True, slots=True)
class Part:
    """A component: `bytes` once loaded, of which `layer` in its largest layer."""

    name: str
    bytes: int
    layer: int


@dataclass(frozen=True, slots=True)
class Report:
    """What preflight found.

    placing      "whole", "model", "group", or "" where the shot does not fit
    dtype        the weights are loaded as
    parts        every component
    frames       of one window, and the `size` (width, height) they are filmed in
    denoise, decode  bytes of work beside the weights
    peak         bytes on the device in this placing (the least there is, where nothing fits)
    memory       bytes of main memory in this placing
    exact        the weights' headers were read; else it is the preset's rounded figures
    alternative  name of the largest model that would fit and honours the shot; "" where it fits
    """

    model: str
    machine: Machine
    placing: str
    dtype: str
    parts: tuple[Part, ...]
    frames: int
    size: Size
    denoise: int
    decode: int
    peak: int
    memory: int
    exact: bool
    alternative: str = ""

    @property
    def fits(self) -> bool:
        """Whether it can be filmed here at all."""
        return self.placing != NOT

    @property
    def weights(self) -> int:
        """Bytes of all components."""
        return sum(part.bytes for part in self.parts)

    @property
    def verdict(self) -> str:
        """In a few words."""
        where = {"cuda": "the GPU", "mps": "the GPU"}.get(self.machine.device, "the processor")
        return {
            WHOLE: f"fits on {where}",
            MODEL: "fits with model offload",
            GROUP: "fits with group offload",
            NOT: "does not fit",
        }[self.placing]

    @property
    def reason(self) -> str:
        """Why it does not fit, what is there and what to do; "" where it fits."""
        if self.fits:
            return ""
        machine = self.machine
        text = f"{self.model} needs {gib(self.memory)} of memory"
        if machine.device == "cuda":
            text += f" and {gib(self.peak)} on the GPU"
        text += f"; there are {gib(machine.memory)}"
        if machine.device == "cuda":
            text += f" and {gib(machine.device_memory)}"
        return f"{text}; film with {self.alternative}" if self.alternative else text

    def lines(self) -> list[str]:
        """The whole account, for people."""
        how = "by the weights' headers" if self.exact else "by the preset's figures"
        machine, (width, height) = self.machine, self.size
        told = [f"{self.model}: {self.verdict} ({how}, as {self.dtype})"]
        told += [f"  {part.name:20}{gib(part.bytes):>12}" for part in self.parts]
        told += [
            f"  {'denoising':20}{gib(self.denoise):>12}  {self.frames} frames, {width}x{height}",
            f"  {'decoding':20}{gib(self.decode):>12}  a tile at a time",
            f"  {'peak':20}{gib(self.peak):>12}  on {machine.device_name or machine.device}, "
            f"where {gib(_room(machine))} are free",
            f"  {'main memory':20}{gib(self.memory):>12}  of {gib(machine.memory)}",
        ]
        if self.alternative:
            told.append(f"  would fit: {self.alternative}")
        return told


def preflight_model(
    source: Path | Mapping[str, Component] | None,
    preset: Preset,
    shot: Shot,
    machine: Machine | None = None,
    *,
    dtype: str | None = None,
    bits: int | None = None,
    size: Size | None = None,
    placing: str | None = None,
) -> Report:
    """Whether the model at `source` films `shot` on `machine` (default: this one).

    `source` is the folder (or single file) to be loaded, the headers of its components
    (`weights.read_folder`, `fetch.headers`), or None: then the preset's own figures serve, and
    nothing need be there. `dtype` is what the network is loaded as, by default the preset's on a
    GPU and float32 on a processor; `bits` what the network that
    denoises is quantised to; `size` the pixels it films, if not the preset's choice; `placing` the
    only one to be tried.

    An engine calls it in `preflight`, and goes by `placing` when it loads:

        report = preflight_model(folder, preset, shot)
        Preflight(report.fits, report.reason, report.peak, frames)

    Raises WeightsError for weights that cannot be read, are cut short, or are pickles.
    """
    machine = machine or Machine.here()
    report = _judge(source, preset, shot, machine, dtype, bits, size, placing)
    if report.fits:
        return report
    return replace(report, alternative=best_alternative(shot, machine, besides=preset.name))


def best_alternative(shot: Shot, machine: Machine, besides: str = "") -> str:
    """The preset that honours `shot` and fits `machine`: whole rather than offloaded, then the
    larger; else the native engine, which fits everywhere and honours every field but control."""
    from laterna.engines.diffusers.presets import PRESETS

    asked = asked_fields(shot)
    fitting = []
    for preset in PRESETS:
        if preset.name == besides or not asked <= preset.fields:
            continue
        if length(shot) > preset.max_seconds or (shot.frames == 1) != (preset.frames.longest == 1):
            continue
        report = _judge(None, preset, shot, machine)
        if report.fits:
            fitting.append((report.placing == WHOLE, preset.total_bytes, preset.name))
    if fitting:
        return max(fitting)[2]
    return "" if shot.control is not None else "native"


def gib(count: int | None) -> str:
    """Bytes in words: `4.6 GiB`, `310 MiB`."""
    if count is None:
        return "unknown"
    return f"{count / 2**30:.1f} GiB" if count >= 1 << 30 else f"{count / 2**20:.0f} MiB"


def _judge(
    source: Path | Mapping[str, Component] | None,
    preset: Preset,
    shot: Shot,
    machine: Machine,
    dtype: str | None = None,
    bits: int | None = None,
    size: Size | None = None,
    only: str | None = None,
) -> Report:
    dtype = dtype or (preset.dtype if machine.device != "cpu" else "float32")
    vae_dtype = preset.vae_in(dtype)
    parts, config = _parts(source, preset, dtype, vae_dtype)
    if bits is not None:
        parts = tuple(_quantised(part, bits / 8 / LOADED[dtype]) for part in parts)
    shape = geometry_of(preset.family, config)
    frames = preset.frames.fit(frame_count(shot, preset.fps))
    size = size or preset.size.filmed(shot.size)
    denoise = shape.denoising(frames, size, dtype)
    decode = shape.decoding(frames, size, vae_dtype)
    placing, peak, memory = _placed(parts, denoise, decode, machine, only)
    return Report(
        preset.name, machine, placing, dtype, parts, frames, size, denoise, decode, peak, memory,
        source is not None,
    )  # fmt: skip


def _parts(
    source: Path | Mapping[str, Component] | None, preset: Preset, dtype: str, vae_dtype: str
) -> tuple[tuple[Part, ...], Mapping[str, object]]:
    """The components as loaded, and the network's config."""
    types = {"vae": vae_dtype}
    if source is None:
        wide = LOADED[dtype] / LOADED[preset.dtype]
        vae_wide = LOADED[vae_dtype] / LOADED[preset.vae_dtype]
        sizes = {n: int(b * (vae_wide if n == "vae" else wide)) for n, b in preset.bytes.items()}
        return tuple(Part(name, size, size // 20) for name, size in sizes.items()), {}
    found = read_folder(source) if isinstance(source, Path) else source
    parts = []
    for name, component in sorted(found.items()):
        kind = types.get(name, dtype)
        parts.append(Part(name, component.loaded(kind), component.largest_layer(kind)))
    configs: Iterable[Mapping[str, object]] = (
        found[name].config for name in NETWORKS if name in found
    )
    return tuple(parts), next(iter(configs), {})


def _quantised(part: Part, share: float) -> Part:
    """The networks that denoise in fewer bits, a sixteenth more for their scales."""
    if part.name not in NETWORKS:
        return part
    share = min(1.0, share * 17 / 16)
    return Part(part.name, int(part.bytes * share), int(part.layer * share))


def _placed(
    parts: tuple[Part, ...], denoise: int, decode: int, machine: Machine, only: str | None
) -> tuple[str, int, int]:
    """The first placing that fits, with its peak on the device and in main memory."""
    weights, work = sum(part.bytes for part in parts), max(denoise, decode)
    if machine.device == "cpu":
        peak = weights + work + PROCESS
        return (WHOLE if _within(peak, machine.memory) else NOT), peak, peak
    context = CUDA_CONTEXT if machine.device == "cuda" else 0
    single = max((part.bytes + _work_of(part, denoise, decode) for part in parts), default=0)
    layer = max((part.layer for part in parts), default=0)
    # A Mac's one memory is on both sides of the sum, so nothing is won by moving weights in it.
    apart = machine.device == "cuda"
    ways = [(WHOLE, weights + work + context, PROCESS + weights + (0 if apart else work))]
    if apart:
        ways.append((MODEL, single + context, weights + PROCESS))
        ways.append((GROUP, 2 * layer + work + context, weights + PROCESS))
    ways = [way for way in ways if only in (None, way[0])] or ways
    for placing, peak, memory in ways:
        if _within(peak, machine.device_memory) and _within(memory, machine.memory):
            return placing, peak, memory
    return NOT, ways[-1][1], ways[-1][2]


def _work_of(part: Part, denoise: int, decode: int) -> int:
    """What the component needs while it works; a text encoder reads a few hundred words."""
    if part.name in NETWORKS or part.name == "model":
        return denoise
    return decode if part.name == "vae" else 0


def _within(needed: int, there: int | None) -> bool:
    return there is None or needed <= there


def _room(machine: Machine) -> int | None:
    return machine.memory if machine.device == "cpu" else machine.device_memory
