"""Plants, rocks, lamps and houses of a scene: what frames it and what gives its planes scale.

The foreground stands at the edges of the picture and is darker than what lies behind it
(repoussoir), so that it frames without asking for attention.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from laterna.world.surface import BUILDING, ROCK, VEGETATION, fog
from laterna.world.terrain import height
from laterna.world.trees import PLANT_BOUNDS

if TYPE_CHECKING:
    from laterna.world.compose import Scene

Row = NDArray[np.float32]
(CONIFER, ROUND, POPLAR, PALM, BUSH, GRASS, STONE, CACTUS, BARE, BRANCH, REEDS, LAMP, FENCE) = (
    range(13)
)

# Per setting: what may frame at an edge, what lies low in front, what dots the middle ground.
_EDGE: dict[str, tuple[int, ...]] = {
    "mountains": (CONIFER, CONIFER, ROUND, BARE, STONE), "sea": (), "coast": (PALM, BRANCH, STONE),
    "desert": (CACTUS, BARE, PALM, STONE), "hills": (ROUND, POPLAR, BARE, BRANCH),
    "forest": (CONIFER, ROUND, BARE), "lake": (CONIFER, ROUND, BRANCH, REEDS),
    "valley": (CONIFER, STONE, ROUND, BRANCH), "snowfield": (CONIFER, BARE, CONIFER),
    "skyline": (ROUND, BRANCH, LAMP), "street": (LAMP,),
}  # fmt: skip
_LOW: dict[str, tuple[int, ...]] = {
    "mountains": (GRASS, STONE, BUSH), "sea": (), "coast": (GRASS,), "desert": (STONE, GRASS, BUSH),
    "hills": (GRASS, BUSH, FENCE), "forest": (GRASS, BUSH, STONE), "lake": (REEDS, GRASS, STONE),
    "valley": (GRASS, STONE, BUSH), "snowfield": (STONE, GRASS), "skyline": (), "street": (),
}  # fmt: skip
_MIDDLE: dict[str, tuple[int, ...]] = {
    "mountains": (CONIFER, CONIFER, BUSH), "sea": (), "coast": (BUSH, ROUND),
    "desert": (CACTUS, BUSH, STONE), "hills": (ROUND, POPLAR, BUSH, ROUND),
    "forest": (CONIFER, ROUND),
    "lake": (CONIFER, CONIFER, ROUND), "valley": (CONIFER, POPLAR, ROUND), "snowfield": (CONIFER,),
    "skyline": (), "street": (),
}  # fmt: skip
_METRES = {
    CONIFER: (8, 17), ROUND: (6, 11), POPLAR: (9, 16), PALM: (6, 10), BUSH: (1.2, 2.6),
    GRASS: (0.35, 0.7), STONE: (0.8, 2.4), CACTUS: (2.5, 5), BARE: (5, 9), BRANCH: (3, 5),
    REEDS: (1.0, 1.8), LAMP: (4.6, 5.0), FENCE: (1.0, 1.2),
}  # fmt: skip


def _paint(kind: int, scene: Scene, rng: np.random.Generator, dim: float) -> Row:
    """A plant's p record: light and shadow colours under the scene's light."""
    pal, a = scene.palette, scene.albedos
    if kind in (STONE,):
        base = a[2] * 0.95
    elif kind in (LAMP, FENCE):
        base = np.array([0.30, 0.28, 0.30], np.float32) if kind == LAMP else a[5] * 0.62
    elif kind in (GRASS, REEDS):
        base = a[1] * 0.95
    elif kind == BARE:
        base = np.array([0.42, 0.34, 0.30], np.float32)
    elif kind == CONIFER:
        base = a[4] * np.array([0.86, 0.95, 0.95], np.float32)
    elif kind in (CACTUS, PALM):
        base = np.array([0.42, 0.56, 0.32], np.float32)
    else:
        base = 0.5 * a[0] + 0.5 * a[4]
        if scene.factors.setting == "snowfield":
            base = a[4]
    base = np.clip(base * (1 + rng.uniform(-0.08, 0.08, 3)), 0, 1)
    p = np.zeros(16, np.float32)
    p[0:3] = base * pal.lit * dim
    p[3:6] = base * pal.shade * dim * 0.88
    snow = 0.0
    if scene.snowy > 0 or scene.factors.setting == "snowfield":
        snow = float(rng.uniform(0.4, 1.0))
    p[6:11] = (scene.light[0], rng.random(), snow, rng.uniform(0.3, 1.0), pal.night)
    return p


def _place(
    kind: int, x: float, z: float, base: float, size: float, scene: Scene,
    rng: np.random.Generator, dim: float,
) -> Row:  # fmt: skip
    from laterna.world.compose import sprite

    cls = ROCK if kind == STONE else (BUILDING if kind == LAMP else VEGETATION)
    return sprite(1, kind, x, z, base, size, PLANT_BOUNDS[kind], cls, _paint(kind, scene, rng, dim))


def _level(scene: Scene, x: float, z: float) -> float:
    return float(height(scene.setting, x, z, scene.seed, scene.q))


def plants(
    scene: Scene, rng: np.random.Generator, size: tuple[int, int], front: float, subject: Row | None
) -> list[Row]:
    """Foreground at the edges and along the bottom, trees in the middle ground."""
    f, cam = scene.factors, scene.path
    width, high = size
    mid = len(cam.yaw) // 2
    focal, at = float(cam.focal[mid]), cam.place[mid]
    out: list[Row] = []
    if f.setting == "street":
        return _street(scene, rng)
    z_sub = float(subject[3]) if subject is not None else 1e9
    end = float(cam.place[:, 2].max())

    def spot(share: float, depth: float) -> tuple[float, float]:
        return float(at[0] + depth * np.tan((share - 0.5) * width / focal + cam.yaw[mid])), float(
            at[2] + depth
        )

    taken = {"left": (0.0, 0.42), "right": (0.58, 1.0), "centre": (0.32, 0.68)}.get(
        f.side, (2.0, 3.0)
    )
    if _EDGE[f.setting] and rng.random() < 0.7:
        edges = [-1.0, 1.0] if rng.random() < 0.3 else [float(rng.choice([-1, 1]))]
        for edge in edges:
            kind = int(rng.choice(_EDGE[f.setting]))
            depth = max(front * rng.uniform(1.0, 1.6), end - at[2] + 2.0)
            share = 0.5 + edge * rng.uniform(0.40, 0.52)
            if taken[0] < share < taken[1] and abs(share - 0.5) < 0.42:
                continue
            x, z = spot(share, depth)
            if z > 0.8 * z_sub:
                continue
            base = _level(scene, x, z)
            metre = focal / depth
            if kind == BRANCH:
                # A bough hangs in from a top corner.
                tall = high * rng.uniform(0.30, 0.42) / metre
                x, z = spot(0.5 + edge * 0.53, depth)
                base = float(at[1]) + float(cam.horizon[mid]) / metre - 0.05 * tall
            elif base < 0.1:
                continue
            else:
                tall = high * rng.uniform(0.4, 0.9) / metre
                tall = min(tall, 2.2 * _METRES[kind][1])
                if kind in (STONE, REEDS):
                    tall = high * rng.uniform(0.14, 0.26) / metre
            row = _place(kind, x, z, base - 0.02 * tall, tall, scene, rng, 0.66)
            row[-1] = -edge
            out.append(row)
    if _LOW[f.setting]:
        for _ in range(int(rng.integers(5, 16))):
            kind = int(rng.choice(_LOW[f.setting]))
            depth = front * rng.uniform(0.85, 2.2)
            share = rng.uniform(-0.25, 1.25)
            x, z = spot(share, depth)
            base = _level(scene, x, z)
            if base < 0.05 or z > 0.8 * z_sub or z < end + 1.0:
                continue
            tall = high * rng.uniform(0.05, 0.13) * depth / focal
            out.append(_place(kind, x, z, base - 0.03 * tall, tall, scene, rng, 0.78))
    if _MIDDLE[f.setting]:
        dense = {"forest": 150, "lake": 60, "hills": 46, "mountains": 46, "valley": 56,
                 "snowfield": 26, "coast": 14, "desert": 10}[f.setting]  # fmt: skip
        count = int(dense * rng.uniform(0.4, 1.2))
        near = max(front * 2.2, 26.0) if f.setting != "forest" else max(front * 2.0, 15.0)
        far = {"forest": 300.0, "desert": 260.0, "coast": 500.0}.get(f.setting, 900.0)
        groups = rng.uniform(-0.35, 1.35, max(count // 7, 2))
        for _ in range(count):
            kind = int(rng.choice(_MIDDLE[f.setting]))
            depth = float(np.exp(rng.uniform(np.log(near), np.log(far))))
            share = float(rng.choice(groups) + rng.normal() * 0.07)
            if f.setting == "forest":
                share = rng.uniform(-0.35, 1.35)
                # Leave the path and the view along it open.
                if abs(share - 0.5) < 0.16 * min(1.0, 40.0 / depth) + 0.05:
                    continue
            x, z = spot(share, depth)
            if z < z_sub * 1.15 and taken[0] - 0.1 < share < taken[1] + 0.1:
                continue
            base = _level(scene, x, z)
            if base < 0.8 or base > 150:
                continue
            tall = rng.uniform(*_METRES[kind])
            if f.setting == "forest":
                tall *= 1.5
            out.append(_place(kind, x, z, base - 0.3, tall, scene, rng, 0.92))
    return out


def _street(scene: Scene, rng: np.random.Generator) -> list[Row]:
    out: list[Row] = []
    kerb = 5.5 + 3.0 * float(scene.q[3])
    first = rng.uniform(6, 14)
    trees = rng.random() < 0.5
    for i in range(9):
        z = first + 19.0 * i
        for side in (-1.0, 1.0):
            out.append(_place(LAMP, side * (kerb + 0.6), z, 0.15, 4.9, scene, rng, 1.0))
            if trees:
                size = rng.uniform(5, 7)
                out.append(_place(ROUND, side * (kerb + 1.6), z + 9, 0.15, size, scene, rng, 0.9))
    return out


def rock_under(subject: Row, scene: Scene, rng: np.random.Generator) -> Row:
    """The skerry a lighthouse stands on, just in front of its foot."""
    tall = 0.30 * float(subject[5])
    row = _place(
        STONE, float(subject[2]), float(subject[3]) - 1.0, -0.32 * tall, tall, scene, rng, 1.0
    )
    subject[4] = 0.42 * tall
    return row


def skyline(scene: Scene, rng: np.random.Generator, size: tuple[int, int]) -> list[Row]:
    """Towers in four planes on the far shore, tallest around one centre."""
    from laterna.world.camera import spans
    from laterna.world.compose import sprite

    pal = scene.palette
    shore = 175.0 + 110.0 * float(scene.q[3]) + 18.0
    half = size[0] / 2 / float(scene.path.focal.min())
    centre = rng.uniform(-0.5, 0.5) * half * shore
    tint = np.array([0.72, 0.69, 0.68], np.float32) * (1 + rng.uniform(-0.12, 0.12, 3))
    out: list[Row] = []
    tallest = rng.uniform(120, 210)
    for plane, (back, low, top, share) in enumerate(
        ((0.0, 9, 30, 0.85), (70.0, 22, 75, 0.7), (170.0, 45, 130, 0.6), (300.0, 60, tallest, 0.45))
    ):
        z = shore + back
        lo, hi = spans(scene.path, np.array([z]), size[0])
        x = float(lo[0]) - 20
        while x < float(hi[0]) + 20:
            wide = rng.uniform(13, 34) * (1 + 0.15 * plane)
            near = np.exp(-(((x + wide / 2 - centre) / (0.55 * half * shore)) ** 2))
            tall = low + (top - low) * (0.25 + 0.75 * near) * rng.random() ** 1.3
            if rng.random() < share:
                base = tint * rng.uniform(0.78, 1.22) * (1 + rng.uniform(-0.07, 0.07, 3))
                if rng.random() < 0.18:
                    base = base * np.array([1.1, 0.82, 0.70], np.float32)
                base = np.clip(base, 0, 1)
                p = np.zeros(16, np.float32)
                p[0:3], p[3:6] = base * pal.lit, base * pal.shade * 0.92
                roof = rng.choice([0, 0, 0, 1, 2, 3]) if tall > 40 else rng.choice([0, 0, 3])
                p[6:13] = (
                    scene.light[0], rng.random(), min(pal.night * 1.5, 1.0), wide / 2 / tall,
                    rng.uniform(-0.6, 0.6), max(round(tall / 4.2), 3), roof,
                )  # fmt: skip
                edge = wide / 2 / tall * 1.02 + 0.01
                bounds = np.array([-edge, edge, 0.0, 1.13], np.float32)
                depth = z + rng.uniform(0, 40)
                out.append(sprite(2, 0, x + wide / 2, depth, 1.5, tall, bounds, BUILDING, p))
            x += wide * rng.uniform(0.75, 1.15)
    return out


def fade(scene: Scene, sprites: list[Row]) -> None:
    """Fill in every sprite's share of haze."""
    mist = scene.palette.mist
    for row in sprites:
        level = float(row[4] + 0.5 * row[5])
        value: Any = fog(float(row[3]), level, scene.density, mist, scene.limit)
        row[10] = 0.55 * value if row[0] == 0 else value
