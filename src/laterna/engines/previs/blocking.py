"""What a shot's words and options fix of its picture, and the camera's exact path.

Words of the prompt become factors (`world.prompt`); options in `Shot.extra` overrule them, each by
the name of its factor:

    setting, hour, weather, subject, colour, side, heading, move, amount, look    words
    camera    [{"second": 0, "x": 0, "y": 2, "z": 0, "pan": 0, "tilt": 0, "roll": 0, "focal": 35},
               {"second": 4, "z": -6}]

The camera follows its points in straight lines: metres from where it stands at first, x to the
right, y above the ground, looking along -z, so that forward is negative; degrees, pan positive to
the left and tilt positive up; millimetres on a 36 mm gate. A value that a point leaves out is that
of the point before; what the first leaves out is the composition's own. What neither words nor
options say is plain: noon, clear, nobody there, a camera that stands still.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path as File
from typing import TYPE_CHECKING, Any

import numpy as np

from laterna.checks import check_number
from laterna.errors import InputError, MediaError
from laterna.shot import Shot, length

if TYPE_CHECKING:
    from laterna.world.camera import Path
    from laterna.world.factors import Factors

__all__ = ["Blocking", "Point", "blocking_of", "read_blocking"]

PLAIN = {"hour": "noon", "weather": "clear", "subject": "none", "move": "static", "look": "colour"}
WORDS = (
    "setting", "hour", "weather", "subject", "colour", "side", "heading", "move", "amount", "look",
)  # fmt: skip
CAMERA = "camera"
# What each value of a point may be. Forward of 100 m the ground was not laid out finely enough.
BOUNDS: dict[str, tuple[float, float, str]] = {
    "second": (0.0, 60.0, "seconds, inside the shot"),
    "x": (-200.0, 200.0, "metres to the right"),
    "y": (0.3, 300.0, "metres above the ground"),
    "z": (-100.0, 200.0, "metres; forward is negative"),
    "pan": (-45.0, 45.0, "degrees; left is positive"),
    "tilt": (-25.0, 25.0, "degrees; up is positive"),
    "roll": (0.0, 0.0, "degrees; the renderer keeps the horizon level"),
    "focal": (14.0, 200.0, "millimetres"),
}
WIDEST = 80.0  # degrees off the start's axis that anything may be seen at
CLEAR = 0.25  # metres between camera and land
MAX_POINTS = 64
MAX_FILE = 1 << 20  # bytes


@dataclass(frozen=True, slots=True)
class Point:
    """Where the camera is at `second`; None is what it was before."""

    second: float
    x: float | None = None
    y: float | None = None
    z: float | None = None
    pan: float | None = None
    tilt: float | None = None
    focal: float | None = None


@dataclass(frozen=True, slots=True)
class Blocking:
    """What is rendered: the factors, and the camera's points where they are given."""

    factors: Factors
    camera: tuple[Point, ...] = ()

    def path(self, own: Path, ground: float, size: tuple[int, int]) -> Path:
        """The camera's path through its points, in the renderer's axes.

        `own` is the composition's, `ground` the level it stands on, `size` (width, height).
        """
        from laterna.world.camera import GATE, Path

        width, height = size
        first = {
            "x": 0.0, "y": own.place[0, 1] - ground, "z": 0.0, "pan": -math.degrees(own.yaw[0]),
            "tilt": math.degrees(math.atan((own.horizon[0] - height / 2) / own.focal[0])),
            "focal": own.focal[0] * GATE / width,
        }  # fmt: skip
        at = {name: self._values(name, value, own.times) for name, value in first.items()}
        focal = at["focal"] * width / GATE
        place = np.stack([at["x"], ground + at["y"], -at["z"]], axis=1)
        horizon = height / 2 + focal * np.tan(np.radians(at["tilt"]))
        seen = np.abs(at["pan"]) + np.degrees(np.arctan(width / 2 / focal))
        if seen.max() > WIDEST:
            remedy = "turn less, or use a longer focal length; the land ends there"
            raise InputError("camera.pan", round(float(np.abs(at["pan"]).max()), 1), remedy)
        return Path(place, -np.radians(at["pan"]), horizon, focal, own.times)

    def _values(self, name: str, value: float, times: Any) -> Any:
        """`name` in every frame, from its value before the first point."""
        seconds, values = [], []
        for point in self.camera:
            told = getattr(point, name)
            value = value if told is None else told
            seconds.append(point.second)
            values.append(value)
        return np.interp(times, seconds, values)


