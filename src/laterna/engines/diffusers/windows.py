"""A long shot as windows that overlap: which frames each films, and which of them are new.

A window is one call of a pipeline. Its film begins with `held` frames that are known already (the
end of the window before, or of the film the shot goes on from), then come the new frames, then
perhaps the first frame of what follows the shot, then frames that only the family's rule wanted.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

from laterna.engines.diffusers.preset import FrameRule

__all__ = ["Window", "plan", "window_seed"]


@dataclass(frozen=True, slots=True)
class Window:
    """Frames of one call.

    number  which window of the shot
    start   first new frame, counted in the shot
    held    frames before it that are known
    new     new frames
    filmed  frames the pipeline films: held + new + what follows, fitted to its rule
    last    whether the shot ends with it
    tail    frames filmed after the new ones that are given, too
    """

    number: int
    start: int
    held: int
    new: int
    filmed: int
    last: bool
    tail: int = 0

    @property
    def stop(self) -> int:
        """The shot's frame after its last new one."""
        return self.start + self.new


def plan(total: int, rule: FrameRule, overlap: int, lead: int = 0, tail: int = 0) -> list[Window]:
    """The windows of a shot of `total` frames, about equally long.

    `lead` frames are known before the first, `tail` frames after the last.
    """
    windows: list[Window] = []
    done, held = 0, lead
    while done < total:
        left = total - done
        if held + left + tail <= rule.longest:
            filmed = rule.fit(held + left + tail)
            windows.append(Window(len(windows), done, held, left, filmed, True, tail))
            break
        room = rule.longest - overlap
        more = math.ceil((left + tail - (rule.longest - held)) / room)
        share = math.ceil((left + tail + more * overlap) / (more + 1))
        filmed = rule.fit(min(rule.longest, max(share, held + 1)))
        new = min(filmed - held, left - 1)  # what follows the shot is filmed with its end
        windows.append(Window(len(windows), done, held, new, filmed, False))
        done, held = done + new, overlap
    return windows


def window_seed(seed: int, window: int) -> int:
    """The seed of a window's noise: the shot's own for the first, so that a short shot is what the
    same seed gives in any other program of the same pipeline."""
    if window == 0:
        return seed
    digest = hashlib.sha256(f"{seed} {window}".encode()).digest()
    return int.from_bytes(digest[:8], "little") >> 1
