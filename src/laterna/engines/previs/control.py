"""A shot's blocking as control: depth, normals or edges of what previs renders of it.

depth    inverse depth over its 99th percentile in the shot, square root, white is near, the sky
         black. The root keeps far planes apart that are a thousandth of the nearest otherwise.
normal   x (right), y (up), z (to the camera) in the camera's axes, -1..1 as 0..255; the sky
         faces the camera
edge     white where depth jumps, a surface folds or a class ends, on black; the renderer's
         coverage makes the lines smooth
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from laterna.engines.previs.blocking import blocking_of
from laterna.engines.previs.engine import stage_of
from laterna.errors import InputError
from laterna.shot import CONTROLS, RATIOS, Control, Frames, Shot, Size, Strip

if TYPE_CHECKING:
    from laterna.world.footage import Footage, Stage

__all__ = ["control_of"]

AREA = 512 * 288  # pixels that are rendered; engines scale it to theirs
PERCENTILE = 99.0
LOOKED_AT = 7  # frames, spread over the shot, that the percentile is taken of
JUMP = (0.10, 0.30)  # change of log depth from pixel to pixel where an edge begins, and is full
FOLD = (0.25, 0.60)  # of 1 - cosine between normals
SOFT = 1e-4  # inverse metres that the sky is taken for

Plane = NDArray[np.float32]


def control_of(shot: Shot, kind: str, fps: float, *, strength: float = 1.0) -> Control:
    """The blocking of `shot`, rendered at `fps` as control of `kind`.

    What the shot shows is read from its prompt and from `extra`, as previs reads them; a shot
    without a seed has seed 0. Raises InputError.
    """
    if kind not in CONTROLS:
        raise InputError("control", kind, f"give one of {', '.join(CONTROLS)}")
    shot = replace(shot, seed=shot.seed or 0)
    stage = stage_of(shot, blocking_of(shot, shot.seed or 0), fps, _size(shot))
    blocks: Iterator[Frames]
    if kind == "depth":
        near = _near(stage)
        blocks = (_depth(footage, near) for footage in _footage(stage))
    elif kind == "normal":
        blocks = (_normal(footage) for footage in _footage(stage))
    else:
        blocks = (_edge(footage) for footage in _footage(stage))
    return Control(kind, Strip(np.concatenate(list(blocks)), fps), strength)


def _size(shot: Shot) -> Size:
    width, height = RATIOS[shot.size] if isinstance(shot.size, str) else shot.size
    scale = math.sqrt(AREA / (width * height))
    return max(64, 2 * round(width * scale / 2)), max(64, 2 * round(height * scale / 2))


def _footage(stage: Stage) -> Iterator[Footage]:
    for start in range(0, stage.frames, 2):
        yield stage.footage(start, min(start + 2, stage.frames), 1)


def _near(stage: Stage) -> float:
    """The inverse depth that is white."""
    frames = sorted({round(n) for n in np.linspace(0, stage.frames - 1, LOOKED_AT)})
    seen = [1 / stage.footage(n, n + 1, 1).cells["depth"] for n in frames]
    return max(float(np.percentile(np.stack(seen), PERCENTILE)), SOFT)


def _depth(footage: Footage, near: float) -> Frames:
    share = np.sqrt(np.clip(1 / footage.cells["depth"] / near, 0, 1))
    return _grey(share)


def _normal(footage: Footage) -> Frames:
    """World normals turned into the camera's axes (it pans; its tilt is a shift of the picture)."""
    normals = _faced(footage)
    turn = np.radians(footage.camera[:, 3])[:, None, None]
    x, z = normals[..., 0].copy(), normals[..., 2].copy()
    normals[..., 0] = x * np.cos(turn) - z * np.sin(turn)
    normals[..., 2] = x * np.sin(turn) + z * np.cos(turn)
    coloured: Frames = np.clip(np.rint((normals + 1) * 127.5), 0, 255).astype(np.uint8)
    return coloured


def _faced(footage: Footage) -> Plane:
    """Normals (T, H, W, 3); those of the sky face the camera."""
    normals: Plane = footage.cells["normals"].copy()
    normals[np.linalg.norm(normals, axis=-1) < 0.5] = (0, 0, 1)
    return normals


def _edge(footage: Footage) -> Frames:
    cells = footage.cells
    logs = np.log(1 / cells["depth"] + np.float32(SOFT))[..., None]
    jumps = _ramp(_change(logs), *JUMP)
    normals = _faced(footage)
    folds = np.maximum(*(1 - (one * two).sum(axis=-1) for one, two in _pairs(normals)))
    classes = np.clip(_change(cells["matte"]), 0, 1)
    lines = np.maximum(np.maximum(jumps, _ramp(folds, *FOLD)), classes)
    return _grey(lines)


def _pairs(planes: Plane) -> list[tuple[Plane, Plane]]:
    """Every pixel with its neighbours to the right and below; itself at the border."""
    right = np.concatenate([planes[:, :, 1:], planes[:, :, -1:]], axis=2)
    below = np.concatenate([planes[:, 1:], planes[:, -1:]], axis=1)
    return [(planes, right), (planes, below)]


def _change(planes: Plane) -> Plane:
    """How much (T, H, W, C) changes to either neighbour, over all channels."""
    both = [np.abs(one - two).sum(axis=-1) for one, two in _pairs(planes)]
    most: Plane = np.maximum(*both)
    return most


def _ramp(values: Plane, low: float, high: float) -> Plane:
    share: Plane = np.clip((values - low) / np.float32(high - low), 0, 1)
    return share * share * (3 - 2 * share)


def _grey(share: Plane) -> Frames:
    grey = np.rint(share * 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=-1)
