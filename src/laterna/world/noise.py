"""Smooth noise as pure functions of place and seed, for numba kernels.

Gradient noise after Perlin, "Improving Noise" (SIGGRAPH 2002), with an integer hash in place of a
permutation table: no state, any seed, the same value on every machine.
"""

from __future__ import annotations

import math

from numba import njit


@njit(cache=True, inline="always")
def hash2(i: int, j: int, seed: int) -> int:
    """A 32-bit hash of a lattice point."""
    h = (i * 374761393 + j * 668265263 + seed * 974634721) & 0xFFFFFFFF
    h = ((h ^ (h >> 13)) * 1274126177) & 0xFFFFFFFF
    h = ((h ^ (h >> 16)) * 2246822519) & 0xFFFFFFFF
    return h ^ (h >> 15)


@njit(cache=True, inline="always")
def random2(i: int, j: int, seed: int) -> float:
    """A number in [0, 1) that belongs to a lattice point."""
    return hash2(i, j, seed) / 4294967296.0


@njit(cache=True, inline="always")
def smoothstep(lo: float, hi: float, v: float) -> float:
    """0 below `lo`, 1 above `hi`, a cubic between."""
    t = (v - lo) / (hi - lo)
    t = min(max(t, 0.0), 1.0)
    return t * t * (3.0 - 2.0 * t)


@njit(cache=True)
def _corner(i: int, j: int, seed: int, dx: float, dy: float) -> float:
    h = hash2(i, j, seed) & 7
    # Eight gradients of equal length at odd multiples of 22.5 degrees: no axis is favoured.
    a, b = 0.92388, 0.38268
    if h & 4:
        a, b = b, a
    if h & 1:
        a = -a
    if h & 2:
        b = -b
    return a * dx + b * dy


@njit(cache=True)
def noise2(x: float, y: float, seed: int) -> float:
    """Gradient noise in about [-1, 1] with features one unit apart."""
    fx, fy = math.floor(x), math.floor(y)
    i, j = int(fx), int(fy)
    u, v = x - fx, y - fy
    su = u * u * u * (u * (u * 6.0 - 15.0) + 10.0)
    sv = v * v * v * (v * (v * 6.0 - 15.0) + 10.0)
    a = _corner(i, j, seed, u, v)
    b = _corner(i + 1, j, seed, u - 1.0, v)
    c = _corner(i, j + 1, seed, u, v - 1.0)
    d = _corner(i + 1, j + 1, seed, u - 1.0, v - 1.0)
    top = a + (b - a) * su
    return 1.5 * (top + (c + (d - c) * su - top) * sv)


@njit(cache=True)
def fbm(x: float, y: float, seed: int, octaves: int) -> float:
    """Fractal sum of `octaves` noises, each half as large and twice as fine; about [-1, 1]."""
    total, amp, norm = 0.0, 1.0, 0.0
    for k in range(octaves):
        total += amp * noise2(x, y, seed + 101 * k)
        norm += amp
        amp *= 0.5
        x, y = x * 2.03 + 17.7, y * 2.03 - 9.1
    return total / norm


@njit(cache=True)
def ridged(x: float, y: float, seed: int, octaves: int) -> float:
    """Ridged multifractal in [0, 1]: sharp crests, wide valleys (Musgrave, "Texturing and
    Modeling", chapter 16, without its remapping tables)."""
    total, amp, norm, weight = 0.0, 1.0, 0.0, 1.0
    for k in range(octaves):
        n = 1.0 - min(abs(noise2(x, y, seed + 57 * k)) * 1.25, 1.0)
        n *= n * weight
        weight = min(max(n * 1.8, 0.0), 1.0)
        total += amp * n
        norm += amp
        amp *= 0.45
        x, y = x * 2.1 + 31.3, y * 2.1 + 11.9
    return total / norm
