"""Which latent frames are denoised together, and how far: the plan of a film as a list of ticks.

A tick is one run of the network over a window of frames, each with its own noise level. A short
film is one window in which all frames come down together. A long one starts like that and then
rolls: the oldest frame in the window is nearly clean, the newest pure noise, and each turn one
frame leaves at the front and one enters at the back (Rolling Diffusion, arXiv 2402.09470; Rolling
Forcing, arXiv 2509.25161), so that work and memory per second of film do not depend on its length.
A loop is a ring: a short one is looked at from another side each tick, so that its seam lies
inside the window as often as any other place; a long one starts with the window around its seam.

The plan is a pure function of a few numbers. The place in it is all that a resumed film has to
know of the past's decisions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import gcd

from laterna.model.patterns import shift
from laterna.model.sampler import ladder

__all__ = ["Pace", "Tick", "plan", "seam"]


@dataclass(frozen=True, slots=True)
class Pace:
    """How a film is walked through; the defaults are those of the training's windows.

    window   frames the network sees at once, beside the anchor
    context  finished or given frames that are shown in front, if there are more than enough
    active   frames on the rolling ladder
    steps    network runs each frame goes through (rolling: the nearest multiple of `active`)
    joint_shift, roll_shift   timestep shifts of the two ladders
    """

    window: int = 8
    context: int = 2
    active: int = 6
    steps: int = 12
    joint_shift: float = 2.0
    roll_shift: float = 1.5


@dataclass(frozen=True, slots=True)
class Tick:
    """One run of the network.

    frames   consecutive latent frames in the order shown; below 0 is the lead, from the film's
             length on the trail, and in a loop frame i is frame i modulo the length
    levels   noise level of each before the tick; 0 is finished or given
    targets  and after it
    anchor   a frame far away that is shown beside them, or None
    """

    frames: tuple[int, ...]
    levels: tuple[float, ...]
    targets: tuple[float, ...]
    anchor: int | None = None


def seam(pace: Pace) -> int:
    """Frames at the end of a long loop that are made first, together with its beginning."""
    return pace.window // 2


def plan(
    frames: int,
    pace: Pace,
    *,
    lead: int = 0,
    trail: int = 0,
    loop: bool = False,
    given: Collection[int] = (),
) -> list[Tick]:
    """The ticks that film `frames` latent frames.

    `lead` and `trail` count the given latent frames right before and after; a `loop` has neither.
    `given` are frames inside the film that are known beforehand: those ahead serve as anchors.
    """
    if loop:
        lead = trail = 0
        if frames <= pace.window:
            return list(_ring(frames, pace))
        first = -seam(pace)
        head = pace.window
        ahead = seam(pace)
        rolled = range(first + head, frames - ahead)
    else:
        first, ahead = 0, min(trail, pace.context)
        shown = min(lead, pace.context)
        if shown + frames + ahead <= pace.window:
            head = frames
        elif trail:  # leave a whole ladder of frames that walk towards the trail
            head = max(0, min(pace.window - shown, frames - pace.active))
        else:
            head = min(frames, pace.window - shown)
        rolled = range(head, frames)
    known = sorted({*given, *([rolled.stop] if ahead else [])})
    ticks = list(_joint(range(first, first + head), lead, 0 if rolled else ahead, pace))
    ticks += _roll(rolled, first - lead, ahead, pace)
    return [_anchored(tick, known, -lead, frames if loop else 0) for tick in ticks]


def _joint(head: range, lead: int, ahead: int, pace: Pace) -> Iterator[Tick]:
    """All frames of `head` come down together, between the given ones around them."""
    if not head:
        return
    before = min(lead, pace.window - len(head) - ahead)
    shown = tuple(range(head.start - before, head.stop + ahead))
    levels = ladder(pace.steps, pace.joint_shift)
    for level, target in pairwise(levels):
        yield Tick(
            shown,
            tuple(level if i in head else 0.0 for i in shown),
            tuple(target if i in head else 0.0 for i in shown),
        )


def _ring(frames: int, pace: Pace) -> Iterator[Tick]:
    """A short loop, each tick seen from another starting point."""
    stride = next(s for s in range((frames + 2) // 3, frames + 1) if gcd(s, frames) == 1)
    levels = ladder(pace.steps, pace.joint_shift)
    for n, (level, target) in enumerate(pairwise(levels)):
        start = n * stride % frames
        yield Tick(tuple(range(start, start + frames)), (level,) * frames, (target,) * frames)


def _roll(rolled: range, earliest: int, ahead: int, pace: Pace) -> Iterator[Tick]:
    """Frames enter one after the other and walk down the ladder, a rung a tick.

    What room the ladder leaves in the window goes to the frames that follow it, if they are known
    by then, and to those before it.
    """
    if not rolled:
        return
    turns = max(1, round(pace.steps / pace.active))
    top = turns * pace.active
    rungs = [float(shift(j / top, pace.roll_shift)) for j in range(top + 1)]
    for now in range(turns * (len(rolled) - 1) + top):
        rung = {i: top - (now - turns * n) for n, i in enumerate(rolled)}
        active = [i for i in rolled if 0 < rung[i] <= top]
        room = pace.window - len(active)
        after = min(ahead, room) if active[-1] == rolled[-1] else 0
        before = min(room - after, active[0] - earliest, pace.window - pace.context)
        shown = tuple(range(active[0] - before, active[-1] + 1 + after))
        walking = set(active)
        yield Tick(
            shown,
            tuple(rungs[rung[i]] if i in walking else 0.0 for i in shown),
            tuple(rungs[rung[i] - 1] if i in walking else 0.0 for i in shown),
        )


def _anchored(tick: Tick, known: list[int], earliest: int, around: int) -> Tick:
    """Add the anchor: where the film is going if that is known, else where it comes from.

    `around` is the length of a loop, in which the window may show a frame under another number.
    """
    anchor = next((i for i in known if i > tick.frames[-1]), None)
    if anchor is None and earliest < tick.frames[0]:
        anchor = earliest
    if anchor is not None and around and any((i - anchor) % around == 0 for i in tick.frames):
        anchor = None
    return Tick(tick.frames, tick.levels, tick.targets, anchor)
