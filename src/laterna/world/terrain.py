"""The shape of the land: height above the water line as a pure function of place, per setting.

Every setting is built in planes from near to far (foreground, middle ground, background), because
pictures of land read by their overlapping planes. Places are metres: x right, z away from the
camera's first position; water lies at height 0 wherever the land is below it.

`q` (16 numbers in 0..1) varies the shape within a setting.
"""

from __future__ import annotations

import math
from typing import Any

from numba import njit

from laterna.world.noise import fbm, noise2, ridged, smoothstep

MOUNTAINS, SEA, COAST, DESERT, HILLS, FOREST = range(6)
LAKE, VALLEY, SNOWFIELD, SKYLINE, STREET = range(6, 11)


@njit(cache=True)
def _peak(x: float, z: float, px: float, pz: float, radius: float, seed: int) -> float:
    """A pyramid with ridges running down from its top; 0..about 1."""
    dx, dz = (x - px) / radius, (z - pz) / radius
    d = math.sqrt(dx * dx + dz * dz)
    if d > 1.25:
        return 0.0
    a = math.atan2(dz, dx)
    ribs = 0.10 * math.sin(a * 3.0 + seed % 7) + 0.06 * math.sin(a * 7.0 + seed % 5)
    ribs += 0.16 * noise2(dx * 3.1, dz * 3.1, seed)
    body = 1.0 - d * (1.0 + ribs)
    return max(body, 0.0) ** 1.12


@njit(cache=True)
def _mountains(x: float, z: float, seed: int, q: Any, scale: float) -> float:
    far = smoothstep(700.0, 1900.0, z)
    h = 0.0
    if z > 600.0:
        h = far * (240.0 + 240.0 * q[1]) * (0.12 + ridged(x / 1150.0, z / 1000.0, seed, 4))
        side = -1.0 if q[2] < 0.5 else 1.0
        px = side * (180.0 + 420.0 * q[3])
        pz = 2300.0 + 500.0 * q[4]
        top = 640.0 + 330.0 * q[5]
        h = max(h, top * _peak(x, z, px, pz, 1150.0 + 300.0 * q[6], seed))
        if q[7] > 0.35:
            px2 = -side * (700.0 + 700.0 * q[8])
            h = max(h, top * 0.72 * _peak(x, z, px2, pz + 500.0, 1000.0, seed + 5))
        if z > 3300.0:
            back = smoothstep(3300.0, 4600.0, z)
            h = max(h, back * 1050.0 * (0.1 + ridged(x / 1900.0, z / 1500.0, seed + 9, 4)))
    return h * scale


@njit(cache=True)
def _dune(u: float, crest: float) -> float:
    """One wave of sand: a long windward rise, a sharp crest, a short slip face; 0..1."""
    f = u - math.floor(u)
    if f < crest:
        t = f / crest
        return t * t * (1.6 - 0.6 * t)
    t = (1.0 - f) / (1.0 - crest)
    return t * (0.75 + 0.25 * t)


@njit(cache=True)
def _desert(x: float, z: float, seed: int, q: Any) -> float:
    lean = -1.0 if q[2] < 0.5 else 1.0
    # Crests run away from the camera at a slant and swing from side to side.
    length = 130.0 + 80.0 * q[3]
    swing = 0.55 * noise2(x / 260.0, z / 210.0, seed) + 0.18 * noise2(x / 90.0, z / 70.0, seed + 3)
    u = lean * (x * 0.82 / length) + z * 0.55 / length + swing + q[4]
    size = 0.7 + 0.45 * noise2(x / 310.0 + 7.0, z / 180.0, seed + 1)
    h = (15.0 + 12.0 * q[5]) * size * _dune(u, 0.70) * smoothstep(10.0, 75.0, z)
    big = smoothstep(150.0, 520.0, z)
    if big > 0.0:
        w = 430.0 + 160.0 * q[6]
        swing = 0.6 * noise2(x / 800.0, z / 620.0, seed + 4)
        u = lean * x * 0.75 / w + z * 0.62 / w + swing
        size = 0.5 + 0.5 * noise2(x / 900.0, z / 700.0, seed + 6)
        h += big * (70.0 + 55.0 * q[7]) * max(size, 0.2) * _dune(u, 0.66)
    if q[8] > 0.55 and z > 1500.0:
        m = noise2(x / 620.0, z / 900.0, seed + 8) + 0.12 * noise2(x / 90.0, z / 200.0, seed + 2)
        mesa = smoothstep(0.18, 0.27, m) * 0.75 + smoothstep(0.36, 0.41, m) * 0.35
        h += mesa * (150.0 + 90.0 * q[9]) * smoothstep(1500.0, 1700.0, z)
    return h


