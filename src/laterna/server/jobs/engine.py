"""DBOS, as far as laterna needs it: a queue of durable workflows, and whose they are.

Everything the rest of the house knows of DBOS is here and in `filming`. Each engine has a queue of
its own, so that a process takes no job that it cannot film. Two things DBOS does not offer to the
public, which is why its version is pinned and tests stand before an upgrade:

  - taking over what a dead process was running (`take_over`), for which the open part of DBOS has
    a function but no name without an underscore;
  - a width for each process over all queues it reads, as machines differ, and the oldest job of
    all of them first (`_Width`): DBOS keeps a width for each queue in its table, the same for all
    processes, and reads each queue by itself.

Values are stored as JSON; nothing is ever unpickled. The application version is our own and says
how the workflow's steps follow each other, not which laterna wrote them, so an upgrade goes on
with what its predecessor queued.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID

__all__ = ["ENDED", "QUEUE", "STEPS_VERSION", "JobEngine"]

QUEUE = "film"  # of jobs that name no engine: those queued before each had its own
STEPS_VERSION = "steps-1"  # changed only with a migration of what is queued under the old one
POLLING = 0.5  # seconds until a free worker sees a new job
PATIENCE = 5.0  # seconds that younger jobs let an older one go first that nobody takes
DISPATCH = 60.0  # seconds until a job that was claimed and never began is not counted any more
ENDED = ("ERROR", "SUCCESS", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")


class JobEngine:
    """DBOS in this process; there can be one at a time."""

    def __init__(self, url: str, executor: str, width: int, engines: Iterable[str] = ()) -> None:
        """`executor` is this process's name, never used before; it runs `width` jobs at once, those
        of `engines`, or of all where none is named.

        Width 0 only queues.
        """
        self.executor = executor
        self._queues: set[str] = set()
        config: DBOSConfig = {
            "name": "laterna",
            "system_database_url": url,
            "application_version": STEPS_VERSION,
            "executor_id": executor,
            "serializer": DBOSPortableJSONSerializer(),
            "enable_otlp": False,
            "log_level": "WARNING",
            "sys_db_pool_size": 10,
        }
        self._dbos = DBOS(config=config)
        log = logging.getLogger("dbos")  # speaks through the house's logging, and less
        log.handlers.clear()
        log.propagate = True
        log.setLevel(logging.WARNING)
        own = [_queue(engine) for engine in engines]
        if own or not width:
            DBOS.listen_queues(own if width else [])
        DBOS.launch()
        self._width = _Width(self._dbos, width, own or None)
        for name in own or [QUEUE]:
            self._register(name)

    def _register(self, name: str) -> None:
        """Have a queue of this name, once."""
        if name not in self._queues:
            DBOS.register_queue(
                name, worker_concurrency=1, polling_interval_sec=POLLING,
                on_conflict="always_update",
            )  # fmt: skip
            self._queues.add(name)

    def enqueue(self, workflow: Callable[[str], Any], name: str, engine: str) -> None:
        """Queue `workflow(name)` under that name for `engine`; again does nothing."""
        self._register(_queue(engine))
        with SetWorkflowID(name):
            DBOS.enqueue_workflow(_queue(engine), workflow, name)

    def cancel(self, name: str) -> None:
        """Take a job that waits out of the queue."""
        DBOS.cancel_workflow(name)

    def states(self, names: list[str]) -> dict[str, str]:
        """DBOS's word on each of these jobs; those it does not know are left out."""
        if not names:
            return {}
        told = DBOS.list_workflows(workflow_ids=names, load_input=False, load_output=False)
        return {status.workflow_id: status.status for status in told}

    def forget(self, seconds: float) -> None:
        """Drop the records of some jobs that ended that long ago; the videos' rows tell enough."""
        before = datetime.now(UTC) - timedelta(seconds=seconds)
        told = DBOS.list_workflows(
            status=list(ENDED), completed_before=before.isoformat(), limit=100,
            load_input=False, load_output=False,
        )  # fmt: skip
        if told:
            DBOS.delete_workflows([status.workflow_id for status in told])

    def executors(self) -> set[str]:
        """The processes that run a job, dead or alive."""
        told = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
        films = (status for status in told if _is_ours(status.queue_name))
        return {status.executor_id for status in films if status.executor_id}

    def take_over(self, executors: set[str]) -> list[str]:
        """Queue again what these dead processes were running; the jobs' names.

        DBOS does not let what they may still write pass, should they only have slept.
        """
        handles = DBOS._recover_pending_workflows(sorted(executors))
        return [handle.get_workflow_id() for handle in handles]

    def stop(self, patience: int) -> None:
        """Take no more jobs, give those that run `patience` seconds to return, and leave."""
        DBOS.destroy(workflow_completion_timeout_sec=patience)


