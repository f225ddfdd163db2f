"""Which words of a prompt the shipped model cannot film, English and German.

The model knows a small world and must say so. A word passes when the shipped list has it, in any
of its inflections, as a German compound of words that pass, or when its ending shows a modifier
(`serenely`, `nebelhaft`): a modifier never adds a thing to the picture. What is left is a thing or
an act the model was not trained on. The list is built by `scripts/build_vocabulary.py` for the
mixture that was trained; this module only reads it, so that filming needs no renderer.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from laterna.errors import WeightsError

__all__ = ["FORMAT", "Vocabulary", "normalised", "tokens", "unfilmable"]

FORMAT = 1
_FILE = Path(__file__).parent / "data" / "vocabulary.json"
_SPELL = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "’": "'"})
_OPTION = re.compile(r"--\w+(?:[ =][\d.:]+)?")  # other tools' options, as in "--ar 16:9"
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
# Endings of English and German inflection, longest first, so that the shortest stem is tried last.
_ENDINGS = (
    "enden", "ender", "endes", "endem", "nden", "nder", "ndes", "nde", "sten", "ster", "stes",
    "ende", "eren", "erer", "eres", "'s", "ing", "est", "ste", "ten", "tet", "end", "ere", "ern",
    "ly", "es", "ed", "er", "en", "em", "et", "te", "st", "s", "d", "e", "n", "t",
)  # fmt: skip
_VERB_PREFIXES = (
    "herauf", "heraus", "herein", "heran", "herab", "hervor", "hinauf", "hinaus", "hinein",
    "hindurch", "hinab", "vorbei", "vorueber", "entlang", "empor", "durch", "ueber", "unter",
    "zurueck", "davon", "auf", "aus", "ein", "vor", "weg", "ent", "ver", "zer", "ab", "an", "be",
    "er", "um", "zu",
)  # fmt: skip
_MODIFIER = re.compile(
    r".{2,}(?:ously|fully|lessly|ly|ful|ous|less|able|ible|esque|like|ward|wards)$"
    r"|.{4,}(?<!e)ed$|.{3,}ness$|.{4,}(?:heit|keit)(?:en)?$"
    r"|.{3,}(?:lich|ig|isch|haft|los|voll|bar|sam|artig|farben|foermig)(?:e[nrms]?)?$"
    r"|.{3,}iert(?:e[nrms]?)$"
)
_LINKS = ("", "s", "n", "en", "es", "e")  # what German puts between the parts of a compound
_NEGATIONS = {"no", "without", "ohne", "kein", "keine", "keinen", "keinem", "keiner", "keinerlei"}
_AND = {"and", "or", "und", "oder", "nor"}


def normalised(text: str) -> str:
    """Lower case, umlauts as two letters, no accents: how every list of words is spelt."""
    text = text.lower().translate(_SPELL)
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def tokens(text: str) -> list[str]:
    """The words of `text`; hyphens separate, figures are left out."""
    return _WORD.findall(text)


class Vocabulary:
    """What one trained mixture can film, as `scripts/build_vocabulary.py` wrote it.

    `data` has the lists `function`, `verbs`, `content` (all filmable), `outside` (words known to
    be out of reach, whatever the rules say) and `phrases` (the same for several words together);
    `homographs` are things in English that join in German (`man`), told apart by words of `german`.
    Raises WeightsError for another format.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        if data.get("format") != FORMAT:
            raise WeightsError(
                f"vocabulary: format {data.get('format')!r} is not {FORMAT}; install laterna again"
            )
        self.mixture = str(data["mixture"])
        self._function = frozenset(data["function"])
        self._verbs = frozenset(data["verbs"])
        self._content = frozenset(data["content"])
        self._outside = frozenset(data["outside"])
        self._homographs = frozenset(data.get("homographs", ()))
        self._german = frozenset(data.get("german", ()))
        self._phrases = tuple(tuple(phrase.split()) for phrase in data["phrases"])

    def unfilmable(self, prompt: str) -> list[str]:
        """The words and phrases of `prompt` out of reach, as typed, each once, in order."""
        typed = tokens(_OPTION.sub(" ", prompt.replace("’", "'")))
        words = [normalised(word) for word in typed]
        spared = _negated(words)
        if not self._german.isdisjoint(words):
            spared.update(at for at, word in enumerate(words) if word in self._homographs)
        found: list[str] = []
        at = 0
        while at < len(words):
            length = self._phrase_at(words, at)
            if length:
                found.append(" ".join(typed[at : at + length]))
            elif at not in spared and not self._filmable(words[at], typed[at]):
                found.append(typed[at])
            at += length or 1
        return list({normalised(word): word for word in reversed(found)}.values())[::-1]

    def _phrase_at(self, words: list[str], at: int) -> int:
        lengths = [len(p) for p in self._phrases if tuple(words[at : at + len(p)]) == p]
        return max(lengths, default=0)

    def _filmable(self, word: str, typed: str) -> bool:
        if len(word) == 1 or word in self._function | self._verbs | self._content:
            return True
        if word in self._outside or self._inflects(word, self._outside):
            return False
        # A noun's -ing is an act of its own (type, typing): of content, only the exact word counts.
        if self._inflects(word, self._verbs):
            return True
        if self._inflects(word, self._content) and not word.endswith("ing"):
            return True
        if self._is_verb_form(word) or self._is_compound(word):
            return True
        # German nouns are capitalised: those are only modifiers when they name a quality.
        quality = word.endswith(("ness", "heit", "keit", "heiten", "keiten"))
        plain = typed[0].islower() or typed.isupper() or quality
        return plain and bool(_MODIFIER.match(word))

    def _inflects(self, word: str, words: frozenset[str]) -> bool:
        """Whether `word` is an inflection of one of `words`."""
        for ending in _ENDINGS:
            stem = word.removesuffix(ending)
            if stem == word or len(stem) < 3:
                continue
            # boats, hazier (hazy), gliding (glide), sunniest, dimming (dim), schwebt (schweben)
            spellings = {stem, stem + "e", stem + "en", stem + "n", stem.removesuffix("i") + "y"}
            if stem[-1] == stem[-2:-1]:
                spellings.add(stem[:-1])
            if spellings & words:
                return True
        return word.removesuffix("ies") + "y" in words

    def _is_verb_form(self, word: str) -> bool:
        """German verbs with a prefix or the ge- of the participle: `aufgehende`, `gespiegelt`."""
        for prefix in _VERB_PREFIXES:
            rest = word.removeprefix(prefix)
            if rest != word and len(rest) > 3 and self._plain_verb(rest.removeprefix("zu")):
                return True
        return self._plain_verb(word)

    def _plain_verb(self, word: str) -> bool:
        rest = word.removeprefix("ge")
        return any(
            len(form) > 3 and (form in self._verbs or self._inflects(form, self._verbs))
            for form in (word, rest)
        )

    def _is_compound(self, word: str) -> bool:
        """Whether `word` falls into filmable parts: `Nebelmeer`, `Abendsonne`, `Bergseeufer`."""
        return any(
            self._is_first_part(word[:cut]) and self._is_last_part(word[cut:])
            for cut in range(3, len(word) - 2)
        )

    def _is_first_part(self, part: str) -> bool:
        stems = [part.removesuffix(link) for link in _LINKS if part.endswith(link)]
        return any(
            len(stem) > 2 and (stem in self._content or stem + "e" in self._content)
            for stem in stems
        )

    def _is_last_part(self, part: str) -> bool:
        if part in self._outside:
            return False
        if part in self._content or self._inflects(part, self._content):
            return True
        return len(part) > 7 and self._is_compound(part)


def _negated(words: list[str]) -> set[int]:
    """Positions of what a prompt asks to leave out: `no people`, `ohne Boote und Vögel`."""
    spared: set[int] = set()
    for at, word in enumerate(words):
        if word in _NEGATIONS:
            spared.add(at + 1)
            if at + 3 < len(words) and words[at + 2] in _AND:
                spared.add(at + 3)
    return spared


@lru_cache(maxsize=1)
def _shipped() -> Vocabulary:
    try:
        return Vocabulary(json.loads(_FILE.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise WeightsError(f"vocabulary: {_FILE.name} cannot be read; install again") from error


def unfilmable(prompt: str, *, vocabulary: Vocabulary | None = None) -> list[str]:
    """The words of `prompt` that the model cannot film, as typed, each once, in order.

    `vocabulary` is that of the shipped weights unless given. Raises WeightsError when its file is
    missing or of another format.
    """
    return (vocabulary or _shipped()).unfilmable(prompt)
