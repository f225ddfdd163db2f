"""What came back from a server, looked at before it is taken for the shot.

All of it is decoded once, frame by frame, to know that it is a film, whole, of the size and length
that were asked for; then once more for the frames. A family's rule may round a length up, which is
cut off; a frame too few is held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from laterna.engines.remote.requests import GROUP, Request
from laterna.errors import EngineError, MediaError
from laterna.media.read import iterate, probe
from laterna.media.scale import cover, same_shape
from laterna.shot import Frames, Shot, draft_grid

__all__ = ["Film", "examine"]

SLOWEST = 1.0  # frames a second; below that a file is not film
SLACK = 1  # frames
SHAPE = 0.03  # of either side, as engines film on coarse grids

REASONS = (
    ("is not film", "it is something else"),
    ("no picture stream", "it has no pictures"),
    ("cut short", "it is cut short"),
    ("at most", "it is much longer or larger than was asked for"),
)

Heard = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Film:
    """A film that was accepted: `frames` of the shot, at `fps`."""

    path: Path
    request: Request
    fps: float
    resample: bool
    limit: float  # seconds

    def frames(self, start: int, heard: Heard) -> Iterator[Frames]:
        """The shot's frames (H, W, 3) from number `start` on, exactly as many as it has."""
        first, last = self.request.skip + start, self.request.skip + self.request.total
        rate = self.fps if self.resample else None
        shown: Frames | None = None
        number = -1
        film = iterate(self.path, fps=rate, max_seconds=self.limit, field="remote")
        for number, picture in enumerate(film):
            heard()
            if number >= last:
                return
            shown = picture if self.request.frame is None else _cropped(picture, self.request.frame)
            if number >= first:
                yield shown
        for _ in range(max(number + 1, first), last):
            assert shown is not None
            yield shown


def examine(path: Path, request: Request, shot: Shot, fps: float, heard: Heard) -> Film:
    """Decode the film at `path` and judge it; `heard` is called between frames and may raise.

    Raises EngineError that names what is wrong with it.
    """
    limit = request.asked / fps + 3 * GROUP / fps + 1
    try:
        media = probe(path, "remote")
        rate = float(media.fps)
        if rate < SLOWEST:
            raise _wrong(f"a film of {rate:g} frames a second")
        _judge_size(media.size, request, shot)
        count = 0
        for picture in iterate(path, max_seconds=limit, field="remote"):
            heard()
            if (picture.shape[1], picture.shape[0]) != media.size:
                raise _wrong("a film whose size changes")
            count += 1
    except MediaError as error:
        raise _wrong(f"no whole film ({_reason(error)})") from error
    there, asked = count / rate, request.asked / fps
    needed = (request.skip + request.total) / fps
    frame = SLACK / min(rate, fps) + 1e-3
    if there < needed - frame or there > asked + frame + (GROUP / fps if request.frame else 0):
        raise _wrong(f"{there:.3g} seconds of film where {asked:.3g} were asked for")
    return Film(path, request, fps, abs(rate - fps) > 0.01 * fps, limit)


def _judge_size(size: tuple[int, int], request: Request, shot: Shot) -> None:
    if request.size is not None and size != request.size:
        asked = f"{request.size[0]}x{request.size[1]}"
        raise _wrong(f"a film of {size[0]}x{size[1]} where {asked} was asked for")
    if not same_shape(size, draft_grid(shot.size).frame, SHAPE):
        raise _wrong(f"a film of {size[0]}x{size[1]}, which has another shape than was asked for")


def _cropped(picture: Frames, frame: tuple[int, int]) -> Frames:
    """The middle of a picture that is a little larger, pixel by pixel; else scaled to cover."""
    wide, high = frame
    left, top = (picture.shape[1] - wide) // 2, (picture.shape[0] - high) // 2
    if left < 0 or top < 0:
        return cover(picture, frame)
    return np.ascontiguousarray(picture[top : top + high, left : left + wide])


def _reason(error: MediaError) -> str:
    """What a MediaError says, without the file's name on this machine."""
    return next((told for sign, told in REASONS if sign in str(error)), "it cannot be decoded")


def _wrong(what: str) -> EngineError:
    return EngineError(f"the remote server sent {what}; nothing of it is used")
