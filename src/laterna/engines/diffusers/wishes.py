"""What a Shot gives beside words, laid out over windows, and which pipeline films each.

Everything that can be refused is refused here, before any weight is loaded.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from laterna.engines.diffusers.preset import FIELD_OF, Preset, Use
from laterna.engines.diffusers.presets import PRESETS
from laterna.engines.diffusers.windows import Window, plan
from laterna.errors import InputError, UnsupportedError
from laterna.shot import MAX_STEPS, Shot, frame_at, frame_count

__all__ = ["Part", "lay_out"]

_NEEDED = {
    "first": "a first picture (--image)",
    "lead": "film that it goes on from",
    "source": "film to work on (--source)",
    "strength": "how far it may leave the source (--strength)",
    "mask": "what is filmed anew (--mask)",
    "last": "a last picture (--last-image)",
    "trail": "film that it leads to",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One window, who films it, and the shot's pictures in it by their frame in the shot."""

    window: Window
    use: Use
    keyframes: Mapping[int, int]

    @property
    def ends_on_picture(self) -> bool:
        """Whether its very last frame is given to a pipeline that takes only the two ends."""
        last = self.window.stop - 1
        given = last in self.keyframes and last > 0
        return self.use.form == "image" and (given or self.window.tail > 0)


def lay_out(shot: Shot, preset: Preset) -> list[Part]:
    """The windows of `shot`. Raises UnsupportedError or InputError for what cannot be honoured."""
    total = frame_count(shot, preset.fps)
    keyframes = _keyframes(shot, preset, total)
    _check_control(shot, preset)
    lead = 0 if shot.lead is None or shot.lead.frames is None else _lead(shot, preset)
    tail = int(shot.trail is not None)
    parts = []
    for window in plan(total, preset.frames, preset.overlap, lead, tail):
        here = {f: n for f, n in keyframes.items() if window.start <= f < window.stop}
        wishes = _wishes(shot, window, here, total)
        if window.number and preset.go_on in ("image", "frames"):
            wishes |= {"lead"}
        parts.append(Part(window, _use(preset, wishes, shot), here))
        _check_strength(shot, preset, parts[-1].use)
        _check_latents(shot, preset, parts[-1])
    return parts


def _keyframes(shot: Shot, preset: Preset, total: int) -> dict[int, int]:
    """The shot's pictures by their frame. Raises InputError for two on one frame."""
    found: dict[int, int] = {}
    for number, keyframe in enumerate(shot.keyframes):
        frame = frame_at(keyframe.second, total, preset.fps)
        if frame in found:
            other = shot.keyframes[found[frame]].second
            remedy = f"at {preset.fps:g} frames a second it meets the one at {other:g} s on a frame"
            raise InputError(f"keyframes[{number}].second", keyframe.second, remedy)
        found[frame] = number
    return found


def _check_strength(shot: Shot, preset: Preset, use: Use) -> None:
    """A strength is the share of the steps that are made; of them there has to be one."""
    if shot.strength is None or "strength" not in use.given:
        return
    steps = shot.steps or preset.steps
    if int(steps * shot.strength) < 1:
        least = math.ceil(1000 / steps) / 1000
        remedy = f"of {steps} steps it leaves none; give at least {least:g}"
        more = math.ceil(1 / shot.strength) if shot.strength * MAX_STEPS >= 1 else 0
        raise InputError("strength", shot.strength, remedy + (f", or {more} steps" * bool(more)))


def _check_latents(shot: Shot, preset: Preset, part: Part) -> None:
    """A pipeline that places pictures by latent frame tells no two within one apart."""
    if part.use.form != "conditions2":
        return
    window, step = part.window, preset.frames.step
    places = [window.held + frame - window.start for frame in part.keyframes]
    if window.tail:
        places.append(window.held + window.new)
    taken: set[int] = set()
    for place in sorted(places):
        latent = -(-place // step)
        if latent in taken:
            moments = ", ".join(f"{keyframe.second:g} s" for keyframe in shot.keyframes)
            remedy = (
                f"{preset.name} holds one picture, film that follows included, in {step} frames"
            )
            raise InputError("keyframes", f"pictures at {moments}", remedy)
        taken.add(latent)


def _lead(shot: Shot, preset: Preset) -> int:
    """How many frames of the lead are given: as many as two windows share, or it has."""
    assert shot.lead is not None
    assert shot.lead.frames is not None
    there = max(1, int(len(shot.lead.frames) * preset.fps / shot.lead.fps))
    step = preset.frames.step
    return (min(there, preset.overlap) - 1) // step * step + 1


def _wishes(shot: Shot, window: Window, keyframes: Mapping[int, int], total: int) -> frozenset[str]:
    """Words of `preset.GIVEN` for one window."""
    wishes = set()
    for frame in keyframes:
        wishes.add("first" if frame == 0 else "last" if frame == total - 1 else "between")
    for name in ("source", "mask", "strength", "control"):
        if getattr(shot, name) is not None:
            wishes.add(name)
    if shot.lead is not None and window.number == 0:
        wishes.add("lead")
    if shot.trail is not None and window.last:
        wishes.add("trail")
    return frozenset(wishes)


def _use(preset: Preset, wishes: frozenset[str], shot: Shot) -> Use:
    for use in preset.uses:
        if use.films(wishes):
            return use
    for wish in sorted(wishes - preset.given):
        if wish in FIELD_OF:
            takes = sorted({"first", "last"} & preset.given)
            remedy = f"{preset.name} takes {' and '.join(takes) or 'no'} pictures, none there; "
            remedy += next((f"{p.name} takes it" for p in PRESETS if wish in p.given), "")
            moments = ", ".join(f"{keyframe.second:g} s" for keyframe in shot.keyframes)
            raise UnsupportedError("keyframes", f"pictures at {moments}", remedy)
        raise UnsupportedError(wish, getattr(shot, wish), f"{preset.name} does not take it")
    near = max(preset.uses, key=lambda use: len(use.given & wishes))
    either = sorted(near.either) if near.either.isdisjoint(wishes) else []
    missing = [*either, *sorted(near.needs - wishes)]
    if missing and wishes <= near.given:
        wanted = [" or ".join(_NEEDED[name] for name in either)] if either else []
        wanted += [_NEEDED[name] for name in missing[len(either) :]]
        field = FIELD_OF.get(missing[0], missing[0])
        raise InputError(field, "nothing", f"{preset.name} needs {' and '.join(wanted)}")
    together = " and ".join(sorted(wishes))
    name = (sorted(wishes - near.given) or sorted(near.either & wishes))[0]
    field = FIELD_OF.get(name, name)
    raise UnsupportedError(field, together, f"{preset.name} does not take these together")


def _check_control(shot: Shot, preset: Preset) -> None:
    if shot.control is None:
        return
    if shot.control.kind not in preset.controls:
        kinds = " or ".join(sorted(preset.controls)) or "none"
        raise UnsupportedError("control", shot.control.kind, f"{preset.name} follows {kinds}")
    if shot.source is not None:
        raise UnsupportedError("control", "control and source", "give one of them")
