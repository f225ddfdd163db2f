"""The window, filming with a network that is exact for a known kind of film.

The film is a Gaussian process in time, so that the best possible network is a formula: what comes
out can be held against what such film must be (its spread, how frames resemble their neighbours).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laterna.model.sampler import Floats
from laterna.model.schedule import Pace
from laterna.model.take import Given, Manner, Prompt, Take
from laterna.model.view import positions
from laterna.model.window import Finished, film

GRID, WIDTH, TAU = (3, 4), 8, 3.0
TOKENS = GRID[0] * GRID[1]


class Process:
    """E[x | z] for film whose frames resemble each other by exp(-seconds / TAU)."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []

    def __call__(self, latents, sigma, step, position, kind, camera, text, text_mask):  # type: ignore[no-untyped-def]
        self.calls.append({"sigma": sigma, "kind": kind, "text": text, "frames": latents.shape[1]})
        assert latents.dtype == sigma.dtype == position.dtype == np.float32
        seconds = position[0, :, 0, 0].astype(np.float64)
        kernel = np.exp(-np.abs(seconds[:, None] - seconds[None]) / TAU)
        level = np.broadcast_to(sigma, latents.shape[:3]).astype(np.float64)
        x_hat = np.empty_like(latents)
        for b in range(len(latents)):
            for s in range(latents.shape[2]):
                keep = 1 - level[b, :, s]
                noisy = np.diag(level[b, :, s] ** 2 + 1e-9)
                gain = kernel * keep @ np.linalg.inv(keep[:, None] * kernel * keep + noisy)
                x_hat[b, :, s] = gain @ latents[b, :, s]
        return x_hat


EXACT = Manner(Pace(steps=24), history=0.02, veil=0.02)
QUICK = Manner(Pace(steps=6))


def prompt(number: float) -> Prompt:
    return Prompt(np.full((4, 6), number, np.float32), np.ones(4, bool))


def take(frames: int, seed: int = 1, **fields: Any) -> Take:
    fields.setdefault("prompts", (prompt(1),))
    return Take(frames, GRID, seed, width=WIDTH, **fields)


def shoot(wish: Take, manner: Manner = QUICK, network: Any = None) -> list[Finished]:
    return list(film(network or Process(), wish, manner))


def pictures(wish: Take, manner: Manner = QUICK) -> Floats:
    return np.stack([f.latents for f in shoot(wish, manner)])


def kept(seed: int, strength: Any = 0.0, still: bool = False) -> Given:
    latents = np.random.default_rng(seed).standard_normal((TOKENS, WIDTH), np.float32)
    return Given(latents, np.broadcast_to(np.float32(strength), (TOKENS,)), still)


def likeness(a: Floats, b: Floats) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


NEXT = float(np.exp(-0.5 / TAU))  # likeness of neighbours in such film


@pytest.mark.parametrize("frames", [1, 5, 8, 9, 30])
def test_the_film_is_of_the_kind_the_network_knows(frames: int) -> None:
    films = np.stack([pictures(take(frames, seed), EXACT) for seed in range(4)], axis=1)
    assert films.shape == (frames, 4, TOKENS, WIDTH)
    assert films.std() == pytest.approx(1.0, abs=0.12)
    likenesses = [likeness(a, b) for a, b in pairwise(films)]
    assert likenesses == pytest.approx([NEXT] * (frames - 1), abs=0.12)


@given(st.integers(1, 26), st.booleans(), st.integers(0, 25))
@settings(max_examples=25, deadline=None)
def test_a_film_resumed_after_any_frame_is_the_same(frames: int, loop: bool, after: int) -> None:
    wish = take(frames, loop=loop, given={3: kept(0, still=True)} if frames > 3 else {})
    whole = shoot(wish)
    at = min(after, frames - 1)
    state = {k: np.array(v) for k, v in whole[at].state.items()}
    rest = list(film(Process(), wish, QUICK, state))
    assert [f.frame for f in rest] == list(range(at + 1, frames))
    for a, b in zip(rest, whole[at + 1 :], strict=True):
        np.testing.assert_array_equal(a.latents, b.latents)


def test_the_same_seed_films_the_same_and_another_does_not() -> None:
    first = pictures(take(12, seed=5))
    np.testing.assert_array_equal(first, pictures(take(12, seed=5)))
    assert abs(likeness(first, pictures(take(12, seed=6)))) < 0.3


def test_memory_does_not_grow_with_length_and_the_first_frame_does_not_wait() -> None:
    def most(frames: int) -> int:
        return max(sum(a.nbytes for a in f.state.values()) for f in shoot(take(frames)))

    assert most(120) == most(40)
    network = Process()
    stream = film(network, take(120), QUICK)
    next(stream)
    assert len(network.calls) <= 12
    assert max(call["frames"] for call in network.calls) <= 9


@given(st.integers(1, 20), st.sets(st.integers(0, 19), max_size=3), st.booleans())
@settings(max_examples=25, deadline=None)
def test_keyframes_stay_as_given_wherever_they_lie(
    frames: int, where: set[int], loop: bool
) -> None:
    given_frames = {i: kept(i, still=True) for i in where if i < frames}
    x = pictures(take(frames, given=given_frames, loop=loop))
    for i, g in given_frames.items():
        np.testing.assert_array_equal(x[i], g.latents)


