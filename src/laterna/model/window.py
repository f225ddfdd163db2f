"""The window: films a take of any length, latent frame by latent frame.

One mechanism for every wish. Each token of the take has a strength: 0 is given (a keyframe, film
before or after, the kept part of a picture), 1 is invented, in between it may leave its source so
far. A tick of the plan (`laterna.model.schedule`) brings frames to a noise level, and a token's own
level is the lower of that and its strength: nothing else tells text-to-video from inpainting.

Given tokens stay given bit for bit; the network is shown them, and the film's own past, under a
thin veil of noise, as it was in training, so that its errors do not feed on themselves (history
corruption: Helios, arXiv 2603.04379). What is remembered between ticks are the frames of a window
and one anchor, whatever the length; it can be taken out as arrays after every finished frame and
put back in to go on to the same latents, because noise is a function of seed and frame.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from laterna.model.noise import FRESH, frame_noise
from laterna.model.sampler import Floats, advance
from laterna.model.schedule import Tick, plan
from laterna.model.take import Manner, Network, Take
from laterna.model.view import denoiser

__all__ = ["Finished", "film"]


@dataclass(frozen=True, slots=True, eq=False)
class Finished:
    """Latent frame `frame` (S, D), and the arrays from which the film goes on after it."""

    frame: int
    latents: Floats
    state: dict[str, NDArray[np.generic]]

    def ahead(self, frame: int) -> Floats:
        """The latents of another frame that is still remembered: in a loop, of its end."""
        return self.latents if frame == self.frame else np.asarray(self.state[f"z.{frame}"])


def film(
    network: Network,
    take: Take,
    manner: Manner,
    state: Mapping[str, NDArray[np.generic]] | None = None,
) -> Iterator[Finished]:
    """Film `take`; frames come in order, each as soon as it is clean.

    With the `state` of a finished frame it goes on with the one after it, to the same bits.
    """
    known = [i for i, g in take.given.items() if 0 <= i < take.frames and not g.strength.any()]
    ticks = plan(
        take.frames,
        manner.pace,
        lead=take.lead,
        trail=take.trail,
        loop=take.loop,
        given=known,
    )
    finish, last_use = _lifetimes(ticks, take)
    live = _Live.restore(state)
    while live.emitted < take.frames:
        n = live.emitted
        if finish[n] < live.tick:
            latents = live.z[n]
            live.emitted += 1
            live.forget(last_use)
            yield Finished(n, latents, live.save())
        else:
            _run(network, take, manner, ticks[live.tick], live)
            live.tick += 1
            live.forget(last_use)


@dataclass(slots=True)
class _Live:
    """What is remembered between ticks, by frame: latents, last prediction and its noise levels."""

    tick: int = 0
    emitted: int = 0
    z: dict[int, Floats] = field(default_factory=dict)
    x_hat: dict[int, Floats] = field(default_factory=dict)
    sigma: dict[int, Floats] = field(default_factory=dict)

    def latents(self, frame: int, take: Take) -> Floats:
        """A frame as it stands now."""
        if frame not in self.z:
            self.z[frame] = take.start(frame)
        return self.z[frame]

    def forget(self, last_use: Mapping[int, int]) -> None:
        """Drop the frames that no coming tick shows and that have been handed out."""
        for i in [i for i in self.z if last_use[i] < self.tick and i < self.emitted]:
            for kept in (self.z, self.x_hat, self.sigma):
                kept.pop(i, None)

    def save(self) -> dict[str, NDArray[np.generic]]:
        arrays: dict[str, NDArray[np.generic]] = {
            "tick": np.array([self.tick]),
            "emitted": np.array([self.emitted]),
        }
        for name in ("z", "x_hat", "sigma"):
            arrays |= {f"{name}.{i}": a for i, a in getattr(self, name).items()}
        return arrays

    @classmethod
    def restore(cls, arrays: Mapping[str, NDArray[np.generic]] | None) -> _Live:
        if arrays is None:
            return cls()
        live = cls(int(arrays["tick"][0]), int(arrays["emitted"][0]))
        for key, array in arrays.items():
            name, _, frame = key.partition(".")
            if frame:
                getattr(live, name)[int(frame)] = np.asarray(array, np.float32)
        return live


def _lifetimes(ticks: list[Tick], take: Take) -> tuple[dict[int, int], dict[int, int]]:
    """The tick in which each frame is finished, and the last one that shows it."""
    finish, last_use = {}, {}
    for n, tick in enumerate(ticks):
        for i, level, target in zip(tick.frames, tick.levels, tick.targets, strict=True):
            last_use[take.own(i)] = n
            if target == 0 < level:
                finish[take.own(i)] = n
        if tick.anchor is not None:
            last_use[take.own(tick.anchor)] = n
    return finish, last_use


def _run(network: Network, take: Take, manner: Manner, tick: Tick, live: _Live) -> None:
    """One tick: show the window to the network and move its tokens to their next level."""
    own = [take.own(i) for i in tick.frames]
    z = np.stack([live.latents(i, take) for i in own])
    strength = np.stack([take.strength(i) for i in own])
    sigma = np.minimum(np.array(tick.levels, np.float32)[:, None], strength)
    target = np.minimum(np.array(tick.targets, np.float32)[:, None], strength)
    if (sigma != target).any():  # else all tokens are given, or wait for the ladder to come down
        denoise = denoiser(
            network, take, manner, tick, lambda i: live.latents(i, take), sigma - target
        )
        x_hat = denoise(z, sigma)
        before = np.stack([live.x_hat.get(i, x_hat[f]) for f, i in enumerate(own)])
        sigma_before = np.stack([live.sigma.get(i, np.zeros_like(sigma[0])) for i in own])
        stream, shape = FRESH + live.tick, z.shape[1:]
        fresh = np.stack([frame_noise(take.seed, i, shape, stream) for i in own])
        z = advance(z, x_hat, sigma, target, (before, sigma_before), manner.eta, fresh)
        live.x_hat |= {i: x_hat[f] for f, i in enumerate(own)}
        live.sigma |= {i: sigma[f] for f, i in enumerate(own)}
    for f, i in enumerate(own):
        if tick.levels[f] > 0:
            live.z[i] = z[f]
        if tick.targets[f] == 0:  # finished: there is no next step to predict
            live.x_hat.pop(i, None)
            live.sigma.pop(i, None)
