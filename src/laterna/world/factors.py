"""What a clip of footage shows, as data: the factors that captions name and probes read back.

A factor is a short English word from a closed list; every other room (captions, composition,
evaluation, vocabulary) uses these words and no others. `draw` samples a possible combination:
a ship needs water, a street has no mountain behind it, fire is small at noon but there.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

SETTINGS = (
    "mountains", "sea", "coast", "desert", "hills", "forest",
    "lake", "valley", "snowfield", "skyline", "street",
)  # fmt: skip
HOURS = ("dawn", "noon", "dusk", "night")
WEATHERS = ("clear", "cloud", "fog", "rain", "snow")
SUBJECTS = (
    "none", "balloon", "boat", "ship", "car", "birds",
    "plane", "lighthouse", "house", "person", "campfire",
)  # fmt: skip
COLOURS = ("none", "red", "yellow", "white", "blue", "orange", "green", "black")
SIDES = ("none", "left", "centre", "right")
HEADINGS = ("none", "still", "left", "right", "up", "away", "closer")
MOVES = (
    "static", "pan left", "pan right", "tilt up", "tilt down", "dolly in", "dolly out",
    "truck left", "truck right", "crane up", "crane down", "zoom in", "zoom out",
    "orbit left", "orbit right",
)  # fmt: skip
AMOUNTS = ("none", "slow", "medium", "fast")
LOOKS = ("colour", "black-and-white", "warm", "cold")

# Which subjects can stand, sail or fly in a setting.
SUBJECTS_OF: dict[str, tuple[str, ...]] = {
    "mountains": ("balloon", "birds", "plane", "house", "person", "campfire"),
    "sea": ("boat", "ship", "birds", "plane", "balloon", "lighthouse"),
    "coast": ("boat", "ship", "birds", "lighthouse", "house", "person", "balloon"),
    "desert": ("balloon", "birds", "plane", "car", "person", "campfire", "house"),
    "hills": ("balloon", "birds", "plane", "car", "house", "person", "campfire"),
    "forest": ("birds", "person", "campfire", "house", "balloon"),
    "lake": ("boat", "balloon", "birds", "house", "campfire", "person"),
    "valley": ("balloon", "birds", "plane", "house", "person", "boat"),
    "snowfield": ("balloon", "birds", "plane", "house", "person", "campfire"),
    "skyline": ("balloon", "birds", "plane", "boat"),
    "street": ("car", "person", "birds"),
}
# Colours a subject comes in; a subject that is not here has none of its own.
COLOURS_OF: dict[str, tuple[str, ...]] = {
    "balloon": ("red", "yellow", "white", "blue", "orange", "green"),
    "boat": ("red", "yellow", "white", "blue", "green"),
    "ship": ("white", "red", "black"),
    "car": ("red", "yellow", "white", "blue", "black", "green"),
    "plane": ("white", "red", "yellow"),
    "lighthouse": ("white", "red"),
    "house": ("red", "white", "yellow", "blue"),
    "person": ("red", "yellow", "blue", "black", "white"),
}
# Ways a subject moves of its own accord; "still" for what stands where it is.
HEADINGS_OF: dict[str, tuple[str, ...]] = {
    "balloon": ("left", "right", "up"),
    "boat": ("left", "right"),
    "ship": ("left", "right"),
    "car": ("left", "right"),
    "birds": ("left", "right"),
    "plane": ("left", "right"),
    "lighthouse": ("still",),
    "house": ("still",),
    "person": ("left", "right"),
    "campfire": ("still",),
}
# A street is looked along: a car on it drives away or comes closer; a person crosses or walks on.
STREET_HEADINGS = {"car": ("away", "closer"), "person": ("left", "right", "away")}
# Settings solid enough to walk around; over open water an orbit is only a truck.
ORBIT_SETTINGS = ("mountains", "desert", "hills", "lake", "valley", "snowfield", "skyline", "coast")


@dataclass(frozen=True, slots=True)
class Factors:
    """One clip's content. Every field holds a word from the list of the same (plural) name."""

    setting: str = "mountains"
    hour: str = "noon"
    weather: str = "clear"
    subject: str = "none"
    colour: str = "none"  # of the subject
    side: str = "none"  # third of the frame the subject is in at its clearest moment
    heading: str = "none"  # which way the subject goes
    move: str = "static"  # of the camera
    amount: str = "none"  # of the camera's move
    look: str = "colour"

    def as_dict(self) -> dict[str, str]:
        """The factors by name, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Factors:
        """The inverse of `as_dict`."""
        return cls(**data)


@dataclass(frozen=True, slots=True)
class Mixture:
    """Which words a data set draws from, and how often it leaves the subject out.

    Empty tuples mean the whole list. `looks` weighs the looks in the order of LOOKS.
    """

    settings: tuple[str, ...] = ()
    hours: tuple[str, ...] = ()
    weathers: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    moves: tuple[str, ...] = ()
    looks: tuple[float, float, float, float] = (0.7, 0.1, 0.1, 0.1)
    no_subject: float = 0.35


EVERYTHING = Mixture()
# What the shipped model is trained on first (docs/decisions.md says how it was chosen).
CORE = Mixture(
    settings=("mountains", "sea", "desert", "hills", "lake", "skyline"),
    weathers=("clear", "cloud", "fog"),
    subjects=("balloon", "boat", "birds"),
    moves=("static", "pan left", "pan right", "dolly in", "truck left", "truck right"),
    looks=(1.0, 0.0, 0.0, 0.0),
)


def draw(rng: np.random.Generator, mixture: Mixture = EVERYTHING) -> Factors:
    """Draw one possible combination of factors from `mixture`."""

    def pick(words: tuple[str, ...]) -> str:
        return words[int(rng.integers(len(words)))]

    setting = pick(mixture.settings or SETTINGS)
    hour = pick(mixture.hours or HOURS)
    weather = pick(mixture.weathers or WEATHERS)
    subject = "none"
    wanted = mixture.subjects or SUBJECTS[1:]
    possible = tuple(s for s in SUBJECTS_OF[setting] if s in wanted)
    if possible and rng.random() >= mixture.no_subject:
        subject = pick(possible)
    colour = pick(COLOURS_OF[subject]) if subject in COLOURS_OF else "none"
    side = heading = "none"
    if subject != "none":
        side = pick(SIDES[1:])
        street = STREET_HEADINGS.get(subject) if setting == "street" else None
        heading = pick(street or HEADINGS_OF[subject])
    moves = mixture.moves or MOVES
    if setting not in ORBIT_SETTINGS:
        moves = tuple(m for m in moves if not m.startswith("orbit")) or ("static",)
    move = pick(moves)
    amount = "none" if move == "static" else pick(AMOUNTS[1:])
    look = LOOKS[int(rng.choice(len(LOOKS), p=np.array(mixture.looks) / sum(mixture.looks)))]
    return Factors(setting, hour, weather, subject, colour, side, heading, move, amount, look)
