"""OUT.laterna: what a clip was made of, so that it can be extended, remixed or finished later.

One safetensors file beside the clip: the latents as float16 (T, C, H, W), and in its
header the Shot as JSON, the sha256 of the weights that filmed it, and `format=1`. Pictures that a
Shot was given (keyframes, source, mask) are named in the JSON by their sha256 but not stored: the
Shot that is read back is without them.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from laterna.errors import InputError, MediaError
from laterna.media.write import write_whole
from laterna.shot import Shot
from laterna.shot_json import shot_from_json, shot_to_json

__all__ = ["FORMAT", "Sidecar", "read_sidecar", "sidecar_path"]

FORMAT = 1
MAX_BYTES = 64 << 20  # a minute is under 1 MB at draft size


@dataclass(frozen=True, slots=True, eq=False)
class Sidecar:
    """`latents` (T, C, H, W) float16; `weights` their network's sha256 in hex."""

    latents: NDArray[np.float16]
    shot: Shot
    weights: str

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write to `path` in one step, replacing what is there. Raises OutputError."""
        if self.latents.ndim != 4:
            raise ValueError(f"latents are (T, C, H, W), not {self.latents.shape}")
        header = {
            "format": str(FORMAT),
            "shot": json.dumps(shot_to_json(self.shot), ensure_ascii=False, sort_keys=True),
            "weights": self.weights,
        }
        latents = np.ascontiguousarray(self.latents, np.float16)
        write_whole(Path(path), save({"latents": latents}, header))


def sidecar_path(clip: str | os.PathLike[str]) -> Path:
    """The sidecar of a clip: clip.mp4 -> clip.mp4.laterna."""
    clip = Path(clip)
    return clip.with_name(clip.name + ".laterna")


def read_sidecar(path: str | os.PathLike[str]) -> Sidecar:
    """Read a sidecar. Raises MediaError when it is not one, of a later format, or damaged."""
    path = Path(path)
    if not path.is_file():
        raise MediaError(f"sidecar: {path} is not a file that can be read")
    if path.stat().st_size > MAX_BYTES:
        raise MediaError(f"sidecar: {path} is over {MAX_BYTES >> 20} MB; it is not a sidecar")
    try:
        with safe_open(path, framework="numpy") as file:
            header = file.metadata() or {}
            _check_format(header, path)
            latents = file.get_tensor("latents")
        shot = shot_from_json(json.loads(header["shot"]))
        weights = header["weights"]
    except MediaError:
        raise
    except (SafetensorError, InputError, OSError, KeyError, ValueError) as error:
        raise MediaError(
            f"sidecar: {path} is damaged or cut short; delete it to work from the film itself"
        ) from error
    if latents.dtype != np.float16 or latents.ndim != 4 or not np.isfinite(latents).all():
        raise MediaError(f"sidecar: {path} does not hold latents (T, C, H, W); delete it")
    return Sidecar(latents, shot, weights)


def _check_format(header: dict[str, str], path: Path) -> None:
    version = header.get("format", "")
    if not version.isdecimal():
        raise MediaError(f"sidecar: {path} says no format; it is not a sidecar of laterna")
    if int(version) > FORMAT:
        raise MediaError(f"sidecar: {path} has format {version}; update laterna to read it")
