"""What stands low or was put up by people: bush, grass, rock, cactus, reeds, lamp, fence."""

from __future__ import annotations

import math

from laterna.world.sprites_shapes import (
    Layer,
    Params,
    atop,
    box,
    clamp,
    compiled,
    cover,
    detail,
    draw_of,
    edge,
    finish,
    lerp,
    limb,
    mixed,
    oval,
    over,
    segment,
    stroke_of,
)
from laterna.world.trees_tall import (
    bark_colour,
    crown,
    dark_colour,
    lit_colour,
    snow_colour,
    sun_sign,
)


@compiled
def bush(x: float, y: float, aa: float, p: Params) -> Layer:
    layer = (0.0, 0.0, 0.0, 0.0)
    rx = 0.46 + 0.18 * draw_of(p[7], 1)
    layer = crown(layer, x, y, aa, 0.28, rx, 0.38, 0.31, p)
    k = cover(-y, aa)
    return finish((layer[0] * k, layer[1] * k, layer[2] * k, layer[3] * k))


@compiled
def grass(x: float, y: float, aa: float, p: Params) -> Layer:
    """A tuft: nine bent blades, the ones in front lit."""
    v = p[7]
    layer = (0.0, 0.0, 0.0, 0.0)
    lit = lit_colour(p)
    dark = dark_colour(p)
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
        layer = atop(layer, p[8] * 0.7 * clamp((y - 0.35) * 2.5), snow_colour(p, 0.8))
    return finish(layer)


@compiled
def rock(x: float, y: float, aa: float, p: Params) -> Layer:
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
    lit = lit_colour(p)
    dark = dark_colour(p)
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
        layer = atop(layer, cap * c * p[8], snow_colour(p, max(tone, cap * 0.4)))
    return finish(layer)


@compiled
def cactus(x: float, y: float, aa: float, p: Params) -> Layer:
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
    layer = over((0.0, 0.0, 0.0, 0.0), c, dark_colour(p))
    q = 0.026 * (1.0 if side >= 0.0 else -1.0)
    lit = segment(x - q, y - 0.01, 0.0, -0.1, 0.0, 0.915) - 0.046
    arm = segment(x - q * 0.8, y - 0.01, 0.20, h1 + 0.02, 0.215, t1)
    arm = min(arm, segment(x, y - 0.02, 0.05, h1, 0.20, h1 + 0.02))
    lit = min(lit, arm - 0.032)
    if other < 8.0:
        arm = segment(x - q * 0.8, y - 0.01, -0.18, h2 + 0.03, -0.19, t2)
        arm = min(arm, segment(x, y - 0.02, -0.05, h2, -0.18, h2 + 0.03))
        lit = min(lit, arm - 0.032)
    layer = atop(layer, cover(lit, aa) * c, lit_colour(p))
    if p[8] > 0.0:
        z = y + 0.035  # snow lies where a little higher there is no cactus
        d = segment(x, z, 0.0, -0.1, 0.0, 0.915) - 0.078
        d = min(d, segment(x, z, 0.20, h1 + 0.02, 0.215, t1) - r)
        if other < 8.0:
            d = min(d, segment(x, z, -0.18, h2 + 0.03, -0.19, t2) - r)
        cap = cover(max(-d, max(h1, h2) + 0.08 - y), aa)
        layer = atop(layer, p[8] * c * cap, snow_colour(p, 1.0))
    return finish(layer)


@compiled
def reeds(x: float, y: float, aa: float, p: Params) -> Layer:
    """Upright blades and three bulrushes."""
    v = p[7]
    layer = (0.0, 0.0, 0.0, 0.0)
    lit = lit_colour(p)
    dark = dark_colour(p)
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
            layer = over(layer, stroke_of(d, 0.024, aa), bark_colour(p))
    return finish(layer)


@compiled
def street_lamp(x: float, y: float, aa: float, p: Params) -> Layer:
    """A post with a bent arm to the right and a shade that burns at night."""
    iron = dark_colour(p)
    d = limb(x, y, 0.0, 0.0, 0.0, 0.86, 0.016, 0.011)
    d = min(d, box(x, y, 0.0, 0.05, 0.026, 0.055, 0.01))
    r = math.sqrt((x - 0.10) * (x - 0.10) + (y - 0.86) * (y - 0.86))
    arc = abs(r - 0.10) - 0.010 if y > 0.86 else 9.0
    d = min(d, arc)
    layer = over((0.0, 0.0, 0.0, 0.0), stroke_of(max(d, -y), 0.013, aa), iron)
    shine = cover(-(x * sun_sign(p)), aa) * detail(0.03, aa) * (1.0 if y < 0.86 else 0.0)
    layer = atop(layer, shine * 0.7, lit_colour(p))
    hood = max(oval(x, y, 0.20, 0.865, 0.065, 0.045), 0.862 - y)
    layer = over(layer, cover(hood, aa), iron)
    bulb = max(oval(x, y, 0.20, 0.862, 0.045, 0.032), y - 0.862)
    glass = mixed(mixed(lit_colour(p), (0.9, 0.9, 0.85), 0.4), (1.0, 0.92, 0.66), p[10])
    layer = over(layer, cover(bulb, aa), glass)
    return finish(layer)


@compiled
def fence(x: float, y: float, aa: float, p: Params) -> Layer:
    """One bay: a post in the middle, two rails from edge to edge."""
    lit = lit_colour(p)
    dark = dark_colour(p)
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
    k = cover(-(x * sun_sign(p) + 0.01), aa)
    layer = atop(layer, k * c, lit)
    if p[8] > 0.0:
        cap = max(abs(x) - 0.10, abs(y - 0.965) - 0.035)
        layer = over(layer, cover(cap, aa) * p[8], snow_colour(p, 1.0))
        cap = max(abs(y - 0.745 - sag * math.cos(3.49 * x)) - 0.02, abs(x) - 0.9)
        layer = over(layer, cover(cap, aa) * p[8], snow_colour(p, 0.8))
    return finish(layer)
