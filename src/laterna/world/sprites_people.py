"""Where people are: the house, somebody walking, the campfire. Origin on the ground."""

from __future__ import annotations

import math

from laterna.world.sprites_land import contact
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
    limb,
    lit_by,
    main_colour,
    mixed,
    oval,
    over,
    own,
    quad,
    shaded,
    smooth,
    times,
)

# ---- house


@compiled
def house(x: float, y: float, aa: float, t: float, p: Params) -> Layer:
    """A gabled house seen over a corner: gable wall, long wall, roof, chimney, windows."""
    x *= p[6]
    side = p[7] * p[6]
    v = p[9]
    body = main_colour(p)
    gable_lit = clamp(0.5 - 0.9 * side)
    long_lit = clamp(0.6 + 0.9 * side)
    layer = contact(x, y, 0.98, aa, p)
    ex = 0.70 + 0.16 * draw_of(v, 1)  # where the long wall ends
    eave = 0.42 + 0.05 * draw_of(v, 2)
    ridge = 0.86
    mid = -0.34
    tile = own(p, 0.50, 0.24, 0.20)
    if draw_of(v, 3) < 0.5:
        tile = own(p, 0.30, 0.32, 0.38)
    # chimney, behind the ridge
    chimney = box(x, y, 0.24, 0.87, 0.055, 0.12, 0.0)
    layer = over(layer, cover(chimney, aa), lit_by(p, own(p, 0.60, 0.40, 0.34), long_lit))
    cap = cover(box(x, y, 0.24, 0.985, 0.068, 0.016, 0.0), aa)
    layer = over(layer, cap, own(p, 0.30, 0.26, 0.26))
    # walls
    c = cover(quad(x, y, 0.0, 0.0, ex, 0.0, ex, eave + 0.05, 0.0, eave + 0.05), aa)
    layer = over(layer, c, lit_by(p, body, long_lit))
    wall = max(max(-0.68 - x, x - 0.004), -y)
    wall = max(wall, edge(x, y, 0.0, eave, mid, ridge))
    wall = max(wall, edge(x, y, mid, ridge, -0.68, eave))
    layer = over(layer, cover(wall, aa), lit_by(p, body, gable_lit))
    if y < eave + 0.25:
        layer = _openings(layer, x, y, aa, ex, gable_lit, long_lit, p)
    # roof: the long slope, and the edge of the far one over the gable
    slope = quad(x, y, 0.04, eave - 0.03, ex + 0.07, eave - 0.03,
                 ex - 0.24, ridge + 0.03, mid - 0.01, ridge + 0.03)  # fmt: skip
    layer = over(layer, cover(slope, aa), lit_by(p, tile, clamp(long_lit + 0.25)))
    under = max(slope, y - eave - 0.005)
    layer = over(layer, cover(under, aa) * detail(0.035, aa), shaded(p, tile))
    verge = limb(x, y, mid, ridge, -0.745, eave - 0.055, 0.03, 0.03)
    layer = over(layer, cover(verge, aa), lit_by(p, tile, clamp(gable_lit + 0.15)))
    verge = limb(x, y, mid, ridge, 0.03, eave - 0.02, 0.022, 0.022)
    layer = over(layer, cover(verge, aa), lit_by(p, tile, 0.55 * gable_lit))
    return finish(layer)


@compiled
def _openings(
    layer: Layer,
    x: float,
    y: float,
    aa: float,
    ex: float,
    gable_lit: float,
    long_lit: float,
    p: Params,
) -> Layer:
    """Door and windows; their light comes on at night."""
    trim = own(p, 0.95, 0.92, 0.85)
    glass = mixed(own(p, 0.22, 0.28, 0.36), (1.0, 0.80, 0.42), p[8])
    wood = own(p, 0.34, 0.22, 0.17)
    frame = detail(0.03, aa)
    if x < 0.0:
        d = box(x, y, -0.46, 0.15, 0.075, 0.16, 0.0)
        layer = over(layer, cover(d, aa) * frame, lit_by(p, trim, gable_lit))
        layer = over(layer, cover(max(d + 0.02, -y), aa), lit_by(p, wood, gable_lit))
        d = box(x, y, -0.19, 0.235, 0.085, 0.085, 0.0)
        d = min(d, box(x, y, -0.34, 0.56, 0.06, 0.07, 0.0))
        lit = gable_lit
    else:
        step = (ex - 0.06) / 3.0
        k = min(2.0, max(0.0, math.floor((x - 0.03) / step)))
        d = box(x, y, 0.03 + step * (k + 0.5), 0.235, 0.075, 0.085, 0.0)
        lit = long_lit
    layer = over(layer, cover(d, aa) * frame, lit_by(p, trim, lit))
    return over(layer, cover(d + 0.02, aa), glass)


