"""What stands or goes on the ground: car, lighthouse, house, person, campfire.

Origin on the ground under the middle of each.
"""

from __future__ import annotations

import math

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
    lit_by,
    main_colour,
    mixed,
    oval,
    over,
    own,
    quad,
    round_light,
    segment,
    shaded,
    stroke,
    times,
)


@compiled
def contact(x: float, y: float, half: float, aa: float, p: Params) -> Layer:
    """The soft dark patch under a thing that stands on the ground."""
    k = (x / half) * (x / half) + (y / 0.05) * (y / 0.05)
    c = clamp(1.0 - k) * 0.5
    return c, p[3] * 0.12 * c, p[4] * 0.12 * c, p[5] * 0.16 * c


# ---- car


@compiled
def car(x: float, y: float, aa: float, t: float, p: Params) -> Layer:
    """A saloon, hatchback, off-roader or pick-up: from the side, behind or in front."""
    if p[10] > 0.5:
        return _car_end(x, y, aa, p)
    x *= p[6]
    layer = contact(x, y, 1.5, aa, p)
    body = main_colour(p)
    style = draw_of(p[9], 1)
    # cabin: rear foot, front foot, front roof, rear roof
    rf, ff, fr, rr, roof, deck = -0.98, 0.66, 0.24, -0.62, 0.965, 0.55
    if style > 0.3:
        rf, ff, fr, rr, roof, deck = -1.30, 0.62, 0.22, -1.06, 0.975, 0.57
    if style > 0.6:
        rf, ff, fr, rr, roof, deck = -1.32, 0.60, 0.36, -1.26, 0.985, 0.62
    if style > 0.85:
        rf, ff, fr, rr, roof, deck = -0.34, 0.68, 0.34, -0.26, 0.985, 0.60
    rr += 0.10 * (draw_of(p[9], 2) - 0.5)
    fr += 0.12 * (draw_of(p[9], 3) - 0.5)
    r = 0.07
    cabin = quad(x, y, rf + r, 0.40, ff - r, 0.40, fr - r * 0.6, roof - r, rr + r * 0.6, roof - r)
    lower = box(x, y, 0.0, 0.36, 1.41, deck - 0.36, 0.09)
    lower = max(lower, edge(x, y, 1.45, deck - 0.09, 0.60, deck + 0.01))
    d = min(cabin - r, max(lower, 0.155 - y))
    c = cover(d, aa)
    if c > 0.0:
        layer = over(layer, c, body)
        side = p[7] * p[6]
        low = cover(y - 0.34 - 0.02 * x * side, aa)
        layer = atop(layer, low * c, shaded(p, body))
        shoulder = cover(abs(y - deck + 0.035) - 0.022, aa) * detail(0.044, aa)
        shine = mixed(body, own(p, 1.0, 0.98, 0.92), 0.38)
        layer = atop(layer, shoulder * c, shine)
        layer = atop(layer, cover(roof - 0.05 - y, aa) * c * detail(0.05, aa), shine)
        layer = _car_glass(layer, x, y, aa, cabin, c, deck, fr, ff, p)
    layer = _wheel(layer, x + 0.86, y, aa, t, p)
    layer = _wheel(layer, x - 0.88, y, aa, t, p)
    head = mixed(own(p, 0.95, 0.93, 0.85), (1.0, 0.96, 0.78), p[8])
    tail = mixed(own(p, 0.72, 0.10, 0.10), (1.0, 0.16, 0.10), p[8])
    layer = over(layer, cover(box(x, y, 1.345, deck - 0.16, 0.06, 0.045, 0.03), aa), head)
    layer = over(layer, cover(box(x, y, -1.365, deck - 0.13, 0.04, 0.06, 0.02), aa), tail)
    return finish(layer)


@compiled
def _car_glass(
    layer: Layer,
    x: float,
    y: float,
    aa: float,
    cabin: float,
    c: float,
    deck: float,
    fr: float,
    ff: float,
    p: Params,
) -> Layer:
    """Side windows between their pillars, the sky's light across the upper half."""
    pane = max(cabin + 0.035, deck + 0.035 - y)
    pane = max(pane, 0.03 - abs(x + 0.14))
    k = cover(pane, aa) * c
    dark = own(p, 0.17, 0.22, 0.29)
    sky = own(p, 0.52, 0.62, 0.70)
    layer = atop(layer, k, dark)
    glint = cover(abs(edge(x, y, 0.10, deck, 0.32, 0.95)) - 0.07, aa)
    glint = max(glint, cover(abs(edge(x, y, -0.62, deck, -0.40, 0.95)) - 0.07, aa))
    return atop(layer, k * glint * 0.6, sky)


