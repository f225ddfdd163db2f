"""Requests into Shots: each kind of request is a way to fill one in (`laterna.edit`).

What comes out is whole: resolved, checked against the engine's capabilities, with every error
under the name the client used for the field.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from laterna import edit
from laterna.clip import Delivery, delivery
from laterna.engines.protocol import Engine
from laterna.engines.registry import check
from laterna.errors import InputError, UnsupportedError
from laterna.media.scale import cover, same_shape
from laterna.media.shown import shown_size
from laterna.server.accounts import stages
from laterna.server.errors import bad_request
from laterna.server.spec import Spec
from laterna.server.videos.characters import named
from laterna.server.videos.engines import Engines
from laterna.server.videos.inputs import Desk, Found, size_of
from laterna.server.videos.requests import (
    CreateRequest,
    EditRequest,
    ExtensionRequest,
    Options,
    Picture,
    RemixRequest,
)
from laterna.shot import (
    Cue,
    Keyframe,
    Shot,
    Strip,
    draft_grid,
    frame_at,
    length,
    parse_size,
    resolved,
)

__all__ = ["Plan", "plan_create", "plan_edit", "plan_extension", "plan_remix"]

MAX_TOTAL = 120.0  # seconds of a film that grew by extensions; Sora's own limit
SLACK = 0.01  # of the aspect ratio


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A job that can be queued. `prompt` is as it was asked, `seconds` those of the whole film."""

    spec: Spec
    engine: Engine
    model: str
    prompt: str
    seconds: float
    delivery: Delivery
    remixed_from: str | None = None
    before: Strip | None = None  # uploaded film that this one goes on from
    after: Strip | None = None


def _names(**more: str) -> _Names:
    return _Names({"negative": "negative_prompt", "quality": "final", **more})


@dataclass(slots=True)
class _Names:
    """What clients call the fields of a Shot."""

    known: dict[str, str]

    def wrong(self, error: InputError) -> InputError:
        """`error` under the client's name of its field; the longest name that fits counts."""
        for name in sorted(self.known, key=len, reverse=True):
            if error.field == name or error.field.startswith((name + ".", name + "[")):
                told = self.known[name] + error.field[len(name) :]
                return type(error)(told, error.value, error.remedy)
        return error


def plan_create(desk: Desk, engines: Engines, asked: CreateRequest) -> Plan:
    """A shot from words, and pictures where they are given. Raises ApiError, LaternaError."""
    pictures = asked.input_reference or asked.last_frame or asked.keyframes
    _allow(desk, asked, pictures=bool(pictures))
    model, engine = engines.choose(asked.model, asked.engine)
    names = _names()
    prompt = named(desk, asked.prompt, [one.id for one in asked.characters])
    common = _common(asked, names)
    # Judged without its pictures first: a size that cannot be is not worth decoding for.
    bare = _shot(names, prompt=prompt, seconds=asked.seconds, size=asked.size, **common)
    plan = _delivery(bare, engine, asked, names)
    shot = _shot(
        names,
        prompt=prompt,
        seconds=asked.seconds,
        size=asked.size,
        cues=tuple(Cue(one.second, one.prompt) for one in asked.cues),
        keyframes=_keyframes(desk, asked, bare, plan, engine, names),
        loop=asked.loop,
        **common,
    )
    spec = _spec(shot, engine, asked, names, "create")
    return Plan(spec, engine, model, asked.prompt, length(spec.shot), plan)


def plan_remix(desk: Desk, engines: Engines, video: str, asked: RemixRequest) -> Plan:
    """A video of theirs told anew."""
    _allow(desk, asked)
    found = desk.named(video)
    names = _names(source="video_id")
    model, engine, common = _onward(engines, found, asked, names)
    shot = _made(names, edit.remix, found.strip, asked.prompt, asked.strength, **common)
    return _planned(found, shot, engine, model, asked, names, "remix")


def plan_edit(desk: Desk, engines: Engines, asked: EditRequest, video: str | None = None) -> Plan:
    """A video of theirs, or an upload, with something changed: what, its fields say."""
    _allow(desk, asked, pictures=asked.mask is not None)
    if video is not None:
        found = desk.named(video)
    elif asked.video is None:
        raise bad_request("video", "video: it is missing", "missing_required_parameter")
    else:
        found = desk.film(asked.video, lambda: engines.choose(asked.model, asked.engine)[1])
    names = _names(source="video")
    _one_way(asked)
    model, engine, common = _onward(engines, found, asked, names)
    if asked.mask is not None:
        mask = _mask(desk, asked.mask, found.strip)
        shot = _made(names, edit.inpaint, found.strip, mask, asked.prompt, **common)
    elif asked.size is not None:
        common.pop("size")
        place = {"across": asked.across, "down": asked.down}
        common |= {name: share for name, share in place.items() if share is not None}
        shot = _made(names, edit.outpaint, found.strip, asked.size, asked.prompt, **common)
    elif asked.speed is not None:
        shot = _made(names, edit.retime, found.strip, asked.prompt, asked.speed, **common)
    else:
        strength = 0.6 if asked.strength is None else asked.strength
        shot = _made(names, edit.remix, found.strip, asked.prompt, strength, **common)
    return _planned(found, shot, engine, model, asked, names, "edit")


