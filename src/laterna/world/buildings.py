"""Houses of a city: towers of a skyline as flat figures with a lit and a shadow face, and the
facades along a street as walls in true perspective.

Windows are a regular grid that fades to its mean where it is finer than a pixel, so that nothing
shimmers; at night a share of them is lit.
"""

from __future__ import annotations

import math
from typing import Any

from numba import njit

from laterna.world.noise import hash2, random2, smoothstep


@njit(cache=True, inline="always")
def _cover(d: float, aa: float) -> float:
    """Coverage of a half plane whose edge is `d` away (positive inside)."""
    return min(max(0.5 + d / aa, 0.0), 1.0)


@njit(cache=True, fastmath=True)
def _windows(u: float, v: float, pitch_u: float, pitch_v: float, aa: float) -> tuple:  # type: ignore[type-arg]
    """Glass share at (u, v) of a grid of windows, and the cell it belongs to."""
    cu, cv = math.floor(u / pitch_u), math.floor(v / pitch_v)
    fu, fv = u - cu * pitch_u, v - cv * pitch_v
    glass = _cover(fu - 0.22 * pitch_u, aa) * _cover(0.78 * pitch_u - fu, aa)
    glass *= _cover(fv - 0.25 * pitch_v, aa) * _cover(0.80 * pitch_v - fv, aa)
    fade = smoothstep(0.55, 0.28, aa / min(pitch_u, pitch_v))
    return glass * fade + 0.31 * (1.0 - fade), int(cu), int(cv), fade


@njit(cache=True, fastmath=True)
def building(x: float, y: float, aa: float, p: Any) -> tuple:  # type: ignore[type-arg]
    """A tower in units of its height, origin at the middle of its foot: (alpha, r, g, b).

    p: 0-2 lit face, 3-5 shadow face, 6 sun side, 7 variant, 8 night, 9 half width,
    10 corner between the faces (-1..1), 11 floors, 12 roof (0 flat, 1 stepped, 2 spire, 3 slant).
    """
    half = p[9]
    roof = int(p[12])
    body = 1.0
    if roof == 1:
        body = 0.80 if abs(x) > half * 0.66 else (0.91 if abs(x) > half * 0.36 else 1.0)
    elif roof == 2:
        body = 0.78
    elif roof == 3:
        body = 0.88 + 0.12 * x / half
    a = min(_cover(half - abs(x), aa), _cover(body - y, aa))
    if roof == 2 and y > body - aa:
        w = half * max(0.9 - (y - body) / 0.10, 0.0)
        w = max(w, 0.012 * smoothstep(1.0, 0.9, y))
        a = max(a, min(_cover(w - abs(x), aa), _cover(1.0 - y, aa)))
    elif roof == 0 and p[7] > 0.6 and y > 1.0 - aa:
        a = max(a, _cover(0.012 - abs(x - half * 0.3), aa) * _cover(1.10 - y, aa))
    if a <= 0.0:
        return 0.0, 0.0, 0.0, 0.0
    corner = p[10] * half
    right = _cover(x - corner, aa)
    lit = right if p[6] > 0.0 else 1.0 - right
    r = p[3] + (p[0] - p[3]) * lit
    g = p[4] + (p[1] - p[4]) * lit
    b = p[5] + (p[2] - p[5]) * lit
    pitch = 1.0 / p[11]
    if y < body - 0.6 * pitch:
        glass, cu, cv, fade = _windows(x - corner, y, pitch * 0.95, pitch, aa)
        seed = int(p[7] * 9973.0)
        on = 1.0 if random2(cu, cv, seed) < 0.34 else 0.0
        on = p[8] * (on * fade + 0.30 * (1.0 - fade))
        warm = 0.85 + 0.15 * random2(cu, cv, seed + 1) * fade
        dark = glass * (1.0 - on) * 0.26
        r, g, b = r * (1.0 - dark), g * (1.0 - dark), b * (1.0 - dark * 0.8)
        s = glass * on * 0.92
        r, g, b = r + (1.0 * warm - r) * s, g + (0.82 * warm - g) * s, b + (0.48 - b) * s
    return a, r, g, b


@njit(cache=True, fastmath=True)
def facade(z: float, y: float, side: float, aa: float, seed: int, q: Any) -> tuple:  # type: ignore[type-arg]
    """The wall along a street at depth `z` and height `y` (metres): (alpha, r, g, b, glow).

    `glow` is the share of lit glass, at night.
    """
    pitch = 13.0
    s = seed + (11 if side > 0.0 else 0)
    n = math.floor(z / pitch)
    f = z - n * pitch
    width = pitch
    if hash2(n, 5, s) & 3 == 0 and f < 0.0:
        width = pitch * 2
    top = 10.0 + 15.0 * random2(n, 1, s) + 9.0 * q[5] * random2(n, 2, s)
    a = _cover(top - y, aa)
    if a <= 0.0:
        return 0.0, 0.0, 0.0, 0.0, 0.0
    k = int(random2(n, 3, s) * 6.0)
    if k == 0:
        r, g, b = 0.80, 0.66, 0.52
    elif k == 1:
        r, g, b = 0.73, 0.47, 0.39
    elif k == 2:
        r, g, b = 0.86, 0.81, 0.72
    elif k == 3:
        r, g, b = 0.55, 0.62, 0.68
    elif k == 4:
        r, g, b = 0.84, 0.73, 0.48
    else:
        r, g, b = 0.62, 0.55, 0.58
    edge = _cover(f - 0.25, aa) * _cover(width - 0.25 - f, aa)
    r, g, b = r * (0.86 + 0.14 * edge), g * (0.86 + 0.14 * edge), b * (0.86 + 0.14 * edge)
    cornice = _cover(y - (top - 0.8), aa)
    r, g, b = r * (1.0 - 0.14 * cornice), g * (1.0 - 0.14 * cornice), b * (1.0 - 0.14 * cornice)
    glow = 0.0
    if y < 3.6:
        # Shop fronts: wide glass under an awning.
        glass, cu, cv, fade = _windows(f, y, 3.25, 3.6, aa)
        awning = _cover(y - 2.9, aa)
        hue = random2(n, 7, s)
        ar, ag, ab = 0.72, 0.24 + 0.4 * hue, 0.22
        if hue > 0.5:
            ar, ag, ab = 0.20, 0.42, 0.46
        r, g, b = r + (0.30 - r) * glass, g + (0.34 - g) * glass, b + (0.38 - b) * glass
        r, g, b = r + (ar - r) * awning, g + (ag - g) * awning, b + (ab - b) * awning
        glow = glass * (1.0 - awning) * (1.0 if random2(n, 8, s) < 0.7 else 0.1)
    elif y < top - 1.2:
        glass, cu, cv, fade = _windows(f, y - 3.6, 2.6, 3.1, aa)
        dark = glass * 0.55
        r, g, b = r + (0.27 - r) * dark, g + (0.33 - g) * dark, b + (0.42 - b) * dark
        on = 1.0 if random2(n * 64 + cu, cv, s + 9) < 0.4 else 0.0
        glow = glass * (on * fade + 0.4 * (1.0 - fade))
    return a, r, g, b, glow
