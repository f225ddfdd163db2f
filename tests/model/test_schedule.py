"""The plan: whatever the film, every frame comes down from noise exactly once and in time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laterna.model.schedule import Pace, Tick, plan, seam

films = st.fixed_dictionaries(
    {
        "frames": st.integers(1, 130),
        "lead": st.integers(0, 6),
        "trail": st.integers(0, 3),
        "loop": st.booleans(),
    }
)
paces = st.builds(Pace, steps=st.integers(1, 30))


def walk(ticks: list[Tick], frames: int, loop: bool) -> dict[int, int]:
    """Follow every frame's level through the ticks; returns the tick in which each finishes."""
    level, finished = {}, {}
    for n, tick in enumerate(ticks):
        if tick.anchor is not None and 0 <= tick.anchor < frames:
            assert tick.anchor % frames in finished
        for i, before, after in zip(tick.frames, tick.levels, tick.targets, strict=True):
            own = i % frames if loop else i
            if not 0 <= own < frames or own in finished:  # lead and trail are given
                assert before == after == 0
            else:
                assert before == level.get(own, 1.0)
                assert after < before
                level[own] = after
                if after == 0:
                    finished[own] = n
    return finished


@given(films, paces)
def test_every_frame_comes_down_from_noise_once(film: dict, pace: Pace) -> None:
    ticks = plan(film["frames"], pace, **{k: film[k] for k in ("lead", "trail", "loop")})
    finished = walk(ticks, film["frames"], film["loop"])
    assert sorted(finished) == list(range(film["frames"]))


@given(films, paces)
def test_a_window_is_an_unbroken_stretch_that_the_network_knows(film: dict, pace: Pace) -> None:
    for tick in plan(**film, pace=pace):
        assert tick.frames == tuple(range(tick.frames[0], tick.frames[-1] + 1))
        assert len(tick.frames) <= pace.window
        assert tick.anchor is None or tick.anchor not in tick.frames
        if not film["loop"]:
            assert -film["lead"] <= tick.frames[0]
            assert tick.frames[-1] < film["frames"] + film["trail"]


@given(st.integers(9, 130), st.booleans(), paces)
def test_long_films_stream(frames: int, loop: bool, pace: Pace) -> None:
    ticks = plan(frames, pace, loop=loop)
    finished = walk(ticks, frames, loop)
    if not loop:
        order = [finished[i] for i in range(frames)]
        assert order == sorted(order)
    assert finished[0] < finished[frames - 1 - (seam(pace) if loop else 0)]
    assert len(ticks) <= pace.steps + (frames + pace.active) * max(1, round(pace.steps / 6))


@given(st.integers(9, 60), st.integers(1, 3), paces)
def test_a_film_that_has_to_arrive_knows_where_from_the_start(
    frames: int, trail: int, pace: Pace
) -> None:
    ticks = plan(frames, pace, trail=trail)
    assert all(tick.anchor == frames or frames in tick.frames for tick in ticks)
    assert frames in ticks[-1].frames
    assert frames - 1 in ticks[-1].frames


def test_a_film_of_one_window_is_denoised_at_once() -> None:
    ticks = plan(8, Pace(steps=12))
    assert len(ticks) == 12
    assert all(t.frames == tuple(range(8)) and len(set(t.levels)) == 1 for t in ticks)
    assert all(t.anchor is None for t in ticks)


def test_a_short_loop_is_seen_from_every_side() -> None:
    ticks = plan(8, Pace(steps=16), loop=True)
    assert {t.frames[0] for t in ticks} == set(range(8))


def test_a_long_loop_begins_around_its_seam_and_comes_back_to_it() -> None:
    ticks = plan(20, Pace(), loop=True)
    assert ticks[0].frames == tuple(range(-4, 4))
    assert ticks[-1].levels[-1] == 0.0
    assert ticks[-1].frames[-1] >= 16


def test_a_keyframe_ahead_is_the_anchor_until_it_is_in_sight() -> None:
    ticks = plan(40, Pace(), given=[25])
    assert ticks[0].anchor == 25
    assert all(t.anchor == 25 for t in ticks if t.frames[-1] < 25)
    assert ticks[-1].anchor == 0


@pytest.mark.parametrize(("steps", "turns"), [(1, 1), (6, 1), (12, 2), (17, 3)])
def test_rolling_rounds_the_steps_to_whole_turns(steps: int, turns: int) -> None:
    ticks = plan(30, Pace(steps=steps))
    assert sum(20 in t.frames and t.levels[t.frames.index(20)] > 0 for t in ticks) == 6 * turns
