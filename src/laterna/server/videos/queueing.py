"""From a plan to a job: files first, then the row, then the queue.

The order is what makes it safe: a row is only there when everything it needs is on disk, and a job
is only submitted when its row is committed. What dies between the last two is submitted by the
jobs' own reconciler.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from laterna.server.accounts import audit, quotas
from laterna.server.ids import new_id
from laterna.server.jobs.draft import DRAFT, DraftWriter
from laterna.server.jobs.spool import Maker
from laterna.server.settings import Settings
from laterna.server.spec import Spec
from laterna.server.store import Store
from laterna.server.tables import Video
from laterna.server.videos.idempotency import Once
from laterna.server.videos.inputs import Desk
from laterna.server.videos.resource import ahead
from laterna.server.videos.shots import Plan
from laterna.shot import Strip, draft_frames, length

if TYPE_CHECKING:
    from laterna.server.jobs import Jobs

__all__ = ["Queued", "enqueue", "forget_uploads", "replay"]

UPLOAD = "upload"  # kind of a row that only stands for uploaded film, and is nobody's to see


@dataclass(frozen=True, slots=True)
class Queued:
    """A job's row, its place in the queue, and whether an earlier request had made it."""

    row: Video
    position: int | None
    replayed: bool = False


def replay(desk: Desk, once: Once) -> Queued | None:
    """What an earlier request with the same key made."""
    with desk.store.reading() as session:
        row = _known(session, once)
        return None if row is None else Queued(row, ahead(session, row), replayed=True)


def _known(session: Session, once: Once) -> Video | None:
    name = once.known(session)
    row = None if name is None else session.get(Video, name)
    return None if row is None or row.deleted is not None else row


def enqueue(desk: Desk, jobs: Jobs, plan: Plan, once: Once) -> Queued:
    """Write `plan` down and queue it. Raises ApiError (429 when the owner or the queue is full)."""
    video = new_id("video")
    folders = [desk.settings.folder(video)]
    try:
        rows, spec = _adopt(desk, plan, folders)
        told = spec.write(folders[0])
        row = _row(desk, plan, spec, video, told)
        with desk.store.session() as session:
            earlier = _known(session, once)
            if earlier is None:
                quotas.admit(session, desk.who, length(spec.shot), desk.settings)
                session.add_all([*rows, row])
                session.flush()
                once.keep(session, video)
                audit.note(session, desk.who.owner, f"video.{spec.kind}", video)
                position = ahead(session, row)
    except IntegrityError:
        _remove(folders)
        found = replay(desk, once)  # PostgreSQL lets two race to the same key; one loses here
        if found is None:
            raise
        return found
    except BaseException:
        _remove(folders)
        raise
    if earlier is not None:
        _remove(folders)
        with desk.store.reading() as session:
            return Queued(earlier, ahead(session, earlier), replayed=True)
    jobs.submit(video)
    return Queued(row, position)


def _row(desk: Desk, plan: Plan, spec: Spec, video: str, told: dict[str, object]) -> Video:
    width, height = plan.delivery.size
    shot = spec.shot
    return Video(
        id=video,
        owner=desk.who.owner,
        status="queued",
        progress=0,
        created=time.time(),
        model=plan.model,
        engine=plan.engine.name,
        prompt=plan.prompt,
        seconds=f"{plan.seconds:g}",
        size=f"{width}x{height}",
        frames=draft_frames(shot),
        remixed_from=plan.remixed_from,
        spec=told,
        answer={
            "engine": desk.settings.shown(plan.engine.name),
            "seed": shot.seed,
            "fps": plan.delivery.fps,
            "quality": shot.quality,
        },
        bytes=0,
        attempt=0,
    )


def _adopt(desk: Desk, plan: Plan, folders: list[Path]) -> tuple[list[Video], Spec]:
    """Uploaded film that the shot will be joined to, as hidden videos with a draft."""
    ends = {"before": plan.spec.before, "after": plan.spec.after}
    rows: list[Video] = []
    for name, strip in (("before", plan.before), ("after", plan.after)):
        if strip is not None:
            rows.append(_hidden(desk, plan, strip, folders))
            ends[name] = rows[-1].id
    spec = plan.spec
    return rows, Spec(spec.shot, spec.kind, ends["before"], ends["after"], spec.passes)


def _hidden(desk: Desk, plan: Plan, strip: Strip, folders: list[Path]) -> Video:
    assert strip.frames is not None  # an upload has no latents
    video, now = new_id("video"), time.time()
    folders.append(desk.settings.folder(video))
    draft = folders[-1] / DRAFT
    draft.mkdir(parents=True)
    height, width = strip.frames.shape[1:3]
    with DraftWriter(draft, Maker(UPLOAD, "", strip.fps), (width, height)) as writer:
        writer.write(strip.frames)
    return Video(
        id=video,
        owner=desk.who.owner,
        status="completed",
        progress=100,
        created=now,
        completed=now,
        expires=now + desk.settings.limits.keep_hours * 3600,
        deleted=now,
        model=plan.model,
        engine=UPLOAD,
        prompt="",
        seconds=f"{len(strip.frames) / strip.fps:g}",
        size=f"{width}x{height}",
        frames=0,
        spec={"kind": UPLOAD},
        answer={},
        bytes=sum(path.stat().st_size for path in draft.iterdir()),
        attempt=0,
    )


def forget_uploads(settings: Settings, store: Store) -> Callable[[str], None]:
    """A hook for the end of jobs: uploaded film that was joined is not kept a second time."""

    def ended(video: str) -> None:
        with store.session() as session:
            row = session.get(Video, video)
            spec = {} if row is None else row.spec
            for name in (spec.get("before"), spec.get("after")):
                source = session.get(Video, name) if name else None
                if source is not None and source.spec.get("kind") == UPLOAD:
                    source.bytes = 0
                    _remove([settings.folder(source.id)])

    return ended


def _remove(folders: list[Path]) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
