"""Signals that wait: what is at work is finished first."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["signals_kept"]


@contextmanager
def signals_kept(wanted: bool = True) -> Iterator[list[int]]:
    """Inside, SIGINT and SIGTERM are only noted in the list; afterwards the first is raised again.

    Python runs a handler between any two of its instructions, so also in the middle of an update
    of weights. Threads other than the main one cannot have handlers: there, and where it is not
    `wanted`, signals do what they always do.
    """
    noted: list[int] = []
    if not wanted or threading.current_thread() is not threading.main_thread():
        yield noted
        return
    kinds = (signal.SIGINT, signal.SIGTERM)
    before = {kind: signal.signal(kind, lambda number, _: noted.append(number)) for kind in kinds}
    try:
        yield noted
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)
        if noted:
            signal.raise_signal(noted[0])
