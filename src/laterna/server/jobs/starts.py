"""How often workers died over the same frames, told by what they left behind.

Before a worker has a chunk filmed it leaves a note in the work folder, and takes it away when it
gets an answer of any kind. What is found there later was left by workers that ended in between:
by kill -9, a power cut, or because this shot brings the whole machine down.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from laterna.errors import OutputError

__all__ = ["DEATHS", "Starts"]

DEATHS = (
    5  # workers that may end over the same frames; the film's own processes count by themselves
)


class Starts:
    """The notes for the chunk that begins with draft frame `start`."""

    def __init__(self, work: Path, start: int) -> None:
        self._work, self._stem = work, f"{start:05d}.start"

    @property
    def count(self) -> int:
        """Notes that were left."""
        return sum(1 for _ in self._work.glob(f"{self._stem}.*"))

    def note(self, token: int) -> None:
        """Leave a note. Raises OutputError when the video's folder has gone or the disk is full."""
        try:
            self._work.mkdir(exist_ok=True)
            self._path(token).touch()
        except OSError as error:
            raise OutputError(
                f"output: {self._work} cannot be written ({error.strerror})"
            ) from error

    def forget(self, token: int) -> None:
        """Take the note away."""
        with suppress(OSError):
            self._path(token).unlink()

    def _path(self, token: int) -> Path:
        return self._work / f"{self._stem}.{token}"
