"""The judges of a clip, and the file they are kept in.

Everything that is measured of a clip on its own is an Observation, small enough to be kept: the
pictures can be forgotten as soon as they are seen.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load, save

from laterna.errors import WeightsError
from laterna.evaluation.motion import camera_motion, flicker, motions, speed
from laterna.evaluation.moves import MoveReader
from laterna.evaluation.probe import Probe, see
from laterna.evaluation.view import FPS, at_full, view
from laterna.media.likeness import gradient_energy
from laterna.media.scale import cover
from laterna.media.write import write_whole
from laterna.shot import Frames

__all__ = ["FORMAT", "Judge", "Observation", "load_judge", "observe", "save_judge"]

FORMAT = 1
GIST = (32, 20)  # width, height of the picture kept of a clip
PROBE, MOVES = "probe.", "moves.weights"


@dataclass(frozen=True, slots=True, eq=False)
class Judge:
    """The probe, the reader of camera moves, and `record`: how they were made, how good they are.

    `sha256` names a judge that was read from a file.
    """

    probe: Probe
    moves: MoveReader
    record: dict[str, Any]
    sha256: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """What the judges saw in one clip.

    words     the probe's word per factor
    move      the camera's move by its six motion numbers
    features  the probe's, (FEATURES,) float32
    speed     mean motion, pixels at 128 pixels of width and a quarter of a second
    flicker   what motion does not explain between neighbouring frames, 0 to 255
    edges     gradient energy
    gist      the picture in the middle, (20, 32, 3) uint8
    """

    words: dict[str, str]
    move: str
    features: NDArray[np.float32]
    speed: float
    flicker: float
    edges: float
    gist: NDArray[np.uint8]

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "words": self.words,
            "move": self.move,
            "features": [round(float(x), 5) for x in self.features],
            "speed": round(self.speed, 5),
            "flicker": round(self.flicker, 5),
            "edges": round(self.edges, 4),
            "gist": base64.b64encode(self.gist.tobytes()).decode(),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Observation:
        """The inverse of `as_dict`."""
        gist = np.frombuffer(base64.b64decode(data["gist"]), np.uint8)
        return cls(
            data["words"],
            data["move"],
            np.array(data["features"], np.float32),
            data["speed"],
            data["flicker"],
            data["edges"],
            gist.reshape(GIST[1], GIST[0], 3),
        )


def observe(
    judge: Judge, frames: Frames, fps: float = FPS, among: Sequence[str] = ()
) -> Observation:
    """What `judge` sees in film (T, H, W, 3) at `fps`; `among` are the camera moves to choose from.

    Raises InputError for film of less than half a second.
    """
    small, whole = view(frames, fps), at_full(frames, fps)
    sight = see(judge.probe, small)
    motion, trust = motions(small)
    return Observation(
        sight.words,
        judge.moves.read(camera_motion(motion, trust), among),
        sight.features,
        speed(motion),
        flicker(whole),
        gradient_energy(whole),
        cover(small[len(small) // 2], GIST),
    )


def save_judge(judge: Judge, path: Path) -> None:
    """Write `judge` as safetensors. Raises OutputError."""
    tensors = {PROBE + name: value for name, value in judge.probe.state_dict().items()}
    tensors[MOVES] = torch.from_numpy(judge.moves.weights)
    facts = {"record": judge.record, "moves": judge.moves.words}
    header = {"format": str(FORMAT), "judge": json.dumps(facts, sort_keys=True)}
    write_whole(path, save({name: t.contiguous() for name, t in tensors.items()}, header))


def load_judge(path: Path) -> Judge:
    """Read what `save_judge` wrote. Raises WeightsError for anything else."""
    remedy = "leave --probe out to train one"
    try:
        data = path.read_bytes()
        tensors = load(data)
        size = int.from_bytes(data[:8], "little")
        header = json.loads(data[8 : 8 + size]).get("__metadata__", {})
    except OSError as error:
        raise WeightsError(f"probe: {path} cannot be read ({error.strerror}); {remedy}") from error
    except (SafetensorError, ValueError) as error:
        raise WeightsError(f"probe: {path} is not a safetensors file, whole; {remedy}") from error
    if header.get("format") != str(FORMAT):
        raise WeightsError(f"probe: {path} is not a judge of format {FORMAT}; {remedy}")
    facts = json.loads(header["judge"])
    probe = Probe()
    own = {k.removeprefix(PROBE): v for k, v in tensors.items() if k.startswith(PROBE)}
    try:
        probe.load_state_dict(own)
        moves = MoveReader(tuple(facts["moves"]), tensors[MOVES].numpy())
    except (RuntimeError, KeyError) as error:
        raise WeightsError(f"probe: {path} is of another make; {remedy}") from error
    return Judge(probe.eval(), moves, facts["record"], hashlib.sha256(data).hexdigest())
