"""What the verbs say while they work: a bar, notes and warnings, all on standard error."""

from __future__ import annotations

import sys
from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

__all__ = ["FrameBar", "note", "warn"]


def note(line: str) -> None:
    """Something was done in a way that the user may want to know."""
    print(f"note: {' '.join(line.split())}", file=sys.stderr)


def warn(line: str) -> None:
    """Something asked for will not be in the clip."""
    print(f"warning: {' '.join(line.split())}", file=sys.stderr)


class FrameBar:
    """Frames done and time left; nothing at all when standard error is not a terminal."""

    def __init__(self, total: int) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("frames"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
            disable=not sys.stderr.isatty(),
        )
        self._task = self._progress.add_task("filming", total=total)

    def done(self, frames: int) -> None:
        """`frames` of the shot are filmed."""
        self._progress.update(self._task, completed=frames)

    def __enter__(self) -> FrameBar:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()
