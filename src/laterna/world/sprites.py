"""The drawn subjects of the footage: `subject` paints any of them, `glow` is their light at night.

Both are compiled scalar functions, called once per pixel. Lengths are in units of the subject's
own height (`HEIGHT` says how many metres that is), x to the right, y up; the origin is the middle
of what flies and the ground or water under the middle of everything else. Colours are sRGB 0..1,
straight. A subject is a handful of flat planes: a lit one, a shadow one, an accent; details
smaller than two pixels fade out.

Parameters, a float32 array of 16:

    0:3    main colour as the hour's light shows it     10     view of car and person: 0 from the
    3:6    tint that turns a colour into its shadow             side, 1 behind, 2 in front
    6      facing: +1 right, -1 left                    11:14  light on the subject's own colours
    7      where the sun is: -1 left .. +1 right               (wood, glass); 0 0 0: white by day,
    8      night, 0..1: lamps, windows, burner on              moonlight by night
    9      variant, 0..1: the dice of the shape         14:16  unused
"""

from __future__ import annotations

import math

import numpy as np

from laterna.world import factors
from laterna.world.sprites_air import balloon, birds, plane
from laterna.world.sprites_land import car, lighthouse
from laterna.world.sprites_people import campfire, house, person
from laterna.world.sprites_shapes import Layer, Params, clamp, compiled, draw_of, main_colour
from laterna.world.sprites_water import boat, ship

__all__ = ["BOUNDS", "GLOW_BOUNDS", "HEIGHT", "PARAMS", "glow", "subject"]

PARAMS = 16
_TABLE = {
    # name: (height in metres, bounds xmin xmax ymin ymax, bounds of the glow)
    "none": (0.0, (0.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.0)),
    "balloon": (18.0, (-0.44, 0.44, -0.54, 0.54), (-0.9, 0.9, -1.0, 0.8)),
    "boat": (6.0, (-1.15, 1.15, -0.12, 1.06), (-0.9, 0.9, -0.2, 1.6)),
    "ship": (30.0, (-0.72, 0.92, -0.08, 1.04), (-1.1, 0.7, -0.3, 0.8)),
    "car": (1.5, (-1.55, 1.55, -0.08, 1.04), (-2.6, 5.5, -0.6, 1.5)),
    "birds": (6.0, (-1.15, 1.15, -0.62, 0.62), (0.0, 0.0, 0.0, 0.0)),
    "plane": (6.0, (-1.78, 1.62, -0.56, 0.60), (-2.0, 1.9, -0.5, 0.9)),
    "lighthouse": (25.0, (-0.48, 0.48, -0.05, 1.02), (-4.0, 4.0, -0.2, 1.9)),
    "house": (7.0, (-1.0, 1.02, -0.07, 1.03), (-1.3, 1.5, -0.5, 1.1)),
    "person": (1.8, (-0.42, 0.42, -0.07, 1.03), (0.0, 0.0, 0.0, 0.0)),
    "campfire": (1.5, (-0.66, 0.66, -0.08, 1.38), (-2.2, 2.2, -1.2, 2.4)),
}
assert tuple(_TABLE) == factors.SUBJECTS
HEIGHT = np.array([row[0] for row in _TABLE.values()], np.float32)
BOUNDS = np.array([row[1] for row in _TABLE.values()], np.float32)
GLOW_BOUNDS = np.array([row[2] for row in _TABLE.values()], np.float32)


@compiled
def subject(kind: int, x: float, y: float, aa: float, t: float, p: Params) -> Layer:
    """One sample of a subject: (alpha, r, g, b), straight colour, all 0..1.

    `kind` is its index in `factors.SUBJECTS`; (x, y) the place in units of its height; `aa` the
    width of a pixel in the same units; `t` seconds. Outside BOUNDS alpha is 0.
    """
    if (
        kind < 1
        or kind > 10
        or y < BOUNDS[kind, 2]
        or y > BOUNDS[kind, 3]
        or x * p[6] < BOUNDS[kind, 0]
        or x * p[6] > BOUNDS[kind, 1]
    ):
        return 0.0, 0.0, 0.0, 0.0
    if kind == 1:
        return balloon(x, y, aa, t, p)
    if kind == 2:
        return boat(x, y, aa, t, p)
    if kind == 3:
        return ship(x, y, aa, t, p)
    if kind == 4:
        return car(x, y, aa, t, p)
    if kind == 5:
        return birds(x, y, aa, t, p)
    if kind == 6:
        return plane(x, y, aa, t, p)
    if kind == 7:
        return lighthouse(x, y, aa, t, p)
    if kind == 8:
        return house(x, y, aa, t, p)
    if kind == 9:
        return person(x, y, aa, t, p)
    return campfire(x, y, aa, t, p)


@compiled
def _ball(x: float, y: float, cx: float, cy: float, rx: float, ry: float) -> float:
    """A soft round light: 1 in the middle, 0 at the radii, smooth at both ends."""
    u = (x - cx) / rx
    v = (y - cy) / ry
    k = max(0.0, 1.0 - u * u - v * v)
    return k * k * k


