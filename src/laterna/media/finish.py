"""The quick finish: three times the frames at twice the size, by classical means, as they come.

Frames are enlarged first, then moved: each frame in between is both its neighbours, warped along
the motion between them at the full size and laid over each other. At a cut, where no motion fits,
the nearer frame is held: a mixture would be a ghost. Streams: nothing is kept but the last frame
and, for a loop, the first.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from laterna.errors import InputError
from laterna.media.enlarge import enlarge
from laterna.media.motion import Motion, motion_between
from laterna.media.sample import Plane, Planes, Sampler
from laterna.media.scale import cover_box
from laterna.shot import Frames

__all__ = ["QuickFinish"]

CUT = 16.0  # mean mismatch (0..255) along the best motion from which on it is another scene


class QuickFinish:
    """Takes draft frames of `src_size` and gives frames of `out_size`, `factor` for each one.

    Sizes are (width, height). T frames in give T * factor out, over all calls of `push` and the
    one `flush`; frame k of the input is frame k * factor of the output, enlarged. In a `loop` the
    last frame moves on to the first; else the motion goes on for the last factor - 1 frames.

    With `every` only each so-manieth of those is made, beginning with the first: factor 3 and
    every 2 turn 16 frames a second into 24.
    """

    def __init__(
        self,
        src_size: tuple[int, int],
        out_size: tuple[int, int],
        factor: int = 3,
        loop: bool = False,
        every: int = 1,
    ) -> None:
        if factor < 1:
            raise InputError("factor", factor, "give a whole number from 1 on")
        if not 1 <= every <= factor:
            raise InputError("every", every, f"give a whole number from 1 to {factor}")
        self.src_size, self.out_size, self.factor, self.loop = src_size, out_size, factor, loop
        self.every = every
        self._made = 0  # frames of the output so far, those left out counted
        self._small: Planes | None = None  # the last frame as it came
        self._big: Frames | None = None  # and enlarged
        self._first: Frames | None = None
        self._motion: Motion | None = None
        left, top, right, bottom = cover_box(src_size, out_size)
        # The centres of the output's pixels, in pixels of the input, and the scale between them.
        self._x = np.linspace(left, right, out_size[0], endpoint=False, dtype=np.float32)
        self._y = np.linspace(top, bottom, out_size[1], endpoint=False, dtype=np.float32)
        self._scale = out_size[0] / (right - left)
        self._x += 0.5 / self._scale - 0.5
        self._y += 0.5 / self._scale - 0.5

    def push(self, frames: Frames) -> Frames:
        """(T, H, W, 3) uint8 in, the output frames that are complete now out."""
        if frames.shape[2:0:-1] != self.src_size:
            raise InputError("frames", frames.shape, f"this finish takes {self.src_size}")
        if self.factor == 1:
            return enlarge(frames, self.out_size)
        done = [self._step(frame) for frame in frames]
        return np.concatenate([*done, self._nothing()])

    def flush(self) -> Frames:
        """The last frame and what follows it; the finish can then take another film."""
        small, big, first = self._small, self._big, self._first
        if small is None or big is None or first is None:
            return self._nothing()
        if self.loop:
            rest = self._step(first)
        else:
            rest = self._run_out(big)
        self._small = self._big = self._first = self._motion = None
        self._made = 0
        return rest

    def _nothing(self) -> Frames:
        return np.empty((0, self.out_size[1], self.out_size[0], 3), np.uint8)

    def _step(self, frame: Frames) -> Frames:
        """The frames from the last one to just before `frame`."""
        small = np.moveaxis(frame, -1, 0).astype(np.float32)
        big = enlarge(frame[None], self.out_size)[0]
        before, last = self._small, self._big
        self._small, self._big = small, big
        if before is None or last is None:
            self._first = frame
            return self._nothing()
        motion, mismatch = motion_between(before, small)
        phases = self._phases()
        out = np.empty((len(phases), *last.shape), np.uint8)
        out[:] = last
        if mismatch > CUT:
            self._motion = None
            out[[phase >= (self.factor + 1) // 2 for phase in phases]] = big
            return out
        self._motion = motion
        start, end = _planes(last), _planes(big)
        for place, phase in enumerate(phases):
            if phase:
                self._between(start, end, motion, phase / self.factor, out[place])
        return out

    def _phases(self) -> list[int]:
        """Which of the next `factor` frames of the output are made."""
        first, self._made = self._made, self._made + self.factor
        return [phase for phase in range(self.factor) if (first + phase) % self.every == 0]

    def _between(
        self, start: Planes, end: Planes, motion: Motion, moment: float, out: Frames
    ) -> None:
        dx, dy = self._enlarged(motion, moment)
        width, height = self.out_size
        x, y = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)[:, None]
        before = Sampler(x - moment * dx, y - moment * dy, width, height)
        after = Sampler(x + (1 - moment) * dx, y + (1 - moment) * dy, width, height)
        pairs = [(before(one), after(two)) for one, two in zip(start, end, strict=True)]
        for channel, (one, two) in enumerate(pairs):
            out[..., channel] = one + moment * (two - one) + 0.5

    def _enlarged(self, motion: Motion, moment: float) -> tuple[Plane, Plane]:
        """The motion at `moment`, at the size and in the pixels of the output."""
        width, height = self.src_size
        x, y = np.broadcast_arrays(self._x, self._y[:, None])
        halfway = Sampler(x, y, width, height)
        dx, dy = halfway(motion[0]), halfway(motion[1])
        # What is at x now is at x + (1/2 - moment) d halfway, where its motion was measured.
        ahead = 0.5 - moment
        there = Sampler(x + ahead * dx, y + ahead * dy, width, height)
        return there(motion[0]) * self._scale, there(motion[1]) * self._scale

    def _run_out(self, last: Frames) -> Frames:
        """The last frame, and its motion carried on until the next frame would come."""
        phases = self._phases()
        out = np.empty((len(phases), *last.shape), np.uint8)
        out[:] = last
        if self._motion is None:
            return out
        width, height = self.out_size
        x, y = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)[:, None]
        planes = _planes(last)
        for place, phase in enumerate(phases):
            if not phase:
                continue
            on = phase / self.factor
            dx, dy = self._enlarged(self._motion, 1 + on)
            carried = Sampler(x - on * dx, y - on * dy, width, height)
            for channel, plane in enumerate(planes):
                out[place, ..., channel] = carried(plane) + 0.5
        return out


def _planes(frame: Frames) -> NDArray[np.float32]:
    return np.ascontiguousarray(np.moveaxis(frame, -1, 0), np.float32)
