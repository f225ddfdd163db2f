"""Where everything goes between two frames: dense motion at the moment halfway, in plain numpy.

For each pixel of the picture that lies halfway between frames a and b, the displacement d for which
a(x - d / 2) and b(x + d / 2) show the same. Asked at the moment in between, no pixel is without an
answer, and what is hidden in one frame matches its like beside it, which for planes of clean colour
is what will be seen there.

Three steps: Lucas-Kanade from coarse to fine (B. D. Lucas, T. Kanade, An iterative image
registration technique, 1981, in the symmetric form); then every pixel tries the motion of its
neighbours and keeps what matches best, which puts motion edges on picture edges; then a median.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from laterna.media.sample import Plane, Planes, Sampler, box

__all__ = ["Motion", "motion_between"]

Motion = NDArray[np.float32]  # (2, H, W): x and y, in pixels

LEVELS = 4
WINDOW = 3  # half side of the window Lucas-Kanade looks through
MATCH = 2  # half side of the window that candidates are compared in
STEEP = 4.0  # added to squared gradients (0..255): below it a slope says nothing
REACH = (2, 6)  # how far away, in pixels, neighbours are asked


def motion_between(first: Planes, second: Planes) -> tuple[Motion, float]:
    """The motion (2, H, W) from `first` to `second`, (3, H, W) 0..255, seen halfway.

    With it how far the two still differ along it, 0 to 255 in the mean: large at a cut.
    """
    first, second = _opponents(first), _opponents(second)
    pairs = [(box(first[0], 1), box(second[0], 1))]
    while len(pairs) < LEVELS and min(pairs[-1][0].shape) >= 24:
        pairs.append((_half(pairs[-1][0]), _half(pairs[-1][1])))
    motion = np.zeros((2, *pairs[-1][0].shape), np.float32)
    for one, two in reversed(pairs):
        if motion.shape[1:] != one.shape:
            motion = _double(motion, one.shape)
        for _ in range(2 if one is pairs[0][0] else 3):
            motion = _refine(motion, one, two)
    motion, mismatch = _compete(motion, first, second)
    return np.stack([_median(part) for part in motion]), float(mismatch.mean()) / len(first)


def _opponents(planes: Planes) -> Planes:
    """Brightness, and warm against cold: two planes tell colours apart nearly as well as three."""
    red, green, blue = planes
    return np.stack([0.299 * red + 0.587 * green + 0.114 * blue, (red - blue) * 0.5])


def _half(plane: Plane) -> Plane:
    height, width = plane.shape[0] // 2 * 2, plane.shape[1] // 2 * 2
    even = plane[:height, :width]
    total = even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]
    return total * np.float32(0.25)


def _double(motion: Motion, shape: tuple[int, ...]) -> Motion:
    rows = np.minimum(np.arange(shape[0]) // 2, motion.shape[1] - 1)
    columns = np.minimum(np.arange(shape[1]) // 2, motion.shape[2] - 1)
    grown = 2 * motion[:, rows][:, :, columns]
    return np.stack([box(part, 1) for part in grown])


def _grid(shape: tuple[int, ...]) -> tuple[Plane, Plane]:
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    return x, y


def _refine(motion: Motion, one: Plane, two: Plane) -> Motion:
    """One step of Lucas-Kanade. Where nothing has a slope the motion stays as it is."""
    height, width = one.shape
    x, y = _grid(one.shape)
    dx, dy = motion / 2
    before = Sampler(x - dx, y - dy, width, height)(one)
    after = Sampler(x + dx, y + dy, width, height)(two)
    change = after - before
    mean = (before + after) / 2
    slopes = np.gradient(mean)
    gy, gx = slopes[0].astype(np.float32), slopes[1].astype(np.float32)
    xx, yy, xy = box(gx * gx, WINDOW) + STEEP, box(gy * gy, WINDOW) + STEEP, box(gx * gy, WINDOW)
    xt, yt = box(gx * change, WINDOW), box(gy * change, WINDOW)
    det = xx * yy - xy * xy
    step_x = np.clip((xy * yt - yy * xt) / det, -1, 1)
    step_y = np.clip((xy * xt - xx * yt) / det, -1, 1)
    sure = np.sqrt(np.minimum(xx, yy) - STEEP) + 0.05
    weight = box(sure, WINDOW)
    moved = (motion[0] + step_x, motion[1] + step_y)
    return np.stack([box(part * sure, WINDOW) / weight for part in moved])


def _mismatch(motion: Motion, first: Planes, second: Planes) -> Plane:
    height, width = first.shape[1:]
    x, y = _grid((height, width))
    dx, dy = motion / 2
    before = Sampler(x - dx, y - dy, width, height)
    after = Sampler(x + dx, y + dy, width, height)
    error = np.zeros((height, width), np.float32)
    for one, two in zip(first, second, strict=True):
        difference = before(one)
        difference -= after(two)
        error += np.abs(difference, out=difference)
    return box(error, MATCH)


def _compete(motion: Motion, first: Planes, second: Planes) -> tuple[Motion, Plane]:
    """Each pixel takes over the motion of a neighbour where that matches better."""
    height, width = first.shape[1:]
    best = _mismatch(motion, first, second)
    motion = motion.copy()
    still = np.zeros_like(motion)
    common = np.empty_like(motion)
    common[:] = np.median(motion[:, ::4, ::4], axis=(1, 2))[:, None, None]
    for rival in (still, common):
        best = _keep_better(motion, rival, best, first, second)
    for reach in reversed(REACH):
        for down, across in ((0, 1), (0, -1), (1, 0), (-1, 0)):
            rows = np.clip(np.arange(height) + down * reach, 0, height - 1)
            columns = np.clip(np.arange(width) + across * reach, 0, width - 1)
            rival = motion[:, rows][:, :, columns]
            best = _keep_better(motion, rival, best, first, second)
    return motion, best


def _keep_better(
    motion: Motion, rival: Motion, best: Plane, first: Planes, second: Planes
) -> Plane:
    found = _mismatch(rival, first, second)
    better = found < best - 0.3  # in doubt the smooth motion stays
    motion[:, better] = rival[:, better]
    return np.where(better, found, best)


def _median(plane: Plane) -> Plane:
    """The median of 3 x 3, by the sorting network of J. L. Smith (1996)."""
    wide = np.pad(plane, 1, mode="edge")
    height, width = plane.shape
    p = [wide[r : r + height, c : c + width] for r in range(3) for c in range(3)]

    def sort(a: int, b: int) -> None:
        p[a], p[b] = np.minimum(p[a], p[b]), np.maximum(p[a], p[b])

    for a, b in (
        (1, 2), (4, 5), (7, 8), (0, 1), (3, 4), (6, 7), (1, 2), (4, 5), (7, 8), (0, 3),
        (5, 8), (4, 7), (3, 6), (1, 4), (2, 5), (4, 7), (4, 2), (6, 4), (4, 2),
    ):  # fmt: skip
        sort(a, b)
    return p[4]
