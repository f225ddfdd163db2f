"""German noun phrases: article, adjectives and noun agree in case, gender and number.

A noun is written as one string, `"m i ruhig See mit Spiegelungen"`: gender (m, f, n, or p for a
plural), the articles it may take (i indefinite, d definite, b none), adjective stems, the noun
(the first capitalised word) and what follows it unchanged. Endings are those of any school
grammar: weak after the definite article, mixed after the indefinite one, strong after none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

CASES = ("nom", "gen", "dat", "acc")
_DEFINITE = {
    "m": ("der", "des", "dem", "den"), "f": ("die", "der", "der", "die"),
    "n": ("das", "des", "dem", "das"), "p": ("die", "der", "den", "die"),
}  # fmt: skip
_INDEFINITE = {
    "m": ("ein", "eines", "einem", "einen"), "f": ("eine", "einer", "einer", "eine"),
    "n": ("ein", "eines", "einem", "ein"), "p": ("", "", "", ""),
}  # fmt: skip
_WEAK = {
    "m": ("e", "en", "en", "en"), "f": ("e", "en", "en", "e"),
    "n": ("e", "en", "en", "e"), "p": ("en", "en", "en", "en"),
}  # fmt: skip
_MIXED = {
    "m": ("er", "en", "en", "en"), "f": ("e", "en", "en", "e"),
    "n": ("es", "en", "en", "es"), "p": ("e", "er", "en", "e"),
}  # fmt: skip
_STRONG = {
    "m": ("er", "en", "em", "en"), "f": ("e", "er", "er", "e"),
    "n": ("es", "en", "em", "es"), "p": ("e", "er", "en", "e"),
}  # fmt: skip
_WEAK_NOUNS = {"Mensch": "Menschen"}  # masculines that end in -en in every case but one
_NUMBER_WORDS = {"einig", "mehrer", "einzeln"}
_CONTRACTIONS = {
    "in dem": "im", "in das": "ins", "an dem": "am", "an das": "ans", "von dem": "vom",
    "zu dem": "zum", "zu der": "zur", "bei dem": "beim",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Noun:
    """A noun phrase before its case is known."""

    gender: str
    articles: str
    adjectives: tuple[str, ...]
    noun: str
    rest: str = ""

    def adding(self, adjective: str, last: bool = False) -> Noun:
        """With one more adjective stem, right before the noun or in front (after a number word)."""
        at = len(self.adjectives) if last else sum(a in _NUMBER_WORDS for a in self.adjectives)
        return replace(self, adjectives=(*self.adjectives[:at], adjective, *self.adjectives[at:]))

    def inflected(self, article: str, case: str) -> str:
        """`article` is i, d or b; `case` one of CASES."""
        index = CASES.index(case)
        first = {"i": _INDEFINITE, "d": _DEFINITE}.get(article)
        ending = {"i": _MIXED, "d": _WEAK}.get(article, _STRONG)[self.gender][index]
        parts = [first[self.gender][index] if first else ""]
        parts += [stem + _joint(stem, ending) for stem in self.adjectives]
        return " ".join(filter(None, [*parts, self._noun(case), self.rest]))

    def _noun(self, case: str) -> str:
        noun = self.noun
        if noun in _WEAK_NOUNS:
            return noun if case == "nom" else _WEAK_NOUNS[noun]
        if self.gender == "p" and case == "dat" and not noun.endswith(("n", "s")):
            return noun + "n"
        if self.gender in "mn" and case == "gen":
            return noun + ("es" if noun.endswith(("s", "ß", "z", "feld", "bild")) else "s")
        return noun


def _joint(stem: str, ending: str) -> str:
    return ending[1:] if stem.endswith("e") else ending


@lru_cache(maxsize=1024)
def noun(written: str) -> Noun:
    """Read the string form, as in `"f i felsig Küste"`; without articles, `i` is meant."""
    gender, *words = written.split()
    articles = words.pop(0) if set(words[0]) <= set("idb") else "i"
    at = next(i for i, word in enumerate(words) if word[0].isupper())
    return Noun(gender, articles, tuple(words[:at]), words[at], " ".join(words[at + 1 :]))


def contracted(text: str) -> str:
    """`in dem` becomes `im`, and so on, at the head of a prepositional phrase."""
    first_two, rest = " ".join(text.split()[:2]), text.split()[2:]
    return " ".join([_CONTRACTIONS.get(first_two, first_two), *rest])
