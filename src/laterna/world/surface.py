"""What the land looks like: albedo, tone and class per place, baked once a scene.

Tones are posterised (shadow, middle, light) so that every form has a light side and a shadow side
with a clean edge between them; distance fades to the haze of the hour. The bake lies on a
projective grid: rows of constant depth, spaced as the screen sees them, columns about a pixel
apart, so that one bake serves every frame of a clip at full sharpness.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from laterna.world.noise import fbm, noise2, random2, smoothstep
from laterna.world.terrain import (
    COAST,
    DESERT,
    FOREST,
    HILLS,
    LAKE,
    MOUNTAINS,
    SEA,
    SKYLINE,
    SNOWFIELD,
    STREET,
    VALLEY,
    height,
)  # fmt: skip

MATTE = ("sky", "water", "ground", "rock", "vegetation", "building", "subject", "snow")
SKY, WATER, GROUND, ROCK, VEGETATION, BUILDING, SUBJECT, SNOW = range(8)

# Albedos by role: 0 near ground, 1 its accent, 2 rock, 3 snow, 4 woods, 5 sand or pavement.
_GREEN = (("7da04f", "a9b957", "8d8a83", "f4f6f8", "41694a", "d9c08a"),
          ("8f9e54", "c2b25b", "94857a", "f6f4f2", "4d6b3e", "dcc492"),
          ("5f9464", "8fb06a", "7f8790", "f2f6fa", "2f5f55", "cfc09a"))  # fmt: skip
_AUTUMN = (("b08a48", "d0a551", "8c7f7a", "f4f2f0", "8c5a33", "d5b988"),)
ROLES: dict[str, tuple[tuple[str, ...], ...]] = {
    "mountains": (*_GREEN, *_AUTUMN),
    "sea": (("7f8f6a", "9aa673", "77747a", "f2f4f6", "4f6b55", "d8c49a"),
            ("8a7f72", "a8977f", "6b6670", "f2f4f6", "5a6a58", "d8c49a")),
    "coast": (("86a25a", "a8b766", "b49a83", "f4f6f8", "4c7050", "e2cd9c"),
              ("7fa063", "9fb56b", "d9d3c4", "f4f6f8", "4a6e55", "e6d6ae"),
              ("90965c", "b3ab66", "8b6f62", "f4f6f8", "566a45", "d9bf90")),
    "desert": (("e0a862", "edc285", "b5694a", "f4ead8", "8a8a4f", "e0a862"),
               ("e6bd7c", "f2d49c", "b8795a", "f4ead8", "8f8a58", "e6bd7c"),
               ("d98d55", "e8a86c", "a3523f", "f4e2d0", "7c7f4a", "d98d55")),
    "hills": (*_GREEN, *_AUTUMN, ("9db25c", "d6cf6a", "8f8a80", "f4f6f8", "55793f", "d9c08a")),
    "forest": (("6a8a48", "8a9c50", "8a867c", "f4f6f8", "37604a", "b39a6a"),
               ("86804a", "b08f4a", "8a8078", "f4f6f8", "7a5a33", "b8935e"),
               ("4f7d5a", "6f9560", "7c8480", "f2f6fa", "2a5a52", "a4936c")),
    "lake": (*_GREEN, *_AUTUMN),
    "valley": (*_GREEN, *_AUTUMN),
    "snowfield": (("eef3f8", "dfe8f2", "78808c", "f6f9fc", "3f5a5a", "e6edf4"),),
    "skyline": (("6f8060", "8a9468", "7f7f86", "f2f4f6", "4a6552", "9a958c"),),
    "street": (("6d6f78", "7b7d86", "7f7f86", "f2f4f6", "4a6552", "a29c94"),),
}  # fmt: skip


def roles(setting: str, rng: np.random.Generator) -> NDArray[np.float32]:
    """Albedos (6, 3) of one scene, a little varied."""
    options = ROLES[setting]
    words = options[int(rng.integers(len(options)))]
    table = np.array([[int(w[i : i + 2], 16) / 255 for i in (0, 2, 4)] for w in words], np.float32)
    drift = 1 + rng.uniform(-0.06, 0.06, (1, 3)) + rng.uniform(-0.03, 0.03, (6, 1))
    return np.clip(table * drift, 0, 1).astype(np.float32)


@njit(cache=True)
def _banded(x: float, z: float, foot: float, base: float, seed: int) -> float:
    """Wide flat noise at the scale that `foot` metres a cell can carry, two octaves blended."""
    lod = math.log2(max(base, 7.0 * foot) / base)
    i = math.floor(lod)
    s = base * 2.0**i
    n = noise2(x / (2.4 * s), z / s, seed + int(i))
    m = noise2(x / (4.8 * s), z / (2.0 * s), seed + int(i) + 1)
    return n + (m - n) * (lod - i)


@njit(cache=True)
def _albedo(
    setting: int, x: float, z: float, h: float, up: float, foot: float, seed: int,
    q: Any, a: Any, snowy: float, out: Any,
) -> int:  # fmt: skip
    """Write the albedo of a place into out[0:3]; return its class. `up` is the normal's y,
    `foot` the size of a grid cell in metres: patterns finer than that are left out."""
    cls = GROUND
    r, g, b = a[0, 0], a[0, 1], a[0, 2]
    # Broad bands of the accent colour; fields with hedges on the hills.
    t = 0.55 * smoothstep(0.02, 0.16, _banded(x, z, foot, 9.0, seed + 71))
    if setting == HILLS and z > 35.0:
        c, sn = math.cos(q[7] * 3.1), math.sin(q[7] * 3.1)
        wx = x + 14.0 * noise2(x / 90.0, z / 90.0, seed + 70)
        fu, fv = (c * wx + sn * z) / 68.0, (c * z - sn * wx) / 44.0
        iv = math.floor(fv)
        fu += 0.37 * iv
        iu = math.floor(fu)
        fade = smoothstep(35.0, 80.0, z) * smoothstep(16.0, 7.0, foot)
        t += (random2(int(iu), int(iv), seed) - t) * fade
        edge = min(min(fu - iu, iu + 1.0 - fu) * 68.0, min(fv - iv, iv + 1.0 - fv) * 44.0)
        hedge = smoothstep(1.6 + foot, 1.0, edge) * fade * smoothstep(2.4, 0.9, foot)
        if random2(int(iu), int(iv), seed + 5) < 0.5:
            r += (a[4, 0] - r) * hedge
            g += (a[4, 1] - g) * hedge
            b += (a[4, 2] - b) * hedge
            t *= 1.0 - hedge
    if setting == DESERT:
        t = 0.5 * smoothstep(-0.2, 0.5, noise2(x / 120.0, z / 80.0, seed + 71))
        if h > 60.0 and z > 1500.0 and q[8] > 0.55:
            cls = ROCK
            band = 0.5 + 0.5 * math.sin(h * 0.11 + 0.5 * noise2(x / 200.0, 0.0, seed))
            t = 0.0
            r, g, b = a[2, 0], a[2, 1], a[2, 2]
            k = 0.86 + 0.14 * smoothstep(0.3, 0.6, band)
            r, g, b = r * k, g * k, b * k
    r += (a[1, 0] - r) * t
    g += (a[1, 1] - g) * t
    b += (a[1, 2] - b) * t
    woods = 0.0
    if setting in (MOUNTAINS, LAKE, VALLEY, HILLS, FOREST, SKYLINE, COAST):
        n = fbm(x / 190.0, z / 150.0, seed + 73, 2)
        start = 60.0 if setting == FOREST else 170.0
        limit = -0.25 if setting in (FOREST, LAKE) else (0.16 if setting == HILLS else -0.05)
        woods = smoothstep(limit, limit + 0.05, n) * smoothstep(start, start * 1.6, z)
        woods *= smoothstep(0.45, 0.62, up)
        if setting == HILLS:
            woods = max(woods * 0.9, 0.6 * smoothstep(900.0, 1500.0, z))
    if woods > 0.0:
        r += (a[4, 0] - r) * woods
        g += (a[4, 1] - g) * woods
        b += (a[4, 2] - b) * woods
        if woods > 0.5:
            cls = VEGETATION
    line = 999.0
    if setting in (MOUNTAINS, LAKE, VALLEY, SNOWFIELD):
        tree = 150.0 + 60.0 * q[10] + 45.0 * noise2(x / 160.0, z / 160.0, seed + 74)
        rock = max(smoothstep(tree - 12.0, tree + 12.0, h), smoothstep(0.74, 0.66, up))
        if setting == SNOWFIELD:
            rock = smoothstep(0.70, 0.60, up)
        if rock > 0.0 and z > 120.0:
            r += (a[2, 0] - r) * rock
            g += (a[2, 1] - g) * rock
            b += (a[2, 2] - b) * rock
            if rock > 0.5:
                cls = ROCK
        line = 330.0 + 170.0 * q[11] + 70.0 * noise2(x / 130.0, z / 130.0, seed + 75)
        if setting == SNOWFIELD:
            line = 60.0
        elif q[12] < 0.25:
            line = 999.0
    elif setting in (COAST, SEA):
        rock = smoothstep(0.80, 0.70, up)
        if setting == SEA and z < 140.0:
            rock = 1.0
        k = 0.9 + 0.1 * math.sin(h * 0.8)
        r += (a[2, 0] * k - r) * rock
        g += (a[2, 1] * k - g) * rock
        b += (a[2, 2] * k - b) * rock
        if rock > 0.5:
            cls = ROCK
    if h < 1.3 and setting in (COAST, LAKE, VALLEY, SEA):
        beach = smoothstep(1.3, 0.7, h) * (0.0 if setting == SEA and z < 140.0 else 1.0)
        r += (a[5, 0] - r) * beach
        g += (a[5, 1] - g) * beach
        b += (a[5, 2] - b) * beach
    if setting == SKYLINE and z > 100.0 and z < 1300.0:
        r, g, b = a[5, 0], a[5, 1], a[5, 2]
        cls = BUILDING
    if setting == FOREST:
        # A path leads the eye into the picture.
        bend = 3.0 * math.sin(z / 23.0 + 6.28 * q[3])
        d = abs(x - bend * smoothstep(0.0, 40.0, z))
        path = smoothstep(2.3, 1.6, d) * smoothstep(140.0, 90.0, z)
        r += (a[5, 0] - r) * path
        g += (a[5, 1] - g) * path
        b += (a[5, 2] - b) * path
    if setting == STREET:
        kerb = 5.5 + 3.0 * q[3]
        if abs(x) > kerb:
            r, g, b = a[5, 0], a[5, 1], a[5, 2]
        else:
            r, g, b = a[0, 0], a[0, 1], a[0, 2]
            dash = smoothstep(0.14 + foot, 0.12, abs(x))
            f = z / 6.0 - math.floor(z / 6.0)
            dash *= smoothstep(0.0, 0.06, f) * smoothstep(0.5, 0.44, f)
            dash *= smoothstep(0.22, 0.1, foot)
            r, g, b = r + (0.9 - r) * dash, g + (0.88 - g) * dash, b + (0.82 - b) * dash
    snow = smoothstep(line - 14.0, line + 14.0, h) * smoothstep(0.42, 0.56, up)
    if snowy > 0.0 and setting not in (SEA, STREET):
        cover = _banded(x, z, foot, 7.0, seed + 76) + 0.25
        snow = max(snow, smoothstep(0.0, 0.15, cover + snowy * 0.6) * smoothstep(0.5, 0.7, up))
    if snow > 0.0:
        r += (a[3, 0] - r) * snow
        g += (a[3, 1] - g) * snow
        b += (a[3, 2] - b) * snow
        if snow > 0.5:
            cls = SNOW
    if setting == SNOWFIELD and cls == GROUND:
        cls = SNOW
    out[0], out[1], out[2] = r, g, b
    return cls


@njit(cache=True)
def fog(z: float, h: float, density: float, mist: float, limit: float) -> float:
    """Share of haze at a place: distance times density, more in low ground when there is mist."""
    low = mist * 0.55 * math.exp(-max(h, 0.0) / 38.0) * smoothstep(60.0, 700.0, z)
    return min(1.0 - math.exp(-density * z) * (1.0 - low), limit)


@njit(cache=True, parallel=True)
def bake(
    setting: int, seed: int, q: Any, rows: Any, x0: Any, dx: Any, columns: int,
    albedos: Any, lit: Any, shade: Any, haze: Any, density: float, mist: float,
    limit: float, light: Any, snowy: float, ground: Any, normals: Any, classes: Any,
) -> None:  # fmt: skip
    """Fill ground (K, N, 4) with height, r, g, b; normals (K, N, 3); classes (K, N)."""
    count = rows.shape[0]
    for k in prange(count):
        z = rows[k]
        out = np.empty(3, np.float32)
        foot = max(dx[k], 0.02)
        eps = 0.05 + 1.2 * foot
        # Tones change across one cell at least, else their edges are stairs.
        soft = 0.035
        th0, th1 = light[1] - 0.22, light[1] + 0.13
        if setting == DESERT:
            th0, th1 = light[1] - 0.10, light[1] + 0.06
        for n in range(columns):
            x = x0[k] + n * dx[k]
            h = height(setting, x, z, seed, q)
            ground[k, n, 0] = h
            if h < -3.5:
                ground[k, n, 1], ground[k, n, 2], ground[k, n, 3] = haze[0], haze[1], haze[2]
                normals[k, n, 0], normals[k, n, 1], normals[k, n, 2] = 0.0, 1.0, 0.0
                classes[k, n] = WATER
                continue
            hx = (height(setting, x + eps, z, seed, q) - h) / eps
            # Looking back: at a crest the slope that the camera sees, not the one behind it.
            hz = (h - height(setting, x, z - eps, seed, q)) / eps
            length = math.sqrt(hx * hx + hz * hz + 1.0)
            nx, ny, nz = -hx / length, 1.0 / length, -hz / length
            cls = _albedo(setting, x, z, h, ny, foot, seed, q, albedos, snowy, out)
            lam = nx * light[0] + ny * light[1] + nz * light[2]
            tone = 0.5 * smoothstep(th0 - soft, th0 + soft, lam)
            tone += 0.5 * smoothstep(th1 - soft, th1 + soft, lam)
            t = fog(z, h, density, mist, limit)
            for c in range(3):
                m = shade[c] + (lit[c] - shade[c]) * tone
                ground[k, n, 1 + c] = out[c] * m + (haze[c] - out[c] * m) * t
            normals[k, n, 0], normals[k, n, 1], normals[k, n, 2] = nx, ny, nz
            classes[k, n] = cls
