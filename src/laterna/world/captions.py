"""Captions: what a film maker would type to get exactly this clip, in English or German.

A caption is planned first (which factors it names; the rest it is silent about) and worded second,
in one of several registers: a bare word, a slug line, tags, a phrase, sentences, camera first.
The plan and the registers are the same for every language; the words and their grammar live in
`captions_en` and `captions_de`. Because the plan comes first, the factors a caption names are
known exactly, and a caption can be silent about a clip but never say something untrue of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

import numpy as np

from laterna.errors import InputError
from laterna.world import captions_de, captions_en
from laterna.world.factors import Factors

__all__ = ["LANGUAGES", "caption", "caption_with_mask", "mirrored"]

LANGUAGES = ("en", "de")
LONGEST = {"en": 145, "de": 130}  # characters; more seldom fit the 48 tokens an encoder reads
T = TypeVar("T")

# How often a factor is named when a caption is at its most talkative. The plain cases (a static
# camera, a clear sky, the colour look) go without saying more often than the marked ones.
TALK = {
    "setting": 0.96, "hour": 0.95, "weather": 0.9, "subject": 0.97, "colour": 0.9,
    "side": 0.6, "heading": 0.75, "move": 0.95, "amount": 0.6, "look": 0.95,
}  # fmt: skip
PLAIN = {("weather", "clear"): 0.6, ("move", "static"): 0.6, ("look", "colour"): 0.04}
NEEDS = {"colour": "subject", "side": "subject", "heading": "subject", "amount": "move"}
SILENT = {"none", "still"}  # values that no caption puts into words


@dataclass(frozen=True, slots=True)
class Plan:
    """What one caption is to say: the clip's factors, the names of those to mention, the dice."""

    factors: Factors
    named: frozenset[str]
    rng: np.random.Generator

    def says(self, name: str) -> str:
        """The factor's word if it is to be mentioned, else the empty string."""
        return getattr(self.factors, name) if name in self.named else ""

    def pick(self, options: Sequence[T]) -> T:
        """One of `options`, all equally likely."""
        return options[int(self.rng.random() * len(options))]

    def chance(self, probability: float) -> bool:
        """True with `probability`."""
        return bool(self.rng.random() < probability)

    def without(self, *names: str) -> Plan:
        """The same plan with fewer factors to mention."""
        return replace(self, named=self.named.difference(names))


class Grammar(Protocol):
    """What a language module offers; every function words exactly the factors it is named for."""

    def words(self, plan: Plan) -> str:
        """The setting or the subject as a bare noun."""

    def slug(self, plan: Plan) -> str:
        """A slug line: setting and hour, in capitals."""

    def tags(self, plan: Plan) -> list[str]:
        """Everything but camera and look as short phrases, most important first."""

    def phrase(self, plan: Plan) -> str:
        """Everything but camera and look as one noun phrase, lower case."""

    def sentences(self, plan: Plan) -> list[str]:
        """Everything but camera and look as full sentences without the final stop."""

    def camera_tag(self, plan: Plan) -> str:
        """The camera move as a noun phrase, lower case."""

    def camera_sentence(self, plan: Plan) -> str:
        """The camera move as a sentence without the final stop."""

    def camera_lead(self, plan: Plan) -> str:
        """The camera move as a noun phrase that leads into the scene's."""

    def look_tag(self, plan: Plan) -> str:
        """The look as a short phrase."""

    def shot_of(self, plan: Plan) -> str:
        """The phrase after a kind of shot: `wide shot of ...`."""

    def spell(self, plan: Plan, text: str) -> str:
        """A spelling of `text` that users of the language type as well."""


def _grammar(language: str) -> Grammar:
    if language == "en":
        return captions_en
    if language == "de":
        return captions_de
    raise InputError("language", language, "use 'en' or 'de'")


def caption(
    factors: Factors, rng: np.random.Generator, language: str = "en", drop: float | None = None
) -> str:
    """Word `factors` as a prompt in `language` ("en" or "de").

    `drop` 0 to 1 is the chance that a factor is left out; 0 names every factor that has something
    to say, 1 only the setting or the subject. None draws a chance of its own for each caption, so
    that one-word prompts and full shot descriptions both turn up. Raises InputError.
    """
    return caption_with_mask(factors, rng, language, drop)[0]


def caption_with_mask(
    factors: Factors, rng: np.random.Generator, language: str = "en", drop: float | None = None
) -> tuple[str, frozenset[str]]:
    """A caption and the names of the factors it mentions (of the rest it says nothing)."""
    grammar = _grammar(language)
    if drop is not None and not 0 <= drop <= 1:
        raise InputError("drop", drop, "give a chance from 0 to 1")
    plan = Plan(factors, _named(factors, rng, drop), rng)
    # Of wordings that are too long the shortest is kept: the text encoder would cut them short.
    text = _word(plan, grammar)
    for _ in range(8):
        if len(text) > LONGEST[language]:
            text = min(text, _word(plan, grammar), key=len)
    return grammar.spell(plan, " ".join(text.split())), plan.named


