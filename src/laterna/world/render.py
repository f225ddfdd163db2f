"""The renderer: a column at a time, front to back, with exact vertical coverage.

After Comanche's voxel landscapes: along every column of the picture the land is walked from near to
far; whatever rises above what has been seen is drawn once. Each pixel gathers the exact share that
every piece covers (two rays a column across, analytic coverage down), so edges are smooth and
nothing shimmers. Subjects, plants and houses are drawn between the rows at their own depth. Water
is a second walk with the camera mirrored in its surface, looked up along ripples.

Everything a picture needs was baked before (land, sky); a frame costs about as much as its pixels.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit, prange

from laterna.world.buildings import building, facade
from laterna.world.noise import noise2, smoothstep
from laterna.world.sky import sample_sky
from laterna.world.sprites import GLOW_BOUNDS, glow, subject
from laterna.world.trees import plant

# Columns of the settings vector.
SET_STREET, SET_WATER, DENSITY, LIMIT, WAVE, CALM, SKY_U0, SKY_V0, SKY_STEP, DRIFT, SUN_U, SUN_ON, \
    KERB, SEED, NIGHT, BRIGHT = range(16)  # fmt: skip


@njit(cache=True, fastmath=True, nogil=True)
def _sprite(
    s: Any, x: float, z: float, base: float, t: float, zr: float, depth: float, px: float,
    cx: float, cy: float, horizon: float, focal: float, floor: float, haze: Any,
    rgb: Any, clear: Any, land: Any, cells: Any, want: bool, nx: float,
) -> None:  # fmt: skip
    """Draw one sprite's slice in this column. `px` is the column's tangent in world axes."""
    size = s[5]
    u = (cx + zr * px - x) / size
    metre = depth / focal
    aa = metre / size
    if s[27] < 0.0:  # seen mirrored
        u = -u
    if u < s[6] - aa or u > s[7] + aa:
        return
    high = rgb.shape[0]
    v0 = math.floor(horizon - (base + s[9] * size - cy) / metre - 1.0)
    v1 = math.ceil(horizon - (base + s[8] * size - cy) / metre + 1.0)
    v0, v1 = max(v0, 0), min(v1, high)
    kind, what = int(s[1]), int(s[0])
    p = s[12:28]
    fade = s[10]
    for v in range(v0, v1):
        open_ = clear[v] * (1.0 - land[v])
        if open_ < 0.004:
            continue
        y = cy + (horizon - (v + 0.5)) * metre
        if y < floor:
            break
        yy = (y - base) / size
        if what == 0:
            a, r, g, b = subject(kind, u, yy, aa, t, p)
        elif what == 1:
            a, r, g, b = plant(kind, u, yy, aa, t, p)
        else:
            a, r, g, b = building(u, yy, aa, p)
        if a <= 0.0:
            continue
        w = a * open_
        rgb[v, 0] += w * (r + (haze[0] - r) * fade)
        rgb[v, 1] += w * (g + (haze[1] - g) * fade)
        rgb[v, 2] += w * (b + (haze[2] - b) * fade)
        clear[v] *= 1.0 - a
        if want:
            cells[v, 0] += w / depth
            cells[v, 1] += w * nx
            cells[v, 3] -= w
            cells[v, 4 + int(s[11])] += w


@njit(cache=True, fastmath=True, nogil=True)
def _column(
    tan: float, spread: float, cx: float, cy: float, cz: float, yaw: float, horizon: float,
    focal: float, time: float, mirrored: bool, k0: int, rows: Any, x0: Any, dx: Any, ground: Any,
    normals: Any, classes: Any, sprites: Any, moving: int, offset: Any, haze: Any, par: Any,
    q: Any, lit: Any, shade: Any, rgb: Any, clear: Any, land: Any, water: Any, foam: Any,
    cells: Any, want: bool, zs: Any, order: Any,
) -> None:  # fmt: skip
    """Walk one column. `tan` is its tangent in camera axes; with `mirrored`, cy is negative and
    only what lies beyond the first water is drawn."""
    high = rgb.shape[0]
    count, columns = ground.shape[0], ground.shape[1]
    turn = math.tan(yaw)
    middle = (tan + turn) / (1.0 - tan * turn)
    ratio = math.sqrt((1.0 + middle * middle) / (1.0 + tan * tan))
    top = np.empty(2)
    prev = np.empty((2, 5))  # y, height, r, g, b of the row before
    ways = np.empty(2)
    ratios = np.empty(2)
    started = np.zeros(2, np.bool_)
    wet = np.zeros(2, np.bool_)
    shore = np.zeros(2, np.bool_)
    for j in range(2):
        tj = tan + (-0.25 if j == 0 else 0.25) * spread
        ways[j] = (tj + turn) / (1.0 - tj * turn)
        ratios[j] = math.sqrt((1.0 + ways[j] * ways[j]) / (1.0 + tj * tj))
        top[j] = high
    nxt, total = 0, order.shape[0]
    floor = 0.0 if mirrored else -1e9
    wall_z, side = 1e9, 0.0
    if par[SET_STREET] > 0.0 and abs(middle) > 1e-4:
        side = 1.0 if middle > 0.0 else -1.0
        wall_z = cz + (side * par[KERB] - cx) / middle
    for k in range(k0, count):
        z = rows[k]
        while nxt < total and zs[order[nxt]] < z and zs[order[nxt]] < wall_z:
            n = order[nxt]
            nxt += 1
            zr = zs[n] - cz
            if zr < 0.35 or (mirrored and not wet[0]):
                continue
            ox, oy = (offset[0], offset[1]) if n == moving else (0.0, 0.0)
            _sprite(
                sprites[n], sprites[n, 2] + ox, zs[n], sprites[n, 4] + oy, time, zr, zr * ratio,
                middle, cx, cy, horizon, focal, floor, haze, rgb, clear, land, cells, want, 0.0,
            )  # fmt: skip
        if z >= wall_z:
            zr = wall_z - cz
            if zr > 0.3:
                _wall(wall_z, side, zr * ratio, cy, horizon, focal, par, q, haze, lit, shade,
                      rgb, clear, land, cells, want)  # fmt: skip
            wall_z = 1e9
            return
        zr = z - cz
        if zr < 0.3:
            continue
        depth0 = zr * ratio
        for j in range(2):
            x = (cx + zr * ways[j] - x0[k]) / dx[k]
            x = min(max(x, 0.0), columns - 1.001)
            i = int(x)
            f = x - i
            h = ground[k, i, 0] + (ground[k, i + 1, 0] - ground[k, i, 0]) * f
            if mirrored and not wet[j]:
                if h < 0.0:
                    wet[j] = True
                    prev[j, 0] = high
                continue
            level = max(h, 0.0)
            y = horizon - focal * (level - cy) / (zr * ratios[j])
            if mirrored and h <= 0.0:
                prev[j, 0], prev[j, 1] = y, h
                shore[j] = True
                continue
            if y < top[j]:
                r = ground[k, i, 1] + (ground[k, i + 1, 1] - ground[k, i, 1]) * f
                g = ground[k, i, 2] + (ground[k, i + 1, 2] - ground[k, i, 2]) * f
                b = ground[k, i, 3] + (ground[k, i + 1, 3] - ground[k, i, 3]) * f
                if not started[j]:
                    prev[j, 0], prev[j, 1] = y, h
                    prev[j, 2], prev[j, 3], prev[j, 4] = r, g, b
                started[j] = True
                low = min(top[j], float(high))
                if mirrored and shore[j]:
                    # What rises from water is mirrored from its own foot on, not from the horizon.
                    low = min(low, horizon + focal * cy / (zr * ratios[j]))
                    shore[j] = False
                span = max(prev[j, 0] - y, 1e-6)
                v_last = math.ceil(low)
                for v in range(max(math.floor(y), 0), min(v_last, high)):
                    a = max(y, float(v))
                    e = min(low, v + 1.0)
                    w = e - a
                    if w <= 0.0:
                        continue
                    w *= 0.5
                    land[v] += w
                    w *= clear[v]
                    t = min((0.5 * (a + e) - y) / span, 1.0)
                    raw = h + (prev[j, 1] - h) * t
                    if raw < 0.0 and not mirrored:
                        water[v] += w
                        foam[v] += w * smoothstep(-0.9, -0.15, raw)
                        if want:
                            cells[v, 0] += w / depth0
                            cells[v, 2] += w
                            cells[v, 5] += w
                    else:
                        rgb[v, 0] += w * (r + (prev[j, 2] - r) * t)
                        rgb[v, 1] += w * (g + (prev[j, 3] - g) * t)
                        rgb[v, 2] += w * (b + (prev[j, 4] - b) * t)
                        if want:
                            cells[v, 0] += w / depth0
                            cells[v, 1] += w * normals[k, i, 0]
                            cells[v, 2] += w * normals[k, i, 1]
                            cells[v, 3] += w * normals[k, i, 2]
                            cells[v, 4 + classes[k, i]] += w
                top[j] = y
                prev[j, 2], prev[j, 3], prev[j, 4] = r, g, b
            else:
                prev[j, 2] = ground[k, i, 1]
                prev[j, 3] = ground[k, i, 2]
                prev[j, 4] = ground[k, i, 3]
                started[j] = True
            prev[j, 0], prev[j, 1] = y, h
        if top[0] <= 0.0 and top[1] <= 0.0:
            return
    while nxt < total:
        n = order[nxt]
        nxt += 1
        zr = zs[n] - cz
        if zr < 0.35 or (mirrored and not wet[0]):
            continue
        ox, oy = (offset[0], offset[1]) if n == moving else (0.0, 0.0)
        _sprite(
            sprites[n], sprites[n, 2] + ox, zs[n], sprites[n, 4] + oy, time, zr, zr * ratio,
            middle, cx, cy, horizon, focal, floor, haze, rgb, clear, land, cells, want, 0.0,
        )  # fmt: skip


@njit(cache=True, fastmath=True, nogil=True)
def _wall(
    z: float, side: float, depth: float, cy: float, horizon: float, focal: float, par: Any, q: Any,
    haze: Any, lit: Any, shade: Any, rgb: Any, clear: Any, land: Any, cells: Any, want: bool,
) -> None:  # fmt: skip
    """The facade that closes this column of a street."""
    metre = depth / focal
    aa = max(metre, depth * depth / (focal * par[KERB]) * 0.35)
    fade = min(1.0 - math.exp(-par[DENSITY] * z), par[LIMIT])
    tone = 0.85 if side * par[CALM] < 0.0 else 0.12
    seed = int(par[SEED])
    for v in range(rgb.shape[0]):
        open_ = clear[v] * (1.0 - land[v])
        if open_ < 0.004:
            continue
        y = cy + (horizon - (v + 0.5)) * metre
        if y < 0.0:
            break
        if y > 45.0:
            continue
        a, r, g, b, light = facade(z, y, side, aa, seed, q)
        if a <= 0.0:
            continue
        light *= par[NIGHT]
        w = a * open_
        r *= shade[0] + (lit[0] - shade[0]) * tone
        g *= shade[1] + (lit[1] - shade[1]) * tone
        b *= shade[2] + (lit[2] - shade[2]) * tone
        r, g, b = r + (haze[0] - r) * fade, g + (haze[1] - g) * fade, b + (haze[2] - b) * fade
        light *= 1.0 - 0.5 * fade
        r, g, b = r + (1.0 - r) * light, g + (0.83 - g) * light, b + (0.50 - b) * light
        rgb[v, 0] += w * r
        rgb[v, 1] += w * g
        rgb[v, 2] += w * b
        clear[v] *= 1.0 - a
        if want:
            cells[v, 0] += w / depth
            cells[v, 1] -= w * side
            cells[v, 9] += w


@njit(cache=True, fastmath=True, nogil=True, inline="always")
def _ripple(x: float, z: float, t: float, foot: float, base: float, seed: int) -> float:
    """Waves at the scale that a pixel's footprint can carry, blended between two octaves."""
    size = max(base, 2.6 * foot)
    lod = math.log2(size / base)
    i = math.floor(lod)
    f = lod - i
    a = base * 2.0**i
    n = noise2(x / (a * 3.2) + 0.13 * t, z / a - 0.42 * t / (1.0 + 0.5 * i), seed + int(i))
    if f > 0.02:
        b = a * 2.0
        m = noise2(x / (b * 3.2) + 0.13 * t, z / b - 0.42 * t / (1.5 + 0.5 * i), seed + int(i) + 1)
        n += (m - n) * f
    return n


