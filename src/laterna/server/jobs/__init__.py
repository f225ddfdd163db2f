"""Jobs that outlive the process that runs them.

    jobs = Jobs(settings, store)
    jobs.start(film=True)      # in a worker; film=False where videos are only asked for
    jobs.submit(video_id)      # the row is there, its status queued
    jobs.cancel(video_id)
    jobs.stop()                # what is being filmed goes to another worker, or waits for the next

A job is a DBOS workflow (`filming`), one step a chunk; the film is made in a process of its own
(`child`), spooled losslessly (`spool`) and published once (`publish`). Who may go on with whose
job is in `lease`, what a row may become in `rows`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from laterna.server.jobs.service import Jobs as Jobs

__all__ = ["Jobs"]


def __getattr__(name: str) -> Any:
    """Load `Jobs` on first use: the filming process lives here too and needs no job engine."""
    if name != "Jobs":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from laterna.server.jobs.service import Jobs

    return Jobs
