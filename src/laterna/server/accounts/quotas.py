"""How much: seconds of video a day, jobs at once, and how many jobs may wait at all.

Asking and booking are one transaction under one lock, the one that also stores the job; requests
that come together cannot both take the last second. A day is one of UTC. What is not filmed is
given back: all of a job that failed, the rest of one that was cancelled.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from laterna.server.accounts.stages import Who
from laterna.server.errors import ApiError
from laterna.server.migrations import lock
from laterna.server.settings import Settings
from laterna.server.store import Store
from laterna.server.tables import FILMED, Usage, Video
from laterna.shot import length
from laterna.shot_json import shot_from_json

__all__ = ["admit", "jobs_now", "refund", "seconds_today", "settle"]

SOON = 15  # seconds after which a place may be free
DAY = 24 * 3600


def _day(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d")


def seconds_today(session: Session, owner: str) -> float:
    """Seconds of video booked since midnight UTC."""
    usage = session.get(Usage, (owner, _day(time.time())))
    return usage.seconds if usage else 0.0


def jobs_now(session: Session, owner: str) -> int:
    """Jobs of an owner that are not done."""
    query = select(func.count()).select_from(Video)
    unfinished = Video.status.in_(("queued", "in_progress"))
    return session.scalar(query.where(Video.owner == owner, unfinished)) or 0


def admit(session: Session, who: Who, seconds: float, settings: Settings) -> None:
    """Book `seconds` of video for a job that this same transaction stores.

    Raises ApiError 429 with Retry-After, having booked nothing.
    """
    lock(session.connection())
    waiting = select(func.count()).select_from(Video).where(Video.status == "queued")
    if (session.scalar(waiting) or 0) >= settings.limits.queue:
        raise _full(f"the queue is full, {settings.limits.queue} jobs wait", "queue_full")
    if who.jobs_at_once is not None and jobs_now(session, who.owner) >= who.jobs_at_once:
        jobs = f"{who.jobs_at_once} job{'s' * (who.jobs_at_once != 1)} at once"
        raise _full(f"this account may have {jobs}; wait for one to end", "too_many_jobs")
    now = time.time()
    usage = session.get(Usage, (who.owner, _day(now)))
    used = usage.seconds if usage else 0.0
    if who.seconds_a_day is not None and used + seconds > who.seconds_a_day:
        raise _used_up(who.seconds_a_day, used, seconds, now)
    if usage is None:
        session.add(Usage(owner=who.owner, day=_day(now), seconds=seconds))
    else:
        usage.seconds = used + seconds
    session.flush()


def _full(message: str, code: str) -> ApiError:
    return ApiError(429, message, code=code, headers={"Retry-After": str(SOON)})


def _used_up(limit: float, used: float, seconds: float, now: float) -> ApiError:
    message = (
        f"{seconds:g} s are asked for, {max(0.0, limit - used):g} of {limit:g} s a day are left; "
        "the day ends at midnight UTC"
    )
    wait = math.ceil(DAY - now % DAY)
    # Clients would try again within seconds otherwise, and in vain.
    headers = {"Retry-After": str(wait), "x-should-retry": "false"}
    return ApiError(429, message, param="seconds", code="insufficient_quota", headers=headers)


def refund(session: Session, video: Video) -> float:
    """Give back what `video` did not film; seconds. A second time it gives back nothing."""
    if video.status != "failed" or video.refunded is not None:
        return 0.0
    lock(session.connection())
    session.refresh(video, ["refunded"])
    booked = length(shot_from_json(video.spec["shot"]))
    filmed = min(1.0, video.progress / FILMED)  # what is finished after that has been seen
    share = 1 - filmed if video.error_code == "cancelled" else 1.0
    usage = session.get(Usage, (video.owner, _day(video.created)), with_for_update=True)
    if video.refunded is not None or usage is None:
        return 0.0
    back = min(usage.seconds, booked * share)
    usage.seconds -= back
    video.refunded = time.time()
    return back


def settle(store: Store) -> Callable[[str], None]:
    """A hook for the end of jobs: gives back what was not filmed."""

    def ended(video_id: str) -> None:
        with store.session() as session:
            video = session.get(Video, video_id)
            if video is not None:
                refund(session, video)

    return ended
