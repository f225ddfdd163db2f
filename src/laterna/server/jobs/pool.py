"""The filming processes of a worker, seen from the worker.

A process films one shot at a time and is lent out for as long as that takes, so its engine stays
loaded from shot to shot. One that died is replaced when the next is asked for. Where devices are
named, each process sees one of them and no two the same.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import Any

__all__ = ["Crashed", "Filming", "Pool"]

VISIBLE = "CUDA_VISIBLE_DEVICES"


class Crashed(Exception):
    """The filming process ended; the message says how."""


class Filming:
    """One filming process; with a `device` it sees that GPU and no other."""

    def __init__(self, device: str | None = None) -> None:
        self.device = device
        command = [sys.executable, "-m", "laterna.server.jobs.child", str(os.getpid())]
        # A session of its own: Ctrl-C in the terminal is the worker's to answer.
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,
            env=None if device is None else {**os.environ, VISIBLE: device},
        )
        self._hear()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def ask(
        self, progress: Callable[[float], bool] | None = None, **command: Any
    ) -> dict[str, Any]:
        """Give a command and wait for its answer; Crashed when none comes.

        `progress` hears the share that is done; when it says False the command is given up.
        """
        self._say(command)
        closing = False
        while True:
            told = self._hear()
            if "progress" not in told:
                break
            if progress is not None and not closing and not progress(told["progress"]):
                closing = True
                self._say({"do": "close"})
        if closing:
            self._hear()  # the answer to `close`
        return told

    def _say(self, command: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(command) + "\n")
            self._process.stdin.flush()
        except OSError as error:
            raise Crashed(self._ending()) from error

    def _hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line.endswith("\n"):
            raise Crashed(self._ending())
        told: dict[str, Any] = json.loads(line)
        return told

    def _ending(self) -> str:
        code = self._process.wait()
        if code >= 0:
            return f"it ended with exit code {code}"
        name = signal.Signals(-code).name
        hint = "; did this machine run out of memory?" if name == "SIGKILL" else ""
        return f"it was ended by {name}{hint}"

    def kill(self) -> None:
        """End it at once."""
        with suppress(OSError):
            self._process.kill()

    def close(self) -> None:
        """End it and let go of its pipes."""
        self.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


class Pool:
    """Filming processes to lend; threads may share it.

    With `devices` no more are lent at once than there are; who wants one more waits.
    """

    def __init__(self, devices: Sequence[str] = ()) -> None:
        self._free = list(devices)  # devices that no process has
        self._room: AbstractContextManager[Any] = (
            threading.Semaphore(len(devices)) if devices else nullcontext()
        )
        # Linux kills a child when the thread that started it ends, so one thread starts them all.
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="filming-starter")
        self._lock = threading.Lock()
        self._idle: list[Filming] = []
        self._lent: set[Filming] = set()

    @contextmanager
    def lend(self) -> Iterator[Filming]:
        """A filming process for one shot."""
        with self._room:
            filming = self._take() or self._start()
            with self._lock:
                self._lent.add(filming)
            try:
                yield filming
            finally:
                with self._lock:
                    self._lent.discard(filming)
                    self._idle.append(filming)

    def _take(self) -> Filming | None:
        """One that is idle and lives."""
        while True:
            with self._lock:
                filming = self._idle.pop() if self._idle else None
            if filming is None or filming.alive:
                return filming
            filming.close()
            self._let_go(filming.device)

    def _start(self) -> Filming:
        """A new one, on a device that is free."""
        with self._lock:
            device = self._free.pop(0) if self._free else None
        try:
            return self._starter.submit(Filming, device).result()
        except BaseException:
            self._let_go(device)
            raise

    def _let_go(self, device: str | None) -> None:
        """The process that had `device` is gone."""
        if device is not None:
            with self._lock:
                self._free.append(device)

    def kill(self) -> None:
        """End those that are lent out, in mid-film."""
        with self._lock:
            lent = list(self._lent)
        for filming in lent:
            filming.kill()

    def close(self) -> None:
        """End them all."""
        self.kill()
        with self._lock:
            idle, self._idle = self._idle, []
        for filming in idle:
            filming.close()
        self._starter.shutdown()