@compiled
def _beam(x: float, y: float, cx: float, cy: float, way: float) -> float:
    """A searchlight's beam to one side; `way` (-1..1) is its turning, foreshortened."""
    u = (x - cx) * (1.0 if way > 0.0 else -1.0)
    reach = 3.6 * abs(way) + 0.2
    if u <= 0.0 or u > reach:
        return 0.0
    w = 0.02 + 0.085 * u / max(0.25, abs(way))
    k = max(0.0, 1.0 - ((y - cy) / w) ** 2)
    f = 1.0 - u / reach
    return k * k * f * f * (0.35 + 0.65 * abs(way))


@compiled
def glow(kind: int, x: float, y: float, t: float, p: Params) -> Layer:
    """Light to add round a subject: (strength, r, g, b); picture += strength * (r, g, b).

    Grows with night (p[8]); only the campfire has a little of it by day. 0 outside GLOW_BOUNDS.
    """
    night = p[8] * 1.0
    q = x * p[6]
    if (
        kind < 1
        or kind > 10
        or (night <= 0.0 and kind != 10)
        or y <= GLOW_BOUNDS[kind, 2]
        or y >= GLOW_BOUNDS[kind, 3]
        or q <= GLOW_BOUNDS[kind, 0]
        or q >= GLOW_BOUNDS[kind, 1]
    ):
        return 0.0, 0.0, 0.0, 0.0
    v = p[9] * 1.0
    if kind == 1:
        burn = 0.78 + 0.22 * math.sin(1.9 * t + 9.0 * v)
        body = main_colour(p)
        peak = max(body[0], max(body[1], body[2])) + 1e-3
        s = 0.42 * burn * _ball(q, y, 0.0, -0.08, 0.88, 0.86) * night
        return s, 0.5 + 0.5 * body[0] / peak, 0.3 + 0.4 * body[1] / peak, 0.1 + 0.4 * body[2] / peak
    if kind == 2:
        high = 0.99 if draw_of(v, 1) < 0.6 else 0.3
        return 0.35 * _ball(q, y, 0.0, high, 0.55, 0.5) * night, 1.0, 0.82, 0.5
    if kind == 3:
        return 0.32 * _ball(q, y, -0.585, 0.28, 0.36, 0.34) * night, 1.0, 0.82, 0.5
    if kind == 4:
        return _car_light(x, q, y, night, p)
    if kind == 6:
        s = 0.5 + 0.5 * math.sin(3.5 * t)
        jet = draw_of(v, 1) < 0.55
        a = (0.3 * _ball(q, y, 1.4, -0.05, 0.4, 0.35) if jet else 0.0) * night
        b = 0.4 * s * _ball(q, y, -1.5, 0.48, 0.4, 0.4) * night
        return a + b, 1.0, 0.35 + 0.6 * a / (a + b + 1e-6), 0.2 + 0.6 * a / (a + b + 1e-6)
    if kind == 7:
        turn = 0.55 * t + 6.28 * v
        way = math.cos(turn)
        facing_us = max(0.0, math.sin(turn))
        s = 0.55 * _beam(x, y, 0.0, 0.815, way) + 0.55 * _beam(x, y, 0.0, 0.815, -way)
        s += (0.55 + 0.35 * facing_us * facing_us) * _ball(x, y, 0.0, 0.815, 0.45, 0.42)
        return s * night, 1.0, 0.93, 0.70
    if kind == 8:
        s = 0.26 * _ball(q, y, 0.33, 0.2, 1.0, 0.55) + 0.2 * _ball(q, y, -0.25, 0.2, 0.8, 0.5)
        return s * night, 1.0, 0.74, 0.38
    if kind == 10:
        s = 1.0 + 0.10 * math.sin(6.7 * t + 9.0 * v) + 0.07 * math.sin(4.3 * t + 2.0)
        s *= 0.55 * _ball(x, y, 0.0, 0.35, 2.0, 1.5) + 0.35 * _ball(x, y, 0.0, 0.4, 0.8, 0.8)
        return s * (0.22 + 0.78 * night), 1.0, 0.56, 0.20
    return 0.0, 0.0, 0.0, 0.0


@compiled
def _car_light(x: float, q: float, y: float, night: float, p: Params) -> Layer:
    """Headlamps ahead of the car and red light behind it, or both lamps seen end on."""
    if p[10] > 1.5:
        s = _ball(abs(x), y, 0.44, 0.44, 0.7, 0.55) * 0.55
        return s * night, 1.0, 0.94, 0.74
    if p[10] > 0.5:
        return 0.6 * _ball(abs(x), y, 0.49, 0.46, 0.5, 0.42) * night, 1.0, 0.20, 0.12
    u = q - 1.38
    s = 0.5 * _ball(q, y, 1.40, 0.40, 0.55, 0.45)
    if u > 0.0:
        w = 0.10 + 0.17 * u
        k = clamp(1.0 - ((y - 0.36 + 0.055 * u) / w) ** 2)
        f = clamp(1.0 - u / 4.0)
        s += 0.42 * k * k * f * f
    red = 0.5 * _ball(q, y, -1.37, 0.42, 0.55, 0.42)
    if red > s:
        return red * night, 1.0, 0.20, 0.12
    return s * night, 1.0, 0.93, 0.72