def plan_extension(desk: Desk, engines: Engines, asked: ExtensionRequest) -> Plan:
    """New film at the end or the beginning, or a bridge: to another video, or back to the start."""
    _allow(desk, asked)
    if asked.loop and asked.into is not None:
        raise bad_request("loop", "loop: a bridge leads to one place; leave out loop or into")
    if asked.side == "start" and (asked.loop or asked.into is not None):
        raise bad_request("side", "side: a bridge begins at the end; leave it out")
    found = desk.film(asked.video, lambda: engines.choose(asked.model, asked.engine)[1])
    other = desk.named(asked.into.id, "into.id") if asked.into else None
    names = _names(lead="video", trail="into" if other else "video")
    model, engine, common = _onward(engines, found, asked, names)
    given = (asked.prompt, asked.seconds)
    if other is not None:
        _same_frame(found, other)
        shot = _made(names, edit.blend, found.strip, other.strip, *given, **common)
    elif asked.loop:
        shot = _made(names, edit.loop, found.strip, *given, **common)
    else:
        before = asked.side == "start"
        shot = _made(names, edit.extend, found.strip, *given, before=before, **common)
    first, last = (None, found) if asked.side == "start" else (found, other)
    spec = _spec(shot, engine, asked, names, "extension", _name(first), _name(last))
    total = length(spec.shot) + sum(_seconds(one) for one in (first, last) if one is not None)
    if total > MAX_TOTAL:
        message = f"seconds: the film would last {total:g} s; at most {MAX_TOTAL:g} will do"
        raise bad_request("seconds", message)
    plan = _delivery(spec.shot, engine, asked, names)
    strips = [one.strip if one is not None and one.row is None else None for one in (first, last)]
    source = None if found.row is None else found.row.id
    return Plan(spec, engine, model, asked.prompt, total, plan, source, strips[0], strips[1])


def _allow(desk: Desk, asked: Options, pictures: bool = False) -> None:
    """The abilities that every request needs, whatever it goes on from."""
    stages.allow(desk.who, "text")
    if pictures:
        stages.allow(desk.who, "image")
    if asked.final:
        stages.allow(desk.who, "final")


def _common(asked: Options, names: _Names) -> dict[str, Any]:
    """The fields of a Shot that every request may set."""
    quality = "draft" if asked.draft else "final" if asked.final else "quick"
    told: dict[str, Any] = {"seed": asked.seed, "guidance": asked.guidance, "steps": asked.steps}
    if asked.negative_prompt is not None:
        told["negative"] = asked.negative_prompt
    return {**told, "quality": quality}


def _onward(
    engines: Engines, found: Found, asked: Options, names: _Names
) -> tuple[str, Engine, dict[str, Any]]:
    """Model, engine and common fields of a shot that goes on from `found`: as it was filmed."""
    row, shot = found.row, found.shot
    same = asked.model is None and asked.engine is None and row is not None
    model, engine = engines.choose(
        row.model if same and row else asked.model, row.engine if same and row else asked.engine
    )
    common = _common(asked, names)
    common["size"] = size_of(found.strip) if shot is None else shot.size
    if shot is not None and not asked.final and not asked.draft:
        common["quality"] = shot.quality
    return model, engine, common


def _planned(
    found: Found, shot: Shot, engine: Engine, model: str, asked: Any, names: _Names, kind: str
) -> Plan:
    spec = _spec(shot, engine, asked, names, kind)
    plan = _delivery(spec.shot, engine, asked, names)
    source = None if found.row is None else found.row.id
    return Plan(spec, engine, model, asked.prompt, length(spec.shot), plan, source)


def _spec(
    shot: Shot,
    engine: Engine,
    asked: Options,
    names: _Names,
    kind: str,
    before: str | None = None,
    after: str | None = None,
) -> Spec:
    """The shot resolved, once the engine's capabilities cover it."""
    can, shown = engine.capabilities, engine.name.partition(":")[0]
    if asked.camera is not None:
        path = [point.model_dump(exclude_none=True) for point in asked.camera]
        shot = _with_camera(shot, path, engine)
    try:
        check(engine, shot)
    except InputError as error:
        remedy = error.remedy.replace(engine.name, shown)
        raise names.wrong(type(error)(error.field, error.value, remedy)) from error
    passes = tuple(dict.fromkeys(asked.passes or ()))
    missing = sorted(set(passes) - can.passes)
    if missing:
        there = ", ".join(sorted(can.passes)) or "none"
        raise UnsupportedError("passes", missing[0], f"the engine {shown} gives {there}")
    return Spec(resolved(shot), kind, before, after, passes)


def _with_camera(shot: Shot, camera: object, engine: Engine) -> Shot:
    """`shot` with the camera's exact path, where the engine takes one; it judges it at once."""
    shown = engine.name.partition(":")[0]
    if "camera" not in engine.capabilities.options:
        remedy = f"the engine {shown} takes no camera path; say the move in the prompt"
        raise UnsupportedError("camera", camera, remedy)
    shot = replace(shot, extra={**shot.extra, "camera": camera})
    try:
        engine.preflight(shot)
    except InputError as error:
        field = error.field.removeprefix("extra.")
        raise type(error)(field, error.value, error.remedy) from error
    return shot


