"""What floats: the small boat and the tall ship. Origin on the waterline under the middle."""

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
    limb,
    lit_by,
    main_colour,
    mixed,
    over,
    own,
    segment,
    shaded,
    stroke,
    times,
)


@compiled
def boat(x: float, y: float, aa: float, t: float, p: Params) -> Layer:
    """A sloop, a felucca or a rowing boat, rocking."""
    x *= p[6]
    v = p[9]
    rock = 0.035 * math.sin(1.3 * t + 6.28 * v)
    x, y = x + rock * y, y - rock * x - 0.012 * math.sin(1.7 * t)
    kind = draw_of(v, 1)
    if kind < 0.6:
        return _sloop(x, y, aa, t, p)
    if kind < 0.85:
        return _felucca(x, y, aa, t, p)
    return _rowing_boat(x, y, aa, t, p)


@compiled
def _hull(x: float, y: float, half: float, deck: float, bow: float, stern: float) -> float:
    """Signed distance of a hull: half length, height of the deck, how far bow and stern rise."""
    u = x / half
    sheer = deck + (bow if u > 0.0 else stern) * u * u
    d = y - sheer
    d = max(d, edge(x, y, half * 0.72, 0.0, half, deck + bow))
    d = max(d, edge(x, y, -half, deck + stern, -half * 0.80, 0.0))
    return max(d, -0.035 - y)


@compiled
def _sail(
    x: float,
    y: float,
    ax: float,
    ay: float,
    bx: float,
    by: float,
    cx: float,
    cy: float,
    belly: float,
) -> float:
    """A three-cornered sail, corners anticlockwise; the side c-a swells out by `belly`."""
    ux = ax - cx
    uy = ay - cy
    length = math.sqrt(ux * ux + uy * uy)
    k = clamp(((x - cx) * ux + (y - cy) * uy) / (length * length))
    d = edge(x, y, cx, cy, ax, ay) - belly * 4.0 * k * (1.0 - k)
    return max(d, max(edge(x, y, ax, ay, bx, by), edge(x, y, bx, by, cx, cy)))


@compiled
def _lamp(layer: Layer, x: float, y: float, cx: float, cy: float, aa: float, p: Params) -> Layer:
    """A small lantern that burns at night."""
    if p[8] <= 0.0:
        return layer
    return over(layer, cover(disc(x, y, cx, cy, max(0.018, 0.6 * aa)), aa) * p[8], (1.0, 0.85, 0.5))


@compiled
def _sloop(x: float, y: float, aa: float, t: float, p: Params) -> Layer:
    body = main_colour(p)
    side = p[7] * p[6]
    cloth = own(p, 0.97, 0.94, 0.88)
    wood = own(p, 0.34, 0.24, 0.18)
    coloured_main = draw_of(p[9], 2) < 0.4
    layer = (0.0, 0.0, 0.0, 0.0)
    fill = 0.012 * math.sin(1.1 * t)
    if y > 0.16:
        layer = over(layer, stroke(segment(x, y, 0.06, 0.15, 0.06, 1.0), 0.011, aa), wood)
        layer = over(layer, stroke(segment(x, y, -0.46, 0.235, 0.06, 0.215), 0.011, aa), wood)
        # mainsail: mast, boom, and a leech that swells astern
        d = _sail(x, y, -0.45, 0.26, 0.04, 0.24, 0.04, 0.97, 0.055 + fill)
        c = cover(d, aa)
        main = body if coloured_main else cloth
        layer = over(layer, c, main)
        fold = edge(x, y, 0.04, 0.97, -0.17, 0.24)
        shade = cover(-fold if side > 0.0 else fold, aa)
        layer = atop(layer, shade * c * (0.35 + 0.5 * abs(side)), shaded(p, main))
        # jib
        d = _sail(x, y, 0.10, 0.30, 0.56, 0.21, 0.085, 0.90, 0.02 + fill)
        c = cover(d, aa)
        jib = cloth if coloured_main else body
        layer = over(layer, c, jib)
        fold = edge(x, y, 0.085, 0.90, 0.26, 0.24)
        shade = cover(-fold if side > 0.0 else fold, aa)
        layer = atop(layer, shade * c * (0.35 + 0.5 * abs(side)), shaded(p, jib))
    if y < 0.3:
        c = cover(box(x, y, -0.10, 0.175, 0.17, 0.045, 0.03), aa)
        layer = over(layer, c, lit_by(p, cloth, clamp(0.5 + (y - 0.17) / max(aa, 0.03))))
        layer = _hull_paint(layer, x, y, 0.56, 0.15, 0.05, 0.02, aa, body, p)
    return finish(_lamp(layer, x, y, 0.06, 0.99, aa, p))