@compiled
def _wheel(layer: Layer, x: float, y: float, aa: float, t: float, p: Params) -> Layer:
    """Wheel in its arch; the hub turns, slowly enough not to strobe at eight frames a second."""
    y -= 0.215
    if abs(x) > 0.3 + aa or abs(y) > 0.3 + aa:
        return layer
    r = math.sqrt(x * x + y * y)
    ink = own(p, 0.10, 0.10, 0.12)
    layer = atop(layer, cover(r - 0.265, aa), times(ink, 0.75))
    layer = over(layer, cover(r - 0.215, aa), ink)
    hub = own(p, 0.70, 0.71, 0.73)
    layer = over(layer, cover(r - 0.125, aa), hub)
    k = detail(0.05, aa)
    if k > 0.0 and r < 0.125 + aa:
        a = (math.atan2(y, x) + 2.4 * t) * 5.0 / (2.0 * math.pi)
        a = abs(a - math.floor(a) - 0.5) * r * 1.25
        gap = cover(0.03 - a, aa) * cover(r - 0.105, aa) * cover(0.035 - r, aa)
        layer = over(layer, gap * k, own(p, 0.30, 0.31, 0.34))
    return layer


@compiled
def _car_end(x: float, y: float, aa: float, p: Params) -> Layer:
    """The car from behind (view 1) or in front (view 2)."""
    layer = contact(x, y, 0.72, aa, p)
    body = main_colour(p)
    ink = own(p, 0.10, 0.10, 0.12)
    front = p[10] > 1.5
    q = abs(x)
    layer = over(layer, cover(box(q, y, 0.44, 0.14, 0.11, 0.14, 0.04), aa), ink)
    d = box(x, y, 0.0, 0.40, 0.60, 0.24, 0.10)
    cabin = quad(q, y, -1.0, 0.50, 0.495, 0.50, 0.36, 0.90, -1.0, 0.90) - 0.07
    c = cover(min(d, cabin), aa)
    layer = over(layer, c, body)
    layer = atop(layer, cover(y - 0.36, aa) * c, shaded(p, body))
    away = cover(x * (1.0 if p[7] > 0.0 else -1.0) + 0.40, aa) * abs(p[7]) * 0.6
    layer = atop(layer, away * c, shaded(p, body))
    shine = mixed(body, own(p, 1.0, 0.98, 0.92), 0.38)
    layer = atop(layer, cover(0.92 - y, aa) * c * detail(0.05, aa), shine)
    pane = quad(q, y, -1.0, 0.62, 0.43, 0.62, 0.335, 0.88, -1.0, 0.88)
    k = cover(pane, aa) * c
    layer = atop(layer, k, own(p, 0.17, 0.22, 0.29))
    glint = cover(abs(edge(x, y, -0.12, 0.6, 0.06, 0.9)) - 0.08, aa)
    layer = atop(layer, k * glint * 0.6, own(p, 0.52, 0.62, 0.70))
    bumper = cover(box(x, y, 0.0, 0.235, 0.60, 0.045, 0.03), aa)
    layer = over(layer, bumper, own(p, 0.22, 0.22, 0.25))
    plate = cover(box(x, y, 0.0, 0.33, 0.15, 0.035, 0.01), aa) * detail(0.07, aa)
    if front:
        grille = cover(box(x, y, 0.0, 0.42, 0.24, 0.055, 0.03), aa)
        layer = over(layer, grille, own(p, 0.16, 0.17, 0.20))
        lamp = mixed(own(p, 0.95, 0.93, 0.85), (1.0, 0.97, 0.82), p[8])
        layer = over(layer, cover(oval(q, y, 0.44, 0.44, 0.105, 0.07), aa), lamp)
    else:
        lamp = mixed(own(p, 0.74, 0.10, 0.10), (1.0, 0.16, 0.10), p[8])
        layer = over(layer, cover(box(q, y, 0.49, 0.46, 0.085, 0.06, 0.03), aa), lamp)
    return finish(over(layer, plate, own(p, 0.92, 0.91, 0.85)))


# ---- lighthouse


@compiled
def lighthouse(x: float, y: float, aa: float, t: float, p: Params) -> Layer:
    """A tapered tower on a rock with bands, gallery, lamp room and cap."""
    x *= p[6]
    side = p[7] * p[6]
    v = p[9]
    body = main_colour(p)
    layer = (0.0, 0.0, 0.0, 0.0)
    if y > 0.66:
        layer = _lamp_room(layer, x, y, aa, side, body, p)
    if y < 0.30 and draw_of(v, 3) < 0.65:
        layer = _cottage(layer, x, y, aa, side, p)
    w = lerp(0.135, 0.082, clamp((y - 0.05) / 0.68)) + 0.02 * draw_of(v, 1)
    d = max((abs(x) - w) * 0.997, max(y - 0.735, 0.02 - y))
    c = cover(d, aa)
    if c > 0.0:
        white = min(body[0], min(body[1], body[2])) > 0.62 * max(body[0], max(body[1], body[2]))
        other = own(p, 0.97, 0.95, 0.90)
        n = 5.0 if draw_of(v, 2) < 0.5 else 7.0
        f = (y - 0.05) / 0.685 * n
        near = f - math.floor(f)
        near = min(near, 1.0 - near) * 0.685 / n
        odd = math.floor(f) - 2.0 * math.floor(0.5 * f) > 0.5
        k = clamp(0.5 + (near if odd else -near) / aa)
        if white:  # a white tower has one grey band under its gallery
            k = cover(0.64 - y, aa)
            other = own(p, 0.50, 0.55, 0.62)
        base = mixed(body, other, k)
        lit = round_light(x / w, 0.9 * side, max(0.16, aa / w))
        layer = over(layer, c, lit_by(p, base, lit))
        door = cover(max(box(x, y, 0.02, 0.085, 0.026, 0.05, 0.02), 0.0 - y), aa)
        layer = atop(layer, door * c * detail(0.05, aa), own(p, 0.24, 0.22, 0.24))
        pane = min(
            box(x, y, 0.02, 0.33, 0.014, 0.025, 0.01), box(x, y, 0.01, 0.53, 0.013, 0.022, 0.01)
        )
        glass = mixed(own(p, 0.20, 0.24, 0.30), (1.0, 0.80, 0.42), p[8])
        layer = atop(layer, cover(pane, aa) * c * detail(0.028, aa), glass)
    if y < 0.16:
        layer = _rock_foot(layer, x, y, aa, side, p)
    return finish(layer)