# ---- person


@compiled
def person(x: float, y: float, aa: float, t: float, p: Params) -> Layer:
    """Somebody in a coat, walking: from the side, from behind or in front."""
    if p[10] > 0.5:
        return _person_end(x, y, aa, t, p)
    x *= p[6]
    side = p[7] * p[6]
    v = p[9]
    layer = contact(x, y, 0.22, aa, p)
    phase = 6.28 * (0.85 * t + v)
    s = math.sin(phase)
    y -= 0.012 * (1.0 - abs(s)) - 0.006
    coat = main_colour(p)
    trousers = own(p, 0.24, 0.24, 0.30)
    skin = own(p, 0.84, 0.62, 0.48)
    # far limbs first
    if y > 0.40:
        layer = over(layer, _arm(x, y, aa, -s), times(shaded(p, coat), 0.85))
    if y < 0.54:
        layer = over(layer, _leg(x, y, aa, phase + math.pi), times(shaded(p, trousers), 0.8))
        layer = over(layer, _leg(x, y, aa, phase), trousers)
    if draw_of(v, 1) < 0.4:  # a rucksack
        c = cover(box(x, y, -0.125, 0.665, 0.065, 0.10, 0.04), aa)
        layer = over(layer, c, own(p, 0.42, 0.34, 0.22))
    hem = 0.44 if draw_of(v, 2) < 0.55 else 0.33
    c = cover(_coat(x - 0.05 * (y - 0.5), y, hem), aa)
    layer = over(layer, c, coat)
    lit = clamp(0.5 + (x * side + 0.045 * abs(side)) / max(aa, 0.02))
    layer = atop(layer, (1.0 - lit) * c, shaded(p, coat))
    if y > 0.40:
        layer = over(layer, _arm(x, y, aa, s), mixed(coat, shaded(p, coat), 0.45))
    if y < 0.77:
        return finish(layer)
    # head
    layer = over(layer, cover(limb(x, y, 0.01, 0.81, 0.02, 0.86, 0.035, 0.035), aa), skin)
    scarf = cover(box(x, y, 0.012, 0.822, 0.055, 0.022, 0.02), aa) * detail(0.04, aa)
    layer = over(layer, scarf, mixed(coat, own(p, 0.95, 0.90, 0.80), 0.75))
    c = cover(oval(x, y, 0.022, 0.905, 0.066, 0.075), aa)
    layer = over(layer, c, skin)
    layer = _hat(layer, x, y, aa, 0.019, 0.028, v, coat, p)
    return finish(layer)


@compiled
def _coat(x: float, y: float, hem: float) -> float:
    """Signed distance of a coat: round shoulders, a waist, skirts that widen to the hem."""
    d = limb(x, y, 0.0, 0.735, 0.0, 0.55, 0.092, 0.080)
    flare = 0.085 if hem > 0.4 else 0.125
    return min(d, quad(x, y, -flare, hem, flare, hem, 0.07, 0.66, -0.07, 0.66) - 0.015)


@compiled
def _hat(
    layer: Layer,
    x: float,
    y: float,
    aa: float,
    cx: float,
    back: float,
    v: float,
    coat: Colour,
    p: Params,
) -> Layer:
    """Hair, a woollen hat or one with a brim."""
    kind = draw_of(v, 3)
    if kind < 0.4:
        hair = own(p, 0.28, 0.18, 0.12)
        d = max(
            oval(x, y, cx - back * 0.5, 0.918, 0.072, 0.082), 0.885 - y + (x - cx) * back * 22.0
        )
        return over(layer, cover(d, aa), hair)
    if kind < 0.7:
        d = max(oval(x, y, cx, 0.925, 0.072, 0.075), 0.925 - y)
        return over(layer, cover(d, aa), mixed(coat, own(p, 0.2, 0.2, 0.25), 0.55))
    felt = own(p, 0.36, 0.27, 0.20)
    d = min(box(x, y, cx, 0.962, 0.055, 0.038, 0.02), box(x, y, cx, 0.93, 0.125, 0.012, 0.01))
    return over(layer, cover(d, aa), felt)


