"""Reading prompts: the captions' own words come back, and free wording is understood."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laterna.errors import InputError
from laterna.world import factors as world
from laterna.world.captions import LANGUAGES, caption_with_mask
from laterna.world.factors import CORE, EVERYTHING, Factors, draw
from laterna.world.prompt import complete, parse


@pytest.mark.parametrize("language", LANGUAGES)
def test_captions_are_read_back_as_they_were_meant(language: str) -> None:
    rng = np.random.default_rng(11)
    named_count: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for _ in range(3000):
        factors = draw(rng, EVERYTHING)
        text, named = caption_with_mask(factors, rng, language)
        read = parse(text)
        truth = factors.as_dict()
        assert {name: truth[name] for name in read} == read, text
        named_count.update(named)
        missed.update(named - read.keys())
    for name, count in named_count.items():
        assert missed[name] <= 0.01 * count, name


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("mountains", {"setting": "mountains"}),
        ("See", {"setting": "lake"}),
        ("we see the ocean", {"setting": "sea"}),
        ("Auf hoher See", {"setting": "sea"}),
        ("a sea of clouds below mountain peaks", {"setting": "mountains", "weather": "cloud"}),
        ("EXT. LAKE - DUSK", {"setting": "lake", "hour": "dusk"}),
        ("not a cloud above the dunes", {"setting": "desert", "weather": "clear"}),
        ("snow-covered peaks", {"setting": "mountains"}),
        (
            "a small white boat drifts to the left, slow pan right",
            {"subject": "boat", "colour": "white", "heading": "left", "move": "pan right",
             "amount": "slow"},
        ),
        (
            "Langsam fährt die Kamera nach links an einem roten Segelboot vorbei",
            {"subject": "boat", "colour": "red", "move": "truck left", "amount": "slow"},
        ),
        (
            "Ein gelber Heissluftballon links im Bild steigt ueber der Wueste auf",
            {"subject": "balloon", "colour": "yellow", "side": "left", "heading": "up",
             "setting": "desert"},
        ),
        (
            "Kamera fährt heran, ein Auto kommt auf einer Straße auf uns zu, schwarz-weiß",
            {"move": "dolly in", "subject": "car", "setting": "street", "heading": "closer",
             "look": "black-and-white"},
        ),
        ("a woman in a red coat in green hills",
         {"subject": "person", "colour": "red", "setting": "hills"}),
        ("a cat plays the piano in a kitchen", {}),
    ],
)  # fmt: skip
def test_free_wording_is_understood(text: str, meant: dict[str, str]) -> None:
    assert parse(text) == meant


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    for name, word in parse(text).items():
        assert name in Factors.__dataclass_fields__
        assert isinstance(word, str) and word


def possible(factors: Factors) -> bool:
    """Whether `draw` could have made it."""
    subject, setting = factors.subject, factors.setting
    if subject == "none":
        bare = (factors.colour, factors.side, factors.heading) == ("none",) * 3
        return bare and (factors.move == "static") == (factors.amount == "none")
    street = world.STREET_HEADINGS.get(subject) if setting == "street" else None
    return (
        subject in world.SUBJECTS_OF[setting]
        and factors.colour in world.COLOURS_OF.get(subject, ("none",))
        and factors.heading in (street or world.HEADINGS_OF[subject])
        and factors.side != "none"
        and (factors.move == "static") == (factors.amount == "none")
        and (not factors.move.startswith("orbit") or setting in world.ORBIT_SETTINGS)
    )


PARTIAL = st.fixed_dictionaries(
    {},
    optional={
        "setting": st.sampled_from(world.SETTINGS), "hour": st.sampled_from(world.HOURS),
        "weather": st.sampled_from(world.WEATHERS), "subject": st.sampled_from(world.SUBJECTS),
        "colour": st.sampled_from(world.COLOURS), "side": st.sampled_from(world.SIDES),
        "heading": st.sampled_from(world.HEADINGS), "move": st.sampled_from(world.MOVES),
        "amount": st.sampled_from(world.AMOUNTS), "look": st.sampled_from(world.LOOKS),
    },
)  # fmt: skip


@settings(max_examples=400)
@given(PARTIAL, st.integers(0, 2**32), st.sampled_from([EVERYTHING, CORE]))
def test_completing_keeps_what_is_possible(
    partial: dict[str, str], seed: int, mixture: world.Mixture
) -> None:
    whole = complete(partial, np.random.default_rng(seed), mixture)
    assert possible(whole), whole
    for name in ("setting", "hour", "weather", "look"):
        assert getattr(whole, name) == partial.get(name, getattr(whole, name))
    subject = partial.get("subject", "none")
    if subject in world.SUBJECTS_OF[whole.setting]:
        assert whole.subject == subject
    if "move" in partial and not partial["move"].startswith("orbit"):
        assert whole.move == partial["move"]


@given(st.integers(0, 2**32))
def test_a_clip_s_own_factors_complete_to_itself(seed: int) -> None:
    rng = np.random.default_rng(seed)
    factors = draw(rng, EVERYTHING)
    assert complete(factors.as_dict(), rng) == factors


@pytest.mark.parametrize("partial", [{"mood": "sad"}, {"setting": "kitchen"}])
def test_words_of_no_list_are_refused(partial: dict[str, str]) -> None:
    with pytest.raises(InputError):
        complete(partial, np.random.default_rng(0))
