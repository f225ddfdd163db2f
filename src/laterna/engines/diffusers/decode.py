"""From latents to frames in pieces of time, so that memory does not grow with the film.

A video autoencoder gives one frame for the first latent frame of a piece and `ratio` for each
other. Pieces overlap: the later one begins some latent frames early, where it knows its past only
poorly, and fades in over them. A film of one piece comes out exactly as the pipeline decodes it.

How to undo a family's scaling of latents is the pipeline's own business: `Undecoded` is raised in
the place of the autoencoder's `decode`, with what the pipeline was about to decode.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from laterna.engines.preflight.geometry import PIECE_PIXELS, UNTILED, WALKING
from laterna.shot import Frames

__all__ = ["Decoder", "Undecoded", "caught", "images", "pieces_of", "settle", "widened"]

FADE = 2  # latent frames over which two pieces fade
# These autoencoders walk through time on their own, so a piece costs them its pixels only.
WALKERS = frozenset({"AutoencoderKLWan", "AutoencoderKLCogVideoX"})
IMAGES = 8  # at once, where the autoencoder takes them one by one and tile by tile


class Undecoded(Exception):
    """What a pipeline was about to decode."""

    def __init__(self, latents: torch.Tensor, args: tuple[Any, ...], kwargs: dict[str, Any]):
        super().__init__("latents caught before they were decoded")
        self.latents, self.args_, self.kwargs = latents, args, kwargs


@contextmanager
def caught(vae: Any) -> Iterator[None]:
    """Inside, `vae.decode` raises Undecoded."""

    def decode(latents: torch.Tensor, *args: Any, **kwargs: Any) -> None:
        raise Undecoded(latents, args, kwargs)

    vae.decode = decode
    try:
        yield
    finally:
        del vae.decode


@contextmanager
def widened(vae: Any, dtype: torch.dtype) -> Iterator[None]:
    """Inside, `vae.decode` computes in `dtype`, whatever numbers the pipeline hands it.

    Stable Diffusion XL's autoencoder overflows in half precision; its pipeline widens one that was
    loaded in float16, and hands latents of the network's type to one that was not.
    """
    decode = vae.decode

    def wide(latents: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
        vae.to(dtype=dtype)
        return decode(latents.to(dtype), *args, **kwargs)

    vae.decode = wide
    try:
        yield
    finally:
        del vae.decode


def settle(vae: Any) -> None:
    """Have the autoencoder work on tiles of the picture, and on one picture at a time."""
    for name in ("enable_tiling", "enable_slicing"):
        if hasattr(vae, name.replace("enable", "use")):
            getattr(vae, name)()


class Decoder:
    """Decodes latents as they come.

    `decode` takes latents and gives pixels, both (1, C, T, H, W), pixels -1 to 1.
    """

    def __init__(
        self,
        decode: Callable[[torch.Tensor], torch.Tensor],
        ratio: int,
        piece: int,
        fade: int = FADE,
    ) -> None:
        """`ratio` frames a latent frame; `piece` latent frames are decoded at once, and two pieces
        fade over `fade` of them."""
        self._decode, self._ratio = decode, ratio
        self._fade = min(fade, piece - 2)
        self._piece = piece
        self._latents: torch.Tensor | None = None  # that wait, behind those decoded for the fade
        self._fading: Frames | None = None  # frames that the next piece fades into

    def push(self, latents: torch.Tensor) -> Iterator[Frames]:
        """Frames (T, H, W, 3) that are ready with these further latents (1, C, T, h, w)."""
        waiting = self._latents
        self._latents = latents if waiting is None else torch.cat([waiting, latents], dim=2)
        while self._latents.shape[2] > self._piece:
            yield self._decoded(self._latents[:, :, : self._piece], more=True)
            self._latents = self._latents[:, :, self._piece - self._fade - 1 :]

    def flush(self) -> Iterator[Frames]:
        """The frames that are left; the next latents are those of another film."""
        latents, self._latents = self._latents, None
        if latents is not None:
            yield self._decoded(latents, more=False)

    def _decoded(self, latents: torch.Tensor, more: bool) -> Frames:
        """Frames of a piece; with `more` to come, its last ones are kept back to fade."""
        frames = to_uint8(self._decode(latents)[0])
        # CogVideoX gives a whole group for the first latent frame of an even number.
        frames = frames[-(1 + (latents.shape[2] - 1) * self._ratio) :]
        before, self._fading = self._fading, None
        if before is not None:
            frames = _faded(before, frames[1:])
        if more:
            kept = self._fade * self._ratio
            frames, self._fading = frames[:-kept], frames[-kept:]
        return frames


def to_uint8(pixels: torch.Tensor) -> Frames:
    """(C, T, H, W), -1 to 1, to (T, H, W, 3) uint8."""
    scaled = (pixels.float() / 2 + 0.5).clamp(0, 1).mul(255).round()
    frames: Frames = scaled.to(torch.uint8).permute(1, 2, 3, 0).contiguous().cpu().numpy()
    return frames


def pieces_of(vae: object, size: tuple[int, int], ratio: int) -> tuple[int, int]:
    """Latent frames decoded at once for pictures of `size`, and those over which pieces fade.

    At once are an odd number, as CogVideoX takes them: one, then pairs.
    """
    more = WALKING if type(vae).__name__ in WALKERS else 1
    fade = FADE * (2 if more > 1 else 1)
    count = max(2 * fade + 1, more * PIECE_PIXELS // (size[0] * size[1] * ratio))
    return count - 1 + count % 2, fade


def images(vae: Any, latents: torch.Tensor, kwargs: dict[str, Any]) -> Iterator[Frames]:
    """Frames of latents (T, C, h, w) of an autoencoder for pictures, a few at a time."""
    count = IMAGES if hasattr(vae, "use_tiling") else UNTILED
    for start in range(0, len(latents), count):
        some = latents[start : start + count]
        told = kwargs | ({"num_frames": len(some)} if "num_frames" in kwargs else {})
        with torch.no_grad():
            pixels = vae.decode(some, **told).sample
        yield to_uint8(pixels.permute(1, 0, 2, 3))


def _faded(before: Frames, after: Frames) -> Frames:
    """`after`, fading in over as many frames as `before` has."""
    count = len(before)
    weight = (np.arange(1, count + 1) / (count + 1))[:, None, None, None]
    mixed = before * (1 - weight) + after[:count] * weight
    return np.concatenate([np.rint(mixed).astype(np.uint8), after[count:]])
