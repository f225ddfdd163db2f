"""What other libraries' errors say, as ours quote it: they may run over many lines."""

from __future__ import annotations

__all__ = ["in_a_line"]


def in_a_line(error: BaseException) -> str:
    """The message of `error` in one line, at most 300 characters."""
    return " ".join(str(error).split())[:300]
