"""Footage: a clip as a pure function of one seed, with its factors and its hidden truth.

`render_clip` is what data sets, previews and tests call. The truth that comes with every clip
(depth, normals, class matte, optical flow) lies on cells of 16 pixels, the codec's grid;
`full=True` gives it per pixel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from laterna.errors import InputError
from laterna.shot import MAX_SIDE
from laterna.world import compose as comp
from laterna.world import overlay
from laterna.world.camera import Path
from laterna.world.factors import CORE, Factors, Mixture, draw
from laterna.world.render import render
from laterna.world.sky import bake_sky
from laterna.world.surface import bake

CELL = 16


@dataclass(slots=True, eq=False)
class Footage:
    """A clip and what is true of it.

    frames   (T, H, W, 3) uint8, sRGB
    factors  what it shows
    camera   (T, 8) float32: x, y, z metres (looking along -z), yaw, pitch, roll degrees,
             focal length in millimetres on a 36 mm gate, seconds
    cells    depth (T, h, w) metres along the view axis (harmonic mean; inf is sky),
             normals (T, h, w, 3) in world axes (x right, y up, z towards the camera),
             matte (T, h, w, 8) shares of surface.MATTE,
             flow (T, h, w, 2) pixels to the next frame (x right, y down; the last row repeats)
    """

    frames: NDArray[np.uint8]
    factors: Factors
    camera: NDArray[np.float32]
    cells: dict[str, NDArray[np.float32]]
    fps: float
    seed: int


def render_clip(
    seed: int, *, frames: int = 32, size: tuple[int, int] = (256, 160), fps: float = 8.0,
    mixture: Mixture = CORE, factors: Factors | None = None, full: bool = False,
) -> Footage:  # fmt: skip
    """Render the clip of `seed`: `frames` pictures of `size` (width, height; multiples of 16) at
    `fps` a second. `factors` fixes what it shows, else they are drawn from `mixture`.

    The same arguments give the same bytes on the same machine. Raises InputError for a size or a
    length that cannot be.
    """
    width, high = size
    if width % CELL or high % CELL or not 64 <= min(size) <= max(size) <= MAX_SIDE:
        raise InputError("size", size, "sides are multiples of 16 from 64 to 1920")
    if frames < 1:
        raise InputError("frames", frames, "at least one frame")
    if seed < 0:
        raise InputError("seed", seed, "0 or greater")
    rng = np.random.Generator(np.random.Philox(key=[seed, 0xFAC7]))
    drawn = draw(rng, mixture)
    stage = Stage(factors or drawn, seed, rng, frames=frames, size=size, fps=fps)
    return stage.footage(0, frames, 1 if full else CELL)


class Stage:
    """A scene with its land and sky baked, of which any frames can be rendered, in any order.

    `size` (width, height) need only be a multiple of the cells that are asked for. `camera` gives
    another path for the composition's own (`compose`). Memory grows with the size, not the length.
    """

    def __init__(
        self, factors: Factors, seed: int, rng: np.random.Generator, *, frames: int,
        size: tuple[int, int], fps: float, camera: comp.Camera | None = None,
    ) -> None:  # fmt: skip
        self.seed, self.size, self.frames = seed, size, frames
        self.scene = comp.compose(factors, seed, frames=frames, size=size, fps=fps, camera=camera)
        self._bake(rng)
        self._fall = overlay.fall(size, factors, self.scene, rng)

    def footage(self, start: int, stop: int, cell: int) -> Footage:
        """Frames `start` to `stop`, with their truth on cells of `cell` pixels."""
        scene = self.scene
        pictures, raw, share = self._render(start, stop, cell)
        if self._fall is not None:
            self._fall.over(pictures, start)
        overlay.grade(pictures, scene.factors.look)
        cells = _truth(scene, raw, share, cell, start)
        camera = scene.path.columns(*self.size, scene.ground)[start:stop]
        return Footage(pictures, scene.factors, camera, cells, scene.fps, self.seed)

    def _bake(self, rng: np.random.Generator) -> None:
        """Everything a picture needs before the first is rendered."""
        scene, (width, high) = self.scene, self.size
        pal, cam = scene.palette, scene.path
        self._x0, self._dx, columns = comp.grid(scene, width)
        count = len(scene.rows)
        self._ground = np.empty((count, columns, 4), np.float32)
        self._normals = np.empty((count, columns, 3), np.float32)
        self._classes = np.empty((count, columns), np.int8)
        bake(
            scene.setting, scene.seed, scene.q, scene.rows, self._x0, self._dx, columns,
            scene.albedos, pal.lit, pal.shade, pal.haze, scene.density, pal.mist, scene.limit,
            scene.light, scene.snowy, self._ground, self._normals, self._classes,
        )  # fmt: skip
        focal = float(cam.focal.max())
        half = np.arctan((width / 2 + 2) / cam.focal)
        u_lo = float(np.tan(cam.yaw - half).min())
        u_hi = float(np.tan(cam.yaw + half).max())
        v_hi = float((cam.horizon / cam.focal).max()) * 1.25 + 0.05
        drift = float(rng.uniform(0.003, 0.012) * rng.choice([-1, 1])) / max(focal / 256.0, 0.5)
        if high >= 64:
            v_hi = max(v_hi, 0.6 * high / float(cam.focal.min()))
        self._sky, self._clouds, u0, v0 = bake_sky(
            pal, rng, u_range=(u_lo, u_hi), v_max=v_hi, step=0.85 / focal, sun_u=scene.sun_u,
            weather=scene.factors.weather, sun_side=float(np.sign(scene.light[0])),
            shift=drift * float(cam.times[-1]) + 1e-3,
        )  # fmt: skip
        self._par = _parameters(scene, u0, v0, 0.85 / focal, drift)

    def _render(
        self, start: int, stop: int, cell: int
    ) -> tuple[NDArray[np.uint8], NDArray[np.float32], float]:
        scene, (width, high) = self.scene, self.size
        pal, cam, part = scene.palette, scene.path, slice(start, stop)
        crest = (0.55 * pal.middle + 0.45 * pal.horizon).astype(np.float32)
        out = np.empty((stop - start, high, width, 3), np.uint8)
        raw = np.zeros((stop - start, high // cell, width // cell, 12), np.float32)
        render(
            width, high, cam.place[part], cam.yaw[part], cam.horizon[part], cam.focal[part],
            cam.times[part], scene.rows, self._x0, self._dx, self._ground, self._normals,
            self._classes, scene.sprites, scene.moving, scene.travel[part], self._sky,
            self._clouds, pal.haze, pal.water, pal.disc, crest, pal.lit, pal.shade, self._par,
            scene.q, cell, out, raw,
        )  # fmt: skip
        samples = cell * len(
            [i for i in range(cell) if i % max(cell // 4, 1) == max(cell // 4, 1) // 2]
        )
        return out, raw, float(max(samples, 1))


def _parameters(
    scene: comp.Scene, u0: float, v0: float, step: float, drift: float
) -> NDArray[np.float64]:
    """The renderer's settings, in the order of its columns."""
    f, pal = scene.factors, scene.palette
    wave = {"sea": 2.6, "coast": 2.2}.get(f.setting, 0.7)
    calm = {"sea": 1.0, "coast": 0.9, "skyline": 0.65}.get(f.setting, 0.5)
    if f.setting == "street":
        calm = float(scene.light[0])
    wet = f.setting in ("sea", "coast", "lake", "valley", "skyline")
    sun_on = 0.95 if pal.disc_visible and pal.elevation < 0.45 else 0.0
    if f.weather == "fog":
        sun_on *= 0.45
    return np.array(
        [f.setting == "street", wet, scene.density, scene.limit, wave, calm, u0, v0, step,
         drift, scene.sun_u, sun_on, 8.0 + 3.0 * scene.q[3] + 2.5, scene.seed % 100003,
         pal.night, 1.0 - 0.6 * pal.night],
        np.float64,
    )  # fmt: skip