@compiled
def _lamp_room(
    layer: Layer, x: float, y: float, aa: float, side: float, body: Colour, p: Params
) -> Layer:
    iron = own(p, 0.20, 0.21, 0.25)
    red = own(p, 0.70, 0.20, 0.16)
    white = min(body[0], min(body[1], body[2])) > 0.62 * max(body[0], max(body[1], body[2]))
    cap = red if white else mixed(body, iron, 0.15)
    lit = round_light(x / 0.09, 0.9 * side, 0.16)
    glass = mixed(own(p, 0.86, 0.84, 0.70), (1.0, 0.93, 0.66), p[8])
    layer = over(layer, cover(box(x, y, 0.0, 0.815, 0.062, 0.07, 0.0), aa), glass)
    core = cover(oval(x, y, 0.0, 0.815, 0.035, 0.05), aa) * p[8]
    layer = over(layer, core, (1.0, 1.0, 0.93))
    bars = stroke(min(abs(x), abs(abs(x) - 0.058)), 0.006, aa) * cover(abs(y - 0.815) - 0.07, aa)
    layer = over(layer, bars * (1.0 - 0.6 * p[8]), iron)
    rail = stroke(max(abs(y - 0.785), abs(x) - 0.115), 0.005, aa)
    layer = over(layer, rail * 0.9, iron)
    deck = cover(box(x, y, 0.0, 0.738, 0.118, 0.014, 0.0), aa)
    layer = over(layer, deck, lit_by(p, iron, lit))
    roof = max(oval(x, y, 0.0, 0.872, 0.085, 0.085), 0.872 - y)
    layer = over(layer, cover(roof, aa), lit_by(p, cap, lit))
    layer = over(layer, stroke(segment(x, y, 0.0, 0.95, 0.0, 1.0), 0.006, aa), iron)
    return over(layer, cover(disc(x, y, 0.0, 0.962, 0.015), aa), iron)


@compiled
def _cottage(layer: Layer, x: float, y: float, aa: float, side: float, p: Params) -> Layer:
    """The keeper's house beside the tower."""
    wall = own(p, 0.95, 0.93, 0.88)
    tile = own(p, 0.66, 0.30, 0.22)
    c = cover(box(x, y, 0.225, 0.10, 0.115, 0.07, 0.0), aa)
    layer = over(layer, c, lit_by(p, wall, clamp(0.5 + 0.8 * side)))
    c = cover(quad(x, y, 0.09, 0.165, 0.36, 0.165, 0.325, 0.245, 0.10, 0.245), aa)
    layer = over(layer, c, lit_by(p, tile, clamp(0.7 + 0.8 * side)))
    pane = min(box(x, y, 0.20, 0.115, 0.017, 0.02, 0.0), box(x, y, 0.285, 0.115, 0.017, 0.02, 0.0))
    glass = mixed(own(p, 0.22, 0.26, 0.32), (1.0, 0.80, 0.42), p[8])
    return over(layer, cover(pane, aa) * detail(0.034, aa), glass)


@compiled
def _rock_foot(layer: Layer, x: float, y: float, aa: float, side: float, p: Params) -> Layer:
    """The rock it stands on: two facets."""
    stone = own(p, 0.44, 0.41, 0.40)
    d = max(y - 0.075 + 0.10 * max(0.0, abs(x + 0.02) - 0.20), -0.03 - y)
    d = max(d, edge(x, y, 0.46, -0.03, 0.33, 0.09))
    d = max(d, edge(x, y, -0.36, 0.085, -0.46, -0.03))
    c = cover(d, aa)
    layer = over(layer, c, stone)
    split = edge(x, y, -0.02, 0.10, 0.06, -0.05)
    k = cover(split if side > 0.0 else -split, aa)
    layer = atop(layer, k * c * (0.3 + 0.7 * abs(side)), shaded(p, stone))
    return atop(layer, cover(y - 0.01 - 0.03 * math.sin(9.0 * x), aa) * c, shaded(p, stone))
