"""Made-up film for the tests: soft gradients with a hard-edged disc that moves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from laterna.world.factors import Factors, Mixture


def render(seed: int, mixture: Mixture) -> tuple[dict[str, NDArray[np.generic]], Factors]:
    """A `Render` of 32 frames of 64x48."""
    del mixture
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:48, :64].astype(np.float32)
    low, high, disc = rng.uniform(0, 255, (3, 3))
    centre, speed, radius = rng.uniform(12, 40, 2), rng.uniform(-1, 1, 2), rng.uniform(5, 14)
    frames = np.empty((32, 48, 64, 3), np.uint8)
    for t in range(32):
        sky = low + (high - low) * (y / 47)[..., None]
        away = np.hypot(x - centre[0] - t * speed[0], y - centre[1] - t * speed[1]) - radius
        frames[t] = sky + (disc - sky) * np.clip(0.5 - away, 0, 1)[..., None]
    cells = {
        "camera": np.zeros((32, 8), np.float32),
        "depth": np.full((32, 3, 4), 10, np.float32),
        "normals": np.zeros((32, 3, 4, 3), np.float32),
        "matte": np.zeros((32, 3, 4, 8), np.float32),
        "flow": np.broadcast_to(speed.astype(np.float32), (32, 3, 4, 2)),
    }
    side = "left" if centre[0] < 32 else "right"
    factors = Factors("sea", "noon", "clear", "balloon", "red", side, "left", "static")
    return {"frames": frames, **cells}, factors