@compiled
def _hull_paint(
    layer: Layer,
    x: float,
    y: float,
    half: float,
    deck: float,
    bow: float,
    stern: float,
    aa: float,
    body: Colour,
    p: Params,
) -> Layer:
    """The hull in the boat's colour with a pale rail and a shadow plane along the water."""
    d = _hull(x, y, half, deck, bow, stern)
    c = cover(d, aa)
    layer = over(layer, c, body)
    u = x / half
    keel = deck * 0.45 + (bow if u > 0.0 else stern) * u * u * 0.8
    layer = atop(layer, cover(y - keel, aa) * c, shaded(p, body))
    rail = deck + (bow if u > 0.0 else stern) * u * u
    r = cover(abs(y - rail + 0.012) - 0.014, aa) * c * detail(0.028, aa)
    return atop(layer, r, own(p, 0.95, 0.91, 0.82))


@compiled
def _felucca(x: float, y: float, aa: float, t: float, p: Params) -> Layer:
    body = main_colour(p)
    side = p[7] * p[6]
    wood = own(p, 0.40, 0.28, 0.20)
    layer = (0.0, 0.0, 0.0, 0.0)
    if y > 0.1:
        layer = over(layer, stroke(segment(x, y, 0.12, 0.12, 0.15, 0.60), 0.014, aa), wood)
        swell = 0.06 + 0.012 * math.sin(1.1 * t)
        d = _sail(x, y, -0.50, 0.26, 0.46, 0.20, -0.22, 0.98, swell)
        c = cover(d, aa)
        layer = over(layer, c, body)
        fold = edge(x, y, -0.22, 0.98, 0.02, 0.22)
        shade = cover(-fold if side > 0.0 else fold, aa)
        layer = atop(layer, shade * c * (0.35 + 0.5 * abs(side)), shaded(p, body))
        layer = over(layer, stroke(segment(x, y, 0.50, 0.15, -0.23, 1.0), 0.012, aa), wood)
    if y < 0.32:
        c = cover(limb(x, y, -0.36, 0.17, -0.35, 0.24, 0.035, 0.028), aa)
        layer = over(layer, c, own(p, 0.24, 0.24, 0.30))
        c = cover(disc(x, y, -0.34, 0.295, 0.028), aa)
        layer = over(layer, c, own(p, 0.72, 0.52, 0.40))
        layer = _hull_paint(layer, x, y, 0.60, 0.12, 0.10, 0.06, aa, body, p)
        d = _hull(x, y, 0.60, 0.06, 0.10, 0.06)
        layer = atop(layer, cover(d, aa), wood)
    return finish(_lamp(layer, x, y, -0.56, 0.20, aa, p))


