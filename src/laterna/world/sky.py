"""The sky of a scene: two textures over direction, baked once and sampled per pixel.

Coordinates are tangents of direction, u = x / z and v = y / z in world axes, so that a pan moves
the sky as a plane at infinity. The first texture holds gradient, disc with its glow and stars; the
second the clouds (r, g, b, alpha), which drift along u.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from laterna.world.noise import fbm, random2, smoothstep
from laterna.world.palette import Palette


@njit(cache=True, parallel=True)
def _paint(
    u0: float, v0: float, step: float, zenith: Any, middle: Any, horizon: Any,
    disc: Any, glow: Any, sun: Any, stars: float, seed: int, out: Any,
) -> None:  # fmt: skip
    """Gradient, glow, disc and stars; sun = (u, v, radius, strength of glow, crescent)."""
    rows, cols = out.shape[0], out.shape[1]
    for j in prange(rows):
        v = v0 + j * step
        t = min(max(v / 0.62, 0.0), 1.0)
        for i in range(cols):
            u = u0 + i * step
            # The horizon glows on the side of the sun.
            du, dv = u - sun[0], v - sun[1]
            d = math.sqrt(du * du + dv * dv)
            a = t**0.75
            low = smoothstep(0.0, 0.42, a)
            high = smoothstep(0.36, 1.0, a)
            halo = sun[3] * (0.62 * math.exp(-d * d / 0.020) + 0.42 * math.exp(-d * d / 0.16))
            halo = min(halo, 0.92)
            cover = smoothstep(0.7 * step, -0.7 * step, d - sun[2])
            if sun[4] > 0.0:
                ddu, ddv = du - sun[4] * sun[2], dv - 0.25 * sun[2]
                inner = math.sqrt(ddu * ddu + ddv * ddv)
                cover *= smoothstep(-0.7 * step, 0.7 * step, inner - 0.92 * sun[2])
            star = 0.0
            if stars > 0.0 and v > 0.03:
                cell = 0.055
                ci, cj = math.floor(u / cell), math.floor(v / cell)
                if random2(int(ci), int(cj), seed) < 0.42:
                    su = (ci + 0.2 + 0.6 * random2(int(ci), int(cj), seed + 1)) * cell
                    sv = (cj + 0.2 + 0.6 * random2(int(ci), int(cj), seed + 2)) * cell
                    big = random2(int(ci), int(cj), seed + 3)
                    r = 0.0030 + 0.0028 * big * big
                    e = math.sqrt((u - su) ** 2 + (v - sv) ** 2)
                    star = stars * (0.35 + 0.65 * big) * smoothstep(r + step, r - step, e)
                    star *= smoothstep(0.03, 0.2, v)
            for c in range(3):
                s = horizon[c] + (middle[c] - horizon[c]) * low
                s += (zenith[c] - s) * high
                s += (glow[c] - s) * halo
                s += (1.0 - s) * star * (1.0 - halo)
                out[j, i, c] = s + (disc[c] - s) * cover * min(sun[3] * 2.0, 1.0)


@njit(cache=True, parallel=True)
def _sheet(
    u0: float, v0: float, step: float, cover: float, lit: Any, shade: Any, seed: int, out: Any
) -> None:
    """A high sheet of cloud in perspective: noise cut at a threshold, in two tones."""
    rows, cols = out.shape[0], out.shape[1]
    cut = 0.52 - 1.05 * cover
    for j in prange(rows):
        v = v0 + j * step
        far = 1.0 / (max(v, 0.0) + 0.085)
        soft = 0.060 + 0.012 * far
        for i in range(cols):
            u = u0 + i * step
            n = fbm(u * far * 0.62 + 3.0, far * 1.25, seed, 3)
            a = smoothstep(cut - soft, cut + soft, n) * smoothstep(-0.01, 0.10, v)
            tone = smoothstep(cut + 0.16, cut + 0.26 + soft, n)
            edge = smoothstep(cut, cut + 0.10, n)
            for c in range(3):
                s = lit[c] + (shade[c] - lit[c]) * (0.85 * tone)
                out[j, i, c] = s + (lit[c] - s) * 0.25 * (1.0 - edge)
            out[j, i, 3] = a * 0.94


@njit(cache=True, parallel=True)
def _puffs(
    u0: float, v0: float, step: float, balls: Any, starts: Any, base: Any, side: float,
    lit: Any, shade: Any, out: Any,
) -> None:  # fmt: skip
    """Cumulus: unions of balls over a flat base, the nearest ball gives the tone."""
    rows, cols = out.shape[0], out.shape[1]
    for j in prange(rows):
        v = v0 + j * step
        for i in range(cols):
            u = u0 + i * step
            for n in range(starts.shape[0] - 1):
                if u < base[n, 1] or u > base[n, 2] or v < base[n, 0] - 0.02 or v > base[n, 3]:
                    continue
                best, best_d, tone = -1.0, 1e9, 0.0
                for k in range(starts[n], starts[n + 1]):
                    r = balls[k, 2]
                    du, dv = (u - balls[k, 0]) / r, (v - balls[k, 1]) / (r * 0.82)
                    d = math.sqrt(du * du + dv * dv)
                    best = max(best, (1.0 - d) * r)
                    if d < best_d:
                        best_d = d
                        tone = du * side * 0.65 + dv * 0.8
                a = smoothstep(-0.8 * step, 0.8 * step, best)
                rise = v - base[n, 0]
                a *= smoothstep(-0.9 * step, 0.9 * step, rise)
                if a <= 0.0:
                    continue
                size = base[n, 3] - base[n, 0]
                lean = side * (u - 0.5 * (base[n, 1] + base[n, 2])) / (base[n, 2] - base[n, 1])
                tone = smoothstep(
                    -0.06, 0.10, 0.34 * tone + 0.75 * (rise / size - 0.34) + 0.5 * lean
                )
                a *= 0.86 + 0.10 * tone
                old = out[j, i, 3]
                total = a + old * (1.0 - a)
                for c in range(3):
                    s = shade[c] + (lit[c] - shade[c]) * tone
                    out[j, i, c] = (s * a + out[j, i, c] * old * (1.0 - a)) / max(total, 1e-6)
                out[j, i, 3] = total


def _cumulus(
    rng: np.random.Generator, u_lo: float, u_hi: float, count: int
) -> tuple[Any, Any, Any]:
    """Balls (n, 3) of u, v, radius; where each cloud's balls start; bounds (base, u, u, top)."""
    balls: list[tuple[float, float, float]] = []
    starts, bounds = [0], []
    levels = np.sort(rng.uniform(0.05, 0.5, count))
    for level in levels:
        scale = (0.35 + 1.3 * level) * rng.uniform(0.7, 1.3)
        width = 0.30 * scale * rng.uniform(0.7, 1.6)
        middle = rng.uniform(u_lo, u_hi)
        # One or two great domes, shoulders beside them, small lumps to either end.
        humps = [(rng.uniform(-0.35, 0.35), 1.0)]
        if rng.random() < 0.6:
            humps.append((humps[0][0] + rng.choice([-1, 1]) * rng.uniform(0.35, 0.6), 0.72))
        top = level
        for t in np.linspace(-0.85, 0.85, int(rng.integers(4, 7))):
            humps.append((float(t), 0.42 + 0.22 * (1 - abs(float(t))) + rng.uniform(0, 0.12)))
        for t, tall in humps:
            r = 0.115 * scale * tall
            bu, bv = middle + t * width / 2, level + r * rng.uniform(0.25, 0.7)
            balls.append((bu, bv, r))
            top = max(top, bv + r * 0.9)
        mine = balls[starts[-1] :]
        lo = min(b[0] - b[2] for b in mine)
        hi = max(b[0] + b[2] for b in mine)
        bounds.append((level, lo, hi, top))
        starts.append(len(balls))
    return np.array(balls, np.float32), np.array(starts, np.int64), np.array(bounds, np.float32)


