"""What flies: the balloon, the flock of birds, the plane. Origin in the middle of each."""

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
    drop,
    edge,
    finish,
    lerp,
    limb,
    lit_by,
    main_colour,
    mixed,
    oval,
    over,
    own,
    quad,
    segment,
    shaded,
    smooth,
    stroke,
    stroke_of,
    times,
)


@compiled
def balloon(x: float, y: float, aa: float, t: float, p: Params) -> Layer:
    """A hot-air balloon: drop-shaped envelope with gores or bands, ropes, basket."""
    x *= p[6]
    side = p[7] * p[6]
    v = p[9]
    x += 0.05 * math.sin(0.8 * t + 6.28 * v) * (y - 0.25)  # the basket swings below
    r1 = 0.335 + 0.03 * draw_of(v, 1)
    top = 0.5 - r1
    h = top + 0.27
    r2 = 0.055
    d = max(drop(x, y, 0.0, top, r1, -h, r2), -0.3 - y)
    body = main_colour(p)
    layer = (0.0, 0.0, 0.0, 0.0)
    if y < -0.25:
        layer = _basket(x, y, aa, side, p)
    c = cover(d, aa)
    if c > 0.0:
        b = (r1 - r2) / h
        a = math.sqrt(1.0 - b * b)
        sin_phi = max(-b, min(1.0, (y - top) / r1))
        cos_phi = math.sqrt(1.0 - sin_phi * sin_phi)
        w = r1 * cos_phi if sin_phi > -b else (r1 - b * (top - y)) / a
        u = max(-0.999, min(0.999, x / max(w, 1e-3)))
        nz = math.sqrt(1.0 - u * u) * cos_phi
        layer = over(layer, c, _cloth(u, y - 0.05 * nz, w, aa, v, body, p))
        lx = 0.78 * side
        ly = 0.42
        lz = math.sqrt(1.0 - lx * lx - ly * ly)
        if sin_phi < 0.0:  # the funnel is lit like a cylinder: one clean line down to the mouth
            sin_phi, cos_phi = 0.0, 1.0
        dot = u * cos_phi * lx + sin_phi * ly + math.sqrt(1.0 - u * u) * cos_phi * lz
        soft = max(0.05, 1.5 * aa / r1)
        shade = clamp(0.5 - (dot - 0.22) / soft)
        colour = (layer[1] / layer[0], layer[2] / layer[0], layer[3] / layer[0])
        layer = atop(layer, shade * c, shaded(p, colour))
        bright = clamp(0.5 + (dot - 0.90) / (2.0 * soft)) * 0.28 * (1.0 - p[8])
        layer = atop(layer, bright * c, mixed(colour, own(p, 1.0, 0.97, 0.88), 0.6))
        if p[8] > 0.0:
            burn = p[8] * (0.78 + 0.22 * math.sin(1.9 * t + 9.0 * v))
            g = math.exp(-(x * x / 0.07 + (y + 0.14) * (y + 0.14) / 0.11)) * burn
            peak = max(body[0], max(body[1], body[2])) + 1e-3
            vivid = times(colour, 1.0 / peak)
            hot = (0.48 + 0.52 * vivid[0], 0.30 + 0.50 * vivid[1], 0.10 + 0.42 * vivid[2])
            layer = atop(layer, g * 0.95 * c, hot)
    return finish(layer)


@compiled
def _basket(x: float, y: float, aa: float, side: float, p: Params) -> Layer:
    """Ropes and basket under the mouth."""
    layer = (0.0, 0.0, 0.0, 0.0)
    q = abs(x)
    if q > 0.09 + aa:
        return layer
    rope = stroke(segment(q, y, 0.05, -0.29, 0.052, -0.42), 0.0045, aa)
    layer = over(layer, rope, own(p, 0.30, 0.24, 0.20))
    wicker = own(p, 0.62, 0.42, 0.24)
    c = cover(box(x, y, 0.0, -0.455, 0.062, 0.043, 0.012), aa)
    layer = over(layer, c, lit_by(p, wicker, clamp(0.5 + x * side / 0.012 + 0.3)))
    rim = cover(box(x, y, 0.0, -0.418, 0.068, 0.011, 0.008), aa) * detail(0.022, aa)
    layer = over(layer, rim, times(wicker, 0.62))
    flame = cover(oval(x, y, 0.0, -0.335, 0.013, 0.04), aa) * p[8]
    return over(layer, flame, (1.0, 0.90, 0.55))


