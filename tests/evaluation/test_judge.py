"""A judge learns what its footage shows, is kept in a file, and sees when film is spoilt."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from laterna.errors import InputError, WeightsError
from laterna.evaluation import report
from laterna.evaluation.heldout import held_out
from laterna.evaluation.judge import (
    Judge,
    Observation,
    load_judge,
    observe,
    save_judge,
)
from laterna.evaluation.learn import Recipe, train_judge
from laterna.evaluation.probe import WORDS, see
from laterna.world.factors import CORE
from tests.evaluation.conftest import toy

Film = NDArray[np.uint8]
Clips = Callable[[int], list[Film]]


def blurred(film: Film) -> Film:
    soft = film.astype(float)
    for axis in (1, 2):
        soft = sum(np.roll(soft, shift, axis) for shift in range(-3, 4)) / 7
    return soft.astype(np.uint8)


def noisy(film: Film) -> Film:
    rng = np.random.default_rng(0)
    return np.clip(film + rng.normal(0, 12, film.shape), 0, 255).astype(np.uint8)


def frozen(film: Film) -> Film:
    return np.repeat(film[:1], len(film), axis=0)


def shuffled(film: Film) -> Film:
    return film[np.random.default_rng(1).permutation(len(film))]


def test_the_probe_learns_what_the_footage_shows(judge: Judge) -> None:
    assert judge.record["probe"]["hour"] > 0.6  # one in four by chance


def test_it_only_guesses_words_it_has_seen(judge: Judge, clips: Clips) -> None:
    words = observe(judge, clips(1)[0]).words
    assert set(words) == set(WORDS)
    assert words["setting"] in CORE.settings and words["move"] in CORE.moves


def test_its_record_says_what_it_takes_each_move_for(judge: Judge, recipe: Recipe) -> None:
    table = judge.record["moves"]
    assert sum(sum(row.values()) for row in table.values()) == recipe.moves // 2


def test_the_same_recipe_gives_the_same_judge() -> None:
    recipe = Recipe(clips=4, check=1, moves=2, steps=2, batch=2)
    one, other = (train_judge(recipe, toy) for _ in range(2))
    assert one.record == other.record
    for name, value in one.probe.state_dict().items():
        assert value.equal(other.probe.state_dict()[name])


@pytest.mark.parametrize("field", ["clips", "steps", "batch", "mixture"])
def test_recipes_that_cannot_be_are_refused(field: str) -> None:
    with pytest.raises(InputError, match=field):
        Recipe(**{field: "marsh" if field == "mixture" else 0})


def test_a_judge_comes_back_from_its_file(judge: Judge, clips: Clips, tmp_path: Path) -> None:
    save_judge(judge, tmp_path / "judge.safetensors")
    again = load_judge(tmp_path / "judge.safetensors")
    assert again.record == judge.record and len(again.sha256) == 64
    film = clips(1)[0]
    assert observe(again, film).as_dict() == observe(judge, film).as_dict()


@pytest.mark.parametrize("harm", ["gone", "cut", "other"])
def test_a_file_that_is_no_judge_is_refused(judge: Judge, tmp_path: Path, harm: str) -> None:
    path = tmp_path / "judge.safetensors"
    save_judge(judge, path)
    if harm == "gone":
        path.unlink()
    elif harm == "cut":
        path.write_bytes(path.read_bytes()[:-100])
    else:
        path.write_bytes(path.read_bytes().replace(b'"format":"1"', b'"format":"7"'))
    with pytest.raises(WeightsError, match="probe:"):
        load_judge(path)


def test_an_observation_survives_being_written_down(judge: Judge, clips: Clips) -> None:
    seen = observe(judge, clips(1)[0])
    assert Observation.from_dict(seen.as_dict()).as_dict() == seen.as_dict()


def test_film_at_another_rate_and_size_is_seen_alike(judge: Judge, clips: Clips) -> None:
    film = clips(1)[0]
    fast = np.repeat(film, 3, axis=0)
    seen, again = observe(judge, film), observe(judge, fast, fps=24)
    assert again.speed == pytest.approx(seen.speed, rel=0.2)
    assert again.words == seen.words


def test_a_single_frame_is_no_film(judge: Judge, clips: Clips) -> None:
    with pytest.raises(InputError, match="seconds"):
        observe(judge, clips(1)[0][:1])


def test_every_corruption_moves_the_figure_that_is_for_it(judge: Judge, clips: Clips) -> None:
    real = [observe(judge, film) for film in clips(2)]

    def against(harm: Callable[[Film], Film]) -> dict[str, float]:
        spoilt = [observe(judge, harm(film)) for film in clips(2)]
        found = report.against_real(spoilt, real)
        return {name: figure.value for name, figure in found.items() if figure}

    untouched = against(lambda film: film)
    assert untouched == pytest.approx({"speed": 1, "flicker": 1, "edges": 1})
    assert against(blurred)["edges"] < 0.9
    loud = against(noisy)
    assert loud["edges"] > 1.5 and loud["flicker"] > 1.5
    assert against(frozen)["speed"] < 0.1
    assert against(shuffled)["flicker"] > 1.2


def glance(judge: Judge, film: Film) -> Observation:
    """What the probe alone sees, of film as `view` gives it."""
    sight = see(judge.probe, film)
    return Observation(sight.words, "", sight.features, 0, 0, 0, film[0, :20, :32])


def test_spoilt_film_is_farther_from_real_than_real_is(judge: Judge) -> None:
    films = [toy(seed, CORE)[0] for seed in range(32)]
    real, again = ([glance(judge, film) for film in films[i::2]] for i in (0, 1))
    floor = report.distance(real, real, again)
    dark = [glance(judge, film // 4) for film in films[::2]]
    assert floor.value == pytest.approx(floor.floor)
    assert report.distance(dark, real, again).value > 1.5 * floor.floor


def test_swapped_captions_lose_the_share(judge: Judge) -> None:
    captions = held_out(40)
    real = [glance(judge, toy(caption.seed, CORE)[0]) for caption in captions]
    right = report.adherence(captions, real, real)["hour"]
    swapped = report.adherence(captions, real[1:] + real[:1], real)["hour"]
    assert right.share is not None and right.share.value == 1
    assert swapped.share is not None and swapped.share.value < 0.5


def test_takes_that_are_all_alike_have_no_variety(judge: Judge, clips: Clips) -> None:
    real = {"sea": [observe(judge, film) for film in clips(3)]}
    alike = {"sea": [real["sea"][0]] * 3}
    same, none = report.variety(real, real), report.variety(alike, real)
    for name in ("features", "pixels"):
        found, lost = same[name], none[name]
        assert found is not None and found.value == 1
        assert lost is not None and lost.value == 0
