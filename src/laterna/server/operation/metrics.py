"""Figures for Prometheus, in a registry of this server's own.

What happened in this process is counted as it happens; what stands in the database (jobs, queue,
disk) is looked up when somebody asks, and so is right in whichever process is asked.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from laterna.server.store import Store
from laterna.server.tables import Delivery, Owner, Video, Worker

__all__ = ["Metrics"]

STATES = ("queued", "in_progress", "completed", "failed")
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60)


class Metrics:
    """The figures of one server process."""

    def __init__(self, store: Store) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "laterna_requests",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "laterna_request_seconds",
            "Seconds until an answer began.",
            ("method", "route"),
            buckets=BUCKETS,
            registry=self.registry,
        )
        ProcessCollector(registry=self.registry)
        self.registry.register(_FromStore(store))

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        self.requests.labels(method, route, str(status)).inc()
        self.seconds.labels(method, route).observe(seconds)

    def text(self) -> bytes:
        """All figures in Prometheus' text form."""
        return generate_latest(self.registry)


class _FromStore(Collector):
    def __init__(self, store: Store) -> None:
        self._store = store

    def describe(self) -> Iterable[Metric]:
        return ()  # registering shall not ask the database

    def collect(self) -> Iterator[Metric]:
        now = time.time()
        with self._store.reading() as session:
            counts = select(Video.status, func.count()).where(Video.engine != "upload")
            states = {row[0]: row[1] for row in session.execute(counts.group_by(Video.status))}
            queue = select(func.sum(Video.frames), func.min(Video.created))
            frames, oldest = session.execute(queue.where(Video.status == "queued")).one()
            kept = select(func.sum(Video.bytes)).where(Video.expired.is_(None))
            stored = session.scalar(kept.where(Video.deleted.is_(None))) or 0
            alive = select(func.count()).select_from(Worker).where(Worker.expires > now)
            workers = session.scalar(alive) or 0
            people = select(func.count()).select_from(Owner).where(Owner.disabled.is_(None))
            owners = session.scalar(people) or 0
            unsent = select(func.count()).select_from(Delivery).where(Delivery.due.is_not(None))
            deliveries = session.scalar(unsent) or 0
        videos = GaugeMetricFamily("laterna_videos", "Videos by status.", labels=("status",))
        for state in STATES:
            videos.add_metric((state,), states.get(state, 0))
        yield videos
        waits = now - oldest if oldest else 0.0
        for name, told, value in (
            ("laterna_queue_frames", "Draft frames that the queued jobs come to.", frames or 0),
            ("laterna_queue_oldest_seconds", "How long the oldest queued job waits.", waits),
            ("laterna_stored_bytes", "Bytes of videos that have not expired.", stored),
            ("laterna_workers", "Processes that film.", workers),
            ("laterna_owners", "Owners that are not disabled.", owners),
            ("laterna_webhooks_unsent", "Webhooks that are still to be delivered.", deliveries),
        ):
            yield GaugeMetricFamily(name, told, float(value))
