"""Plants with a trunk: conifer, broad-leaved tree, poplar, palm, bare tree, hanging branch.

Here too are the colours all plants share and the round crown that trees and bushes have.
"""

from __future__ import annotations

import math

import numpy as np

from laterna.world.sprites_shapes import (
    Colour,
    Layer,
    Params,
    atop,
    clamp,
    compiled,
    cover,
    detail,
    disc,
    draw_of,
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


@compiled
def lit_colour(p: Params) -> Colour:
    return p[0] * 1.0, p[1] * 1.0, p[2] * 1.0


@compiled
def dark_colour(p: Params) -> Colour:
    return p[3] * 1.0, p[4] * 1.0, p[5] * 1.0


@compiled
def bark_colour(p: Params) -> Colour:
    """Trunks: the shade made brown."""
    k = 0.5 * (p[3] + p[4])
    return 0.55 * p[3] + 0.42 * k, 0.55 * p[4] + 0.22 * k, 0.55 * p[5] + 0.16 * k


@compiled
def snow_colour(p: Params, lit: float) -> Colour:
    """Snow under the light that falls on the plant: bright by day, blue in the shade."""
    peak = max(p[0], max(p[1], p[2]))
    k = min(1.0, 0.45 + 0.9 * peak)
    return k * lerp(0.72, 0.97, lit), k * lerp(0.78, 0.98, lit), k * lerp(0.90, 1.0, lit)


@compiled
def sun_sign(p: Params) -> float:
    return 1.0 if p[6] >= 0.0 else -1.0


@compiled
def conifer(x: float, y: float, aa: float, p: Params) -> Layer:
    """Drooping tiers, each with a lit flank, a shaded flank and a shadow from the tier above."""
    v = p[7]
    layer = (0.0, 0.0, 0.0, 0.0)
    if y < 0.2:
        c = cover(max(abs(x) - 0.028 + 0.05 * y, max(-y, y - 0.2)), aa)
        layer = over(layer, c, bark_colour(p))
    n = 4.0 + math.floor(draw_of(v, 1) * 2.99)
    wide = 0.24 + 0.13 * draw_of(v, 2)
    foot = 0.09 + 0.05 * draw_of(v, 3)
    s = (1.0 - y) / (1.0 - foot) * n
    first = int(max(0.0, min(n - 1.0, math.floor(s))))
    lit_side = lit_colour(p)
    dark = dark_colour(p)
    sun = sun_sign(p)
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
        colour = mixed(dark, lit_side, lit * (0.35 + 0.65 * abs(p[6])))
        if p[8] > 0.0:
            top = cover(hem + 0.26 * high * (1.2 - f) - y, aa)
            colour = mixed(colour, snow_colour(p, lit), p[8] * top)
        if i > 0:  # the shadow of the boughs above
            above = 1.0 - i * high
            under = clamp(0.5 + (y - above + 0.16 * high) / max(aa, 0.02))
            colour = mixed(colour, times(dark, 0.88), under * 0.55 * detail(high * 0.3, aa))
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
def crown(
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
    dark = dark_colour(p)
    lit = lit_colour(p)
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
            colour = mixed(
                colour, snow_colour(p, 0.3 + 0.7 * sunny), cap * p[8] * clamp(sunny * 2.0)
            )
        layer = over(layer, c, colour)
    return layer


@compiled
def tree(x: float, y: float, aa: float, p: Params) -> Layer:
    v = p[7]
    layer = (0.0, 0.0, 0.0, 0.0)
    if y < 0.55:
        c = cover(limb(x, y, 0.0, -0.02, 0.0, 0.5, 0.045, 0.028), aa)
        c = max(c, cover(limb(x, y, 0.0, 0.26, 0.17, 0.52, 0.022, 0.014), aa))
        c = max(c, cover(limb(x, y, 0.0, 0.30, -0.16, 0.54, 0.020, 0.014), aa))
        layer = over(layer, c * cover(-y, aa), bark_colour(p))
    if y > 0.25:
        rx = 0.25 + 0.08 * draw_of(v, 1)
        ry = 0.20 + 0.05 * draw_of(v, 2)
        layer = crown(layer, x, y, aa, 0.62, rx, ry, 0.155, p)
    return finish(layer)


@compiled
def poplar(x: float, y: float, aa: float, p: Params) -> Layer:
    """A narrow flame: poplar or cypress."""
    layer = (0.0, 0.0, 0.0, 0.0)
    if y < 0.14:
        c = cover(max(abs(x) - 0.018, -y), aa)
        layer = over(layer, c, bark_colour(p))
    wide = 0.10 + 0.06 * draw_of(p[7], 1)
    f = clamp((y - 0.05) / 0.95)
    w = wide * 2.15 * math.sqrt(f) * (1.0 - f) ** 0.72 * (1.0 - 0.12 * f)
    w *= 1.0 + 0.06 * math.sin(17.0 * y + 9.0 * p[7]) * detail(0.08, aa)
    c = cover(max((abs(x) - w) * 0.96, max(0.05 - y, y - 1.0)), aa)
    layer = over(layer, c, dark_colour(p))
    sun = sun_sign(p)
    bend = 0.22 * w * math.sin(13.0 * y + 5.0 * p[7])
    k = cover(-(x * sun - 0.15 * w + 0.45 * w * (1.0 - abs(p[6])) * -1.0 + bend), aa)
    layer = atop(layer, k * c, lit_colour(p))
    if p[8] > 0.0:
        layer = atop(layer, p[8] * k * c * clamp((y - 0.3) * 2.0), snow_colour(p, 1.0))
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
def palm(x: float, y: float, aa: float, t: float, p: Params) -> Layer:
    """A bowed trunk and nine fronds, the high ones in the light."""
    v = p[7]
    lean = 0.20 * (draw_of(v, 1) - 0.35)
    bow = lean * y * y
    layer = (0.0, 0.0, 0.0, 0.0)
    sun = sun_sign(p)
    top = 0.78
    if y < top + 0.02:
        w = lerp(0.034, 0.018, clamp(y / top))
        c = cover(max(abs(x - bow) - w, -y), aa)
        layer = over(layer, c, bark_colour(p))
        lit = cover(-((x - bow) * sun - 0.15 * w), aa)
        layer = atop(layer, lit * c * 0.7, mixed(bark_colour(p), lit_colour(p), 0.45))
    if y < 0.40:
        return finish(layer)
    cx = lean * top * top
    wind = 0.10 * p[9] * math.sin(1.9 * t + 6.28 * v)
    q = x - cx
    right = q > 0.0
    a = abs(q)
    gust = wind if right else -wind
    dark = dark_colour(p)
    bright = lit_colour(p)
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
        layer = over(layer, c, mixed(dark, bright, clamp(0.36 * i - 0.36 + 0.5 * towards)))
    c = cover(oval(x, y, cx, top - 0.012, 0.035, 0.03), aa)
    return finish(over(layer, c, bark_colour(p)))


@compiled
def bare_tree(x: float, y: float, aa: float, p: Params) -> Layer:
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
    layer = over((0.0, 0.0, 0.0, 0.0), max(c, fine), dark_colour(p))
    trunk = cover(-(x * (p[6] if draw_of(v, 1) >= 0.5 else -p[6]) + 0.006), aa)
    layer = atop(layer, trunk * c * 0.85, mixed(dark_colour(p), lit_colour(p), 0.75))
    if p[8] > 0.0:
        layer = atop(
            layer, p[8] * 0.75 * max(fine * (1.0 - c), c * trunk * 0.5), snow_colour(p, 0.8)
        )
    return finish(layer)


@compiled
def branch(x: float, y: float, aa: float, t: float, p: Params) -> Layer:
    """A bough that hangs into the frame from its top left corner, with leaves in twos."""
    v = p[7]
    y += 0.03 * p[9] * x * x * math.sin(1.2 * t + 6.28 * v)
    layer = (0.0, 0.0, 0.0, 0.0)
    fall = 0.28 + 0.16 * draw_of(v, 1)
    spine = 0.10 - fall * x * x * 0.5 - 0.06 * x
    w = 0.035 * (1.0 - 0.55 * x) + 0.006
    c = cover(max(abs(y - spine) - w, x - 1.5), aa)
    layer = over(layer, c, bark_colour(p))
    for j in range(3):  # twigs that hang from the bough
        x0 = 0.18 + 0.42 * j + 0.12 * (draw_of(v, 10 + j) - 0.5)
        ln = 0.72 - 0.14 * j + 0.16 * draw_of(v, 14 + j)
        y0 = 0.10 - fall * x0 * x0 * 0.5 - 0.06 * x0
        x1 = x0 + 0.30 + 0.04 * p[9] * math.sin(1.7 * t + j)
        y1 = y0 - ln
        if x < x0 - 0.22 or x > x1 + 0.22 or y < y1 - 0.18:
            continue
        layer = over(layer, stroke(segment(x, y, x0, y0, x1, y1), 0.010, aa), bark_colour(p))
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
        layer = over(
            layer, cover(d, aa), mixed(dark_colour(p), lit_colour(p), 0.9 if up > 0.55 else 0.12)
        )
    return layer
