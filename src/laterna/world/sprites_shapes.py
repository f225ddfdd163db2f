"""What every drawn thing is made of: distances to shapes, coverage of a pixel, paint, light.

All functions are scalar and compiled, to be called once per pixel from a compiled loop. A part of
a subject is a signed distance (negative inside) turned into coverage by `cover`, then laid `over`
the picture so far or, where it must not leave the silhouette, laid `atop` it. The picture so far
is a tuple (alpha, r, g, b), premultiplied; `finish` makes the colour straight.

Distances: Inigo Quilez, "2D distance functions" (https://iquilezles.org/articles/distfunctions2d).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

Layer = tuple[float, float, float, float]
Colour = tuple[float, float, float]
Params = Any  # float32 (16,); a type that numba and mypy both accept in a scalar signature
_F = TypeVar("_F", bound=Callable[..., Any])


def compiled(function: _F) -> _F:
    """Compile a scalar function for calls from other compiled loops; the types stay visible."""
    return cast(_F, njit(cache=True, fastmath=True, nogil=True)(function))


# ---- numbers


@compiled
def clamp(v: float) -> float:
    """`v` held within 0..1."""
    return min(1.0, max(0.0, v))


@compiled
def lerp(a: float, b: float, k: float) -> float:
    """`a` at k = 0, `b` at k = 1."""
    return a + (b - a) * k


@compiled
def smooth(a: float, b: float, v: float) -> float:
    """Smooth step from 0 at `a` to 1 at `b`."""
    k = clamp((v - a) / (b - a))
    return k * k * (3.0 - 2.0 * k)


@compiled
def draw_of(variant: float, i: float) -> float:
    """The i-th number in 0..1 that belongs to a variant in 0..1: the shape's own dice."""
    v = (variant + 0.137) * (12.9898 + 7.233 * i) * 17.31
    return v - math.floor(v)


# ---- coverage


@compiled
def cover(d: float, aa: float) -> float:
    """Share of the pixel (width `aa`) that lies inside a shape at signed distance `d`."""
    return min(1.0, max(0.0, 0.5 - d / aa))


@compiled
def stroke(d: float, r: float, aa: float) -> float:
    """Coverage of a line of half width `r` at distance `d` >= 0 from its middle.

    A line thinner than a pixel is drawn one pixel wide and fainter, so that it never breaks up.
    """
    w = max(r, 0.5 * aa)
    return min(1.0, max(0.0, 0.5 - (d - w) / aa)) * (r / w)


@compiled
def stroke_of(d: float, r: float, aa: float) -> float:
    """Coverage of a tapering limb at signed distance `d`, never thinner than a pixel's width."""
    w = max(r, 0.5 * aa)
    return min(1.0, max(0.0, 0.5 - (d + r - w) / aa)) * (r / w)


@compiled
def detail(size: float, aa: float) -> float:
    """How much of a detail of this size is shown: none below one pixel, all from 2.2 pixels."""
    return min(1.0, max(0.0, (size / aa - 1.0) / 1.2))


# ---- distances


@compiled
def edge(x: float, y: float, ax: float, ay: float, bx: float, by: float) -> float:
    """Signed distance to the line a-b, positive on its right hand."""
    ux = bx - ax
    uy = by - ay
    return ((x - ax) * uy - (y - ay) * ux) / math.sqrt(ux * ux + uy * uy)


@compiled
def tri(
    x: float, y: float, ax: float, ay: float, bx: float, by: float, cx: float, cy: float
) -> float:
    """Triangle, corners anticlockwise."""
    d = max(edge(x, y, ax, ay, bx, by), edge(x, y, bx, by, cx, cy))
    return max(d, edge(x, y, cx, cy, ax, ay))


@compiled
def quad(
    x: float,
    y: float,
    ax: float,
    ay: float,
    bx: float,
    by: float,
    cx: float,
    cy: float,
    dx: float,
    dy: float,
) -> float:
    """Convex four-sided shape, corners anticlockwise."""
    d = max(edge(x, y, ax, ay, bx, by), edge(x, y, bx, by, cx, cy))
    return max(d, max(edge(x, y, cx, cy, dx, dy), edge(x, y, dx, dy, ax, ay)))


@compiled
def box(x: float, y: float, cx: float, cy: float, hw: float, hh: float, r: float) -> float:
    """Box with middle (cx, cy), half sizes hw, hh and corners rounded by `r`."""
    qx = abs(x - cx) - hw + r
    qy = abs(y - cy) - hh + r
    ox = max(qx, 0.0)
    oy = max(qy, 0.0)
    return math.sqrt(ox * ox + oy * oy) + min(max(qx, qy), 0.0) - r


@compiled
def disc(x: float, y: float, cx: float, cy: float, r: float) -> float:
    """Circle."""
    return math.sqrt((x - cx) * (x - cx) + (y - cy) * (y - cy)) - r


