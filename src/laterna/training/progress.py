"""The progress line of a run: appended as JSON for whoever watches, read back by `train status`."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from laterna.errors import InputError

NAME = "progress.jsonl"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of progress; `minutes` is training time over all legs, `when` is in Unix time."""

    stage: str
    step: int
    steps: int | None
    minutes: float
    samples_per_second: float
    gflops: float
    peak_share: float
    losses: dict[str, float]
    validation: dict[str, float] = field(default_factory=dict)
    when: float = field(default_factory=time.time)

    def text(self) -> str:
        """The line for people."""
        of = f"/{self.steps}" if self.steps else ""
        numbers = self.losses | self.validation
        shown = " ".join(f"{name} {value:.4g}" for name, value in numbers.items())
        return (
            f"{self.stage} step {self.step}{of} {self.minutes:.1f} min {shown} "
            f"{self.samples_per_second:.1f} samples/s {self.gflops:.0f} GFLOP/s "
            f"({100 * self.peak_share:.0f} % of peak)"
        )


def append(run: Path, line: Line) -> None:
    """Add `line` to the run's log."""
    with (run / NAME).open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(line)) + "\n")


def read(run: Path) -> list[Line]:
    """All whole lines of the run's log, oldest first; InputError if there is none."""
    path = run / NAME
    if not path.is_file():
        raise InputError("run", str(run), f"name the folder of a run; it holds {NAME}")
    lines = []
    for text in path.read_text(encoding="utf-8").splitlines():
        try:
            lines.append(Line(**json.loads(text)))
        except (json.JSONDecodeError, TypeError):
            continue  # cut short by a kill
    if not lines:
        raise InputError("run", str(run), "wait for its first progress line")
    return lines