class _Width:
    """How many jobs this process runs at once, whichever of its queues they come from.

    DBOS reads a queue's row before each look at the queue, and claims in one call: what that row
    says is ours to word, and one claim at a time counts what is running and what was claimed and
    has not begun.
    """

    def __init__(self, dbos: DBOS, width: int, queues: list[str] | None) -> None:
        """`queues` are those this process reads; None is all there are."""
        self._active, self._width, self._queues = dbos._active_workflows_set, width, queues
        self._lock = threading.Lock()
        self._claimed: dict[str, float] = {}  # job: when
        self._first, self._since = "", 0.0  # the job that others let go first, and since when
        tables: Any = dbos._sys_db
        read, claim, add = tables.get_queue, tables.start_queued_workflows, self._active.add

        def get_queue(name: str, **options: Any) -> Any:
            queue = read(name, **options)
            if queue is not None and _is_ours(name):
                queue._worker_concurrency = width
            return queue

        def start_queued_workflows(queue: Any, *words: Any, **options: Any) -> Any:
            if not _is_ours(queue.name):
                return claim(queue, *words, **options)
            with self._lock:
                room = self._room()
                if room <= 0 or self._waits_for(queue.name):
                    return [], "worker_concurrency"
                executor, version, partition, running, *rest = words
                queue._worker_concurrency = running + room
                told = claim(queue, executor, version, partition, running, *rest, **options)
                self._claimed |= dict.fromkeys(told[0], time.monotonic())
                return told

        def begin(key: str, *bucket: Any) -> Any:
            entry = add(key, *bucket)
            self._claimed.pop(key, None)
            return entry

        tables.get_queue, tables.start_queued_workflows = get_queue, start_queued_workflows
        vars(self._active)["add"] = begin

    def _waits_for(self, queue: str) -> bool:
        """Whether an older job than those of `queue` waits in another that is read here too.

        It is taken at the next look at its own queue; if it is not, nobody waits for it any longer.
        """
        told = DBOS.list_workflows(
            status="ENQUEUED", queue_name=self._queues, limit=1, load_input=False, load_output=False
        )
        if not told or told[0].queue_name == queue or not _is_ours(told[0].queue_name):
            return False
        first = told[0].workflow_id
        if first != self._first:
            self._first, self._since = first, time.monotonic()
        return time.monotonic() - self._since < PATIENCE

    def _room(self) -> int:
        """Jobs that this process may still begin."""
        late = time.monotonic() - DISPATCH
        self._claimed = {job: when for job, when in self._claimed.items() if when > late}
        with self._active._lock:
            queues = [
                bucket[0] for buckets in self._active._m.values() for bucket in buckets if bucket
            ]
        return self._width - sum(map(_is_ours, queues)) - len(self._claimed)


def _queue(engine: str) -> str:
    """The name of the queue of an engine's jobs."""
    return f"{QUEUE}:{engine}"


def _is_ours(queue: str | None) -> bool:
    return queue is not None and (queue == QUEUE or queue.startswith(f"{QUEUE}:"))