@compiled
def oval(x: float, y: float, cx: float, cy: float, a: float, b: float) -> float:
    """Ellipse of half axes a, b (first-order distance, exact at the edge)."""
    u = (x - cx) / a
    v = (y - cy) / b
    k = math.sqrt(u * u + v * v) + 1e-9
    g = math.sqrt(u * u / (a * a) + v * v / (b * b)) + 1e-9
    return k * (k - 1.0) / g


@compiled
def segment(x: float, y: float, ax: float, ay: float, bx: float, by: float) -> float:
    """Distance (>= 0) to the segment a-b."""
    ux = bx - ax
    uy = by - ay
    px = x - ax
    py = y - ay
    k = min(1.0, max(0.0, (px * ux + py * uy) / (ux * ux + uy * uy)))
    px -= ux * k
    py -= uy * k
    return math.sqrt(px * px + py * py)


@compiled
def limb(
    x: float, y: float, ax: float, ay: float, bx: float, by: float, ra: float, rb: float
) -> float:
    """Rounded stroke from a (half width ra) to b (half width rb)."""
    ux = bx - ax
    uy = by - ay
    px = x - ax
    py = y - ay
    k = min(1.0, max(0.0, (px * ux + py * uy) / (ux * ux + uy * uy)))
    px -= ux * k
    py -= uy * k
    return math.sqrt(px * px + py * py) - (ra + (rb - ra) * k)


@compiled
def drop(x: float, y: float, cx: float, cy: float, r1: float, h: float, r2: float) -> float:
    """A circle of radius r1 at (cx, cy) drawn out straight up (h < 0: down) to one of radius r2."""
    qx = abs(x - cx)
    qy = y - cy
    if h < 0.0:
        qy = -qy
        h = -h
    b = (r1 - r2) / h
    a = math.sqrt(1.0 - b * b)
    k = a * qy - b * qx
    if k < 0.0:
        return math.sqrt(qx * qx + qy * qy) - r1
    if k > a * h:
        return math.sqrt(qx * qx + (qy - h) * (qy - h)) - r2
    return qx * a + qy * b - r1


# ---- paint


@compiled
def over(below: Layer, c: float, colour: Colour) -> Layer:
    """Lay `colour` over the picture so far with coverage `c`."""
    k = 1.0 - c
    return (
        c + below[0] * k,
        colour[0] * c + below[1] * k,
        colour[1] * c + below[2] * k,
        colour[2] * c + below[3] * k,
    )


@compiled
def atop(below: Layer, c: float, colour: Colour) -> Layer:
    """Lay `colour` on what is painted already, without widening the silhouette."""
    k = 1.0 - c
    ca = c * below[0]
    return (
        below[0],
        colour[0] * ca + below[1] * k,
        colour[1] * ca + below[2] * k,
        colour[2] * ca + below[3] * k,
    )


@compiled
def finish(layer: Layer) -> Layer:
    """The picture with straight colour, clipped to 0..1."""
    a = layer[0]
    if a <= 1e-4:
        return 0.0, 0.0, 0.0, 0.0
    return min(1.0, a), clamp(layer[1] / a), clamp(layer[2] / a), clamp(layer[3] / a)


# ---- colour and light


@compiled
def mixed(a: Colour, b: Colour, k: float) -> Colour:
    """`a` at k = 0, `b` at k = 1."""
    return a[0] + (b[0] - a[0]) * k, a[1] + (b[1] - a[1]) * k, a[2] + (b[2] - a[2]) * k


@compiled
def times(a: Colour, k: float) -> Colour:
    """A lighter or darker `a`."""
    return a[0] * k, a[1] * k, a[2] * k


@compiled
def main_colour(p: Params) -> Colour:
    """The subject's colour as the light of the hour shows it."""
    return p[0] * 1.0, p[1] * 1.0, p[2] * 1.0


@compiled
def own(p: Params, r: float, g: float, b: float) -> Colour:
    """A colour the subject always has (wood, glass, skin), under the light of the hour.

    p[11:14] is that light; where it is left at zero it is white by day and moonlight by night.
    """
    if p[11] + p[12] + p[13] > 0.0:
        return r * p[11], g * p[12], b * p[13]
    n = p[8]
    return r * (1.0 - 0.70 * n), g * (1.0 - 0.64 * n), b * (1.0 - 0.48 * n)


@compiled
def shaded(p: Params, c: Colour) -> Colour:
    """`c` on the side away from the sun."""
    return c[0] * p[3], c[1] * p[4], c[2] * p[5]


@compiled
def lit_by(p: Params, c: Colour, lit: float) -> Colour:
    """`c` between its shadow (lit = 0) and its light (lit = 1)."""
    return mixed(shaded(p, c), c, lit)


@compiled
def round_light(u: float, side: float, soft: float) -> float:
    """Light on an upright cylinder at u in -1..1 of its half width: 1 lit, 0 in its own shadow."""
    u = min(1.0, max(-1.0, u))
    side = min(1.0, max(-1.0, side))
    dot = u * side + math.sqrt((1.0 - u * u) * (1.0 - side * side))
    return clamp(0.5 + (dot - 0.2) / soft)