def test_film_leads_up_to_a_keyframe_and_away_from_it() -> None:
    target = kept(3)
    films = [pictures(take(20, seed, given={12: target}), EXACT) for seed in range(3)]
    for neighbour in (11, 13):
        assert np.mean([likeness(x[neighbour], x[12]) for x in films]) > NEXT - 0.15


@pytest.mark.parametrize("frames", [3, 8, 14])
def test_extensions_join_what_is_there(frames: int) -> None:
    before = {-1: kept(1), -2: kept(2)}
    after = {frames: kept(3), frames + 1: kept(4)}
    for seed in range(2):
        x = pictures(take(frames, seed, given=before | after, lead=2, trail=2), EXACT)
        assert likeness(x[0], before[-1].latents) > NEXT - 0.2
        assert likeness(x[-1], after[frames].latents) > NEXT - 0.2
        assert x.std() == pytest.approx(1.0, abs=0.2)


@pytest.mark.parametrize("frames", [6, 8, 20])
def test_a_loop_closes(frames: int) -> None:
    seams = [
        likeness(x[-1], x[0])
        for x in (pictures(take(frames, s, loop=True), EXACT) for s in range(4))
    ]
    assert np.mean(seams) > NEXT - 0.15
    open_ends = [likeness(x[-1], x[0]) for x in (pictures(take(20, s), EXACT) for s in range(4))]
    assert np.mean(open_ends) < 0.5


@pytest.mark.parametrize("frames", [4, 15])
def test_outside_the_mask_tokens_are_kept_and_inside_they_are_new(frames: int) -> None:
    mask = np.zeros(TOKENS, np.float32)
    mask[4:7] = 1
    source = {i: kept(i, mask) for i in range(frames)}
    x = pictures(take(frames, given=source))
    for i in range(frames):
        np.testing.assert_array_equal(x[i][mask == 0], source[i].latents[mask == 0])
        assert (np.abs(x[i] - source[i].latents)[mask == 1] > 1e-3).any(axis=-1).all()


def test_a_remix_leaves_its_source_as_far_as_its_strength_says() -> None:
    def distance(strength: float) -> float:
        source = {i: kept(i, strength) for i in range(12)}
        x = pictures(take(12, given=source))
        return float(np.abs(x - np.stack([source[i].latents for i in range(12)])).mean())

    steps = [distance(s) for s in (0.0, 0.2, 0.5, 1.0)]
    assert steps[0] == 0.0
    assert steps == sorted(steps)


def test_a_strong_source_costs_no_runs_of_the_network() -> None:
    network = Process()
    shoot(take(12, given={i: kept(i) for i in range(12)}), network=network)
    assert network.calls == []


def test_each_frame_follows_the_prompt_of_its_own_time() -> None:
    class Told:
        def __call__(self, latents, sigma, step, position, kind, camera, text, mask):  # type: ignore[no-untyped-def]
            value = text[:, 0, 0][:, None, None, None]
            return np.broadcast_to(value, latents.shape).astype(np.float32)

    for frames in (6, 20):
        cues = tuple(int(i >= frames // 2) for i in range(frames))
        wish = take(frames, prompts=(prompt(1), prompt(2)), prompt_of=cues)
        x = np.stack([f.latents for f in shoot(wish, network=Told())])
        np.testing.assert_allclose(x.mean(axis=(1, 2)), [1 + c for c in cues], atol=1e-5)


def test_guidance_leads_away_from_what_is_unwanted() -> None:
    class Told:
        def __call__(self, latents, sigma, step, position, kind, camera, text, mask):  # type: ignore[no-untyped-def]
            return np.full(latents.shape, text[0, 0, 0], np.float32)

    plain = np.stack([f.latents for f in shoot(take(4), network=Told())])
    away = take(4, unwanted=prompt(0), guidance=3.0)
    pushed = np.stack([f.latents for f in shoot(away, network=Told())])
    assert plain.mean() == pytest.approx(1.0, abs=1e-4)
    assert pushed.mean() > 1.2


def test_kinds_tell_film_stills_and_anchors_apart() -> None:
    network = Process()
    shoot(take(1, still=True), network=network)
    assert {int(k) for call in network.calls for k in call["kind"].ravel()} == {1}
    network = Process()
    shoot(take(14, given={0: kept(0, still=True)}), network=network)
    assert {int(k) for call in network.calls for k in call["kind"].ravel()} == {0, 1, 2}


def test_positions_are_centred_and_in_picture_heights() -> None:
    at = positions([0.0, 0.5], (5, 8))
    assert at.shape == (2, 40, 3)
    np.testing.assert_allclose(at.mean(axis=(0, 1)), [0.25, 0, 0], atol=1e-6)
    np.testing.assert_allclose(at[0, 0], [0, -0.4, -0.7], atol=1e-6)
    np.testing.assert_allclose(at[0, 1] - at[0, 0], [0, 0, 0.2], atol=1e-6)