def _delivery(shot: Shot, engine: Engine, asked: Options, names: _Names) -> Delivery:
    """What will be delivered; a frame rate that was asked for has to be that one."""
    try:
        plan = delivery(shot, draft_grid(shot.size).frame, engine.capabilities.fps)
    except InputError as error:
        raise names.wrong(error) from error
    if asked.fps is not None and abs(asked.fps - plan.fps) > 1e-6:
        shown = engine.name.partition(":")[0]
        remedy = f"the engine {shown} delivers {plan.fps:g} (draft: {{}})"
        remedy = remedy.format(f"{engine.capabilities.fps:g}")
        raise UnsupportedError("fps", asked.fps, remedy)
    return plan


def _keyframes(
    desk: Desk, asked: CreateRequest, bare: Shot, plan: Delivery, engine: Engine, names: _Names
) -> tuple[Keyframe, ...]:
    """The pictures a shot passes through, in order; each has to have the shape of the frame."""
    given: list[tuple[float, Picture, str]] = []
    if asked.input_reference is not None:
        given.append((0.0, asked.input_reference, "input_reference"))
    for number, one in enumerate(asked.keyframes):
        given.append((one.second, one.image, f"keyframes.{number}.image"))
    if asked.last_frame is not None:
        given.append((length(bare), asked.last_frame, "last_frame"))
    if given:
        names.known["keyframes"] = given[0][2].partition(".")[0]
    moments: dict[int, str] = {}
    frames = []
    count = resolved(bare).frames or 1
    for number, (second, picture, name) in enumerate(given):
        names.known[f"keyframes[{number}]"] = name.removesuffix(".image")
        names.known[f"keyframes[{number}].image"] = name
        place = frame_at(min(max(second, 0.0), length(bare)), count)
        if place in moments:
            message = f"{name}: that frame is given by {moments[place]} already"
            raise bad_request(name.removesuffix(".image"), message)
        moments[place] = name
        frames.append(Keyframe(second, _fitting(desk.picture(picture, name), plan, engine, name)))
    return tuple(frames)


def _fitting(
    image: NDArray[np.uint8], plan: Delivery, engine: Engine, name: str
) -> NDArray[np.uint8]:
    """A picture of the shape that is delivered, no larger than the engine can use it."""
    height, width = image.shape[:2]
    wide, high = plan.size
    if not same_shape((width, height), plan.size, SLACK):
        message = f"{name}: it is {width}x{height} and has to match the size {wide}x{high}"
        raise bad_request(name, message)
    if not engine.capabilities.drafts:
        return cover(image, shown_size((width, height), plan.size, drafts=False))
    return cover(image, plan.size) if width > wide else image


def _mask(desk: Desk, given: Picture, strip: Strip) -> NDArray[np.bool_]:
    """White is filmed anew; the mask is scaled to the frames it is about."""
    assert strip.frames is not None  # a draft always has them
    height, width = strip.frames.shape[1:3]
    image = desk.picture(given, "mask")
    if not same_shape((image.shape[1], image.shape[0]), (width, height), 0.02):
        shown = f"{image.shape[1]}x{image.shape[0]}"
        raise bad_request("mask", f"mask: {shown} has another shape than the video's frame")
    white: NDArray[np.bool_] = cover(image, (width, height)).mean(axis=-1) >= 127.5
    return white


def _one_way(asked: EditRequest) -> None:
    """An edit changes one thing: a region, the frame, the pace, or all of it by a strength."""
    given = [
        name for name in ("mask", "size", "speed", "strength") if getattr(asked, name) is not None
    ]
    if len(given) > 1:
        message = f"{given[1]}: an edit is by {given[0]} or by {given[1]}; send one of the two"
        raise bad_request(given[1], message)
    for name in ("across", "down"):
        if getattr(asked, name) is not None and asked.size is None:
            raise bad_request(name, f"{name}: it places the film on a wider frame; give the size")


def _same_frame(first: Found, second: Found) -> None:
    one, two = first.strip.frames, second.strip.frames
    if one is None or two is None or one.shape[1:] != two.shape[1:]:
        raise bad_request("into.id", "into.id: its frame has another size; change the frame first")


def _made(names: _Names, build: Any, *given: Any, **fields: Any) -> Shot:
    """A Shot from one of `laterna.edit`, with errors under the client's names."""
    try:
        shot: Shot = build(*given, **fields)
    except InputError as error:
        raise names.wrong(error) from error
    return shot


def _shot(names: _Names, **fields: Any) -> Shot:
    fields["size"] = parse_size(re.sub(r"\s", "", fields["size"]))
    return _made(names, Shot, **fields)


def _name(found: Found | None) -> str | None:
    return None if found is None or found.row is None else found.row.id


def _seconds(found: Found) -> float:
    if found.row is not None:
        return float(found.row.seconds)
    assert found.strip.frames is not None
    return len(found.strip.frames) / found.strip.fps
