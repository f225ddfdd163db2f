"""One shot in the making: window by window, and what one window hands to the next.

A window goes on from the one before in one of two ways. Where the pipeline takes pictures, it is
given the last frames, as they are in memory; its colours are then brought to theirs. Where it takes
words only, its first latent frames are held at the last ones of the window before, and both are
decoded as one film. Nothing passes through a file.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from laterna.engines.diffusers.adapters import adapters_of, apply
from laterna.engines.diffusers.arguments import FORMS, Call
from laterna.engines.diffusers.decode import Decoder, Undecoded, caught, images, pieces_of, widened
from laterna.engines.diffusers.frames import Look, Picture, at_rate
from laterna.engines.diffusers.options import Options
from laterna.engines.diffusers.pipelines import Loaded
from laterna.engines.diffusers.preset import Preset
from laterna.engines.diffusers.steps import Hold, holding, telling
from laterna.engines.diffusers.windows import Window, window_seed
from laterna.engines.diffusers.wishes import Part, lay_out
from laterna.engines.diffusers.wording import in_a_line
from laterna.engines.protocol import Chunk
from laterna.errors import EngineError, LaternaError
from laterna.shot import Frames, Shot, frame_count

__all__ = ["Stopped", "film"]

# What pipelines raise of their own, by no rule, for arguments they cannot film.
_FAULTS = (
    ValueError, RuntimeError, TypeError, NameError, ImportError, LookupError, AttributeError,
    ArithmeticError,
)  # fmt: skip
DENOISING = 0.9  # of a window's time; the rest is decoding


class Stopped(Exception):
    """Nobody wants more of the film."""


def film(
    shot: Shot, preset: Preset, loaded: Loaded, tell: Callable[[float], None], notes: list[str]
) -> Iterator[Chunk]:
    """The chunks of a resolved `shot`; `tell` hears the share done, what it raises ends it."""
    notes += loaded.notes
    notes += apply(loaded.base, adapters_of(shot.extra), preset.family)
    try:
        yield from _Take(shot, preset, loaded, tell).chunks()
    except LaternaError:
        raise
    except torch.OutOfMemoryError as error:
        remedy = "film smaller (--set film=WIDTHxHEIGHT), shorter, or with --set offload=group"
        raise EngineError(f"{preset.name}: the GPU's memory does not suffice; {remedy}") from error
    except _FAULTS as error:
        raise EngineError(f"{preset.name}: {in_a_line(error)}") from error
    finally:
        loaded.free()


class _Take:
    """What all windows of a shot share, and what the last one left."""

    def __init__(
        self, shot: Shot, preset: Preset, loaded: Loaded, tell: Callable[[float], None]
    ) -> None:
        self.shot, self.preset, self.loaded, self._tell = shot, preset, loaded, tell
        self.total = frame_count(shot, preset.fps)
        self.parts = lay_out(shot, preset)
        options = Options.of(shot.extra)
        self.picture = Picture.of(shot.size, preset.size, options.film)
        self._decoder: Decoder | None = None
        self._before: Frames | None = None  # the last frames at the size filmed
        self._latents: torch.Tensor | None = None  # the last latent frames, where they are held
        self._done = 0  # frames of windows that are joined

    def chunks(self) -> Iterator[Chunk]:
        """Every frame of the shot."""
        for part in self.parts:
            for start, frames in self._window(part):
                shown = self._kept(self.picture.shown(frames), start)
                yield Chunk(start=start, total=self.total, frames=np.ascontiguousarray(shown))

    def _window(self, part: Part) -> Iterator[tuple[int, Frames]]:
        """New frames at the size filmed, with the number of the first in the shot."""
        window = part.window
        call = self._call(part)
        share = (window.number, len(self.parts))
        found = self._denoised(part, call, share)
        if isinstance(found, Undecoded):
            blocks = self._decoded(found, window)
        else:
            blocks = iter([found])
        if self.preset.go_on == "latents":
            yield from self._joined(blocks)
        else:
            yield from self._cut(blocks, part, call)

    def _joined(self, blocks: Iterator[Frames]) -> Iterator[tuple[int, Frames]]:
        """Frames of windows that are decoded as one film, up to the shot's last."""
        for block in blocks:
            start = self._done
            wanted = block[: self.total - start]
            self._done += len(wanted)
            if len(wanted):
                yield start, wanted

    def _cut(
        self, blocks: Iterator[Frames], part: Part, call: Call
    ) -> Iterator[tuple[int, Frames]]:
        """Of a window's frames those that are the shot's, in the colours of what was before."""
        window, picks, index = part.window, _picks(part), 0
        known = [call.held[n] for n in range(window.held) if n in call.held]
        again: list[Frames] = []  # the known frames as this window shows them
        look: Look | None = None
        done = window.start
        for block in blocks:
            numbers = np.arange(index, index + len(block))
            index += len(block)
            if window.number and known and look is None:
                again += list(block[numbers < window.held])
                if len(again) < window.held:
                    continue
                look = Look.between(np.stack(again), np.stack(known))
            chosen = block[np.isin(numbers, picks)]
            if not len(chosen):
                continue
            if look is not None:
                chosen = look.applied(chosen)
            self._remember(chosen)
            yield done, chosen
            done += len(chosen)

    def _remember(self, frames: Frames) -> None:
        joined = frames if self._before is None else np.concatenate([self._before, frames])
        self._before = joined[-self.preset.overlap :].copy()

    def _denoised(self, part: Part, call: Call, share: tuple[int, int]) -> Undecoded | Frames:
        """Latents that are ready to be decoded; of a still, the picture itself."""
        pipeline = self.loaded.pipeline(part.use.pipeline)
        arguments = self._arguments(part, call, pipeline)
        number, count = share

        def tell(steps: float) -> None:
            self._tell((number + DENOISING * steps) / count)

        tell(0.0)
        with ExitStack() as stack:
            # A pipeline would do so itself when it ends, and it is left where it decodes.
            stack.callback(self.loaded.forget)
            stack.enter_context(telling(pipeline, tell))
            hold = self._hold(part, pipeline)
            if hold is not None:
                stack.enter_context(holding(pipeline, hold))
            if self.preset.frames.longest == 1:
                stack.enter_context(widened(pipeline.vae, self.loaded.wide))
                return _still(pipeline(**arguments, output_type="np"), self.preset.name)
            stack.enter_context(caught(pipeline.vae))
            try:
                pipeline(**arguments)
            except Undecoded as found:
                if hold is not None and hold.last is not None:
                    kept = self._held_latents(pipeline, self.preset.overlap)
                    size = hold.last.shape[self.preset.time_axis]
                    axis = self.preset.time_axis
                    self._latents = hold.last.narrow(axis, size - kept, kept).clone()
                return found
        raise EngineError(f"{self.preset.name}: {part.use.pipeline} gave no film")

    def _hold(self, part: Part, pipeline: Any) -> Hold | None:
        if self.preset.go_on != "latents" or len(self.parts) == 1:
            return None
        frames = self._held_latents(pipeline, part.window.filmed)
        seed = window_seed(self.shot.seed or 0, -1 - part.window.number)
        return Hold(self.preset.time_axis, frames, self._latents, seed)

    def _held_latents(self, pipeline: Any, frames: int) -> int:
        """Latent frames of so many frames."""
        return (frames - 1) // _ratio(pipeline) + 1

    def _decoded(self, found: Undecoded, window: Window) -> Iterator[Frames]:
        vae, latents = self.loaded.base.vae, found.latents
        if latents.ndim == 4 and self.preset.go_on != "latents":
            yield from images(vae, latents, found.kwargs)
            return
        if latents.ndim == 4:
            held = window.held if window.number else 0
            yield from images(vae, latents[held:], found.kwargs)
            return
        ratio = _ratio(self.loaded.base)
        if self._decoder is None:
            args = found.args_

            def decode(piece: torch.Tensor) -> torch.Tensor:
                with torch.no_grad():
                    pixels: torch.Tensor = vae.decode(piece, *args, return_dict=False)[0]
                return pixels

            pieces = pieces_of(vae, self.picture.filmed, ratio)
            self._decoder = Decoder(decode, ratio, *pieces)
        if self.preset.go_on == "latents" and window.number:
            latents = latents[:, :, (window.held - 1) // ratio + 1 :]
        yield from self._decoder.push(latents)
        if window.last or self.preset.go_on != "latents":
            yield from self._decoder.flush()

    def _arguments(self, part: Part, call: Call, pipeline: Any) -> dict[str, Any]:
        """Everything the pipeline is called with; every default it would choose is said."""
        preset, shot = self.preset, self.shot
        width, height = self.picture.filmed
        seed = window_seed(shot.seed or 0, part.window.number)
        guidance = preset.guidance if shot.guidance is None else float(shot.guidance)
        told: dict[str, Any] = {
            **preset.call,
            "prompt": shot.prompt,
            "negative_prompt": shot.negative or None,
            "width": width,
            "height": height,
            "frame_rate": preset.fps,
            "num_inference_steps": shot.steps or preset.steps,
        }
        if preset.guidance_as == "guider":
            pipeline.guider = pipeline.guider.new(guidance_scale=guidance)
        else:
            told[preset.guidance_as] = guidance
        if preset.guidance_low is not None:
            told["guidance_scale_2"] = preset.guidance_low if shot.guidance is None else guidance
        told |= FORMS[part.use.form](call)
        _unsized(pipeline)
        known = inspect.signature(type(pipeline).__call__).parameters
        told = {name: value for name, value in told.items() if name in known}
        return {**told, "generator": torch.Generator("cpu").manual_seed(seed)}

    def _call(self, part: Part) -> Call:
        """What the Shot gives to one window, at the size and rate of the pipeline."""
        shot, window, fps = self.shot, part.window, self.preset.fps
        at = [max(0, window.start - window.held + n) for n in range(window.filmed)]
        source = mask = control = None
        if shot.source is not None and shot.source.frames is not None:
            of = [at_rate(shot.source, n, fps) for n in at]
            source = self.picture.given(shot.source.frames[of])
            if shot.mask is not None:
                mask = np.stack([self.picture.given_mask(_mask(shot.mask, n)) for n in of])
        if shot.control is not None and shot.control.film.frames is not None:
            of = [at_rate(shot.control.film, n, fps) for n in at]
            control = self.picture.given(shot.control.film.frames[of])
        return Call(
            size=self.picture.filmed,
            frames=window.filmed,
            held=self._held(part),
            source=source,
            mask=mask,
            strength=shot.strength,
            control=control,
            follow=1.0 if shot.control is None else shot.control.strength,
            ratio=_ratio(self.loaded.base),
        )

    def _held(self, part: Part) -> dict[int, Frames]:
        """The frames of a window that are known, by number."""
        window, place = part.window, _places(part)
        held: dict[int, Frames] = {}
        if self.preset.go_on == "latents":
            return held
        before = self._before if window.number else self._lead(window.held)
        if before is not None and window.held:
            held |= dict(enumerate(before[-window.held :]))
        for frame, number in part.keyframes.items():
            image = self.shot.keyframes[number].image[None]
            held[int(place[window.held + frame - window.start])] = self.picture.given(image)[0]
        trail = self.shot.trail
        if window.tail and trail is not None and trail.frames is not None:
            held[int(place[window.held + window.new])] = self.picture.given(trail.frames[:1])[0]
        return held

    def _lead(self, count: int) -> Frames | None:
        lead = self.shot.lead
        if lead is None or lead.frames is None:
            return None
        back = np.arange(count - 1, -1, -1) * lead.fps / self.preset.fps
        index = len(lead.frames) - 1 - np.floor(back + 0.5).astype(int)
        return self.picture.given(lead.frames[np.maximum(index, 0)])

    def _kept(self, frames: Frames, start: int) -> Frames:
        """Frames of the shot with what a mask keeps of the source, bit for bit."""
        shot = self.shot
        if shot.mask is None or shot.source is None or shot.source.frames is None:
            return frames
        out = frames.copy()
        for n in range(len(out)):
            at = at_rate(shot.source, start + n, self.preset.fps)
            keep = ~self.picture.mask(_mask(shot.mask, at))
            out[n][keep] = self.picture.cropped(shot.source.frames[at : at + 1])[0][keep]
        return out


def _places(part: Part) -> NDArray[np.int64]:
    """Where in the film of a window its held, new and following frames lie.

    A picture at the end has to be the film's last frame; the frames that the family's rule wants
    beyond are then left out evenly.
    """
    window = part.window
    count = window.held + window.new + window.tail
    index = np.arange(count)
    if part.ends_on_picture and count > 1:
        index = np.rint(index * (window.filmed - 1) / (count - 1)).astype(np.int64)
    return index


def _picks(part: Part) -> NDArray[np.int64]:
    """Which frames of the window's film are the shot's."""
    window = part.window
    return _places(part)[window.held : window.held + window.new]


def _mask(mask: NDArray[np.bool_], frame: int) -> NDArray[np.bool_]:
    return mask if mask.ndim == 2 else mask[frame]


def _ratio(pipeline: Any) -> int:
    """Frames of one latent frame."""
    for name in ("vae_scale_factor_temporal", "vae_temporal_compression_ratio",
                 "vae_temporal_scale_factor"):  # fmt: skip
        if hasattr(pipeline, name):
            return int(getattr(pipeline, name))
    return 1


def _unsized(pipeline: Any) -> None:
    """HunyuanVideo 1.5 would film a picture at a size of its own; it has the one to film."""
    processor: Any = getattr(pipeline, "video_processor", None)
    if hasattr(processor, "calculate_default_height_width"):
        processor.calculate_default_height_width = lambda height, width, target_size: (
            height,
            width,
        )


def _still(made: Any, name: str) -> Frames:
    """The picture (1, H, W, 3), unless the model's own safety checker took it away."""
    if any(getattr(made, "nsfw_content_detected", None) or []):
        raise EngineError(f"{name}: its safety checker withheld the picture; change the prompt")
    frames: Frames = np.rint(np.clip(made.images, 0, 1) * 255).astype(np.uint8)
    return frames
