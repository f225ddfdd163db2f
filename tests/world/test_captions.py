"""Captions: varied, true to their clip, and clear about what they mention."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from laterna.errors import InputError
from laterna.world.captions import LANGUAGES, caption, caption_with_mask, mirrored
from laterna.world.factors import EVERYTHING, MOVES, Factors, draw

RICH = Factors(
    "lake", "dusk", "fog", "boat", "red", "left", "right", "pan right", "slow", "black-and-white"
)


def samples(language: str, count: int, seed: int = 0) -> list[tuple[Factors, str, frozenset[str]]]:
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        factors = draw(rng, EVERYTHING)
        found.append((factors, *caption_with_mask(factors, rng, language)))
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_ten_thousand_ways_to_say_the_same_thing(language: str) -> None:
    rng = np.random.default_rng(1)
    texts = {caption(RICH, rng, language, drop=0.0) for _ in range(12_000)}
    assert len(texts) > 10_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_drop_zero_names_every_factor_that_can_be_named(language: str) -> None:
    _, named = caption_with_mask(RICH, np.random.default_rng(2), language, drop=0.0)
    assert named == set(RICH.as_dict())


@pytest.mark.parametrize("language", LANGUAGES)
def test_drop_one_leaves_only_the_setting_or_the_subject(language: str) -> None:
    rng = np.random.default_rng(3)
    masks = {caption_with_mask(RICH, rng, language, drop=1.0)[1] for _ in range(100)}
    assert masks == {frozenset({"setting"}), frozenset({"subject"})}


@pytest.mark.parametrize("language", LANGUAGES)
def test_short_and_long_prompts_both_turn_up(language: str) -> None:
    lengths = [len(text.split()) for _, text, _ in samples(language, 2000)]
    assert min(lengths) == 1
    assert max(lengths) > 25
    assert sum(length <= 3 for length in lengths) > 100
    assert sum(length >= 15 for length in lengths) > 500


@pytest.mark.parametrize("language", LANGUAGES)
def test_captions_are_clean_text(language: str) -> None:
    for factors, text, named in samples(language, 3000, seed=4):
        assert text == text.strip()
        assert "  " not in text
        assert "{" not in text
        assert " ," not in text and ",," not in text and ".." not in text, text
        assert len(text) < 300
        assert named & {"setting", "subject"}
        assert named <= set(factors.as_dict())
        assert "none" not in {getattr(factors, name) for name in named}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_factor_is_left_out_sometimes_and_named_often(language: str) -> None:
    drawn = samples(language, 3000, seed=5)
    for name in Factors.__dataclass_fields__:
        able = [n for f, _, n in drawn if getattr(f, name) not in ("none", "still", "colour")]
        share = sum(name in named for named in able) / len(able)
        assert 0.15 < share < 0.97, (name, share)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_dice_give_the_same_caption(language: str) -> None:
    first, second = (caption(RICH, np.random.default_rng(6), language) for _ in range(2))
    assert first == second


def test_german_agrees_in_case_and_gender() -> None:
    rng = np.random.default_rng(7)
    text = "\n".join(caption(RICH, rng, "de", drop=0.0) for _ in range(4000))
    for wrong in (
        "eine rotes", "einem rotes", "in dem ", "an dem ", "von dem ", "auf ein See", "mit ein ",
        "über ein See", "ein Bergsees", "das See", "eines See ", "langsame Schwenk", "mit eine ",
    ):  # fmt: skip
        assert wrong.lower() not in text.lower(), wrong
    for right in (
        "ein rotes Boot", "auf einem nebligen See", "langsamer Schwenk nach rechts",
        "über einen See", "einem roten Boot", "am linken Bildrand",
    ):  # fmt: skip
        assert right in text, right


def test_articles_in_english() -> None:
    rng = np.random.default_rng(8)
    for _ in range(3000):
        words = caption(draw(rng), rng, "en").lower().replace(",", " ").split()
        for article, word in pairwise(words):
            if article in ("a", "an"):
                assert (article == "an") == (word[0] in "aeiou"), (article, word)


def test_a_mirror_swaps_left_and_right_and_nothing_else() -> None:
    assert mirrored(RICH) == Factors(
        "lake", "dusk", "fog", "boat", "red", "right", "left", "pan left", "slow",
        "black-and-white",
    )  # fmt: skip
    for move in MOVES:
        factors = Factors(move=move)
        assert mirrored(mirrored(factors)) == factors
        assert mirrored(factors).move in MOVES


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(InputError, match="language"):
        caption(RICH, np.random.default_rng(0), "fr")


@pytest.mark.parametrize("drop", [-0.1, 1.5, float("nan")])
def test_drop_is_a_chance(drop: float) -> None:
    with pytest.raises(InputError, match="drop"):
        caption(RICH, np.random.default_rng(0), "en", drop=drop)
