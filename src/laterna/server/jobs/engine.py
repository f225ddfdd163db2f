"""DBOS, as far as laterna needs it: a queue of durable workflows, and whose they are.

Everything the rest of the house knows of DBOS is here and in `filming`. Two things it does not
offer to the public, which is why its version is pinned and tests stand before an upgrade:

  - taking over what a dead process was running (`take_over`), for which the open part of DBOS has
    a function but no name without an underscore;
  - a width of the queue for each process, as machines differ: DBOS keeps one for all in its table.

Values are stored as JSON; nothing is ever unpickled. The application version is our own and says
how the workflow's steps follow each other, not which laterna wrote them, so an upgrade goes on
with what its predecessor queued.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID

__all__ = ["ENDED", "QUEUE", "STEPS_VERSION", "JobEngine"]

QUEUE = "film"
STEPS_VERSION = "steps-1"  # changed only with a migration of what is queued under the old one
POLLING = 0.5  # seconds until a free worker sees a new job
ENDED = ("ERROR", "SUCCESS", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")


class JobEngine:
    """DBOS in this process; there can be one at a time."""

    def __init__(self, url: str, executor: str, width: int) -> None:
        """`executor` is this process's name, never used before; it runs `width` jobs at once.

        Width 0 only queues.
        """
        self.executor = executor
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
        if not width:
            DBOS.listen_queues([])
        DBOS.launch()
        self._widen(width)
        DBOS.register_queue(
            QUEUE, worker_concurrency=1, polling_interval_sec=POLLING, on_conflict="always_update"
        )

    def _widen(self, width: int) -> None:
        """Let this process's reading of the queue's row say `width`."""
        tables = self._dbos._sys_db
        read = tables.get_queue

        def get_queue(name: str, **options: Any) -> Any:
            queue = read(name, **options)
            if queue is not None and name == QUEUE:
                queue._worker_concurrency = width
            return queue

        tables.get_queue = get_queue  # type: ignore[method-assign]

    def enqueue(self, workflow: Callable[[str], Any], name: str) -> None:
        """Queue `workflow(name)` under that name; again does nothing."""
        with SetWorkflowID(name):
            DBOS.enqueue_workflow(QUEUE, workflow, name)

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
        told = DBOS.list_workflows(
            status="PENDING", queue_name=QUEUE, load_input=False, load_output=False
        )
        return {status.executor_id for status in told if status.executor_id}

    def take_over(self, executors: set[str]) -> list[str]:
        """Queue again what these dead processes were running; the jobs' names.

        DBOS does not let what they may still write pass, should they only have slept.
        """
        handles = DBOS._recover_pending_workflows(sorted(executors))
        return [handle.get_workflow_id() for handle in handles]

    def stop(self, patience: int) -> None:
        """Take no more jobs, give those that run `patience` seconds to return, and leave."""
        DBOS.destroy(workflow_completion_timeout_sec=patience)
