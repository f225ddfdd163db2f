"""What a failed job says: a code that programs read and a line that people do."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from laterna.errors import (
    DependencyError,
    EngineError,
    InputError,
    LaternaError,
    MediaError,
    OutputError,
    UnsupportedError,
    WeightsError,
)

__all__ = ["CANCELLED", "CRASHED", "Fault", "fault_of"]

CANCELLED = "cancelled"
CRASHED = "worker_crashed"

# The first class that fits counts.
_CODES: tuple[tuple[type[Exception], str], ...] = (
    (UnsupportedError, "unsupported"),
    (InputError, "invalid_input"),
    (OutputError, "storage_error"),
    (MediaError, "invalid_media"),
    (WeightsError, "weights_error"),
    (DependencyError, "engine_unavailable"),
    (EngineError, "engine_error"),
    (MemoryError, "out_of_memory"),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a job failed."""

    code: str
    message: str

    def told(self) -> dict[str, str]:
        """As JSON."""
        return asdict(self)


def fault_of(error: Exception) -> Fault:
    """What `error` is to whoever asked for the film; a surprise tells its kind, not its innards."""
    code = next((code for kind, code in _CODES if isinstance(error, kind)), "internal_error")
    if isinstance(error, LaternaError):
        return Fault(code, str(error))
    if isinstance(error, MemoryError):
        return Fault(code, "this machine ran out of memory; film smaller or shorter")
    return Fault(code, f"filming ended with an unexpected {type(error).__name__}")
