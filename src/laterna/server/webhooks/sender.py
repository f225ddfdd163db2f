"""The task that sends: what ended is looked for in the tables, written down, sent, sent again.

Nothing is held in memory, so a server that dies forgets nothing, and it does not matter which
process filmed. Several servers may run this on one database: an event's id follows from what it
tells, so it is written once, and a delivery is taken by moving its due time on, so it is sent by
one at a time. A receiver tells repeats by their webhook-id, as the specification asks.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import Any, cast

import httpx
from sqlalchemy import CursorResult, and_, exists, func, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from laterna.server.settings import Settings
from laterna.server.store import Store
from laterna.server.tables import Delivery, Endpoint, Video
from laterna.server.webhooks import signing, target
from laterna.server.webhooks.events import event, name_of

__all__ = ["WAITS", "Sender"]

log = logging.getLogger("laterna.webhooks")

LOOK = 1.0  # seconds between looks, while nobody calls
BATCH = 20
LEASE = 60.0  # seconds in which whoever took a delivery has to have sent it
# Seconds after each failure, three days in all (Standard Webhooks, operational considerations).
WAITS = (5.0, 60.0, 300.0, 1800.0, 7200.0, 18000.0, 36000.0, 50400.0, 72000.0, 72000.0)
RECENT = 21 * 24 * 3600.0  # what ended before that was told, and what was told is forgotten later
DONE = ("completed", "failed")


@dataclass(frozen=True, slots=True)
class _Letter:
    """A delivery that is ours to send."""

    delivery: Delivery
    endpoint: Endpoint


class Sender:
    """Finds what ended and sends it, until it is closed."""

    def __init__(
        self, settings: Settings, store: Store, waits: tuple[float, ...] = WAITS, look: float = LOOK
    ) -> None:
        self.settings, self.store, self.waits, self.look = settings, store, waits, look
        self._task: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Begin, in the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.create_task(self._run(), name="webhooks")

    async def close(self) -> None:
        """End; what is not sent yet is sent after the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def wake(self, video: str = "") -> None:
        """Look at once; may be called from any thread, as a hook of jobs."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._news.set)

    async def _run(self) -> None:
        async with httpx.AsyncClient(trust_env=False) as client:
            while True:
                try:
                    busy = await self.round(client)
                except SQLAlchemyError:
                    log.exception("webhooks: the database is away")
                    busy = False
                if not busy:
                    await self._pause()

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._news.wait(), self.look)
        except TimeoutError:
            return
        self._news.clear()

    async def round(self, client: httpx.AsyncClient) -> bool:
        """Write down what ended and send what is due; whether there may be more."""
        await run_in_threadpool(self.collect)
        letters = await run_in_threadpool(self._take)
        await asyncio.gather(*(self._send(client, letter) for letter in letters))
        return len(letters) == BATCH

    def collect(self) -> None:
        """A delivery for every video that ended since an endpoint of its owner listens for it."""
        # A process of an older laterna says of no video when it failed; not before it was made.
        ended = func.coalesce(Video.completed, Video.failed, Video.cancelled, Video.created)
        recent = time.time() - RECENT
        told = exists().where(Delivery.endpoint == Endpoint.id, Delivery.video == Video.id)
        news = (
            select(Video.id, Video.status, Endpoint)
            .join(Endpoint, Endpoint.owner == Video.owner)
            .where(
                and_(Video.status.in_(DONE), Video.deleted.is_(None), ended >= Endpoint.created),
                ended >= recent,
                ~told,
            )
            .limit(BATCH)
        )
        with self.store.reading() as session:
            found = session.execute(news).all()
        for video, status, endpoint in found:
            self._write(video, f"video.{status}", endpoint)

    def _write(self, video: str, kind: str, endpoint: Endpoint) -> None:
        now = time.time()
        name = name_of(endpoint.id, video, kind)
        wanted = kind in endpoint.events
        delivery = Delivery(
            id=name,
            endpoint=endpoint.id,
            video=video,
            kind=kind,
            body=event(name, kind, video, now),
            created=now,
            due=now if wanted else None,
            tries=0,
        )
        try:
            with self.store.session() as session:
                session.add(delivery)
        except IntegrityError:
            return  # another server was first, or the endpoint is gone

    def _take(self) -> list[_Letter]:
        """Deliveries that are due, each moved on so that nobody else takes it."""
        now = time.time()
        due = (
            select(Delivery, Endpoint)
            .join(Endpoint, Endpoint.id == Delivery.endpoint)
            .where(Delivery.due <= now)
            .order_by(Delivery.due)
            .limit(BATCH)
        )
        with self.store.reading() as session:
            found = session.execute(due).all()
        letters = []
        for delivery, endpoint in found:
            ours = update(Delivery).where(Delivery.id == delivery.id, Delivery.due == delivery.due)
            with self.store.session() as session:
                done = session.execute(ours.values(due=now + LEASE, tries=Delivery.tries + 1))
                if cast("CursorResult[Any]", done).rowcount:
                    letters.append(_Letter(delivery, endpoint))
        return letters

    async def _send(self, client: httpx.AsyncClient, letter: _Letter) -> None:
        delivery, endpoint = letter.delivery, letter.endpoint
        headers = signing.headers(endpoint, delivery.id, time.time(), delivery.body)
        status: int | None = None
        try:
            status = await target.post(client, endpoint.url, delivery.body, headers, self.settings)
            reason = f"status {status}"
        except (target.Forbidden, httpx.HTTPError, OSError, ValueError) as error:
            reason = str(error) or type(error).__name__
        good = status is not None and 200 <= status < 300
        if not good:
            log.warning("webhook %s to %s: %s", delivery.id, endpoint.id, reason)
        await run_in_threadpool(self._settle, delivery.id, delivery.tries, status, good)

    def _settle(self, name: str, tries: int, status: int | None, good: bool) -> None:
        """Write down how it went, and when to try again. 410 says never (the specification)."""
        over = good or status == 410 or tries >= len(self.waits)
        due = None if over else time.time() + self.waits[tries]
        with self.store.session() as session:
            done = update(Delivery).where(Delivery.id == name)
            session.execute(done.values(due=due, status=status))
