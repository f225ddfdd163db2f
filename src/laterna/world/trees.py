"""Drawn plants and small things of the middle ground and the foreground.

`plant` paints any of them: a compiled scalar function, called once per pixel. Lengths are in
units of the plant's own height, x to the right, y up, the origin where it meets the ground; the
overhanging branch has its origin in the corner it hangs from and reaches right and down (mirror
x for a right-hand corner). Fence bays join at x = -0.9 and 0.9. Colours are sRGB 0..1, straight.

Kinds, in the order of `PLANTS`; parameters, a float32 array of 16:

    0:3    colour in the light                    8      snow lying on it, 0..1
    3:6    colour in the shade                    9      wind it sways in, 0 still .. 1 fresh
    6      where the sun is: -1 left .. +1 right  10     night, 0..1: the street lamp burns
    7      variant, 0..1: the dice of the shape   11:16  unused
"""

from __future__ import annotations

import math

import numpy as np

from laterna.world.sprites_shapes import Layer, Params, clamp, compiled
from laterna.world.trees_low import bush, cactus, fence, grass, reeds, rock, street_lamp
from laterna.world.trees_tall import bare_tree, branch, conifer, palm, poplar, tree

__all__ = ["PLANTS", "PLANT_BOUNDS", "PLANT_GLOW_BOUNDS", "PLANT_HEIGHT", "plant", "plant_glow"]

_TABLE = {
    # name: (usual height in metres, bounds xmin xmax ymin ymax)
    "conifer": (14.0, (-0.42, 0.42, -0.03, 1.02)),
    "tree": (9.0, (-0.56, 0.56, -0.03, 1.04)),
    "poplar": (13.0, (-0.24, 0.24, -0.03, 1.02)),
    "palm": (10.0, (-0.62, 0.66, -0.03, 1.06)),
    "bush": (1.6, (-1.05, 1.05, -0.05, 1.06)),
    "grass": (0.5, (-0.85, 0.85, -0.05, 1.06)),
    "rock": (1.5, (-1.15, 1.15, -0.06, 1.04)),
    "cactus": (4.0, (-0.46, 0.46, -0.03, 1.03)),
    "bare tree": (8.0, (-0.56, 0.56, -0.03, 1.05)),
    "branch": (2.5, (-0.30, 1.75, -1.05, 0.30)),
    "reeds": (1.8, (-0.56, 0.56, -0.03, 1.06)),
    "street lamp": (6.0, (-0.10, 0.34, -0.02, 1.03)),
    "fence": (1.1, (-0.95, 0.95, -0.03, 1.03)),
}
PLANTS = tuple(_TABLE)
PLANT_HEIGHT = np.array([row[0] for row in _TABLE.values()], np.float32)
PLANT_BOUNDS = np.array([row[1] for row in _TABLE.values()], np.float32)
PLANT_GLOW_BOUNDS = (-0.55, 0.95, -0.15, 1.30)  # of the street lamp, the one that glows


@compiled
def plant(kind: int, x: float, y: float, aa: float, t: float, p: Params) -> Layer:
    """One sample of a plant: (alpha, r, g, b), straight colour, all 0..1.

    `kind` is its index in PLANTS; (x, y) the place in units of its height; `aa` the width of a
    pixel in the same units; `t` seconds. Outside PLANT_BOUNDS alpha is 0.
    """
    if (
        kind < 0
        or kind > 12
        or y < PLANT_BOUNDS[kind, 2]
        or y > PLANT_BOUNDS[kind, 3]
        or x < PLANT_BOUNDS[kind, 0]
        or x > PLANT_BOUNDS[kind, 1]
    ):
        return 0.0, 0.0, 0.0, 0.0
    if p[9] > 0.0 and (kind < 6 or kind == 8 or kind == 10):
        x -= 0.025 * p[9] * y * y * (math.sin(1.4 * t + 6.28 * p[7]) + 0.4 * math.sin(2.9 * t))
    if kind == 0:
        return conifer(x, y, aa, p)
    if kind == 1:
        return tree(x, y, aa, p)
    if kind == 2:
        return poplar(x, y, aa, p)
    if kind == 3:
        return palm(x, y, aa, t, p)
    if kind == 4:
        return bush(x, y, aa, p)
    if kind == 5:
        return grass(x, y, aa, p)
    if kind == 6:
        return rock(x, y, aa, p)
    if kind == 7:
        return cactus(x, y, aa, p)
    if kind == 8:
        return bare_tree(x, y, aa, p)
    if kind == 9:
        return branch(x, y, aa, t, p)
    if kind == 10:
        return reeds(x, y, aa, p)
    if kind == 11:
        return street_lamp(x, y, aa, p)
    return fence(x, y, aa, p)


@compiled
def plant_glow(kind: int, x: float, y: float, p: Params) -> Layer:
    """Light to add round a street lamp at night: (strength, r, g, b), as `sprites.glow`."""
    if kind != 11 or p[10] <= 0.0:
        return 0.0, 0.0, 0.0, 0.0
    u = (x - 0.20) / 0.72
    v = (y - 0.90) / 0.40
    k = max(0.0, 1.0 - u * u - v * v)
    s = 0.55 * k * k * k
    if y < 0.93:  # the cone on the pavement
        w = 0.05 + 0.30 * (0.93 - y)
        c = max(0.0, 1.0 - ((x - 0.20) / w) ** 2)
        s += 0.16 * c * clamp((0.93 - y) * 8.0) * clamp((y + 0.14) * 2.0)
    return s * p[10], 1.0, 0.80, 0.48
