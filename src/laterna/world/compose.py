"""From factors and a seed to a scene: where everything stands and how the camera goes.

Composed as a cinematographer would: the horizon on a third, the subject whole in frame and on its
third in the middle of the clip, a foreground that frames, planes behind it, the sun where it helps.
The eye's height follows from the subject: something h metres tall, s pixels high and standing b
pixels below the horizon is seen from h * b / s metres.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from laterna.world import planting
from laterna.world.camera import GATE, Path, path, spans
from laterna.world.factors import SETTINGS, SUBJECTS, Factors
from laterna.world.palette import Palette, palette
from laterna.world.sprites import BOUNDS, HEIGHT
from laterna.world.surface import roles
from laterna.world.terrain import STREET, height

AIR = ("balloon", "birds", "plane")
AFLOAT = ("boat", "ship")
_PAINT = {
    "none": "8a7a6a", "red": "d63e2e", "yellow": "f2bb3c", "white": "f6f1e8", "blue": "3c72c6",
    "orange": "f08030", "green": "479a55", "black": "2a2b34",
}  # fmt: skip
# Per setting: the horizon's share of the height, eye height, gate (mm), metres of clear sight.
_FRAME: dict[str, tuple[tuple[float, float], tuple[float, float], tuple[float, float], float]] = {
    "mountains": ((0.60, 0.70), (7, 15), (24, 36), 7500),
    "sea": ((0.36, 0.66), (3, 9), (24, 36), 7000),
    "coast": ((0.36, 0.50), (12, 26), (22, 32), 4500),
    "desert": ((0.42, 0.58), (7, 16), (24, 36), 4500),
    "hills": ((0.42, 0.55), (10, 22), (24, 36), 3800),
    "forest": ((0.50, 0.60), (2.2, 5), (24, 34), 900),
    "lake": ((0.50, 0.62), (3.5, 9), (24, 34), 6000),
    "valley": ((0.40, 0.50), (30, 55), (22, 32), 5000),
    "snowfield": ((0.52, 0.64), (4, 9), (24, 36), 5500),
    "skyline": ((0.60, 0.70), (6, 16), (26, 38), 3000),
    "street": ((0.52, 0.60), (1.7, 3.2), (22, 30), 750),
}
_TARGET = {  # height of a subject as a share of the frame's height, and feet below the horizon
    "balloon": (0.24, 0.40), "boat": (0.20, 0.34), "ship": (0.28, 0.42), "car": (0.16, 0.22),
    "birds": (0.16, 0.24), "plane": (0.15, 0.20), "lighthouse": (0.34, 0.48),
    "house": (0.22, 0.34), "person": (0.22, 0.34), "campfire": (0.16, 0.22),
}  # fmt: skip
_DRIFT = {  # own motion, pixels a frame
    "balloon": (0.5, 1.1), "boat": (0.5, 1.3), "ship": (0.4, 0.9), "car": (1.8, 3.2),
    "birds": (1.2, 2.4), "plane": (1.6, 3.0), "person": (0.6, 1.1),
}  # fmt: skip

LONGEST = 8.0  # seconds that moves and drifts are laid out for
Camera = Callable[[Path, float], Path]

# Columns of a sprite's record.
TYPE, KIND, X, Z, BASE, SIZE, XMIN, XMAX, YMIN, YMAX, HAZE, CLASS = range(12)
P0, RECORD = 12, 28


@dataclass(slots=True)
class Scene:
    """Everything a renderer needs of one clip; arrays as in the modules that made them."""

    factors: Factors
    setting: int
    seed: int
    q: NDArray[np.float64]
    palette: Palette
    light: NDArray[np.float32]
    sun_u: float
    albedos: NDArray[np.float32]
    path: Path
    sprites: NDArray[np.float32]  # (n, RECORD), near to far
    moving: int  # row of the subject in `sprites`, -1 for none
    travel: NDArray[np.float32]  # (T, 3) the subject's offset in metres per frame
    rows: NDArray[np.float64]
    density: float
    limit: float
    snowy: float
    ground: float  # level under the camera
    fps: float


def sprite(
    kind: int, index: int, x: float, z: float, base: float, size: float,
    bounds: NDArray[np.float32], cls: int, p: NDArray[np.float32],
) -> NDArray[np.float32]:  # fmt: skip
    """One record; the haze is filled in when all are placed."""
    row = np.zeros(RECORD, np.float32)
    row[:P0] = (kind, index, x, z, base, size, *bounds, 0.0, cls)
    row[P0 : P0 + len(p)] = p
    return row


def _hex(text: str) -> NDArray[np.float32]:
    return np.array([int(text[i : i + 2], 16) / 255 for i in (0, 2, 4)], np.float32)


def _light(palette_: Palette, hour: str, side: float) -> NDArray[np.float32]:
    """Direction to the light. It comes from the side even when the sun stands ahead, as painters
    cheat it, so that forms keep a light side and a shadow side."""
    v = (side * 0.62, 0.66, -0.22) if hour == "noon" else (side * 0.86, 0.42, -0.12)
    a = np.array(v, np.float32)
    return (a / np.linalg.norm(a)).astype(np.float32)


def rows_of(near: float, far: float, focal: float, eye: float) -> NDArray[np.float64]:
    """Depths of the grid's rows: level ground advances by at most 0.7 pixels from one to the next,
    and no step is longer than 2 per cent of the depth."""
    out = [near]
    while out[-1] < far:
        z = out[-1]
        out.append(z + max(min(0.7 * z * z / (focal * eye), 0.020 * z), 0.004 * z))
    return np.array(out)


def compose(
    factors: Factors, seed: int, *, frames: int, size: tuple[int, int], fps: float,
    camera: Camera | None = None,
) -> Scene:  # fmt: skip
    """Place the camera, the light, the subject, plants and houses of a scene.

    What moves in a clip longer than `LONGEST` seconds goes as much slower, and ends where it would
    have ended then. `camera` gives another path for the composition's own and the level of the
    ground it stands on.
    """
    rng = np.random.Generator(np.random.Philox(key=[seed, 0x1A7E]))
    width, high = size
    scale = float(np.sqrt(width * high / (256 * 160)))
    setting = SETTINGS.index(factors.setting)
    q = rng.random(16)
    q[13:] = 0.0
    pal = palette(factors, rng)
    hor_range, eye_range, gate_range, sight = _FRAME[factors.setting]
    focal = rng.uniform(*gate_range) / GATE * 256.0 * scale
    if width < high:
        focal *= 0.85
    share = rng.uniform(*hor_range)
    if factors.setting == "sea":
        share = rng.uniform(0.34, 0.42) if rng.random() < 0.5 else rng.uniform(0.58, 0.66)
    eye = rng.uniform(*eye_range)
    terrain_seed = int(rng.integers(1 << 30))
    albedos = roles(factors.setting, rng)
    subject = factors.subject
    tall = 0.0
    if subject != "none":
        tall = rng.uniform(*_TARGET[subject])
        if subject not in AIR:
            # Feet must be in the frame: lower the horizon's share if the ground is too thin.
            share = min(share, 0.62)
            feet = min(rng.uniform(0.16, 0.30), 0.90 - share)
            eye = float(HEIGHT[SUBJECTS.index(subject)]) * feet / tall
            if subject == "lighthouse":
                eye = max(eye, 9.0)
    horizon = share * high
    # Ground level under the camera and out to the subject.
    where = 0.0
    if subject not in ("none", *AIR, *AFLOAT, "lighthouse") and setting != STREET:
        where = float(HEIGHT[SUBJECTS.index(subject)]) * focal / (tall * high)
        level = max(height(setting, 0.0, where, terrain_seed, q), 0.5)
        q[13:16] = (1.0, where, level if factors.setting not in ("coast", "lake") else 0.9)
        ground = float(q[15])
    else:
        probe = [
            height(setting, x, z, terrain_seed, q)
            for z in np.linspace(0.0, 4.5 * eye + 8.0, 14)
            for x in (-0.35 * z - 2.0, 0.0, 0.35 * z + 2.0)
        ]
        wet = factors.setting in ("sea", "coast", "skyline", "lake")
        ground = 0.0 if wet else max(float(np.percentile(probe, 80)), 0.0)
        ground = max(ground, max(probe[:9]) + 0.5 - eye, 0.0)
    top = ground + eye
    # The nearest ground in the frame sets the scale of travels.
    zs = np.geomspace(0.8, 400.0, 220)
    near_h = np.array([max(height(setting, 0.0, z, terrain_seed, q), 0.0) for z in zs])
    seen = horizon - focal * (near_h - top) / zs < high
    nearest = float(zs[int(np.argmax(seen))]) if seen.any() else 5.0
    front = nearest * rng.uniform(1.05, 1.5)
    pivot = max(where, nearest * rng.uniform(3.0, 6.0))
    pace = min(1.0, LONGEST * fps / frames)
    cam = path(
        factors.move, factors.amount, frames=frames, fps=fps / pace, focal=focal, horizon=horizon,
        height=high, scale=scale, eye=top, nearest=nearest, pivot=pivot,
    )  # fmt: skip
    cam.times = np.arange(frames) / fps
    if camera is not None:
        cam, nearest = camera(cam, ground), 0.0
    # Sun or moon on the third away from the subject.
    away = {"left": 1.0, "right": -1.0}.get(factors.side, float(rng.choice([-1, 1])))
    half = width / 2 / focal
    sun_u = float(away * rng.uniform(0.22, 0.60) * half)
    side = away if pal.disc_visible else float(rng.choice([-1, 1]))
    light = _light(pal, factors.hour, side)
    thick = {"fog": 4.6}.get(factors.weather, pal.density)
    scene = Scene(
        factors, setting, terrain_seed, q, pal, light, sun_u, albedos, cam,
        np.zeros((0, RECORD), np.float32), -1, np.zeros((frames, 3), np.float32),
        np.zeros(0), thick / sight, 0.95 if factors.weather == "fog" else 0.86,
        float(rng.uniform(0.3, 1.0)) if factors.weather == "snow" else 0.0, ground, fps,
    )  # fmt: skip
    behind = float(cam.place[:, 2].min())
    clearance = float(np.min(cam.place[:, 1])) - ground
    far = 900.0 if setting == STREET else (2600.0 if factors.setting == "forest" else 9000.0)
    rows = rows_of(max(nearest * 0.75, 0.5), far, float(cam.focal.max()), max(clearance, 1.0))
    scene.rows = rows + behind
    sprites: list[NDArray[np.float32]] = []
    if subject != "none":
        record, travel = _subject(scene, rng, tall * high, size, pal, pace)
        sprites.append(record)
        scene.travel = travel
        if subject == "lighthouse" and factors.setting == "sea":
            sprites.append(planting.rock_under(record, scene, rng))
    sprites += planting.plants(scene, rng, size, front, sprites[0] if subject != "none" else None)
    if factors.setting == "skyline":
        sprites += planting.skyline(scene, rng, size)
    if sprites:
        planting.fade(scene, sprites)
        order = np.argsort([s[Z] for s in sprites], kind="stable")
        scene.sprites = np.stack([sprites[int(i)] for i in order])
        scene.moving = int(np.flatnonzero(order == 0)[0]) if subject != "none" else -1
    return scene


def _subject(
    scene: Scene, rng: np.random.Generator, pixels: float, size: tuple[int, int], pal: Palette,
    pace: float,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:  # fmt: skip
    """The subject's record at the middle of the clip, and its offsets (T, 3) in metres."""
    f, cam = scene.factors, scene.path
    kind = SUBJECTS.index(f.subject)
    width, high = size
    mid = len(cam.yaw) // 2
    focal, horizon = float(cam.focal[mid]), float(cam.horizon[mid])
    eye, at = float(cam.place[mid, 1]), cam.place[mid]
    tall = float(HEIGHT[kind])
    depth = tall * focal / pixels
    share = {"left": 0.27, "centre": 0.5, "right": 0.73}[f.side] + rng.uniform(-0.035, 0.035)
    angle = np.arctan((share - 0.5) * width / focal) + float(cam.yaw[mid])
    bounds = BOUNDS[kind]
    if f.subject in AIR:
        row = rng.uniform(0.22, 0.40) * high
        row = max(row, float(bounds[3]) * pixels + 4)
        if row > horizon - 0.2 * pixels and f.subject != "balloon":
            row = max(horizon - 0.35 * pixels, float(bounds[3]) * pixels + 3)
        base = eye + (horizon - row) * depth / focal
    elif f.subject in AFLOAT:
        base = 0.0
        feet = eye * focal / depth
        if horizon + feet > 0.93 * high:
            depth = eye * focal / (0.93 * high - horizon)
    else:
        base = None
    z = float(at[2] + depth)
    x = float(at[0] + depth * np.tan(angle))
    if base is None:
        base = max(float(height(scene.setting, x, z, scene.seed, scene.q)), 0.0)
    view = 0.0
    if f.heading in ("away", "closer"):
        view = 1.0 if f.heading == "away" else 2.0
    facing = -1.0 if f.heading == "left" or (f.heading == "still" and rng.random() < 0.5) else 1.0
    if f.heading not in ("left", "right", "still"):
        facing = float(rng.choice([-1, 1]))
    colour = _hex(_PAINT[f.colour])
    bright = np.maximum(pal.lit, 0.62) if pal.night > 0.9 else np.maximum(pal.lit, 0.5)
    p = np.zeros(16, np.float32)
    p[0:3] = colour * bright
    p[3:6] = pal.shade / np.maximum(pal.lit, 0.05)
    p[3:6] = np.clip(p[3:6], 0.25, 1.0)
    p[6:11] = (facing, scene.light[0], pal.night, rng.random(), view)
    p[11:14] = pal.lit
    metres = depth / focal  # of a pixel at the subject
    times = (cam.times - cam.times[mid]) * pace
    travel = np.zeros((len(times), 3), np.float32)
    scale = np.sqrt(width * high / (256 * 160))
    if f.subject in _DRIFT:
        speed = rng.uniform(*_DRIFT[f.subject]) * 8.0 * scale * metres
        if f.heading in ("left", "right"):
            travel[:, 0] = times * speed * facing
            if f.subject == "plane":
                travel[:, 1] = times * speed * rng.uniform(-0.05, 0.12)
        elif f.heading == "up":
            travel[:, 1] = times * speed
            travel[:, 0] = times * speed * rng.uniform(-0.25, 0.25)
        else:
            rate = min(speed * 2.0, 0.32 * depth / max(float(times[-1] - times[0]), 1.0))
            travel[:, 2] = times * rate * (1.0 if f.heading == "away" else -1.0)
    record = sprite(0, kind, x, z, base, tall, bounds, 6, p)
    return record, travel


def grid(scene: Scene, width: int) -> tuple[Any, Any, int]:
    """Origin and spacing (K,) of the columns on every row, and their number."""
    lo, hi = spans(scene.path, scene.rows, width)
    depth = np.maximum(scene.rows - scene.path.place[:, 2].max(), 0.35 * scene.rows)
    pixel = depth / float(scene.path.focal.max())
    columns = int(min(np.ceil(np.max((hi - lo) / (0.85 * pixel))), 900)) + 2
    return lo, (hi - lo) / (columns - 2), columns
