"""Text to pieces: the unigram tokenizer of XLM-RoBERTa over a pruned vocabulary.

The best segmentation is the one with the highest sum of log probabilities (Kudo 2018,
"Subword Regularization", section 3.2), found by dynamic programming. No piece spans a space, so
words are independent of each other and each is segmented once: captions repeat their words, and
a word seen before costs a look-up.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["BEGIN", "END", "PAD", "UNKNOWN", "Unigram", "normalise"]

BEGIN, PAD, END, UNKNOWN = range(4)
SPECIALS = 4
META = "\u2581"  # stands for the space before a word
# What unknown characters cost below the rarest piece (SentencePiece's unk penalty).
UNKNOWN_PENALTY = 10.0
# Zero-width and replacement characters part words, control characters vanish; what else the
# training normaliser (nmt_nfkc) changes is NFKC.
_SPACES = dict.fromkeys((0x09, 0x0A, 0x0C, 0x0D, *range(0x200B, 0x2010), 0xFEFF, 0xFFFD), " ")
_CLEAN = dict.fromkeys((*range(0x20), 0x7F, 0x8F, 0x9F), "") | _SPACES


def normalise(text: str) -> list[str]:
    """The words of `text` as the encoder was trained to see them, each led by the space mark."""
    plain = unicodedata.normalize("NFKC", text.translate(_CLEAN))
    return [META + word for word in plain.split()]


class Unigram:
    """Segments words into piece numbers.

    `pieces` are spelled in the order of their numbers, the first four being the special ones,
    which no text can spell; `scores` (V,) their log probabilities.
    """

    def __init__(self, pieces: Sequence[str], scores: NDArray[np.float32]) -> None:
        self.pieces = pieces
        self._known = {
            piece: (number, score)
            for number, (piece, score) in enumerate(zip(pieces, scores.tolist(), strict=True))
            if number >= SPECIALS
        }
        self._longest = max(map(len, self._known), default=1)
        self._unknown = float(scores.min()) - UNKNOWN_PENALTY
        self.segment = lru_cache(maxsize=100_000)(self._segment)

    def encode(self, text: str) -> list[int]:
        """The piece numbers of `text`, without the marks for its begin and end."""
        return [number for word in normalise(text) for number in self.segment(word)]

    def _segment(self, word: str) -> tuple[int, ...]:
        """The most probable pieces of one word; a character no piece spells is UNKNOWN."""
        best = [0.0] + [-np.inf] * len(word)
        step: list[tuple[int, int]] = [(0, UNKNOWN)] * (len(word) + 1)
        for start in range(len(word)):
            so_far = best[start]
            for end in range(start + 1, min(len(word), start + self._longest) + 1):
                number, score = self._known.get(word[start:end], (UNKNOWN, -np.inf))
                if end == start + 1 and number == UNKNOWN:
                    score = self._unknown
                if so_far + score > best[end]:
                    best[end], step[end] = so_far + score, (start, number)
        numbers = []
        end = len(word)
        while end:
            end, number = step[end]
            numbers.append(number)
        return tuple(reversed(numbers))