@compiled
def _leg(x: float, y: float, aa: float, phase: float) -> float:
    """Coverage of one leg: thigh and shin, the knee bent while the foot swings forward."""
    swing = 0.46 * math.sin(phase)
    bend = 0.20 + 0.55 * max(0.0, math.cos(phase))
    kx = 0.225 * math.sin(swing + 0.12)
    ky = 0.47 - 0.225 * math.cos(swing + 0.12)
    a = swing + 0.12 - bend
    fx = kx + 0.225 * math.sin(a)
    fy = max(0.025, ky - 0.225 * math.cos(a))
    d = min(limb(x, y, 0.0, 0.47, kx, ky, 0.062, 0.046), limb(x, y, kx, ky, fx, fy, 0.046, 0.032))
    d = min(d, limb(x, y, fx, fy, fx + 0.065, fy - 0.004, 0.030, 0.022))
    return cover(d, aa)


@compiled
def _arm(x: float, y: float, aa: float, s: float) -> float:
    """Coverage of one arm; it swings against the leg of its side."""
    a = -0.55 * s
    ex = 0.16 * math.sin(a)
    ey = 0.76 - 0.16 * math.cos(a)
    hx = ex + 0.15 * math.sin(a + 0.35)
    hy = ey - 0.15 * math.cos(a + 0.35)
    d = min(limb(x, y, 0.0, 0.76, ex, ey, 0.042, 0.036), limb(x, y, ex, ey, hx, hy, 0.036, 0.03))
    return cover(d, aa)


@compiled
def _person_end(x: float, y: float, aa: float, t: float, p: Params) -> Layer:
    layer = contact(x, y, 0.2, aa, p)
    v = p[9]
    s = math.sin(6.28 * (0.85 * t + v))
    x -= 0.012 * s
    coat = main_colour(p)
    trousers = own(p, 0.24, 0.24, 0.30)
    skin = own(p, 0.84, 0.62, 0.48)
    up = 0.05 * max(0.0, s)
    d = limb(x, y, -0.05, 0.46, -0.06, 0.03 + up, 0.062, 0.036)
    layer = over(layer, cover(d, aa), trousers)
    up = 0.05 * max(0.0, -s)
    d = limb(x, y, 0.05, 0.46, 0.06, 0.03 + up, 0.062, 0.036)
    layer = over(layer, cover(d, aa), times(trousers, 0.85))
    q = abs(x)
    reach = 0.015 * s * (1.0 if x > 0.0 else -1.0)
    c = cover(limb(q, y, 0.105, 0.745, 0.165, 0.50 + reach, 0.048, 0.034), aa)
    layer = over(layer, c, mixed(coat, shaded(p, coat), 0.5))
    hem = 0.44 if draw_of(v, 2) < 0.55 else 0.33
    d = box(x, y, 0.0, 0.655, 0.128, 0.165, 0.075)
    d = min(d, quad(q, y, -1.0, hem, 0.125, hem, 0.105, 0.66, -1.0, 0.66) - 0.015)
    c = cover(d, aa)
    layer = over(layer, c, coat)
    lit = clamp(0.5 + (x * p[7] + 0.05 * abs(p[7])) / max(aa, 0.02))
    layer = atop(layer, (1.0 - lit) * c, shaded(p, coat))
    if p[10] < 1.5 and draw_of(v, 1) < 0.4:
        c = cover(box(x, y, 0.0, 0.655, 0.095, 0.115, 0.04), aa)
        layer = over(layer, c, own(p, 0.42, 0.34, 0.22))
    layer = over(layer, cover(box(x, y, 0.0, 0.83, 0.035, 0.04, 0.0), aa), skin)
    layer = over(layer, cover(oval(x, y, 0.0, 0.905, 0.066, 0.077), aa), skin)
    if p[10] < 1.5:  # the back of a head is all hair
        c = cover(oval(x, y, 0.0, 0.912, 0.070, 0.074), aa)
        layer = over(layer, c, own(p, 0.28, 0.18, 0.12))
    return finish(_hat(layer, x, y, aa, 0.0, 0.0, v, coat, p))


# ---- campfire


@compiled
def _tongue(x: float, y: float, t: float, i: float, cx: float, r: float, h: float) -> float:
    """Signed distance of one tongue of flame: a drop whose tip sways; everything under 1.6 Hz."""
    h *= 1.0 + 0.13 * math.sin(8.3 * t + 2.4 * i) + 0.05 * math.sin(5.1 * t + 4.1 * i)
    k = max(0.0, y - 0.12) / h
    x -= cx + (0.16 * math.sin(6.1 * t + 1.9 * i - 2.2 * k) + 0.05 * i * cx) * k * k * h
    w = r * math.sqrt(clamp(k * 5.0 + 0.35)) * (1.0 - k) * (1.0 + 0.9 * k)
    return max((abs(x) - w) * 0.8, 0.06 - y)