@njit(cache=True)
def _hills(x: float, z: float, seed: int, q: Any) -> float:
    h = 1.6 * fbm(x / 60.0, z / 50.0, seed, 2)
    h += 26.0 * smoothstep(30.0, 170.0, z) * (0.42 + noise2(x / 210.0 + q[3], z / 120.0, seed + 1))
    if z > 180.0:
        lump = 0.40 + 0.95 * noise2(x / 430.0, z / 290.0 + q[4], seed + 2)
        h += 84.0 * smoothstep(180.0, 700.0, z) * lump
    if z > 800.0:
        h += 210.0 * smoothstep(800.0, 2100.0, z) * (0.42 + noise2(x / 1150.0, z / 800.0, seed + 3))
    if z > 2400.0 and q[6] > 0.5:
        amp = 260.0 + 240.0 * q[5]
        h += smoothstep(2400.0, 3800.0, z) * amp * (0.5 + fbm(x / 1500.0, z / 1500.0, seed + 4, 3))
    return h


@njit(cache=True)
def _islands(x: float, z: float, seed: int, q: Any) -> float:
    """Headlands far out, rocks near by; below 0 everywhere else."""
    h = -6.0
    if q[1] > 0.4:
        side = -1.0 if q[2] < 0.5 else 1.0
        px, pz = side * (180.0 + 330.0 * q[3]), 900.0 + 500.0 * q[4]
        dx, dz = (x - px) / (260.0 + 260.0 * q[5]), (z - pz) / 320.0
        d = dx * dx + dz * dz
        if d < 1.6:
            bump = 1.0 - d + 0.35 * noise2(x / 120.0, z / 160.0, seed)
            h = max(
                h, (62.0 + 60.0 * q[6]) * bump * (0.75 + 0.4 * noise2(x / 210.0, z / 200.0, seed))
            )
        if q[7] > 0.4:
            dx, dz = (x + px * 1.4) / 520.0, (z - pz - 1900.0) / 500.0
            d = dx * dx + dz * dz
            if d < 1.5:
                h = max(h, 120.0 * (1.0 - d + 0.3 * noise2(x / 160.0, z / 300.0, seed + 2)))
    if q[8] > 0.5 and z < 120.0:
        side = 1.0 if q[9] < 0.5 else -1.0
        for i in range(3):
            px = side * (9.0 + 7.0 * i + 3.0 * q[10 + i])
            pz = 19.0 + 14.0 * i
            dx, dz = (x - px) / (4.2 + 2.2 * q[11]), (z - pz) / 4.5
            d = math.sqrt(dx * dx + dz * dz)
            if d < 1.4:
                n = 0.25 * noise2(x / 2.6, z / 2.6, seed + i)
                h = max(h, (3.0 + 2.0 * q[12]) * (1.0 - d) * (1.0 + n) - 0.15)
    return h


@njit(cache=True)
def _coast(x: float, z: float, seed: int, q: Any) -> float:
    side = -1.0 if q[2] < 0.5 else 1.0
    capes = 62.0 * noise2(0.3, z / 190.0, seed) + 16.0 * noise2(0.7, z / 46.0, seed + 1)
    line = 24.0 + 10.0 * q[3] + 0.05 * z - capes * smoothstep(20.0, 160.0, z)
    d = side * x - line + 5.0 * noise2(x / 22.0, z / 22.0, seed + 2)
    cliff = (24.0 + 20.0 * q[4]) * (0.9 + 0.25 * noise2(x / 110.0, z / 110.0, seed + 3))
    h = -4.0
    if d > -26.0:
        h = -2.2 + 2.9 * smoothstep(-26.0, -2.0, d)
    if d > 0.0:
        wall = smoothstep(0.0, 7.0, d) * 0.72 + smoothstep(11.0, 17.0, d) * 0.28
        h += cliff * wall + 0.10 * max(d - 17.0, 0.0)
    if z > 1300.0 and d < -120.0 and q[5] > 0.5:
        h = max(h, _islands(x, z, seed, q))
    return h


@njit(cache=True)
def _lake(x: float, z: float, seed: int, q: Any) -> float:
    near = 13.0 + 10.0 * q[3] + 7.0 * noise2(x / 34.0, 0.5, seed) - 0.0022 * x * x
    far = 300.0 + 260.0 * q[4] + 70.0 * noise2(x / 150.0, 3.0, seed + 1)
    bank = 0.10 * (near - z) if z < near else -0.12 * (z - near)
    h = max(bank, -3.0) + 0.35 * smoothstep(4.0, -4.0, z - near) * noise2(x / 6.0, z / 6.0, seed)
    wide = 210.0 + 200.0 * q[5] + 60.0 * noise2(z / 90.0, 0.2, seed + 2) + 0.25 * z
    shore = max(z - far, abs(x) - wide)
    if shore > -40.0:
        rise = 0.075 * min(shore, 420.0) + 0.00012 * min(max(shore, 0.0), 420.0) ** 2
        lumps = 0.4 + 0.8 * noise2(x / 160.0, z / 160.0, seed + 3)
        h = max(h, rise * (0.6 + 0.7 * max(lumps, 0.0)))
    if z > 900.0:
        h += _mountains(x, z + 200.0, seed, q, 0.62)
    elif z > 700.0:
        h += _mountains(x, z + 200.0, seed, q, 0.62) * smoothstep(700.0, 900.0, z)
    return h