@compiled
def _cloth(
    u: float,
    y: float,
    w: float,
    aa: float,
    v: float,
    body: tuple[float, float, float],
    p: Params,
) -> tuple[float, float, float]:
    """The envelope's pattern in full light at u (-1..1 across) on the circle at height y."""
    if min(body[0], min(body[1], body[2])) > 0.62 * max(body[0], max(body[1], body[2])):
        second = own(p, 0.56, 0.62, 0.72)  # a white balloon is lined with grey-blue
    else:
        second = own(p, 0.97, 0.91, 0.78)
    style = draw_of(v, 2)
    k = 0.0
    if style < 0.5:  # gores in turn; the second colour's are the narrower ones
        n = 4.0 + 2.0 * math.floor(draw_of(v, 3) * 1.99)
        width = math.pi * math.sqrt(1.0 - u * u) * w / n  # of one gore here
        f = (math.asin(u) / math.pi + 0.5) * n
        f = abs(f - math.floor(f) - 0.5)  # 0 in the middle of a gore .. 0.5 on its seam
        k = clamp(0.5 + (f - 0.33) * width / aa)
        k = 0.34 + (k - 0.34) * clamp(width / aa - 0.6)
    elif style < 0.8:  # two bands round the widest part
        k = cover(abs(abs(y - 0.13) - 0.085) - 0.034, aa)
    else:  # a zigzag
        f = (math.asin(u) / math.pi + 0.5) * 6.0
        f = abs(f - math.floor(f) - 0.5) * 2.0
        k = cover((abs(y - 0.10 - 0.12 * (f - 0.5)) - 0.042) * 0.8, aa)
        k *= clamp(math.sqrt(1.0 - u * u) * w * 1.1 / aa - 1.0)
    k = max(k, cover(y + 0.245, aa) * 0.9)  # the skirt
    crown = cover(0.425 - y, aa)
    return mixed(body, second, max(k, crown))


# ---- birds


