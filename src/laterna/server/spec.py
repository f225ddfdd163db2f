"""What a job is to film, between the request that was accepted and the process that films it.

The Shot travels as JSON in the video's row; its arrays lie in `inputs.safetensors` in the video's
folder, keyed by their sha256, written and synced before the row is. `before` and `after` name
videos whose lossless draft frames are joined to this shot's when it is published (extensions).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load, save

from laterna.media.write import write_whole
from laterna.shot import Shot
from laterna.shot_json import arrays_of, shot_from_json, shot_to_json

__all__ = ["INPUTS", "Spec"]

FORMAT = 1
INPUTS = "inputs.safetensors"


@dataclass(frozen=True, slots=True, eq=False)
class Spec:
    """`shot` is resolved; `kind` is create, remix, edit or extension."""

    shot: Shot
    kind: str = "create"
    before: str | None = None
    after: str | None = None
    passes: tuple[str, ...] = ()

    def write(self, folder: Path) -> dict[str, Any]:
        """Store the arrays in `folder`; what goes into the row. Raises OutputError."""
        folder.mkdir(parents=True, exist_ok=True)
        arrays = {name: np.ascontiguousarray(a) for name, a in arrays_of(self.shot).items()}
        if arrays:
            write_whole(folder / INPUTS, save(arrays))
        return {
            "format": FORMAT,
            "shot": shot_to_json(self.shot),
            "kind": self.kind,
            "before": self.before,
            "after": self.after,
            "passes": list(self.passes),
        }

    @classmethod
    def read(cls, told: dict[str, Any], folder: Path) -> Spec:
        """The inverse of `write`. Raises InputError for what another version wrote."""
        path = folder / INPUTS
        arrays = load(path.read_bytes()) if path.exists() else {}
        shot = shot_from_json(told["shot"], arrays)
        passes = tuple(told.get("passes", ()))
        return cls(shot, told["kind"], told.get("before"), told.get("after"), passes)