@compiled
def _rowing_boat(x: float, y: float, aa: float, t: float, p: Params) -> Layer:
    body = main_colour(p)
    layer = (0.0, 0.0, 0.0, 0.0)
    pull = math.sin(2.2 * t)
    lift = math.cos(2.2 * t)
    # the rower faces the stern and leans into the stroke
    hx = 0.06
    sx = hx + 0.07 + 0.09 * pull
    jersey = own(p, 0.26, 0.30, 0.40)
    skin = own(p, 0.78, 0.58, 0.45)
    c = cover(limb(x, y, hx, 0.22, sx, 0.58, 0.12, 0.10), aa)
    layer = over(layer, c, jersey)
    c = cover(limb(x, y, hx, 0.24, hx - 0.34, 0.26, 0.085, 0.06), aa)
    layer = over(layer, c, own(p, 0.30, 0.26, 0.24))
    c = cover(disc(x, y, sx + 0.005, 0.79, 0.105), aa)
    layer = over(layer, c, skin)
    c = cover(max(disc(x, y, sx + 0.005, 0.80, 0.125), 0.81 - y), aa)
    layer = over(layer, c, own(p, 0.90, 0.80, 0.55))
    hand = -0.16 + 0.16 * pull
    c = stroke(segment(x, y, sx, 0.55, hand, 0.42), 0.045, aa)
    layer = over(layer, c, times(jersey, 0.8))
    layer = _hull_paint(layer, x, y, 1.05, 0.22, 0.17, 0.13, aa, body, p)
    # the oar goes through the rowlock; its blade sweeps and dips
    blade = -0.42 - 0.40 * pull * -1.0
    wood = own(p, 0.66, 0.50, 0.34)
    tip = 0.03 + 0.06 * max(0.0, lift)
    c = stroke(segment(x, y, hand, 0.42, blade, tip), 0.02, aa)
    layer = over(layer, c, wood)
    c = cover(limb(x, y, blade, tip, blade + 0.1 * (blade + 0.2), tip - 0.05, 0.035, 0.05), aa)
    layer = over(layer, c, wood)
    return finish(_lamp(layer, x, y, 0.98, 0.42, aa, p))


# ---- ship


@compiled
def ship(x: float, y: float, aa: float, t: float, p: Params) -> Layer:
    """A three-master under square sails, jibs on the bowsprit, heaving slowly."""
    x *= p[6]
    rock = 0.014 * math.sin(0.8 * t + 6.28 * p[9])
    x, y = x + rock * y, y - rock * x - 0.006 * math.sin(1.1 * t)
    body = main_colour(p)
    wood = own(p, 0.30, 0.20, 0.15)
    layer = (0.0, 0.0, 0.0, 0.0)
    if y > 0.12:
        layer = _rig(layer, x, y, aa, t, wood, p)
    if y < 0.32:
        layer = _ship_hull(layer, x, y, aa, body, wood, p)
    return finish(layer)


