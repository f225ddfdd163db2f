"""Free English or German prompts read back as factors: the captions' inverse, and more forgiving.

The reader works by elimination. Each kind of phrase is searched for in an order that resolves what
is ambiguous (a camera that pans left before a boat on the left, `not a cloud` before `cloud`,
`sea cliffs` before `sea`), and what was understood is blanked out, so that no word counts twice.
Words it does not know it passes over; whether a model can film them is `model.vocabulary`'s matter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from laterna.errors import InputError
from laterna.world import factors as world
from laterna.world.factors import EVERYTHING, Factors, Mixture
from laterna.world.prompt_words import (
    ADJECTIVES,
    ADVERBS,
    BETWEEN,
    COLOURS,
    HEADINGS,
    HOURS,
    LOOKS,
    MOVE_PATTERNS,
    NOT_A_PLACE,
    OVERRULES,
    SETTINGS,
    SIDES,
    SPELL,
    SUBJECTS,
    WEATHERS,
    WORN,
)

__all__ = ["complete", "parse"]


class _Reader:
    """A prompt of which one phrase after the other is understood and blanked out."""

    def __init__(self, text: str) -> None:
        text = re.sub(r" [-–—] ", " , ", text.lower())  # a dash between words ends a phrase
        text = " ".join(text.translate(SPELL).split())
        text = re.sub(r"\b(\w+t) die kamera\b", r"die kamera \1", text)
        # Which way it goes is all that matters of "from left to right".
        text = re.sub(r"\b(?:from )?left to right\b", "rightwards", text)
        text = re.sub(r"\b(?:from )?right to left\b", "leftwards", text)
        text = re.sub(r"\bvon (?:links|rechts) nach (links|rechts)\b", r"nach \1", text)
        self.text = re.sub(NOT_A_PLACE, lambda m: " " * len(m[0]), text)

    def blank(self, start: int, end: int) -> None:
        """Forget what is understood; `#` keeps words on both sides from joining up."""
        self.text = self.text[:start] + "#" * (end - start) + self.text[end:]

    def first(self, table: tuple[tuple[str, str], ...], span: slice = slice(None)) -> str:
        """The word of the first pattern found; every other match of that pattern goes as well."""
        for word, pattern in table:
            if re.search(pattern, self.text[span]):
                blanked = re.sub(pattern, lambda m: "#" * len(m[0]), self.text[span])
                start, stop, _ = span.indices(len(self.text))
                self.text = self.text[:start] + blanked + self.text[stop:]
                return word
        return ""

    def earliest(self, table: tuple[tuple[str, str], ...]) -> tuple[str, int, int]:
        """The word whose pattern is found furthest to the front, and where."""
        hits = [(m.start(), -m.end(), w) for w, p in table if (m := re.search(p, self.text))]
        if not hits:
            return "", 0, 0
        start, end, word = min(hits)
        return word, start, -end


def parse(text: str) -> dict[str, str]:
    """The factors that `text`, free English or German, names; words of no factor are ignored.

    Returns factor names and words of `factors.py`, only those that were found.
    """
    reader = _Reader(text)
    found = {"look": reader.first(LOOKS)}
    found["move"], found["amount"] = _camera(reader)
    found["hour"] = reader.first(HOURS)
    found["weather"] = _weather(reader, text)
    found["subject"], found["colour"] = _subject(reader)
    found["setting"] = _setting(reader)
    if found["subject"]:
        found["heading"] = _heading(reader, found["subject"])
        found["side"] = reader.first(SIDES)
    return {name: word for name, word in found.items() if word}


def _camera(reader: _Reader) -> tuple[str, str]:
    """The earliest camera move, and how fast it is said to be."""
    hits = [(m.start(), i, m.end(), move) for i, (move, pattern) in enumerate(MOVE_PATTERNS)
            if (m := pattern.search(reader.text))]  # fmt: skip
    if not hits:
        return "", ""
    start, _, end, move = min(hits)
    amount = ""
    if move != "static":  # the speed stands in the move's own clause
        before = re.search(r"(?:\w+ ){0,3}$", reader.text[:start])
        after = re.match(r"(?: \w+){0,5}", reader.text[end:])
        within = (before[0] if before else "") + reader.text[start:end]
        amount = _speed(ADJECTIVES + ADVERBS, within)
        if after and not amount:
            amount = _speed(ADVERBS, after[0])
    more = re.match(r"(?: \w+){0,5}? (?:away from|weg von)\b", reader.text[end:])
    if move == "dolly out" and more:  # "pull back slowly away from"
        end += more.end()
    reader.blank(start, end)
    return move, amount


def _speed(table: tuple[tuple[str, str], ...], clause: str) -> str:
    for word, pattern in table:
        if re.search(rf"\b(?:{pattern})\b", clause):
            return word
    return ""


def _weather(reader: _Reader, text: str) -> str:
    """Read before hours are blanked, because `a clear night` says both."""
    whole = _Reader(text)
    word = whole.first(WEATHERS)
    reader.text = "".join(
        "#" if theirs == "#" else ours for ours, theirs in zip(reader.text, whole.text, strict=True)
    )
    return word


def _subject(reader: _Reader) -> tuple[str, str]:
    subject, start, end = reader.earliest(SUBJECTS)
    if not subject:
        return "", ""
    if subject not in world.COLOURS_OF:
        reader.blank(start, end)
        return subject, ""
    colour = ""
    # Only adjectives may stand between; after the noun a colour needs "in", "with", "wearing".
    head, tail = reader.text[:start], reader.text[end:]
    for word, pattern in COLOURS:
        before = re.search(rf"\b(?:{pattern}),? (?:{BETWEEN} ){{0,3}}$", head)
        if before or (not colour and re.search(WORN.format(pattern), tail)):
            colour = word
    reader.blank(start, end)
    return subject, colour


def _setting(reader: _Reader) -> str:
    hits = {w: m.start() for w, p in SETTINGS if (m := re.search(p, reader.text))}
    for winner, losers in OVERRULES.items():
        if winner in hits and (winner != "lake" or _nested(reader.text)):
            hits = {word: at for word, at in hits.items() if word not in losers}
    for _, pattern in SETTINGS:
        reader.text = re.sub(pattern, lambda m: "#" * len(m[0]), reader.text)
    order = [word for word, _ in SETTINGS]
    return min(hits, key=lambda word: (hits[word], order.index(word))) if hits else ""


def _nested(text: str) -> bool:
    pattern = r"mountain lake|\bsees?\b in (?:den |hohen )?berg|lake in the mount"
    return bool(re.search(pattern, text))


def _heading(reader: _Reader, subject: str) -> str:
    possible = set(world.HEADINGS_OF.get(subject, ())) | set(world.STREET_HEADINGS.get(subject, ()))
    return reader.first(tuple(row for row in HEADINGS if row[0] in possible))


def complete(
    partial: Mapping[str, str], rng: np.random.Generator, mixture: Mixture = EVERYTHING
) -> Factors:
    """Fill up `partial` with a possible combination of factors drawn from `mixture`.

    What `partial` names is kept even where the mixture lacks it, as long as it is possible: the
    setting outranks the subject (a ship in a forest is dropped), both outrank colour, side and
    heading; an orbit where there is nothing to walk around becomes a truck. Raises InputError for
    a name or word that is not in `factors.py`.
    """
    _check(partial)
    given = dict(partial)
    # Draw until the two that constrain each other fit, from a mixture narrowed to what is given.
    narrow = mixture
    if "setting" in given:
        narrow = replace(narrow, settings=(given["setting"],))
    if (subject := given.get("subject", "")) and subject != "none":
        places = tuple(s for s in narrow.settings or world.SETTINGS
                       if subject in world.SUBJECTS_OF[s])  # fmt: skip
        if not places and "setting" not in given:
            places = tuple(s for s in world.SETTINGS if subject in world.SUBJECTS_OF[s])
        if places:
            narrow = replace(narrow, settings=places, subjects=(subject,), no_subject=0.0)
        else:
            narrow = replace(narrow, no_subject=1.0)
    elif subject == "none":
        narrow = replace(narrow, no_subject=1.0)
    elif given.keys() & {"colour", "side", "heading"}:
        narrow = replace(narrow, no_subject=0.0)
    if "hour" in given:
        narrow = replace(narrow, hours=(given["hour"],))
    if "weather" in given:
        narrow = replace(narrow, weathers=(given["weather"],))
    drawn = world.draw(rng, narrow)
    return _fitted(drawn, given, rng)


def _fitted(drawn: Factors, given: Mapping[str, str], rng: np.random.Generator) -> Factors:
    """`drawn` with what else is given, where the drawn setting and subject allow it."""
    subject, heading = drawn.subject, given.get("heading", drawn.heading)
    street = world.STREET_HEADINGS.get(subject) if drawn.setting == "street" else None
    colours = world.COLOURS_OF.get(subject, ("none",))
    colour = given.get("colour", drawn.colour)
    move = given.get("move", drawn.move)
    amount = given.get("amount", drawn.amount)
    if move == drawn.move == "static" and given.get("amount", "none") != "none":
        move = "pan left" if "move" not in given else move
    if move.startswith("orbit") and drawn.setting not in world.ORBIT_SETTINGS:
        move = move.replace("orbit", "truck")
    if move == "static":
        amount = "none"
    elif amount == "none":
        amount = world.AMOUNTS[1 + int(rng.integers(3))]
    side = given.get("side", drawn.side)
    return replace(
        drawn,
        colour=colour if colour in colours else drawn.colour,
        side=drawn.side if subject == "none" or side == "none" else side,
        heading=heading if heading in (street or world.HEADINGS_OF.get(subject, ("none",)))
        else drawn.heading,
        move=move,
        amount=amount,
        look=given.get("look", drawn.look),
    )  # fmt: skip


_LISTS = {
    "setting": world.SETTINGS, "hour": world.HOURS, "weather": world.WEATHERS,
    "subject": world.SUBJECTS, "colour": world.COLOURS, "side": world.SIDES,
    "heading": world.HEADINGS, "move": world.MOVES, "amount": world.AMOUNTS, "look": world.LOOKS,
}  # fmt: skip


def _check(partial: Mapping[str, str]) -> None:
    for name, word in partial.items():
        if name not in _LISTS:
            raise InputError("factor", name, f"use one of {', '.join(_LISTS)}")
        if word not in _LISTS[name]:
            raise InputError(name, word, f"use one of {', '.join(_LISTS[name])}")