@njit(cache=True)
def _valley(x: float, z: float, seed: int, q: Any) -> float:
    middle = (22.0 + 30.0 * q[3]) * math.sin(z / (95.0 + 50.0 * q[4]) + 6.28 * q[5])
    middle *= smoothstep(0.0, 160.0, z)
    d = abs(x - middle)
    river = smoothstep(5.5 + 0.006 * z, 13.0 + 0.006 * z, d)
    h = -2.0 + 3.2 * river + 0.02 * d
    wall = max(abs(x + 0.3 * middle) - 55.0 - 30.0 * q[6], 0.0)
    rough = 0.75 + 0.55 * ridged(x / 420.0, z / 360.0, seed, 4)
    h += 0.62 * wall * rough * smoothstep(20.0, 260.0, z) / (1.0 + wall / 900.0)
    if z > 1500.0:
        h += _mountains(x, z + 300.0, seed, q, 0.85) * smoothstep(1500.0, 2200.0, z)
    return h


@njit(cache=True)
def height(setting: int, x: float, z: float, seed: int, q: Any) -> float:
    """Height in metres above the water line at (x, z).

    Where a subject stands on the ground the relief before it is calmed: q[13] is how much, q[14]
    how far out, q[15] the level.
    """
    h = _relief(setting, x, z, seed, q)
    if q[13] > 0.0 and z < 2.5 * q[14]:
        level = q[15] + 0.12 * (h - q[15])
        h += (level - h) * q[13] * smoothstep(2.5 * q[14], 1.3 * q[14], z)
    return h


@njit(cache=True)
def _relief(setting: int, x: float, z: float, seed: int, q: Any) -> float:
    if setting == MOUNTAINS:
        h = 4.0 + 3.0 * fbm(x / 60.0, z / 60.0, seed, 2) + 0.0009 * x * x / (1.0 + 0.01 * z)
        # The camera stands on a rise; middle hills cross the valley before the range.
        h -= 16.0 * smoothstep(30.0, 140.0, z)
        h += 42.0 * smoothstep(130.0, 420.0, z) * (0.35 + noise2(x / 260.0, z / 200.0, seed + 1))
        h += 90.0 * smoothstep(420.0, 1000.0, z) * (0.4 + noise2(x / 520.0, z / 420.0, seed + 2))
        return max(h, 0.4) + _mountains(x, z, seed, q, 1.0)
    if setting == SEA:
        return _islands(x, z, seed, q)
    if setting == COAST:
        return _coast(x, z, seed, q)
    if setting == DESERT:
        return 0.6 + _desert(x, z, seed, q)
    if setting == HILLS:
        return max(_hills(x, z, seed, q) + 6.0, 0.3)
    if setting == FOREST:
        h = 1.2 + 0.8 * fbm(x / 16.0, z / 16.0, seed, 2)
        h += 26.0 * smoothstep(60.0, 420.0, z) * (0.3 + noise2(x / 210.0, z / 170.0, seed + 1))
        h += 150.0 * smoothstep(420.0, 1500.0, z) * (0.35 + noise2(x / 700.0, z / 600.0, seed + 2))
        return max(h, 0.2)
    if setting == LAKE:
        return _lake(x, z, seed, q)
    if setting == VALLEY:
        return _valley(x, z, seed, q)
    if setting == SNOWFIELD:
        h = 1.5 + 1.4 * fbm(x / 40.0, z / 26.0, seed, 2)
        h += 9.0 * smoothstep(40.0, 260.0, z) * (0.4 + noise2(x / 190.0, z / 110.0, seed + 1))
        h += 46.0 * smoothstep(300.0, 1100.0, z) * (0.35 + noise2(x / 520.0, z / 330.0, seed + 2))
        return max(h, 0.2) + _mountains(x, z, seed, q, 0.85)
    if setting == SKYLINE:
        shore = 175.0 + 110.0 * q[3] + 12.0 * noise2(x / 90.0, 0.3, seed)
        h = -4.0 + 6.5 * smoothstep(shore - 3.0, shore + 3.0, z)
        if z > 1400.0:
            amp = (60.0 + 200.0 * q[4]) * smoothstep(1400.0, 3000.0, z)
            h += amp * (0.45 + fbm(x / 1100.0, z / 900.0, seed + 1, 3))
        if q[5] > 0.55 and z < 40.0:
            h = max(h, 1.1 - 0.11 * z + 0.3 * noise2(x / 5.0, z / 5.0, seed))
        return h
    # Street: a kerb on either side, level ground.
    return 0.15 if abs(x) > 5.5 + 3.0 * q[3] else 0.02