def bake_sky(
    palette: Palette, rng: np.random.Generator, *, u_range: tuple[float, float], v_max: float,
    step: float, sun_u: float, weather: str, sun_side: float, shift: float,
) -> tuple[NDArray[np.float32], NDArray[np.float32], float, float]:  # fmt: skip
    """Bake both textures: sky (Y, X, 3), clouds (Y, X, 4), and their common origin u0, v0.

    `step` is the size of a texel as a tangent; the clouds reach `shift` further on either side,
    as far as they drift.
    """
    u0, u1 = u_range[0] - abs(shift) - 4 * step, u_range[1] + abs(shift) + 4 * step
    v0 = -0.03
    cols, rows = int((u1 - u0) / step) + 2, int((v_max - v0) / step) + 3
    seed = int(rng.integers(1 << 30))
    out = np.empty((rows, cols, 3), np.float32)
    p = palette
    night = p.night > 0.9
    radius = rng.uniform(0.034, 0.052) if night else rng.uniform(0.042, 0.070)
    crescent = (
        float(rng.uniform(0.35, 0.75) * rng.choice([-1, 1]))
        if night and rng.random() < 0.4
        else 0.0
    )
    strength = (0.55 if night else 1.0) if p.disc_visible else (0.25 if p.night < 1 else 0.1)
    if p.elevation > 0.45:
        strength = 0.0
    if not p.disc_visible:
        radius = -1.0
    sun = np.array([sun_u, p.elevation, radius, strength, crescent], np.float32)
    stars = 0.0 if weather in ("rain", "snow", "fog") or not night else max(0.95 - p.cover, 0.15)
    _paint(u0, v0, step, p.zenith, p.middle, p.horizon, p.disc, p.glow, sun, stars, seed, out)
    clouds = np.zeros((rows, cols, 4), np.float32)
    if weather in ("rain", "snow"):
        _sheet(u0, v0, step, 0.9, p.cloud_lit, p.cloud_shade, seed + 1, clouds)
    elif weather == "cloud":
        if rng.random() < 0.5:
            _sheet(u0, v0, step, p.cover, p.cloud_lit, p.cloud_shade, seed + 1, clouds)
            count = int(rng.integers(0, 4))
        else:
            count = int(rng.integers(12, 19))
        count = int(count * (u1 - u0) / 1.4)
    elif weather == "clear":
        count = int(rng.choice([0, 0, 1, 2, 3]))
        if rng.random() < 0.35:
            _sheet(u0, v0, step, 0.12, p.cloud_lit, p.cloud_lit, seed + 1, clouds)
    else:
        count = 0
    if weather in ("cloud", "clear") and count:
        balls, starts, bounds = _cumulus(rng, u0, u1, count)
        side = sun_side
        _puffs(u0, v0, step, balls, starts, bounds, side, p.cloud_lit, p.cloud_shade, clouds)
    # Clouds sink into the haze of the horizon.
    v = (v0 + np.arange(rows, dtype=np.float32) * step)[:, None, None]
    sink = np.clip(1.0 - v / 0.30, 0, 1) ** 2 * 0.65
    clouds[..., :3] += (p.horizon - clouds[..., :3]) * sink
    if p.night > 0.9:
        clouds[..., 3] *= 0.85
    return out, clouds, u0, v0


