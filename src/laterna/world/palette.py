"""Colours of an hour and a weather: few hues that belong together.

All colours are sRGB in 0..1, mixed as a poster painter mixes them (directly, not in linear light):
an albedo times `lit` on the light side, times `shade` on the shadow side, then `haze` far away.
The numbers are chosen by eye on contact sheets.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from laterna.world.factors import Factors

Colour = NDArray[np.float32]


@dataclass(slots=True)
class Palette:
    """The light of a scene.

    zenith, middle, horizon   sky from top to bottom
    lit, shade                multipliers for albedo on the light and the shadow side
    haze                      what distance fades to; `density` per metre times the setting's scale
    disc                      sun or moon; glow around it; `elevation` in radians, 0 at the horizon
    cloud_lit, cloud_shade    cloud tones; `cover` 0..1
    water                     deep water
    night                     0..1: lamps and windows
    """

    zenith: Colour
    middle: Colour
    horizon: Colour
    lit: Colour
    shade: Colour
    haze: Colour
    disc: Colour
    glow: Colour
    cloud_lit: Colour
    cloud_shade: Colour
    water: Colour
    night: float
    cover: float
    density: float
    mist: float
    disc_visible: bool
    elevation: float


def _rgb(text: str) -> Colour:
    return np.array([int(text[i : i + 2], 16) / 255 for i in (0, 2, 4)], np.float32)


# zenith, middle, horizon, lit, shade, haze, disc, glow, cloud lit, cloud shade, water
_HOURS: dict[str, tuple[tuple[str, ...], ...]] = {
    "dawn": (
        ("5f86b8", "a9b7d2", "fbd9c0", "ffdcc4", "6c78a8", "e6c9c6", "fff2d6", "ffd9a8", "ffe6d2",
         "a99bbd", "4d6a94"),
        ("4f7fae", "93c0cf", "fde7b8", "ffe2bb", "5f83a6", "dcd9c6", "fff6da", "ffe7a6", "fff0d8",
         "9db0c2", "3f7390"),
        ("7a83bd", "c9a9c8", "ffc8b4", "ffd2bf", "776fa6", "e9bfc4", "fff0dd", "ffc59e", "ffd9cf",
         "a58cb8", "5c6298"),
    ),
    "noon": (
        ("2f7fc6", "6fb4e2", "cfe9f2", "fff8e6", "6f8fb8", "bcd9ea", "fffdf0", "fff3cf", "ffffff",
         "b9cfe0", "1f6c9e"),
        ("3b93c9", "83c5dd", "e3f1e4", "fff9e0", "6d96ad", "cbe3e2", "fffdf0", "fff6d2", "fffdf4",
         "b4d0d6", "1b7f98"),
        ("2b6bb6", "5fa2dc", "bfe0f5", "fffaf0", "6885b6", "aacdea", "ffffff", "fff7dc", "ffffff",
         "aac3e0", "215f9c"),
    ),
    "dusk": (
        ("3a3f7c", "b0628a", "ff9d5c", "ffb07a", "584a80", "d98a7a", "fff0b8", "ffb35c", "ffb98a",
         "7c5688", "4a4379"),
        ("2f4d80", "c0715f", "ffbe58", "ffbd78", "4f5482", "dd9e70", "fff3c2", "ffc253", "ffc98c",
         "80607c", "3c4c78"),
        ("53397a", "d4587a", "ff8560", "ff9f84", "623f78", "cf7480", "ffe9c4", "ff9860", "ff9f92",
         "7d4a86", "5a3a74"),
    ),
    "night": (
        ("0e1a3e", "1e3566", "4a6b98", "7391c4", "263a68", "3e5b8a", "f7f4e0", "b7cbe8", "6d86b4",
         "2e4272", "162c58"),
        ("0c2038", "17435f", "3f7c8c", "6fa5b8", "1f4560", "35687e", "f4f7e6", "a8d8dc", "6496a8",
         "24506a", "123a52"),
        ("1a1840", "352f6e", "6a5c9c", "8a86c8", "332e66", "554c8a", "fbf3e4", "c9b9ec", "8378b4",
         "3a3472", "241f52"),
    ),
}  # fmt: skip


def _mix(a: Colour, b: Colour, t: float) -> Colour:
    return (a + (b - a) * np.float32(t)).astype(np.float32)


def _grey(a: Colour, t: float) -> Colour:
    return _mix(a, np.full(3, float(a @ np.array([0.3, 0.59, 0.11], np.float32)), np.float32), t)


def palette(factors: Factors, rng: np.random.Generator) -> Palette:
    """The light of `factors.hour` in `factors.weather`, one of several, a little varied."""
    options = _HOURS[factors.hour]
    names = [_rgb(c) for c in options[int(rng.integers(len(options)))]]
    drift = np.float32(1) + rng.uniform(-0.03, 0.03, 3).astype(np.float32)
    zenith, middle, horizon, lit, shade, haze, disc, glow, c_lit, c_shade, water = (
        np.clip(c * drift, 0, 1) for c in names
    )
    night = {"night": 1.0, "dusk": 0.45, "dawn": 0.15, "noon": 0.0}[factors.hour]
    elevation = {
        "dawn": rng.uniform(0.03, 0.11),
        "dusk": rng.uniform(0.02, 0.10),
        "night": rng.uniform(0.16, 0.34),
        "noon": rng.uniform(0.5, 0.9),
    }[factors.hour]
    cover, density, mist = float(rng.uniform(0.05, 0.25)), 1.0, 0.0
    visible = factors.hour != "noon"
    weather = factors.weather
    if factors.hour == "dawn":
        mist = 0.25
    if weather == "cloud":
        cover, density = float(rng.uniform(0.55, 0.8)), 1.15
        zenith, middle = _grey(_mix(zenith, c_shade, 0.35), 0.2), _grey(middle, 0.15)
        lit, shade = _mix(_grey(lit, 0.25), shade, 0.12), _grey(shade, 0.15)
        visible = visible and rng.random() < 0.6
    elif weather == "fog":
        cover, density, mist = 0.0, 3.2, 1.0
        haze = _grey(_mix(haze, horizon, 0.5), 0.45)
        horizon, middle = _mix(haze, horizon, 0.15), _mix(middle, haze, 0.75)
        zenith = _mix(zenith, haze, 0.55)
        lit, shade = _mix(_grey(lit, 0.4), haze, 0.2), _mix(_grey(shade, 0.3), haze, 0.15)
        disc, glow = _mix(disc, haze, 0.25), _mix(glow, haze, 0.55)
        visible = visible and rng.random() < 0.5
    elif weather in ("rain", "snow"):
        cover, density, mist = 0.95, 1.9, 0.35
        lift = 0.18 if weather == "snow" else 0.0
        grey = np.array([0.62, 0.67, 0.73], np.float32) * (1.0 - 0.62 * night) + np.float32(0.02)
        grey = _mix(grey, np.ones(3, np.float32), lift * (1 - night))
        zenith, middle = _mix(_grey(zenith, 0.5), grey * 0.72, 0.6), _mix(middle, grey * 0.88, 0.7)
        horizon, haze = _mix(horizon, grey, 0.7), _mix(haze, grey, 0.75)
        c_lit, c_shade = _mix(c_lit, grey * 0.95, 0.7), _mix(c_shade, grey * 0.7, 0.7)
        lit = _mix(_grey(lit, 0.6), shade, 0.25) * np.float32(0.95)
        shade, water = _grey(shade, 0.3), _mix(water, grey * 0.55, 0.5)
        visible = False
    return Palette(
        zenith, middle, horizon, lit, shade, haze, disc, glow, c_lit, c_shade, water,
        night, cover, density, mist, visible, float(elevation),
    )  # fmt: skip