def _named(factors: Factors, rng: np.random.Generator, drop: float | None) -> frozenset[str]:
    """Choose the factors to mention: always the setting or the subject, else by chance."""
    values = {name: word for name, word in factors.as_dict().items() if word not in SILENT}
    if drop is not None:
        named = {n for n in values if rng.random() >= drop and (n, values[n]) != ("look", "colour")}
    else:
        # One caption in three is as talkative as captions get, one in twelve a bare word.
        mood = rng.random()
        keep = 0.0 if mood < 0.08 else 1.0 if mood > 0.65 else rng.uniform(0.2, 0.95)
        named = {n for n, w in values.items() if rng.random() < keep * PLAIN.get((n, w), TALK[n])}
    if not named & {"setting", "subject"}:
        named.add("subject" if "subject" in values and rng.random() < 0.3 else "setting")
    return frozenset(n for n in named if NEEDS.get(n, n) in named)


def _word(plan: Plan, grammar: Grammar) -> str:
    """Put the plan into one of the registers that can carry it."""
    if plan.named in ({"setting"}, {"subject"}) and plan.chance(0.6):
        return grammar.words(plan)
    registers = [_phrase, _phrase, _sentences, _sentences, _tags]
    if "setting" in plan.named:
        registers.append(_slug)
    if "move" in plan.named:
        registers += [_camera_lead, _camera_lead, _camera_first]
    return plan.pick(registers)(plan, grammar)


def _upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]


def _stop(plan: Plan, text: str) -> str:
    """A sentence end, which people often leave away at the end of a prompt."""
    return text if plan.chance(0.5) else text + "."


def _phrase(plan: Plan, grammar: Grammar) -> str:
    text = grammar.shot_of(plan) if plan.chance(0.35) else grammar.phrase(plan)
    tail = [grammar.camera_tag(plan)] if "move" in plan.named else []
    if "look" in plan.named:
        tail.append(grammar.look_tag(plan))
    if len(tail) == 2 and plan.chance(0.5):
        tail.reverse()
    if plan.chance(0.25):
        return _stop(plan, ". ".join(_upper_first(part) for part in [text, *tail]))
    text = ", ".join([text, *tail])
    return _stop(plan, _upper_first(text)) if plan.chance(0.4) else text


def _sentences(plan: Plan, grammar: Grammar) -> str:
    parts = grammar.sentences(plan)
    if "move" in plan.named:
        whole = plan.chance(0.75)
        parts.append(grammar.camera_sentence(plan) if whole else grammar.camera_tag(plan))
    if "look" in plan.named:
        parts.insert(0 if plan.chance(0.15) else len(parts), grammar.look_tag(plan))
    return _stop(plan, ". ".join(_upper_first(part) for part in parts))


def _camera_first(plan: Plan, grammar: Grammar) -> str:
    look = [grammar.look_tag(plan)] if "look" in plan.named else []
    scene = grammar.sentences(plan) if plan.chance(0.7) else [grammar.phrase(plan)]
    parts = [grammar.camera_sentence(plan), *scene, *look]
    return _stop(plan, ". ".join(_upper_first(part) for part in parts))


def _camera_lead(plan: Plan, grammar: Grammar) -> str:
    text = grammar.camera_lead(plan)
    if "look" in plan.named:
        text += ", " + grammar.look_tag(plan)
    return _stop(plan, _upper_first(text)) if plan.chance(0.5) else text


def _tags(plan: Plan, grammar: Grammar) -> str:
    tags = grammar.tags(plan)
    if "move" in plan.named:
        tags.insert(plan.pick((0, len(tags), len(tags))), grammar.camera_tag(plan))
    if "look" in plan.named:
        tags.insert(plan.pick((0, len(tags), len(tags))), grammar.look_tag(plan))
    return plan.pick((", ", ", ", ", ", "; ", " | ")).join(tags)


def _slug(plan: Plan, grammar: Grammar) -> str:
    parts = [grammar.slug(plan)]
    rest = plan.without("setting", "hour")
    if "subject" in rest.named or "weather" in rest.named:
        parts += grammar.sentences(rest) if plan.chance(0.5) else [", ".join(grammar.tags(rest))]
    if "move" in plan.named:
        parts.append(grammar.camera_tag(plan))
    if "look" in plan.named:
        parts.append(grammar.look_tag(plan))
    return _stop(plan, ". ".join(_upper_first(part) for part in parts))


_MIRROR = {"left": "right", "right": "left"}


def mirrored(factors: Factors) -> Factors:
    """The factors of the same clip seen in a mirror: left and right swapped wherever they stand."""

    def swap(words: str) -> str:
        return " ".join(_MIRROR.get(word, word) for word in words.split())

    return replace(
        factors,
        side=swap(factors.side),
        heading=swap(factors.heading),
        move=swap(factors.move),
    )