@njit(cache=True, inline="always")
def sample_sky(
    sky: Any, clouds: Any, u: float, v: float, u0: float, v0: float, step: float, drift: float,
    out: Any,
) -> None:  # fmt: skip
    """Write the sky's colour in direction (u, v) into out[0:3]; bilinear."""
    y = min(max((v - v0) / step, 0.0), sky.shape[0] - 1.001)
    x = min(max((u - u0) / step, 0.0), sky.shape[1] - 1.001)
    j, i = int(y), int(x)
    fy, fx = y - j, x - i
    xc = min(max((u + drift - u0) / step, 0.0), sky.shape[1] - 1.001)
    k = int(xc)
    fc = xc - k
    a00, a01 = clouds[j, k, 3], clouds[j, k + 1, 3]
    a10, a11 = clouds[j + 1, k, 3], clouds[j + 1, k + 1, 3]
    w00, w01 = (1 - fy) * (1 - fc) * a00, (1 - fy) * fc * a01
    w10, w11 = fy * (1 - fc) * a10, fy * fc * a11
    alpha = w00 + w01 + w10 + w11
    for c in range(3):
        s = (1 - fy) * ((1 - fx) * sky[j, i, c] + fx * sky[j, i + 1, c]) + fy * (
            (1 - fx) * sky[j + 1, i, c] + fx * sky[j + 1, i + 1, c]
        )
        s *= 1.0 - alpha
        if alpha > 0.0:
            s += w00 * clouds[j, k, c] + w01 * clouds[j, k + 1, c]
            s += w10 * clouds[j + 1, k, c] + w11 * clouds[j + 1, k + 1, c]
        out[c] = s
