"""Tokens: squares of two by two latent cells, one latent frame deep.

The same reshapes work on numpy arrays and torch tensors, so training and filming share them.
"""

from __future__ import annotations

from typing import Any, TypeVar

from laterna.errors import InputError

__all__ = ["SIDE", "patchify", "unpatchify"]

SIDE = 2  # latent cells along a token's side

Array = TypeVar("Array", bound=Any)


def patchify(latents: Array) -> Array:
    """Latents (..., C, h, w) to tokens (..., (h/2) * (w/2), 4C), row by row.

    Within a token the channel runs slowest, then the row. InputError if h or w is odd.
    """
    *front, channels, height, width = latents.shape
    if height % SIDE or width % SIDE:
        raise InputError("latents", tuple(latents.shape), "height and width must be even")
    down, across = height // SIDE, width // SIDE
    x = latents.reshape(*front, channels, down, SIDE, across, SIDE)
    x = x.swapaxes(-2, -3)  # c, down, across, row, column
    x = x.swapaxes(-5, -4).swapaxes(-4, -3)  # down, across, c, row, column
    tokens: Array = x.reshape(*front, down * across, channels * SIDE * SIDE)
    return tokens


def unpatchify(tokens: Array, grid: tuple[int, int]) -> Array:
    """The inverse of `patchify` for a grid of (down, across) tokens.

    InputError if the tokens do not fill the grid.
    """
    *front, count, width = tokens.shape
    down, across = grid
    if count != down * across or width % SIDE**2:
        raise InputError("tokens", tuple(tokens.shape), f"the grid {grid} holds {down * across}")
    channels = width // SIDE**2
    x = tokens.reshape(*front, down, across, channels, SIDE, SIDE)
    x = x.swapaxes(-4, -3).swapaxes(-5, -4)  # c, down, across, row, column
    x = x.swapaxes(-2, -3)  # c, down, row, across, column
    latents: Array = x.reshape(*front, channels, down * SIDE, across * SIDE)
    return latents
