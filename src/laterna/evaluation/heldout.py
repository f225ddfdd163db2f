"""The captions every model is judged on: fixed before it was trained, all of them, in order.

Caption i words the clip of seed FIRST + i, English for even i, German for odd ones, with whatever
the grammar drew: nothing is filtered, so hard and dull ones stay in. The checksum of the whole
list is committed beside this file; a change of the grammar or the mixture that would move the
goal posts shows as another checksum.

All of evaluation lives on seeds from 9e9 up, which no training reads. Each use has a range of its
own, so that the probe has never seen a clip that it later judges.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from laterna.errors import InputError, LaternaError
from laterna.world.captions import caption_with_mask
from laterna.world.factors import CORE, Factors, Mixture, draw

__all__ = [
    "COUNT",
    "FIRST",
    "PROBE_CHECK",
    "PROBE_TRAIN",
    "REAL_AGAIN",
    "VARIETY",
    "HeldOut",
    "checksum",
    "committed",
    "factors_of",
    "held_out",
]

COUNT = 1024
FIRST = 9_000_000_000  # the held-out captions and their real clips
REAL_AGAIN = 9_100_000_000  # a second set of real clips: how far apart real is from real
PROBE_TRAIN = 9_200_000_000
PROBE_CHECK = 9_300_000_000
VARIETY = 9_400_000_000  # many real clips of one caption
LANGUAGES = ("en", "de")
_DRAW, _WORDS = 0xFAC7, 0xCA97


@dataclass(frozen=True, slots=True)
class HeldOut:
    """One caption, what it names, and the clip it was worded for."""

    seed: int
    text: str
    language: str
    factors: Factors
    named: frozenset[str]


def factors_of(seed: int, mixture: Mixture = CORE) -> Factors:
    """The factors that `render_clip(seed, mixture=mixture)` draws, without rendering."""
    return draw(np.random.Generator(np.random.Philox(key=[seed, _DRAW])), mixture)


def held_out(count: int) -> list[HeldOut]:
    """The first `count` held-out captions, 1 to COUNT. Raises InputError, and LaternaError when
    they are not the committed ones.
    """
    if not 1 <= count <= COUNT:
        raise InputError("n", count, f"give 1 to {COUNT} captions")
    if checksum() != committed()["sha256"]:
        raise LaternaError(
            "the held-out captions are not the committed ones: the world's grammar or its core "
            "mixture has changed since, so figures would not compare with earlier ones"
        )
    return list(_all()[:count])


def checksum() -> str:
    """sha256, in hex, over all COUNT captions: seed, language, text, factors and what is named."""
    digest = hashlib.sha256()
    for item in _all():
        line = [item.seed, item.language, item.text, item.factors.as_dict(), sorted(item.named)]
        digest.update(json.dumps(line, ensure_ascii=False, sort_keys=True).encode() + b"\n")
    return digest.hexdigest()


def committed() -> dict[str, Any]:
    """What the file beside this module says of the captions."""
    text = files("laterna.evaluation").joinpath("data/held_out.json").read_text("utf-8")
    facts: dict[str, Any] = json.loads(text)
    return facts


@cache
def _all() -> tuple[HeldOut, ...]:
    return tuple(_one(FIRST + index, LANGUAGES[index % 2]) for index in range(COUNT))


def _one(seed: int, language: str) -> HeldOut:
    factors = factors_of(seed)
    rng = np.random.Generator(np.random.Philox(key=[seed, _WORDS]))
    text, named = caption_with_mask(factors, rng, language)
    return HeldOut(seed, text, language, factors, named)
