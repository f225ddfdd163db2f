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

from laterna.world.sprites_shapes import (
    Colour,
    Layer,
    Params,
    atop,
    box,
    clamp,
    compiled,
    cover,
    detail,
    disc,
    draw_of,
    edge,
    finish,
    lerp,
    limb,
    mixed,
    oval,
    over,
    segment,
    stroke,
    stroke_of,
    times,
)

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
        return _conifer(x, y, aa, p)
    if kind == 1:
        return _tree(x, y, aa, p)
    if kind == 2:
        return _poplar(x, y, aa, p)
    if kind == 3:
        return _palm(x, y, aa, t, p)
    if kind == 4:
        return _bush(x, y, aa, p)
    if kind == 5:
        return _grass(x, y, aa, p)
    if kind == 6:
        return _rock(x, y, aa, p)
    if kind == 7:
        return _cactus(x, y, aa, p)
    if kind == 8:
        return _bare_tree(x, y, aa, p)
    if kind == 9:
        return _branch(x, y, aa, t, p)
    if kind == 10:
        return _reeds(x, y, aa, p)
    if kind == 11:
        return _street_lamp(x, y, aa, p)
    return _fence(x, y, aa, p)


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


# ---- colours


@compiled
def _lit(p: Params) -> Colour:
    return p[0] * 1.0, p[1] * 1.0, p[2] * 1.0


@compiled
def _dark(p: Params) -> Colour:
    return p[3] * 1.0, p[4] * 1.0, p[5] * 1.0


@compiled
def _bark(p: Params) -> Colour:
    """Trunks: the shade made brown."""
    k = 0.5 * (p[3] + p[4])
    return 0.55 * p[3] + 0.42 * k, 0.55 * p[4] + 0.22 * k, 0.55 * p[5] + 0.16 * k


@compiled
def _snow(p: Params, lit: float) -> Colour:
    """Snow under the light that falls on the plant: bright by day, blue in the shade."""
    peak = max(p[0], max(p[1], p[2]))
    k = min(1.0, 0.45 + 0.9 * peak)
    return k * lerp(0.72, 0.97, lit), k * lerp(0.78, 0.98, lit), k * lerp(0.90, 1.0, lit)


@compiled
def _sun(p: Params) -> float:
    return 1.0 if p[6] >= 0.0 else -1.0


# ---- trees


@compiled
def _conifer(x: float, y: float, aa: float, p: Params) -> Layer:
    """Drooping tiers, each with a lit flank, a shaded flank and a shadow from the tier above."""
    v = p[7]
    layer = (0.0, 0.0, 0.0, 0.0)
    if y < 0.2:
        c = cover(max(abs(x) - 0.028 + 0.05 * y, max(-y, y - 0.2)), aa)
        layer = over(layer, c, _bark(p))
    n = 4.0 + math.floor(draw_of(v, 1) * 2.99)
    wide = 0.24 + 0.13 * draw_of(v, 2)
    foot = 0.09 + 0.05 * draw_of(v, 3)
    s = (1.0 - y) / (1.0 - foot) * n
    first = int(max(0.0, min(n - 1.0, math.floor(s))))
    lit_colour = _lit(p)
    dark_colour = _dark(p)
    sun = _sun(p)
    high = (1.0 - foot) / n
    for back in range(2, -1, -1):  # the lower tier first; the upper one covers it
        i = first - 1 + back
        if i < 0 or i >= int(n):
            continue
        base = 1.0 - (i + 1.0) * high
        w = wide * (0.30 + 0.70 * (i + 1.0) / n) * (0.92 + 0.16 * draw_of(v, 20 + i))
        apex = base + high * (1.0 if i == 0 else 1.62)
        lean = 0.02 * (draw_of(v, 30 + i) - 0.5)
        q = x - lean * (apex - base)
        tall = apex - base
        slant = w / tall
        # flanks bend inwards: boughs reach out at their ends
        f = clamp((apex - y) / tall)
        reach = w * (0.46 * f + 0.54 * f * f)
        d = (abs(q) - reach) / math.sqrt(1.0 + slant * slant)
        hem = base + 0.30 * high * (1.0 - min(1.3, abs(q) / w))
        d = max(d, max(hem - y, y - apex))
        c = cover(d, aa)
        if c <= 0.0:
            continue
        lit = clamp(0.5 + (q * sun + 0.05 * w + 0.35 * w * (f - 0.55)) / max(aa, 0.012))
        colour = mixed(dark_colour, lit_colour, lit * (0.35 + 0.65 * abs(p[6])))
        if p[8] > 0.0:
            top = cover(hem + 0.26 * high * (1.2 - f) - y, aa)
            colour = mixed(colour, _snow(p, lit), p[8] * top)
        if i > 0:  # the shadow of the boughs above
            above = 1.0 - i * high
            under = clamp(0.5 + (y - above + 0.16 * high) / max(aa, 0.02))
            colour = mixed(colour, times(dark_colour, 0.88), under * 0.55 * detail(high * 0.3, aa))
        layer = over(layer, c, colour)
    return finish(layer)


