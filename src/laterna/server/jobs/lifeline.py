"""A child that does not outlive its parent, however the parent ends.

Commands come as lines on standard input; a thread waits for them, so the end of the pipe is seen
even in mid-film, and ends the process at once. On Linux the kernel is asked as well: it kills when
native code keeps the thread from running. What the child prints goes to standard error; answers
have a pipe of their own.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import threading
from queue import SimpleQueue
from typing import Any

__all__ = ["Lifeline"]

PR_SET_PDEATHSIG = 1


class Lifeline:
    """The child's end: `commands()` from the parent, `answer(...)` to it."""

    def __init__(self, parent: int) -> None:
        """`parent` is the process that started this one; when it is gone already, leave."""
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.name == "posix" and os.getppid() != parent:
            os._exit(1)
        self._out = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)  # a library that prints must not break the answers
        self._commands: SimpleQueue[dict[str, Any]] = SimpleQueue()
        self.closing = threading.Event()  # the parent wants no more of what is being done
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in sys.stdin:
            command = json.loads(line)
            if command["do"] == "close":
                self.closing.set()
            self._commands.put(command)
        os._exit(0)

    def next(self) -> dict[str, Any]:
        """The next command; waits for it."""
        command = self._commands.get()
        if command["do"] == "close":
            self.closing.clear()
        return command

    def answer(self, told: dict[str, Any]) -> None:
        """Tell the parent; when it has gone, leave."""
        try:
            self._out.write(json.dumps(told) + "\n")
            self._out.flush()
        except BrokenPipeError:
            os._exit(0)
