"""What was seen is written down at once, so that an evaluation of an hour survives being stopped.

One JSON line per clip, appended; a line that was cut short is dropped when the book is opened
again. A book about something else (other weights, another judge) is begun anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from laterna.errors import OutputError
from laterna.evaluation.judge import Observation
from laterna.media.write import write_whole

__all__ = ["Notebook"]

FORMAT = 2  # of what is measured: a book of other measures is begun anew


class Notebook:
    """Observations by name, kept in a file."""

    def __init__(self, path: Path, about: dict[str, Any]) -> None:
        """Open or begin the book at `path`; `about` (JSON) says what its observations are of.

        Raises OutputError when it cannot be written.
        """
        self.path = path
        self._seen: dict[str, Observation] = {}
        head = json.dumps({"format": FORMAT, **about}, sort_keys=True)
        kept = [head, *self._read(head)]
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"cannot make {path.parent}: {error.strerror}") from error
        write_whole(path, "".join(line + "\n" for line in kept).encode())

    def __len__(self) -> int:
        return len(self._seen)

    def get(self, name: str, look: Callable[[], Observation]) -> Observation:
        """The observation of this name; `look` makes it if it is not there yet."""
        if name not in self._seen:
            seen = look()
            line = json.dumps({"name": name, "seen": seen.as_dict()}, ensure_ascii=False)
            try:
                with self.path.open("a", encoding="utf-8") as file:
                    file.write(line + "\n")
            except OSError as error:
                raise OutputError(f"cannot write {self.path}: {error.strerror}") from error
            self._seen[name] = Observation.from_dict(json.loads(line)["seen"])
        return self._seen[name]

    def _read(self, head: str) -> list[str]:
        """Remember and return the whole lines of a book with this head."""
        try:
            first, *lines = self.path.read_text("utf-8").split("\n")
        except (OSError, UnicodeDecodeError):
            return []
        if first != head:
            return []
        whole = []
        for line in lines:
            try:
                entry = json.loads(line)
                self._seen[entry["name"]] = Observation.from_dict(entry["seen"])
            except (ValueError, KeyError, TypeError):
                continue
            whole.append(line)
        return whole