# Where the clumps of a crown stand round its middle: from the top down, left and right in turn.
_RING = np.array(
    [
        [math.cos(a), math.sin(a)]
        for a in (
            0.5 * math.pi + (0.9 if i % 2 else -0.9) * math.pi * ((i + 1) // 2) / 4.0
            for i in range(8)
        )
    ]
)


@compiled
def _crown(
    layer: Layer,
    x: float,
    y: float,
    aa: float,
    cy: float,
    rx: float,
    ry: float,
    r: float,
    p: Params,
) -> Layer:
    """A crown of round clumps, the far ones first: each a shaded ball with a lit cap."""
    v = p[7]
    sx = 0.34 * p[6]
    dark = _dark(p)
    lit = _lit(p)
    bright = mixed(lit, (min(1.0, lit[0] * 1.25), min(1.0, lit[1] * 1.2), lit[2]), 0.75)
    core = cover(oval(x, y, 0.0, cy, rx * 0.95, ry * 0.95), aa)
    layer = over(layer, core, dark)
    for i in range(8):
        k = 0.78 + 0.18 * draw_of(v, 50 + i)
        if i == 7:
            k = 0.15
        cr = r * (0.85 + 0.35 * draw_of(v, 60 + i)) * (1.15 if i == 7 else 1.0)
        cx = rx * k * _RING[i, 0]
        ky = cy + ry * k * _RING[i, 1]
        if abs(x - cx) > cr + aa or abs(y - ky) > cr + aa:
            continue
        d = disc(x, y, cx, ky, cr)
        c = cover(d, aa)
        sunny = clamp(0.62 + 0.75 * cx / rx * p[6] + 0.45 * (ky - cy) / ry)
        cap = cover(max(d, disc(x, y, cx + sx * cr, ky + 0.34 * cr, cr * 0.92)), aa)
        light = mixed(mixed(dark, lit, 0.45), mixed(lit, bright, 1.6 * sunny - 0.9), sunny)
        colour = mixed(mixed(dark, lit, 0.10 * sunny), light, cap)
        if p[8] > 0.0:
            cap = cover(max(d, -disc(x, y, cx, ky - 0.42 * cr, cr * 1.05)), aa)
            colour = mixed(colour, _snow(p, 0.3 + 0.7 * sunny), cap * p[8] * clamp(sunny * 2.0))
        layer = over(layer, c, colour)
    return layer


@compiled
def _tree(x: float, y: float, aa: float, p: Params) -> Layer:
    v = p[7]
    layer = (0.0, 0.0, 0.0, 0.0)
    if y < 0.55:
        c = cover(limb(x, y, 0.0, -0.02, 0.0, 0.5, 0.045, 0.028), aa)
        c = max(c, cover(limb(x, y, 0.0, 0.26, 0.17, 0.52, 0.022, 0.014), aa))
        c = max(c, cover(limb(x, y, 0.0, 0.30, -0.16, 0.54, 0.020, 0.014), aa))
        layer = over(layer, c * cover(-y, aa), _bark(p))
    if y > 0.25:
        rx = 0.25 + 0.08 * draw_of(v, 1)
        ry = 0.20 + 0.05 * draw_of(v, 2)
        layer = _crown(layer, x, y, aa, 0.62, rx, ry, 0.155, p)
    return finish(layer)


@compiled
def _poplar(x: float, y: float, aa: float, p: Params) -> Layer:
    """A narrow flame: poplar or cypress."""
    layer = (0.0, 0.0, 0.0, 0.0)
    if y < 0.14:
        c = cover(max(abs(x) - 0.018, -y), aa)
        layer = over(layer, c, _bark(p))
    wide = 0.10 + 0.06 * draw_of(p[7], 1)
    f = clamp((y - 0.05) / 0.95)
    w = wide * 2.15 * math.sqrt(f) * (1.0 - f) ** 0.72 * (1.0 - 0.12 * f)
    w *= 1.0 + 0.06 * math.sin(17.0 * y + 9.0 * p[7]) * detail(0.08, aa)
    c = cover(max((abs(x) - w) * 0.96, max(0.05 - y, y - 1.0)), aa)
    layer = over(layer, c, _dark(p))
    sun = _sun(p)
    bend = 0.22 * w * math.sin(13.0 * y + 5.0 * p[7])
    k = cover(-(x * sun - 0.15 * w + 0.45 * w * (1.0 - abs(p[6])) * -1.0 + bend), aa)
    layer = atop(layer, k * c, _lit(p))
    if p[8] > 0.0:
        layer = atop(layer, p[8] * k * c * clamp((y - 0.3) * 2.0), _snow(p, 1.0))
    return finish(layer)


@compiled
def _frond(x: float, y: float, m: float, end: float, reach: float, aa: float) -> float:
    """Signed distance of a frond from (0, 0): it leaves with slope m, its tip is at (reach, end).

    The spine is a parabola; leaflets hang below it, their tips a saw.
    """
    f = clamp(x / reach)
    k = (m * reach - end) / (reach * reach)
    spine = m * x - k * x * x
    slope = m - 2.0 * k * min(x, reach)
    saw = f * 11.0
    saw = abs(saw - math.floor(saw) - 0.5) * 2.0 * detail(reach / 16.0, aa)
    w = 0.30 * reach * math.sqrt(f) * (1.0 - f) * (1.0 - 0.35 * saw) + 0.006
    off = (y - spine) / math.sqrt(1.0 + slope * slope)
    d = off - 0.25 * w if off > 0.0 else -off - w
    return max(d, max(-x, x - reach))


@compiled
def _palm(x: float, y: float, aa: float, t: float, p: Params) -> Layer:
    """A bowed trunk and nine fronds, the high ones in the light."""
    v = p[7]
    lean = 0.20 * (draw_of(v, 1) - 0.35)
    bow = lean * y * y
    layer = (0.0, 0.0, 0.0, 0.0)
    sun = _sun(p)
    top = 0.78
    if y < top + 0.02:
        w = lerp(0.034, 0.018, clamp(y / top))
        c = cover(max(abs(x - bow) - w, -y), aa)
        layer = over(layer, c, _bark(p))
        lit = cover(-((x - bow) * sun - 0.15 * w), aa)
        layer = atop(layer, lit * c * 0.7, mixed(_bark(p), _lit(p), 0.45))
    if y < 0.40:
        return finish(layer)
    cx = lean * top * top
    wind = 0.10 * p[9] * math.sin(1.9 * t + 6.28 * v)
    q = x - cx
    right = q > 0.0
    a = abs(q)
    gust = wind if right else -wind
    dark = _dark(p)
    lit = _lit(p)
    for i in range(4):
        dice = 20 + i + (10 if right else 0)
        m = 0.30 + 0.42 * i + 0.2 * draw_of(v, dice) + gust
        if i == 0:
            reach, end = 0.26, -0.34
        elif i == 1:
            reach, end = 0.42, -0.26
        elif i == 2:
            reach, end = 0.44, 0.00
        else:
            reach, end = 0.30, 0.17
        k = 0.88 + 0.22 * draw_of(v, 20 + dice)
        c = cover(_frond(a, y - top, m, (end + 0.5 * gust * reach) * k, reach * k, aa), aa)
        towards = 0.5 + 0.5 * p[6] * (1.0 if right else -1.0)
        layer = over(layer, c, mixed(dark, lit, clamp(0.36 * i - 0.36 + 0.5 * towards)))
    c = cover(oval(x, y, cx, top - 0.012, 0.035, 0.03), aa)
    return finish(over(layer, c, _bark(p)))


@compiled
def _bush(x: float, y: float, aa: float, p: Params) -> Layer:
    layer = (0.0, 0.0, 0.0, 0.0)
    rx = 0.46 + 0.18 * draw_of(p[7], 1)
    layer = _crown(layer, x, y, aa, 0.28, rx, 0.38, 0.31, p)
    k = cover(-y, aa)
    return finish((layer[0] * k, layer[1] * k, layer[2] * k, layer[3] * k))


@compiled
def _grass(x: float, y: float, aa: float, p: Params) -> Layer:
    """A tuft: nine bent blades, the ones in front lit."""
    v = p[7]
    layer = (0.0, 0.0, 0.0, 0.0)
    lit = _lit(p)
    dark = _dark(p)
    f = max(0.0, y)
    for i in range(9):
        k = float(i) - 4.0
        high = 0.55 + 0.45 * draw_of(v, 20 + i) - 0.02 * abs(k)
        if y > high + aa:
            continue
        root = 0.075 * k
        g = f / high
        cx = root + (0.11 * k + 0.16 * (draw_of(v, 40 + i) - 0.5)) * g * g
        w = 0.052 * (1.0 - g) + 0.004
        d = max((abs(x - cx) - w) * 0.93, max(-y, y - high))
        c = stroke_of(d, w, aa)
        layer = over(layer, c, mixed(dark, lit, 0.15 if i % 2 == 0 else 0.95))
    if p[8] > 0.0:
        layer = atop(layer, p[8] * 0.7 * clamp((y - 0.35) * 2.5), _snow(p, 0.8))
    return finish(layer)


@compiled
def _rock(x: float, y: float, aa: float, p: Params) -> Layer:
    """A boulder of a few facets: a lit top, a lit flank, a shaded flank."""
    v = p[7]
    k = 1.0 if draw_of(v, 4) < 0.5 else -1.0
    x *= k
    sun = p[6] * k
    w = 0.72 + 0.32 * draw_of(v, 1)
    tip = -0.22 + 0.5 * draw_of(v, 2)
    shoulder = 0.52 + 0.26 * draw_of(v, 3)
    d = edge(x, y, w, -0.04, w * 0.80, shoulder * 0.72)
    d = max(d, edge(x, y, w * 0.80, shoulder * 0.72, tip + 0.26, 0.97))
    d = max(d, edge(x, y, tip + 0.26, 0.97, tip - 0.20, 1.0))
    d = max(d, edge(x, y, tip - 0.20, 1.0, -w * 0.76, shoulder))
    d = max(d, edge(x, y, -w * 0.76, shoulder, -w, -0.04))
    d = max(d, -0.03 - y)
    c = cover(d, aa)
    if c <= 0.0:
        return 0.0, 0.0, 0.0, 0.0
    lit = _lit(p)
    dark = _dark(p)
    # an inner corner divides the front into a bright top and two flanks
    ix = tip + 0.06
    iy = 0.60 + 0.12 * draw_of(v, 5)
    fx = ix - 0.18 + 0.4 * draw_of(v, 6)
    left = min(edge(x, y, fx, -0.1, ix, iy), edge(x, y, ix, iy, tip - 0.20, 1.0))
    right = clamp(0.5 + left / aa)
    tone = lerp(clamp(0.45 - 0.75 * sun), clamp(0.45 + 0.75 * sun), right)
    layer = over((0.0, 0.0, 0.0, 0.0), c, mixed(dark, lit, tone))
    # a lower facet, half in shade, on the wider side
    foot = max(edge(x, y, w * 0.80, shoulder * 0.72, fx + 0.25, -0.1), -0.2 - y)
    layer = atop(layer, cover(-foot, aa) * c * right * 0.35, dark)
    bright = (min(1.0, lit[0] * 1.16), min(1.0, lit[1] * 1.16), min(1.0, lit[2] * 1.16))
    top = max(edge(x, y, tip - 0.24, 1.03, ix, iy), edge(x, y, ix, iy, tip + 0.30, 1.0))
    cap = cover(top, aa)
    layer = atop(layer, cap * c, mixed(lit, bright, 0.8))
    if p[8] > 0.0:
        line = 0.62 + 0.10 * math.sin(7.0 * x + 6.0 * v) - 0.22 * x * x
        cap = max(cap, cover(line - y, aa))
        layer = atop(layer, cap * c * p[8], _snow(p, max(tone, cap * 0.4)))
    return finish(layer)


@compiled
def _cactus(x: float, y: float, aa: float, p: Params) -> Layer:
    """A saguaro: trunk and one or two arms, with a rib of light."""
    v = p[7]
    if draw_of(v, 4) < 0.5:
        x = -x
    side = p[6] if draw_of(v, 4) >= 0.5 else -p[6]
    h1 = 0.34 + 0.12 * draw_of(v, 1)
    h2 = 0.44 + 0.14 * draw_of(v, 2)
    t1 = h1 + 0.20 + 0.14 * draw_of(v, 3)
    t2 = h2 + 0.18 + 0.10 * draw_of(v, 5)
    r = 0.058
    trunk = segment(x, y, 0.0, -0.1, 0.0, 0.915)
    arm = min(segment(x, y, 0.0, h1, 0.20, h1 + 0.02), segment(x, y, 0.20, h1 + 0.02, 0.215, t1))
    other = min(
        segment(x, y, 0.0, h2, -0.18, h2 + 0.03), segment(x, y, -0.18, h2 + 0.03, -0.19, t2)
    )
    if draw_of(v, 6) < 0.3:
        other = 9.0
    d = min(trunk - 0.078, min(arm - r, other - r))
    c = cover(max(d, -y), aa)
    if c <= 0.0:
        return 0.0, 0.0, 0.0, 0.0
    layer = over((0.0, 0.0, 0.0, 0.0), c, _dark(p))
    q = 0.026 * (1.0 if side >= 0.0 else -1.0)
    lit = segment(x - q, y - 0.01, 0.0, -0.1, 0.0, 0.915) - 0.046
    arm = segment(x - q * 0.8, y - 0.01, 0.20, h1 + 0.02, 0.215, t1)
    arm = min(arm, segment(x, y - 0.02, 0.05, h1, 0.20, h1 + 0.02))
    lit = min(lit, arm - 0.032)
    if other < 8.0:
        arm = segment(x - q * 0.8, y - 0.01, -0.18, h2 + 0.03, -0.19, t2)
        arm = min(arm, segment(x, y - 0.02, -0.05, h2, -0.18, h2 + 0.03))
        lit = min(lit, arm - 0.032)
    layer = atop(layer, cover(lit, aa) * c, _lit(p))
    if p[8] > 0.0:
        z = y + 0.035  # snow lies where a little higher there is no cactus
        d = segment(x, z, 0.0, -0.1, 0.0, 0.915) - 0.078
        d = min(d, segment(x, z, 0.20, h1 + 0.02, 0.215, t1) - r)
        if other < 8.0:
            d = min(d, segment(x, z, -0.18, h2 + 0.03, -0.19, t2) - r)
        cap = cover(max(-d, h1 + 0.08 - y), aa)
        layer = atop(layer, p[8] * c * cap, _snow(p, 1.0))
    return finish(layer)


@compiled
def _bare_tree(x: float, y: float, aa: float, p: Params) -> Layer:
    """A trunk, six boughs, each with two twigs."""
    v = p[7]
    if draw_of(v, 1) < 0.5:
        x = -x
    d = limb(x, y, 0.0, -0.03, 0.02, 0.42, 0.050, 0.032)
    d = min(d, limb(x, y, 0.02, 0.42, -0.03, 0.80, 0.032, 0.010))
    thin = 9.0
    for i in range(6):
        s = 1.0 if i % 2 == 0 else -1.0
        y0 = 0.30 + 0.085 * i
        if y < y0 - 0.05 or y > y0 + 0.45 or x * s < -0.09:
            continue
        x0 = 0.02 * min(1.0, y0 / 0.42) - 0.05 * max(0.0, (y0 - 0.42) / 0.38)
        a = s * (0.95 - 0.09 * i + 0.3 * (draw_of(v, 20 + i) - 0.5))
        ln = 0.36 - 0.025 * i + 0.06 * draw_of(v, 30 + i)
        x1 = x0 + ln * 0.55 * math.sin(a)
        y1 = y0 + ln * 0.55 * math.cos(a)
        x2 = x1 + ln * 0.55 * math.sin(a * 0.55)
        y2 = y1 + ln * 0.55 * math.cos(a * 0.55)
        d = min(d, limb(x, y, x0, y0, x1, y1, 0.021 - 0.001 * i, 0.013))
        thin = min(thin, limb(x, y, x1, y1, x2, y2, 0.012, 0.004))
        thin = min(thin, limb(x, y, x1, y1, x1 + 0.2 * math.sin(a * 1.35),
                              y1 + 0.2 * math.cos(a * 1.35), 0.010, 0.003))  # fmt: skip
    thin = min(thin, limb(x, y, -0.03, 0.80, 0.02, 1.0, 0.010, 0.003))
    c = cover(max(d, -y), aa)
    fine = stroke_of(thin, 0.010, aa) * 0.9
    layer = over((0.0, 0.0, 0.0, 0.0), max(c, fine), _dark(p))
    trunk = cover(-(x * (p[6] if draw_of(v, 1) >= 0.5 else -p[6]) + 0.006), aa)
    layer = atop(layer, trunk * c * 0.85, mixed(_dark(p), _lit(p), 0.75))
    if p[8] > 0.0:
        layer = atop(layer, p[8] * 0.75 * max(fine * (1.0 - c), c * trunk * 0.5), _snow(p, 0.8))
    return finish(layer)


@compiled
def _branch(x: float, y: float, aa: float, t: float, p: Params) -> Layer:
    """A bough that hangs into the frame from its top left corner, with leaves in twos."""
    v = p[7]
    y += 0.03 * p[9] * x * x * math.sin(1.2 * t + 6.28 * v)
    layer = (0.0, 0.0, 0.0, 0.0)
    fall = 0.28 + 0.16 * draw_of(v, 1)
    spine = 0.10 - fall * x * x * 0.5 - 0.06 * x
    w = 0.035 * (1.0 - 0.55 * x) + 0.006
    c = cover(max(abs(y - spine) - w, x - 1.5), aa)
    layer = over(layer, c, _bark(p))
    for j in range(3):  # twigs that hang from the bough
        x0 = 0.18 + 0.42 * j + 0.12 * (draw_of(v, 10 + j) - 0.5)
        ln = 0.72 - 0.14 * j + 0.16 * draw_of(v, 14 + j)
        y0 = 0.10 - fall * x0 * x0 * 0.5 - 0.06 * x0
        x1 = x0 + 0.30 + 0.04 * p[9] * math.sin(1.7 * t + j)
        y1 = y0 - ln
        if x < x0 - 0.22 or x > x1 + 0.22 or y < y1 - 0.18:
            continue
        layer = over(layer, stroke(segment(x, y, x0, y0, x1, y1), 0.010, aa), _bark(p))
        layer = _leaves(layer, x, y, x0, y0, x1, y1, aa, 7.0, 0.155, v + 0.13 * j, p)
    if y > -0.75:
        layer = _leaves(layer, x, y, 0.45, 0.10 - fall * 0.101 - 0.027,
                        1.5, 0.01 - fall * 1.125, aa, 7.0, 0.17, v, p)  # fmt: skip
    return finish(layer)


@compiled
def _leaves(
    layer: Layer,
    x: float,
    y: float,
    ax: float,
    ay: float,
    bx: float,
    by: float,
    aa: float,
    n: float,
    size: float,
    v: float,
    p: Params,
) -> Layer:
    """Pairs of pointed leaves along a twig; a sample looks at the three nearest pairs only."""
    ux = bx - ax
    uy = by - ay
    length = math.sqrt(ux * ux + uy * uy)
    ux /= length
    uy /= length
    along = (x - ax) * ux + (y - ay) * uy
    across = (x - ax) * uy - (y - ay) * ux
    s = 1.0 if across > 0.0 else -1.0
    if abs(across) > size * 1.2 or along < -size or along > length + size:
        return layer
    step = length / n
    near = math.floor(along / step)
    for j in range(3):
        i = near - 2.0 + j
        if i < 0.0 or i > n - 0.5:
            continue
        k = size * (1.0 - 0.35 * i / n) * (0.85 + 0.3 * draw_of(v, 50.0 + i))
        root = (i + 0.5 + 0.2 * s) * step
        a = 0.3 * (draw_of(v, 70.0 + i) - 0.5)  # leaves stand off by 0.75 +- 0.15 radians
        ca = 0.7317 - 0.6816 * a
        sa = 0.6816 + 0.7317 * a
        px = along - root
        py = across * s
        u = px * ca + py * sa
        w = abs(py * ca - px * sa)
        f = clamp(u / k)
        d = (w - 1.15 * k * f * (1.0 - f)) * 0.85
        d = max(d, max(-u, u - k))
        up = draw_of(v, 90.0 + i + 3.0 * s)
        layer = over(layer, cover(d, aa), mixed(_dark(p), _lit(p), 0.9 if up > 0.55 else 0.12))
    return layer


@compiled
def _reeds(x: float, y: float, aa: float, p: Params) -> Layer:
    """Upright blades and three bulrushes."""
    v = p[7]
    layer = (0.0, 0.0, 0.0, 0.0)
    lit = _lit(p)
    dark = _dark(p)
    f = max(0.0, y)
    for i in range(11):
        k = 0.72 * (float(i) - 5.0)
        high = 0.50 + 0.45 * draw_of(v, 20 + i)
        if y > high + 0.08:
            continue
        root = 0.085 * k + 0.03 * (draw_of(v, 30 + i) - 0.5)
        g = f / high
        cx = root + 0.10 * (draw_of(v, 40 + i) - 0.5 + 0.12 * k) * g * g
        rush = i % 3 == 1
        w = 0.010 if rush else 0.026 * (1.0 - g) + 0.004
        d = max(abs(x - cx) - w, max(-y, y - high))
        layer = over(layer, stroke_of(d, w, aa), mixed(dark, lit, 0.2 if i % 2 == 0 else 0.9))
        if rush:
            tip = root + 0.10 * (draw_of(v, 40 + i) - 0.5 + 0.12 * k)
            d = segment(x, y, tip, high - 0.07, tip, high + 0.02) - 0.024
            layer = over(layer, stroke_of(d, 0.024, aa), _bark(p))
    return finish(layer)


# ---- made by people


@compiled
def _street_lamp(x: float, y: float, aa: float, p: Params) -> Layer:
    """A post with a bent arm to the right and a shade that burns at night."""
    iron = _dark(p)
    d = limb(x, y, 0.0, 0.0, 0.0, 0.86, 0.016, 0.011)
    d = min(d, box(x, y, 0.0, 0.05, 0.026, 0.055, 0.01))
    r = math.sqrt((x - 0.10) * (x - 0.10) + (y - 0.86) * (y - 0.86))
    arc = abs(r - 0.10) - 0.010 if y > 0.86 else 9.0
    d = min(d, arc)
    layer = over((0.0, 0.0, 0.0, 0.0), stroke_of(max(d, -y), 0.013, aa), iron)
    shine = cover(-(x * _sun(p)), aa) * detail(0.03, aa) * (1.0 if y < 0.86 else 0.0)
    layer = atop(layer, shine * 0.7, _lit(p))
    hood = max(oval(x, y, 0.20, 0.865, 0.065, 0.045), 0.862 - y)
    layer = over(layer, cover(hood, aa), iron)
    bulb = max(oval(x, y, 0.20, 0.862, 0.045, 0.032), y - 0.862)
    glass = mixed(mixed(_lit(p), (0.9, 0.9, 0.85), 0.4), (1.0, 0.92, 0.66), p[10])
    layer = over(layer, cover(bulb, aa), glass)
    return finish(layer)


@compiled
def _fence(x: float, y: float, aa: float, p: Params) -> Layer:
    """One bay: a post in the middle, two rails from edge to edge."""
    lit = _lit(p)
    dark = _dark(p)
    sag = 0.03 * (draw_of(p[7], 1) - 0.5)
    rail = min(abs(y - 0.70 - sag * math.cos(3.49 * x)), abs(y - 0.34)) - 0.045
    c = cover(max(rail, abs(x) - 0.9), aa)
    layer = over((0.0, 0.0, 0.0, 0.0), c, mixed(dark, lit, 0.55))
    low = min(abs(y - 0.68 - sag * math.cos(3.49 * x)), abs(y - 0.32)) - 0.045
    upper = cover(-low, aa) * detail(0.05, aa)
    layer = atop(layer, upper * 0.8, lit)
    post = max(abs(x) - 0.075, max(-y, y - 0.98 + 0.3 * abs(x)))
    c = cover(post, aa)
    layer = over(layer, c, dark)
    k = cover(-(x * _sun(p) + 0.01), aa)
    layer = atop(layer, k * c, lit)
    if p[8] > 0.0:
        cap = max(abs(x) - 0.10, abs(y - 0.965) - 0.035)
        layer = over(layer, cover(cap, aa) * p[8], _snow(p, 1.0))
        cap = max(abs(y - 0.745 - sag * math.cos(3.49 * x)) - 0.02, abs(x) - 0.9)
        layer = over(layer, cover(cap, aa) * p[8], _snow(p, 0.8))
    return finish(layer)