def blocking_of(shot: Shot, seed: int) -> Blocking:
    """What `shot` says, filled up from `seed`. Raises InputError that names the option."""
    from laterna.world import factors as world
    from laterna.world.prompt import complete, parse

    given = _options(shot.extra)
    words = {**parse(shot.prompt), **given}
    if "setting" not in words and "subject" not in words:
        remedy = f"name a place: {', '.join(world.SETTINGS)}, or say it as the option `setting`"
        raise InputError("prompt", shot.prompt, remedy)
    drawn = complete({**PLAIN, **words}, np.random.default_rng((seed, 0xB10C)))
    for name, word in given.items():
        if getattr(drawn, name) != word:
            raise InputError(f"extra.{name}", word, _remedy(name, drawn))
    return Blocking(drawn, _points(shot.extra.get(CAMERA), length(shot)))


def _options(extra: Mapping[str, object]) -> dict[str, str]:
    """The words among the options, checked against their lists."""
    from laterna.world import factors as world

    lists = {
        "setting": world.SETTINGS, "hour": world.HOURS, "weather": world.WEATHERS,
        "subject": world.SUBJECTS, "colour": world.COLOURS, "side": world.SIDES,
        "heading": world.HEADINGS, "move": world.MOVES, "amount": world.AMOUNTS,
        "look": world.LOOKS,
    }  # fmt: skip
    told: dict[str, str] = {}
    for name, word in extra.items():
        if name == CAMERA:
            continue
        if name not in lists:
            remedy = f"previs takes {', '.join((*WORDS, CAMERA))}"
            raise InputError(f"extra.{name}", word, remedy)
        if word not in lists[name]:
            raise InputError(f"extra.{name}", word, f"use one of {', '.join(lists[name])}")
        told[name] = str(word)
    return told


def _remedy(name: str, drawn: Factors) -> str:
    """Why a word could not be kept."""
    from laterna.world import factors as world

    if name == "subject":
        return f"in the setting {drawn.setting} use {', '.join(world.SUBJECTS_OF[drawn.setting])}"
    if name == "colour" and drawn.subject in world.COLOURS_OF:
        return f"a {drawn.subject} comes in {', '.join(world.COLOURS_OF[drawn.subject])}"
    if name == "heading" and drawn.subject in world.HEADINGS_OF:
        return f"a {drawn.subject} goes {', '.join(world.HEADINGS_OF[drawn.subject])}"
    if drawn.subject == "none" and name in ("colour", "side", "heading"):
        return "it is about a subject; name one"
    return f"it does not go with setting {drawn.setting} and move {drawn.move}"


def _points(told: object, seconds: float) -> tuple[Point, ...]:
    if told is None:
        return ()
    if not isinstance(told, list | tuple) or not 1 <= len(told) <= MAX_POINTS:
        remedy = f"give a list of 1 to {MAX_POINTS} points, each with a second"
        raise InputError("extra.camera", told, remedy)
    points: list[Point] = []
    for number, entry in enumerate(told):
        field = f"extra.camera[{number}]"
        if not isinstance(entry, Mapping) or "second" not in entry:
            raise InputError(field, entry, "give a point such as {'second': 0, 'z': -2}")
        for name, value in entry.items():
            if name not in BOUNDS:
                raise InputError(f"{field}.{name}", value, f"use {', '.join(BOUNDS)}")
            check_number(f"{field}.{name}", value, *BOUNDS[name])
        check_number(f"{field}.second", entry["second"], 0, seconds, BOUNDS["second"][2])
        if points and entry["second"] <= points[-1].second:
            raise InputError(f"{field}.second", entry["second"], "put the points in order")
        points.append(Point(**{n: float(v) for n, v in entry.items() if n != "roll"}))
    return tuple(points)


def read_blocking(text: str) -> dict[str, object]:
    """Options for `Shot.extra` from words ("a boat on the left, slow pan right") or a JSON file.

    Raises InputError for words that say nothing of a picture, MediaError for a file that is none.
    """
    from laterna.world.prompt import parse

    if text.strip().lower().endswith(".json"):
        return _read(File(text.strip()))
    found: dict[str, object] = dict(parse(text))
    if not found:
        remedy = "name a place, an hour, a weather, a subject or a move, or a .json file"
        raise InputError("blocking", text, remedy)
    return found


def _read(path: File) -> dict[str, object]:
    try:
        if path.stat().st_size > MAX_FILE:
            raise MediaError(f"blocking: {path} is over {MAX_FILE:,} bytes; it is no blocking")
        told = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise MediaError(f"blocking: {path} is not a file that can be read") from error
    except ValueError as error:
        raise MediaError(f"blocking: {path} is not JSON ({error})") from error
    if not isinstance(told, dict):
        raise InputError("blocking", str(path), "the file holds an object of options by name")
    return told