@compiled
def _rig(layer: Layer, x: float, y: float, aa: float, t: float, wood: Colour, p: Params) -> Layer:
    """Masts, yards and sails; a sample sees only the mast nearest to it."""
    side = p[7] * p[6]
    body = main_colour(p)
    swell = 1.0 + 0.10 * math.sin(0.9 * t + x)
    tall = 0.90 + 0.06 * draw_of(p[9], 1)
    # bowsprit and jibs
    if x > 0.28:
        c = stroke(segment(x, y, 0.46, 0.20, 0.84, 0.33), 0.011, aa)
        layer = over(layer, c, wood)
        for i in range(2):
            k = 0.15 * i
            d = _sail(x, y, 0.42 + k, 0.27 + k * 0.3, 0.62 + k * 1.2, 0.29 + k * 0.3,
                      0.36 + 0.03 * i, 0.76 - 0.14 * i, 0.03 * swell)  # fmt: skip
            c = cover(d, aa)
            layer = over(layer, c, lit_by(p, body, 0.35 if i == 0 else 0.95))
    mast = 0 if x < -0.18 else (1 if x < 0.19 else 2)
    mx = -0.40 + 0.37 * mast
    top = tall + (0.0 if mast == 2 else (0.04 if mast == 1 else -0.14))
    layer = over(layer, stroke(segment(x, y, mx, 0.15, mx, top), 0.010, aa), wood)
    if mast == 0:  # the spanker over the stern
        d = _sail(x, y, mx - 0.25, 0.27, mx - 0.01, 0.27, mx - 0.02, 0.50, 0.03)
        layer = over(layer, cover(d, aa), lit_by(p, body, 0.55))
    if y > top - 0.04:  # a pennant streams ahead of the wind
        q = x - mx
        wave = 0.010 * math.sin(30.0 * q - 4.0 * t) * q / 0.1
        d = max(abs(y - top + 0.018 - wave) - 0.017 * (1.0 - q / 0.13), max(-q, q - 0.13))
        layer = over(layer, cover(d, aa) * detail(0.03, aa), own(p, 0.80, 0.24, 0.18))
    span = top - 0.06 - 0.27
    wide = 0.152 if mast == 1 else (0.146 if mast == 2 else 0.132)
    k = (y - 0.27) / span * 3.0
    tier = min(2.0, max(0.0, math.floor(k)))
    y0 = 0.27 + span * tier / 3.0
    high = span / 3.0
    hw0 = wide * (1.0 - 0.17 * tier)
    f = clamp((y - y0) / high)
    hw = hw0 * (1.0 - 0.13 * f)
    bulge = 0.056 * swell * (1.0 - 0.12 * tier) * 4.0 * f * (1.0 - f) + 0.015
    q = (x - mx - bulge) / hw
    foot = y0 + 0.028 + 0.035 * (1.0 - min(1.0, q * q))
    d = max((abs(q) - 1.0) * hw * 0.92, max(foot - y, y - (y0 + high - 0.016)))
    c = cover(d, aa)
    layer = over(layer, c, body)
    # the belly catches the sun, the leech away from it lies in shade
    lit = round_light_flat(q + 0.25 * (f - 0.5), side, max(0.10, aa / hw))
    layer = atop(layer, (1.0 - lit) * c, shaded(p, body))
    yard = cover(max(abs(x - mx - 0.015) - hw0, abs(y - (y0 + high - 0.012)) - 0.008), aa)
    return over(layer, yard * max(0.35, detail(0.016, aa)), wood)


@compiled
def round_light_flat(u: float, side: float, soft: float) -> float:
    """Light on a gently bent sheet: a third of it at most lies in shade."""
    s = 1.0 if side >= 0.0 else -1.0
    return clamp(0.5 + (u * s + 0.42 + 0.5 * (1.0 - abs(side))) / soft)


@compiled
def _ship_hull(
    layer: Layer, x: float, y: float, aa: float, body: Colour, wood: Colour, p: Params
) -> Layer:
    d = _hull(x, y, 0.56, 0.135, 0.075, 0.02)
    castle = max(edge(x, y, -0.60, 0.25, -0.50, 0.08), max(y - 0.245, x + 0.30))
    castle = max(castle, 0.10 - y)
    d = min(d, castle)
    c = cover(d, aa)
    if c <= 0.0:
        return layer
    tar = own(p, 0.20, 0.15, 0.14)
    layer = over(layer, c, mixed(wood, tar, 0.3))
    low = cover(y - 0.055, aa)
    layer = atop(layer, low * c, shaded(p, tar))
    u = x / 0.56
    belt = 0.108 + (0.06 if u > 0.0 else 0.02) * u * u
    stripe = cover(abs(y - belt) - 0.020, aa)
    layer = atop(layer, stripe * c, mixed(body, tar, 0.12))
    port = x * 12.0
    port = abs(port - math.floor(port) - 0.5) / 12.0 - 0.011
    port = cover(max(port, max(abs(y - belt) - 0.011, abs(x) - 0.44)), aa) * detail(0.022, aa)
    layer = atop(layer, port * c, mixed(tar, (1.0, 0.82, 0.45), p[8]))
    if x < -0.3:
        pane = x * 18.0
        pane = abs(pane - math.floor(pane) - 0.5) / 18.0 - 0.016
        pane = cover(max(pane, max(abs(y - 0.20) - 0.016, x + 0.34)), aa) * detail(0.03, aa)
        glass = mixed(own(p, 0.55, 0.50, 0.40), (1.0, 0.82, 0.45), p[8])
        layer = atop(layer, pane * c, glass)
    return _lamp(layer, x, y, -0.585, 0.28, aa, p)
