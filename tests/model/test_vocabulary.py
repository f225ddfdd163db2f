"""The warning lists what the model cannot film, and keeps quiet about what it can."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laterna.errors import WeightsError
from laterna.model import vocabulary as module
from laterna.model.vocabulary import FORMAT, Vocabulary, tokens, unfilmable

LISTS = Path(__file__).parent.parent / "data"
HALVES = {"development": 0, "held out": 1}


def prompts(name: str, half: str) -> list[str]:
    lines = (LISTS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")][HALVES[half] :: 2]


@pytest.mark.parametrize("half", HALVES)
def test_few_false_alarms_on_what_it_can_film(half: str) -> None:
    lines = prompts("filmable", half)
    assert len(lines) >= 60
    alarms = [(unfilmable(line), line) for line in lines if unfilmable(line)]
    assert len(alarms) <= 0.05 * len(lines), alarms


@pytest.mark.parametrize("half", HALVES)
def test_most_of_what_it_cannot_film_is_caught_by_its_own_words(half: str) -> None:
    lines = prompts("unfilmable", half)
    assert len(lines) >= 60
    missed = []
    for line in lines:
        wanted = {word.lower() for word in re.findall(r"\*([^*]+)\*", line)}
        found = {w.lower() for text in unfilmable(line.replace("*", "")) for w in tokens(text)}
        if not wanted & found:
            missed.append(line)
    assert len(missed) <= 0.1 * len(lines), missed


@pytest.mark.parametrize(
    ("prompt", "listed"),
    [
        ("a cat plays the piano in a kitchen", ["cat", "plays", "piano", "kitchen"]),
        ("Eine Katze spielt Klavier in der Küche", ["Katze", "spielt", "Klavier", "Küche"]),
        ("a sailboat on the sea", []),
        ("Ein Segelboot im Abendlicht, Sonnenaufgang über dem Wolkenmeer", []),
        ("a lighthouse by the sea", ["lighthouse"]),
        ("Ein Auto in der Wüste", ["Auto"]),
        ("a lake in black and white, no people", ["black and white"]),
        ("ein See ohne Boote und Menschen", []),
        ("slow zoom out from the mountains", ["zoom"]),
        ("CATS, cats and more Cats over a lake", ["CATS"]),
        ("a man on a hill", ["man"]),
        ("Nebel, durch den man die Berge sieht", []),
        ("a lake, golden hour --ar 16:9", []),
        ("", []),
        ("...!? 4k 16:9", []),
    ],
)
def test_the_words_are_listed_as_typed_once_and_in_order(prompt: str, listed: list[str]) -> None:
    assert unfilmable(prompt) == listed


def test_spelling_without_umlauts_or_with_accents_is_the_same() -> None:
    assert unfilmable("huegel im daemmerlicht, gruene wiesen") == []
    assert unfilmable("a soirée in a café by the sea") == ["soirée", "café"]


@given(st.text(max_size=300))
def test_any_text_can_be_asked_about(text: str) -> None:
    for words in unfilmable(text):
        assert words


def test_another_mixture_has_another_vocabulary() -> None:
    small = Vocabulary(
        {"format": FORMAT, "mixture": "tiny", "function": ["a", "on"], "verbs": [],
         "content": ["lighthouse", "sea"], "outside": ["boat"], "phrases": ["on fire"]}
    )  # fmt: skip
    assert unfilmable("a lighthouse on a sea", vocabulary=small) == []
    assert unfilmable("boats on fire", vocabulary=small) == ["boats", "on fire"]


def test_a_file_of_another_format_is_refused() -> None:
    with pytest.raises(WeightsError, match="format"):
        Vocabulary({"format": FORMAT + 1})


def test_a_damaged_file_is_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "vocabulary.json"
    broken.write_text("{")
    monkeypatch.setattr(module, "_FILE", broken)
    module._shipped.cache_clear()
    try:
        with pytest.raises(WeightsError, match=r"vocabulary\.json"):
            unfilmable("a lake")
    finally:
        module._shipped.cache_clear()


def test_the_shipped_file_says_which_mixture_it_is_for() -> None:
    data = json.loads(module._FILE.read_text(encoding="utf-8"))
    assert data["format"] == FORMAT
    assert Vocabulary(data).mixture == data["mixture"]


def test_captions_of_the_shipped_mixture_never_raise_an_alarm() -> None:
    np = pytest.importorskip("numpy")
    from laterna.world.captions import LANGUAGES, caption
    from laterna.world.factors import CORE, draw

    rng = np.random.default_rng(21)
    for language in LANGUAGES:
        for _ in range(500):
            text = caption(draw(rng, CORE), rng, language)
            assert unfilmable(text) == [], text