@compiled
def birds(x: float, y: float, aa: float, t: float, p: Params) -> Layer:
    """A loose flock of five to nine birds on the wing, each with a beat of its own."""
    x *= p[6]
    v = p[9]
    n = 5 + int(draw_of(v, 1) * 4.99)
    wedge = draw_of(v, 2) < 0.45
    body = main_colour(p)
    layer = (0.0, 0.0, 0.0, 0.0)
    for i in range(n):
        arm = float((i + 1) // 2)
        up = 1.0 if i % 2 == 1 else -1.0
        if wedge:
            by = 0.02 + up * arm * (0.40 / (n // 2))
        else:
            by = 0.36 - 0.72 * i / (n - 1)
        if abs(y - by) > 0.32:  # far from this bird, whatever its dice say
            continue
        size = (0.25 if n < 7 else 0.21) * (0.78 + 0.44 * draw_of(v, 10 + i))
        shift = 0.04 * (draw_of(v, 40 + i) - 0.5)
        if wedge:
            size *= 0.84
            bx = 0.72 - 0.36 * arm - 0.05 * up
            by += shift
        else:
            k = 0.618 * i + 3.0 * v  # golden steps keep the birds apart
            bx = 0.76 - 1.5 * (k - math.floor(k)) + 2.0 * shift
        if abs(x - bx) > 1.25 * size + 0.03:
            continue
        bx += 0.025 * math.sin(0.7 * t + 2.1 * i)
        by += 0.02 * math.sin(0.9 * t + 1.7 * i)
        px = (x - bx) / size
        py = (y - by) / size
        if abs(px) > 1.25 or abs(py) > 0.95:
            continue
        beat = math.sin((5.2 + 1.6 * draw_of(v, 80 + i)) * t + 6.28 * draw_of(v, 90 + i))
        layer = _bird(layer, px, py, aa / size, beat, body, p)
    return finish(layer)


@compiled
def _bird(
    layer: Layer,
    x: float,
    y: float,
    aa: float,
    beat: float,
    body: tuple[float, float, float],
    p: Params,
) -> Layer:
    """One bird; half its wing span is 1. `beat` -1 wings down, +1 wings up."""
    y += 0.10 * beat  # the body falls as the wings rise
    far = x > 0.0  # the wing towards the beak is the far one
    q = abs(x) * (1.12 if far else 1.0)
    rise = 0.62 + 0.28 * beat
    droop = 0.58 - 0.20 * beat
    spine = 0.03 + q * (rise - droop * q)
    slope = rise - 2.0 * droop * min(q, 1.0)
    thick = 0.125 * math.sqrt(max(0.0, 1.0 - q)) * (0.55 + 0.9 * q * (1.0 - q))
    d = max((abs(y - spine) - thick) / math.sqrt(1.0 + slope * slope), q - 1.0)
    wing = stroke_of(d, max(thick, 0.01), aa)
    layer = over(layer, wing, shaded(p, body) if far else body)
    trunk = cover(limb(x, y, -0.24, -0.01, 0.14, 0.04, 0.03, 0.085), aa)
    layer = over(layer, trunk, body)
    head = cover(limb(x, y, 0.20, 0.065, 0.33, 0.05, 0.062, 0.01), aa)
    return over(layer, head, body)


# ---- plane


@compiled
def plane(x: float, y: float, aa: float, t: float, p: Params) -> Layer:
    """A jet or a small high-winged aeroplane, seen from the side and a little from below."""
    x *= p[6]
    v = p[9]
    roll = 0.02 * math.sin(0.7 * t + 6.28 * v)
    x, y = x + roll * y, y - roll * x + 0.012 * math.sin(1.1 * t)
    if draw_of(v, 1) < 0.55:
        return _jet(x, y, aa, t, p)
    return _propeller_plane(x, y, aa, t, p)


@compiled
def _jet(x: float, y: float, aa: float, t: float, p: Params) -> Layer:
    body = main_colour(p)
    dark = shaded(p, body)
    metal = own(p, 0.80, 0.82, 0.86)
    layer = (0.0, 0.0, 0.0, 0.0)
    if y > 0.0:  # far wing, behind the fuselage, and tail fin
        c = cover(quad(x, y, -0.62, 0.24, -0.42, 0.02, 0.28, 0.02, -0.46, 0.27), aa)
        layer = over(layer, c, shaded(p, metal))
        c = cover(quad(x, y, -1.52, 0.0, -0.92, 0.05, -1.36, 0.5, -1.60, 0.5), aa)
        layer = over(layer, c, body)
    if abs(y) < 0.19 + aa:
        layer = _jet_body(layer, x, y, aa, p)
    # tailplane, engine, near wing
    if x < -0.9:
        c = cover(quad(x, y, -1.70, 0.02, -1.52, 0.02, -1.02, 0.09, -1.34, 0.11), aa)
        layer = over(layer, c, dark)
    if y < 0.0:
        c = cover(box(x, y, 0.20, -0.265, 0.19, 0.075, 0.06), aa)
        layer = over(layer, c, lit_by(p, metal, clamp(0.5 + (y + 0.265) / 0.03)))
        c = cover(quad(x, y, -0.86, -0.42, -0.62, -0.42, 0.36, -0.09, -0.26, -0.08), aa)
        layer = over(layer, c, mixed(metal, dark, 0.25))
    return finish(_lamps(layer, x, y, aa, t, 1.45, -0.06, -1.6, 0.5, p))


@compiled
def _jet_body(layer: Layer, x: float, y: float, aa: float, p: Params) -> Layer:
    """The fuselage: a tube, a lifted tail, a nose, a row of windows."""
    body = main_colour(p)
    dark = shaded(p, body)
    d = limb(x, y, -0.85, -0.02, 1.12, -0.02, 0.165, 0.165)
    d = min(d, limb(x, y, -1.55, 0.075, -0.80, -0.02, 0.045, 0.165))
    d = min(d, limb(x, y, 1.10, -0.02, 1.40, -0.06, 0.165, 0.085))
    c = cover(d, aa)
    layer = over(layer, c, body)
    belly = cover(y + 0.055 - 0.10 * smooth(-0.8, -1.5, x), aa) * c
    layer = atop(layer, belly, dark)
    row = x * 7.0
    row = abs(row - math.floor(row) - 0.5) / 7.0 - 0.036
    pane = cover(max(row, abs(y - 0.045) - 0.026), aa) if abs(x - 0.05) < 0.93 else 0.0
    line = cover(max(abs(x - 0.05) - 0.93, abs(y - 0.045) - 0.022), aa) * 0.5
    many = detail(0.071, aa)
    glass = mixed(own(p, 0.20, 0.25, 0.33), (1.0, 0.86, 0.55), 0.9 * p[8])
    layer = atop(layer, lerp(line, pane, many) * c, glass)
    screen = cover(quad(x, y, 1.16, 0.02, 1.40, 0.0, 1.26, 0.085, 1.14, 0.085), aa) * c
    return atop(layer, screen, glass)


@compiled
def _propeller_plane(x: float, y: float, aa: float, t: float, p: Params) -> Layer:
    body = main_colour(p)
    dark = shaded(p, body)
    cream = own(p, 0.96, 0.93, 0.86)
    layer = (0.0, 0.0, 0.0, 0.0)
    # far wing, fin
    if y > -0.03:
        c = cover(quad(x, y, -0.10, 0.0, 0.46, 0.0, -0.06, 0.36, -0.26, 0.36), aa)
        layer = over(layer, c, dark)
        c = cover(quad(x, y, -1.40, 0.0, -0.84, 0.06, -1.20, 0.47, -1.42, 0.47) - 0.02, aa)
        layer = over(layer, c, body)
    if abs(y - 0.08) < 0.30 + aa:
        layer = _small_body(layer, x, y, aa, p)
    # tailplane and near wing
    if x < -0.9:
        c = cover(quad(x, y, -1.54, -0.02, -1.36, -0.02, -0.96, 0.06, -1.24, 0.10), aa)
        layer = over(layer, c, dark)
    if y < 0.0:
        wing = quad(x, y, -0.66, -0.44, -0.36, -0.45, 0.46, -0.11, -0.14, -0.11)
        c = cover(wing - 0.02, aa)
        layer = over(layer, c, mixed(body, dark, 0.25))
        layer = atop(layer, c * cover(y + 0.36, aa), cream)
    if x > 0.9:  # propeller: a blurred disc seen from its edge, and its hub
        c = cover(oval(x, y, 1.05, -0.04, 0.035, 0.40), aa) * 0.5
        layer = over(layer, c, own(p, 0.84, 0.85, 0.88))
        c = cover(limb(x, y, 0.98, -0.04, 1.09, -0.04, 0.085, 0.02), aa)
        layer = over(layer, c, own(p, 0.16, 0.17, 0.20))
    return finish(_lamps(layer, x, y, aa, t, -0.5, -0.44, -1.42, 0.48, p))


@compiled
def _small_body(layer: Layer, x: float, y: float, aa: float, p: Params) -> Layer:
    """Canopy, and the fuselage before it."""
    body = main_colour(p)
    dark = shaded(p, body)
    cream = own(p, 0.96, 0.93, 0.86)
    glass = mixed(own(p, 0.26, 0.35, 0.45), (1.0, 0.86, 0.55), 0.75 * p[8])
    pane = max(oval(x, y, 0.04, 0.10, 0.46, 0.24), edge(x, y, 0.62, 0.06, 0.22, 0.40))
    c = cover(pane, aa)
    layer = over(layer, c, glass)
    glint = cover(abs(edge(x, y, -0.10, 0.10, 0.10, 0.40)) - 0.05, aa) * (1.0 - p[8])
    layer = atop(layer, glint * c * 0.7, own(p, 0.72, 0.82, 0.88))
    frame = cover(abs(x - 0.16 + 0.2 * y) - 0.014, aa) * detail(0.028, aa)
    layer = atop(layer, frame * c, dark)
    d = limb(x, y, -1.38, 0.07, -0.20, -0.02, 0.055, 0.185)
    d = min(d, limb(x, y, -0.20, -0.02, 0.86, -0.04, 0.185, 0.155))
    c = cover(d, aa)
    layer = over(layer, c, body)
    layer = atop(layer, cover(y + 0.075 - 0.10 * clamp(-0.4 - x), aa) * c, dark)
    nose = cover(0.66 - x, aa)
    return atop(layer, nose * c, lit_by(p, cream, clamp(0.5 + (y + 0.075) / max(aa, 0.03))))


@compiled
def _lamps(
    layer: Layer,
    x: float,
    y: float,
    aa: float,
    t: float,
    ax: float,
    ay: float,
    bx: float,
    by: float,
    p: Params,
) -> Layer:
    """Navigation lights at night: a steady white one and a red one that swells."""
    if p[8] <= 0.0:
        return layer
    c = cover(oval(x, y, ax, ay, 0.04, 0.04), aa) * p[8]
    layer = over(layer, c, (1.0, 0.97, 0.85))
    c = cover(oval(x, y, bx, by, 0.045, 0.045), aa) * p[8]
    return over(layer, c * (0.5 + 0.5 * math.sin(3.5 * t)), (1.0, 0.25, 0.18))
