"""What the network is shown in a tick: the window under its veil, the anchor, the prompts.

Positions are real units, so that a window may start anywhere and have any shape: seconds from the
first unfinished frame, and picture heights from the centre.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from laterna.model.noise import VEIL, frame_noise
from laterna.model.sampler import Denoise, Floats, add_noise, guided
from laterna.model.schedule import Tick
from laterna.model.take import ANCHOR, CAMERA, SECONDS, STILL, VIDEO, Manner, Network, Prompt, Take

__all__ = ["denoiser", "positions"]


def positions(seconds: Sequence[float], grid: tuple[int, int]) -> Floats:
    """Token centres (F, S, 3): seconds, then down and right from the centre in picture heights."""
    height, width = grid
    down = (np.arange(height) + 0.5) / height - 0.5
    right = ((np.arange(width) + 0.5) / width - 0.5) * (width / height)
    t, y, x = np.meshgrid(np.asarray(seconds), down, right, indexing="ij")
    return np.stack([t, y, x], axis=-1).reshape(len(seconds), height * width, 3).astype(np.float32)


def denoiser(
    network: Network,
    take: Take,
    manner: Manner,
    tick: Tick,
    latents: Callable[[int], Floats],
    step: Floats,
) -> Denoise:
    """The network for one tick's window, as denoise(z (F, S, D), sigma (F, S)) -> x_hat.

    `latents` gives the anchor's latents (S, D) by its frame; `step` (F, S) is how far each token
    will go, told to the network if the manner has shortcuts.
    """
    frames = list(tick.frames)
    far = [] if tick.anchor is None else [tick.anchor]
    fixed = _fixed_inputs(take, tick, far + frames)
    ahead = np.concatenate([np.zeros((len(far), take.tokens), np.float32), step])
    if not manner.shortcut:
        ahead = np.zeros_like(ahead)

    def forward(z: Floats, sigma: Floats, prompts: list[Prompt]) -> Floats:
        z = np.concatenate([*(latents(take.own(i))[None] for i in far), z])
        sigma = np.concatenate([np.zeros((len(far), take.tokens), np.float32), sigma])
        shown, level = _veiled(take, manner, far + frames, z, sigma)
        text = np.stack([p.tokens for p in prompts]), np.stack([p.mask for p in prompts])
        batch = [
            np.ascontiguousarray(np.broadcast_to(a, (len(prompts), *a.shape)))
            for a in (shown, _per_frame(level), _per_frame(ahead), *fixed)
        ]
        return network(*batch, *text)[:, len(far) :]  # type: ignore[call-arg]

    walking = np.array(tick.levels) > 0
    follows = [_prompt_of(take, i) for i in frames]
    asked = sorted({p for p, at in zip(follows, walking, strict=True) if at})
    row = [asked.index(p) if at else 0 for p, at in zip(follows, walking, strict=True)]

    def wanted(z: Floats, sigma: Floats) -> Floats:
        """Each frame as its own prompt sees it; the network runs once per prompt in sight."""
        x_hat = forward(z, sigma, [take.prompts[p] for p in asked])
        return np.stack([x_hat[b, f] for f, b in enumerate(row)])

    if take.unwanted is None or take.guidance == 1.0:
        return wanted
    away = take.unwanted
    return guided(
        wanted, lambda z, sigma: forward(z, sigma, [away])[0], take.guidance, manner.interval
    )


def _fixed_inputs(take: Take, tick: Tick, frames: list[int]) -> tuple[np.ndarray, ...]:
    """Position (F, S, 3), kind (F, 1), camera (F, 8): what does not depend on the latents."""
    now = next(i for i, at in zip(tick.frames, tick.levels, strict=True) if at > 0)
    position = positions([(i - now) * SECONDS for i in frames], take.grid)
    kind = np.array([[_kind(take, take.own(i))] for i in frames], np.int64)
    if tick.anchor is not None:
        kind[0] = ANCHOR
    camera = np.zeros((len(frames), CAMERA), np.float32)
    if take.camera is not None:
        camera = take.camera[[min(max(take.own(i), 0), take.frames - 1) for i in frames]]
    return position, kind, camera


def _kind(take: Take, frame: int) -> int:
    still = take.still or (frame in take.given and take.given[frame].still)
    return STILL if still else VIDEO


def _prompt_of(take: Take, frame: int) -> int:
    own = take.own(frame)
    return take.prompt_of[own] if 0 <= own < len(take.prompt_of) else 0


def _veiled(
    take: Take, manner: Manner, frames: list[int], z: Floats, sigma: Floats
) -> tuple[Floats, Floats]:
    """Finished and given tokens under a little noise, and the levels everything is shown at."""
    strength = np.stack([take.strength(take.own(i)) for i in frames])
    floor = np.where(strength > 0, np.float32(manner.history), np.float32(manner.veil))
    floor = np.where(sigma > 0, np.float32(0), floor)
    veil = np.stack([frame_noise(take.seed, take.own(i), z.shape[1:], VEIL) for i in frames])
    return add_noise(z, veil, floor), np.maximum(sigma, floor)


def _per_frame(level: Floats) -> Floats:
    """(F, S) as (F, 1) where every frame has one level: the network then modulates per frame."""
    return level[:, :1] if (level == level[:, :1]).all() else level