def _truth(
    scene: comp.Scene, raw: NDArray[np.float32], samples: float, cell: int, start: int
) -> dict[str, NDArray[np.float32]]:
    """Depth, normals, matte and flow from what the renderer summed up."""
    raw = raw / np.float32(samples)
    count, h, w, _ = raw.shape
    inverse = raw[..., 0]
    with np.errstate(divide="ignore"):
        depth = (1.0 / inverse).astype(np.float32)
    normals = raw[..., 1:4] * np.array([1, 1, -1], np.float32)
    length = np.linalg.norm(normals, axis=-1, keepdims=True)
    normals = normals / np.maximum(length, 1e-6)
    matte = np.clip(raw[..., 4:], 0, 1)
    cam = scene.path
    ys, xs = np.mgrid[0:h, 0:w].astype(np.float64) * cell + cell / 2
    flow = np.zeros((count, h, w, 2), np.float32)
    own = scene.travel
    for t in range(count):
        n = min(start + t, len(cam.yaw) - 2)
        if n < 0:
            break
        step = own[n + 1] - own[n]
        flow[t] = _flow(cam, n, w * cell, xs, ys, inverse[t], matte[t, ..., 6], step)
    return {"depth": depth, "normals": normals, "matte": matte, "flow": flow}


def _flow(
    cam: Path, n: int, width: int, xs: NDArray[np.float64], ys: NDArray[np.float64],
    inverse: NDArray[np.float32], subject: NDArray[np.float32], step: NDArray[np.float32],
) -> NDArray[np.float32]:  # fmt: skip
    """Where every point of frame n lies in frame n + 1, minus where it lies now (pixels)."""
    f0, f1 = cam.focal[n], cam.focal[n + 1]
    # A point at inverse depth i in camera axes, scaled by i so that infinity stays finite.
    a = (xs - width / 2) / f0
    b = (cam.horizon[n] - ys) / f0
    turn = cam.yaw[n]
    px, pz = a * np.cos(turn) + np.sin(turn), -a * np.sin(turn) + np.cos(turn)
    move = (cam.place[n + 1] - cam.place[n])[None, None] - subject[..., None] * step
    px = px - inverse * move[..., 0]
    py = b - inverse * move[..., 1]
    pz = pz - inverse * move[..., 2]
    turn = cam.yaw[n + 1]
    qx, qz = px * np.cos(turn) - pz * np.sin(turn), px * np.sin(turn) + pz * np.cos(turn)
    qz = np.maximum(qz, 1e-3)
    u = width / 2 + f1 * qx / qz
    v = cam.horizon[n + 1] - f1 * py / qz
    return np.stack([u - xs, v - ys], axis=-1).astype(np.float32)