@njit(cache=True, parallel=True, fastmath=True)
def render(
    width: int, high: int, place: Any, yaws: Any, horizons: Any, focals: Any, times: Any, rows: Any,
    x0: Any, dx: Any, ground: Any, normals: Any, classes: Any, sprites: Any, moving: int,
    travel: Any, sky: Any, clouds: Any, haze: Any, deep: Any, disc: Any, crest: Any, lit: Any,
    shade: Any, par: Any, q: Any, cell: int, frames: Any, cells_out: Any,
) -> None:  # fmt: skip
    """Fill frames (T, H, W, 3) uint8 and cells_out (T, h, w, 12) float32: inverse depth, normal,
    class shares, each summed over the cell's samples and divided by their number."""
    count = frames.shape[0]
    up = int(high * 1.1)
    for f in prange(count):
        cx, cy, cz = place[f, 0], place[f, 1], place[f, 2]
        yaw, horizon, focal, time = yaws[f], horizons[f], focals[f], times[f]
        k0 = 0
        while k0 < rows.shape[0] - 2 and rows[k0] < cz + 0.3:
            k0 += 1
        zs = np.empty(sprites.shape[0])
        for n in range(sprites.shape[0]):
            zs[n] = sprites[n, 3] + (travel[f, 2] if n == moving else 0.0)
        order = np.argsort(zs)
        offset = travel[f]
        stride = max(cell // 4, 1)
        image = np.zeros((width, high, 3), np.float32)
        mirror = np.zeros((width, up, 3), np.float32)
        scratch = np.zeros((max(up, high), 4), np.float32)
        part = np.zeros((high, 12), np.float32)
        out = np.empty(3, np.float32)
        drift = par[DRIFT] * time
        waterside = par[SET_WATER] > 0.0
        if waterside:
            for i in range(width):
                tan = (i + 0.5 - width / 2.0) / focal
                turn = math.tan(yaw)
                middle = (tan + turn) / (1.0 - tan * turn)
                ratio = math.sqrt((1.0 + middle * middle) / (1.0 + tan * tan))
                rgb = mirror[i]
                clear, land = scratch[:up, 0], scratch[:up, 1]
                clear[:] = 1.0
                land[:] = 0.0
                _column(tan, 1.0 / focal, cx, -cy, cz, yaw, float(up), focal, time, True, k0, rows,
                        x0, dx, ground, normals, classes, sprites, moving, offset, haze, par, q,
                        lit, shade, rgb, clear, land, scratch[:up, 2], scratch[:up, 3], part,
                        False, zs, order)  # fmt: skip
                for v in range(up):
                    w = clear[v] * (1.0 - min(land[v], 1.0))
                    if w > 0.003:
                        e = (up - v - 0.5) / focal * ratio
                        sample_sky(sky, clouds, middle, e, par[SKY_U0], par[SKY_V0], par[SKY_STEP],
                                   drift, out)  # fmt: skip
                        rgb[v, 0] += w * out[0]
                        rgb[v, 1] += w * out[1]
                        rgb[v, 2] += w * out[2]
        for i in range(width):
            tan = (i + 0.5 - width / 2.0) / focal
            turn = math.tan(yaw)
            middle = (tan + turn) / (1.0 - tan * turn)
            ratio = math.sqrt((1.0 + middle * middle) / (1.0 + tan * tan))
            rgb = image[i]
            clear, land = scratch[:high, 0], scratch[:high, 1]
            water, foam = scratch[:high, 2], scratch[:high, 3]
            clear[:] = 1.0
            land[:] = 0.0
            water[:] = 0.0
            foam[:] = 0.0
            want = i % stride == stride // 2
            if want:
                part[:] = 0.0
            _column(tan, 1.0 / focal, cx, cy, cz, yaw, horizon, focal, time, False, k0, rows,
                    x0, dx, ground, normals, classes, sprites, moving, offset, haze, par, q,
                    lit, shade, rgb, clear, land, water, foam, part, want, zs, order)  # fmt: skip
            for v in range(high):
                w = clear[v] * (1.0 - min(land[v], 1.0))
                if w > 0.003:
                    e = (horizon - v - 0.5) / focal * ratio
                    sample_sky(sky, clouds, middle, max(e, 0.0), par[SKY_U0], par[SKY_V0],
                               par[SKY_STEP], drift, out)  # fmt: skip
                    rgb[v, 0] += w * out[0]
                    rgb[v, 1] += w * out[1]
                    rgb[v, 2] += w * out[2]
                    if want:
                        part[v, 4] += w
                if water[v] > 0.003 and waterside:
                    e = max((v + 0.5 - horizon) / focal, 0.25 / focal)
                    depth = cy / e
                    zr = depth / ratio
                    wx, wz = cx + zr * middle, cz + zr
                    foot = depth * depth / (focal * max(cy, 0.5))
                    swell = _ripple(wx, wz, time, foot, par[WAVE], 77)
                    m = _ripple(wx + 31.0, wz + 7.0, time, foot, par[WAVE], 91)
                    amp = par[CALM]
                    er = e * (1.0 + 0.55 * amp * swell) + 0.012 * amp * abs(swell)
                    yr = min(max(up - er * focal - 0.5, 0.0), up - 1.001)
                    xr = min(max(i + 5.0 * amp * m, 0.0), width - 1.001)
                    j, k = int(xr), int(yr)
                    fx, fy = xr - j, yr - k
                    fresnel = 0.34 + 0.60 * math.exp(-e * 5.5)
                    veil = min(1.0 - math.exp(-par[DENSITY] * wz), par[LIMIT])
                    bright = smoothstep(0.22, 0.34, swell) * amp * 0.30 * smoothstep(0.004, 0.03, e)
                    dark = smoothstep(-0.16, -0.30, swell) * amp * 0.16
                    spark = 0.0
                    if par[SUN_ON] > 0.0:
                        wide = 0.035 + 0.16 * e
                        near = math.exp(-(((middle - par[SUN_U]) / wide) ** 2))
                        cut = 0.42 - 0.75 * near
                        spark = par[SUN_ON] * near * smoothstep(cut, cut + 0.16, swell + 0.4 * m)
                        spark = min(spark * 1.1, 0.92) * smoothstep(0.42, 0.22, e)
                    fo = min(foam[v] / water[v], 1.0)
                    if fo > 0.0:
                        fo *= smoothstep(
                            0.02, 0.2, m + 0.25 * math.sin(time * 1.3 + wx * 0.05) + 0.3
                        )
                        fo *= 0.55 * smoothstep(6.0, 1.0, foot)
                    for c in range(3):
                        s = (1 - fx) * ((1 - fy) * mirror[j, k, c] + fy * mirror[j, k + 1, c])
                        s += fx * ((1 - fy) * mirror[j + 1, k, c] + fy * mirror[j + 1, k + 1, c])
                        s = deep[c] + (s - deep[c]) * fresnel
                        s += (crest[c] - s) * bright
                        s *= 1.0 - dark
                        s += (disc[c] - s) * spark
                        s += (crest[c] * 0.4 + 0.6 - s) * fo * par[BRIGHT]
                        s += (haze[c] - s) * veil
                        rgb[v, c] += water[v] * s
            if moving >= 0 and par[NIGHT] > 0.2:
                _halo(sprites[moving], zs[moving], offset, cx, cy, cz, horizon, focal, middle,
                      ratio, time, par[NIGHT], rgb)  # fmt: skip
            if want:
                for v in range(high):
                    for c in range(12):
                        cells_out[f, v // cell, i // cell, c] += part[v, c]
        for v in range(high):
            for i in range(width):
                for c in range(3):
                    s = min(max(image[i, v, c], 0.0), 1.0)
                    frames[f, v, i, c] = int(s * 255.0 + 0.5)


@njit(cache=True, fastmath=True, nogil=True)
def _halo(
    s: Any, z: float, offset: Any, cx: float, cy: float, cz: float, horizon: float, focal: float,
    middle: float, ratio: float, time: float, night: float, rgb: Any,
) -> None:  # fmt: skip
    """Add the light a subject sheds at night to this column."""
    zr = z - cz
    if zr < 0.35:
        return
    kind, size = int(s[1]), s[5]
    metre = zr * ratio / focal
    u = (cx + zr * middle - s[2] - offset[0]) / size
    box = GLOW_BOUNDS[kind]
    if u < box[0] or u > box[1]:
        return
    base = s[4] + offset[1]
    v0 = max(int(horizon - (base + box[3] * size - cy) / metre), 0)
    v1 = min(int(horizon - (base + box[2] * size - cy) / metre) + 1, rgb.shape[0])
    for v in range(v0, v1):
        y = (cy + (horizon - (v + 0.5)) * metre - base) / size
        a, r, g, b = glow(kind, u, y, time, s[12:28])
        if a > 0.0:
            a *= 1.0 - 0.6 * s[10]
            rgb[v, 0] += a * r * (1.0 - 0.5 * rgb[v, 0])
            rgb[v, 1] += a * g * (1.0 - 0.5 * rgb[v, 1])
            rgb[v, 2] += a * b * (1.0 - 0.5 * rgb[v, 2])