@compiled
def campfire(x: float, y: float, aa: float, t: float, p: Params) -> Layer:
    """Crossed logs in a ring of stones, three tongues of flame in three tones, thin smoke."""
    layer = contact(x, y, 0.62, aa, p)
    x *= p[6]
    v = p[9]
    t += 10.0 * v
    if y > 0.5:
        layer = over(layer, _smoke(x, y, t), own(p, 0.62, 0.60, 0.60))
    wood = own(p, 0.36, 0.22, 0.15)
    bright = clamp(0.5 + 0.5 * p[8])
    ember = mixed(wood, (0.85, 0.32, 0.12), 0.35 * bright)
    if y < 0.4:  # the logs behind
        c = cover(limb(x, y, -0.16, 0.06, 0.14, 0.34, 0.05, 0.045), aa)
        c = max(c, cover(limb(x, y, 0.20, 0.06, -0.10, 0.34, 0.05, 0.045), aa))
        layer = over(layer, c, shaded(p, wood))
    if abs(x) < 0.42 and y > 0.0:
        outer = min(
            _tongue(x, y, t, 0.0, 0.0, 0.21, 0.84), _tongue(x, y, t, 1.0, -0.13, 0.13, 0.52)
        )
        outer = min(outer, _tongue(x, y, t, 2.0, 0.14, 0.13, 0.58))
        layer = over(layer, cover(outer, aa), (0.96, 0.40, 0.10))
        inner = min(
            _tongue(x, y, t, 0.0, 0.0, 0.145, 0.58), _tongue(x, y, t, 2.0, 0.12, 0.075, 0.34)
        )
        inner = min(inner, _tongue(x, y, t, 1.0, -0.11, 0.07, 0.30))
        layer = over(layer, cover(inner, aa), (1.0, 0.68, 0.20))
        core = _tongue(x, y, t, 0.0, 0.0, 0.085, 0.34)
        layer = over(layer, cover(core, aa), (1.0, 0.93, 0.62))
    if y < 0.3:  # the logs in front and the stones
        c = cover(limb(x, y, -0.40, 0.055, 0.24, 0.17, 0.058, 0.05), aa)
        layer = over(layer, c, ember)
        c = cover(limb(x, y, 0.40, 0.055, -0.24, 0.16, 0.058, 0.05), aa)
        layer = over(layer, c, times(ember, 0.82))
        c = cover(disc(x, y, -0.40, 0.055, 0.045), aa)
        c = max(c, cover(disc(x, y, 0.40, 0.055, 0.045), aa)) * detail(0.09, aa)
        layer = over(layer, c, own(p, 0.74, 0.56, 0.38))
        layer = _stones(layer, x, y, aa, p)
    return finish(layer)


@compiled
def _stones(layer: Layer, x: float, y: float, aa: float, p: Params) -> Layer:
    """Seven stones in a half ring, glowing a little at night."""
    stone = own(p, 0.46, 0.44, 0.44)
    glow = mixed(stone, (0.95, 0.52, 0.22), 0.45 * p[8])
    q = abs(x)
    first = math.floor(q / 0.165)
    for j in range(2):  # the two stones nearest, the outer one first
        k = first + 1.0 - j
        if k > 3.0:
            continue
        cx = k * 0.165
        cy = 0.016 * k
        c = cover(oval(q, y, cx, cy, 0.082, 0.062), aa)
        top = cover(oval(q, y, cx - 0.012 * k, cy + 0.030, 0.085, 0.050), aa) * detail(0.08, aa)
        layer = over(layer, c, mixed(shaded(p, stone), glow, 0.8 * top))
    return layer


@compiled
def _smoke(x: float, y: float, t: float) -> float:
    """Coverage of the rising smoke: soft, faint, wavering."""
    k = clamp((y - 0.5) / 0.85)
    x -= 0.10 * k * math.sin(3.6 * k - 1.3 * t) + 0.12 * k
    w = 0.05 + 0.13 * k
    return (
        0.34 * clamp(1.0 - (x / w) * (x / w)) * smooth(0.0, 0.35, k) * (1.0 - smooth(0.55, 1.0, k))
    )
