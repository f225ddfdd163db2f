"""Build the shipped vocabulary: which words of a prompt the trained mixture can film.

    python scripts/build_vocabulary.py [--mixture core|everything] [-o FILE]

The words come from the caption grammar (what captions of the mixture say) and from vocabulary.toml
(what people say besides); the words there of factors outside the mixture are kept as words to
warn of. Built again whenever the shipped mixture changes; the model reads the file, not this code.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from laterna.model.vocabulary import FORMAT, normalised, tokens
from laterna.world.captions import LANGUAGES, caption
from laterna.world.factors import CORE, EVERYTHING, LOOKS, Mixture, draw

HERE = Path(__file__).parent
TARGET = HERE.parent / "src" / "laterna" / "model" / "data" / "vocabulary.json"
MIXTURES = {"core": CORE, "everything": EVERYTHING}
# In the order of vocabulary.toml's tables; a factor that is not here has no words of its own.
FACTORS = {"setting": "settings", "hour": "hours", "weather": "weathers", "subject": "subjects",
           "look": "looks", "move": "moves"}  # fmt: skip
SAMPLES = 30_000


def main() -> None:
    """Read the arguments, build, write beside and rename."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--mixture", choices=MIXTURES, default="core")
    parser.add_argument("-o", "--output", type=Path, default=TARGET)
    arguments = parser.parse_args()
    data = build(MIXTURES[arguments.mixture], arguments.mixture)
    text = json.dumps(data, ensure_ascii=False, indent=0, sort_keys=True) + "\n"
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    beside = arguments.output.with_suffix(".part")
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, arguments.output)
    sizes = {name: len(words) for name, words in data.items() if isinstance(words, list)}
    print(f"{arguments.output}: {sizes}")


def build(mixture: Mixture, name: str) -> dict[str, Any]:
    """The vocabulary of `mixture` as `laterna.model.vocabulary` reads it."""
    words = tomllib.loads((HERE / "vocabulary.toml").read_text(encoding="utf-8"))
    inside, outside = _factor_words(words, mixture)
    said = _caption_words(mixture) - outside
    joining = _split(words["function"])
    verbs = _split(words["verbs"])
    content = _split(words["general"]) | _split(words["film"]) | _split(words["nature"]) | inside
    never = _split(words["never"]) - inside
    known = joining | verbs | content | said
    return {
        "format": FORMAT,
        "mixture": name,
        "function": sorted(joining),
        "homographs": sorted(_split(words["homographs"])),
        "german": sorted(_split(words["german"])),
        "verbs": sorted(verbs - joining),
        "content": sorted((content | said) - verbs - joining),
        "outside": sorted(never | (outside - known)),
        "phrases": sorted(_phrases(words["phrases"], mixture)),
    }


def _split(text: str) -> set[str]:
    """Words of a list; hyphenated ones count as their parts."""
    return set(tokens(normalised(text)))


def _trained(factor: str, mixture: Mixture) -> set[str]:
    if factor == "look":
        return {look for look, weight in zip(LOOKS, mixture.looks, strict=True) if weight > 0}
    chosen = getattr(mixture, FACTORS[factor])
    return set(chosen) if chosen else set(_all_words(factor))


def _all_words(factor: str) -> tuple[str, ...]:
    from laterna.world import factors

    words: tuple[str, ...] = getattr(factors, FACTORS[factor].upper())
    return words


def _factor_words(words: dict[str, Any], mixture: Mixture) -> tuple[set[str], set[str]]:
    """The words of factors in the mixture, and the words of those that are not."""
    inside: set[str] = set()
    outside: set[str] = set()
    for factor in FACTORS:
        trained = _trained(factor, mixture)
        for word, text in words.get(factor, {}).items():
            (inside if word in trained else outside).update(_split(text))
    return inside, outside - inside


def _caption_words(mixture: Mixture) -> set[str]:
    """The words that captions of the mixture use."""
    rng = np.random.default_rng(0)
    return {
        word
        for language in LANGUAGES
        for _ in range(SAMPLES)
        for word in tokens(normalised(caption(draw(rng, mixture), rng, language)))
    }


def _phrases(tables: dict[str, Any], mixture: Mixture) -> Iterator[str]:
    for factor, table in tables.items():
        trained = _trained(factor, mixture)
        for word, phrases in table.items():
            if word not in trained:
                yield from (re.sub(r"\s+", " ", normalised(phrase)) for phrase in phrases)


if __name__ == "__main__":
    main()
