"""The one exception tree.

    LaternaError
    ├── InputError(ValueError)     what the caller asked cannot be right: names field, value, remedy
    │   └── UnsupportedError       the request is right, but this engine cannot honour it
    ├── OutputError                a file cannot be written (exists, unwritable, disk full)
    ├── MediaError                 a file cannot be read as pictures or film
    ├── WeightsError               weights are missing, cut short or altered
    ├── DependencyError            an extra has to be installed first
    ├── ClusterError               a cluster gave up, for no fault of what it was asked
    └── EngineError                an engine failed while filming

Every message is one line that a film maker can act on. The command line prints it after `error:`
and exits with `exit_code`; libraries raise and never print or exit.
"""

from __future__ import annotations

__all__ = [
    "ClusterError",
    "DependencyError",
    "EngineError",
    "InputError",
    "LaternaError",
    "MediaError",
    "OutputError",
    "UnsupportedError",
    "WeightsError",
]


class LaternaError(Exception):
    """Anything laterna itself raises."""

    exit_code = 1


class InputError(LaternaError, ValueError):
    """A field of the request is wrong.

    `field` is its public name (`seconds`), `value` what was given, `remedy` what would be right.
    """

    exit_code = 2

    def __init__(self, field: str, value: object, remedy: str) -> None:
        self.field, self.value, self.remedy = field, value, remedy
        super().__init__(f"{field}: {_shown(value)} will not do; {remedy}")

    def __reduce__(self) -> tuple[type[InputError], tuple[str, object, str]]:
        return type(self), (self.field, self.value, self.remedy)


class UnsupportedError(InputError):
    """The engine's capabilities do not cover this field."""


class OutputError(LaternaError):
    """The result cannot be written where it was asked for."""

    exit_code = 2


class MediaError(LaternaError):
    """A file is not what its use requires (not a picture, no video stream, cut short)."""

    exit_code = 2


class WeightsError(LaternaError):
    """Weights are missing or do not match their checksum."""


class DependencyError(LaternaError):
    """A package of an extra is missing; the message says which command installs it."""


class ClusterError(LaternaError):
    """The machines that were to do the work failed too often, or cannot be reached any more."""


class EngineError(LaternaError):
    """The engine failed while it filmed."""


def _shown(value: object) -> str:
    """`value` in one short line; of an array its type and shape, never its numbers."""
    shape = getattr(value, "shape", None)
    if shape:
        return f"an array {getattr(value, 'dtype', '')} {shape}"
    try:
        text = " ".join(repr(value).split())
    except ValueError:  # a whole number of more digits than Python spells out
        return "a number that long"
    return text if len(text) <= 60 else text[:57] + "..."
