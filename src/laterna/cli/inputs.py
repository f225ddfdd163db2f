"""Pictures and film that a command line names, read to the size the shot is filmed at."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from laterna.cli.console import note
from laterna.errors import InputError, MediaError
from laterna.media.read import iterate, probe, read_image, read_mask
from laterna.media.scale import cover, same_shape
from laterna.shot import (
    DRAFT_FPS,
    MAX_SECONDS,
    MAX_SIDE,
    MIN_SIDE,
    Keyframe,
    Size,
    Strip,
    size_name,
)

__all__ = [
    "default_name",
    "parse_extra",
    "parse_keyframe",
    "read_keyframes",
    "read_masks",
    "read_source",
    "shape_of",
]

Pinned = tuple[float, Path, str]  # second, file, name of the option


def default_name(prompt: str, seed: int) -> str:
    """SLUG-SEED.mp4: the first words of the prompt, plain letters only.

    Umlauts and accents fold (ß becomes ss); a prompt without a Latin letter is "clip".
    """
    folded = unicodedata.normalize("NFKD", prompt.replace("ß", "ss").lower())
    words = re.findall(r"[a-z0-9]+", folded.encode("ascii", "ignore").decode())
    slug = ""
    for word in words:
        if len(slug) + len(word) > 40:
            break
        slug = f"{slug}-{word}" if slug else word
    return f"{slug or 'clip'}-{seed}.mp4"


def parse_keyframe(text: str, seconds: float) -> tuple[float, Path]:
    """SECOND=FILE, inside a shot of `seconds`. Raises InputError."""
    moment, equals, name = text.partition("=")
    try:
        second = float(moment)
    except ValueError:
        second = -1.0
    if equals and name and 0 <= second <= seconds:
        return second, Path(name)
    remedy = f"give SECOND=FILE, the second from 0 to {seconds:g}, as in 0.5=middle.png"
    raise InputError("keyframe", text, remedy)


def parse_extra(options: Iterable[str], loras: Iterable[str]) -> dict[str, object]:
    """A Shot's `extra` from NAME=VALUE and FILE[=WEIGHT]. Raises InputError."""
    extra: dict[str, object] = {}
    for text in options:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise InputError("set", text, "give NAME=VALUE, as in cache=first-block")
        extra[name.strip()] = value.strip()
    if files := list(loras):
        from laterna.engines.diffusers.adapters import parse_adapter

        extra["lora"] = [parse_adapter(text).told() for text in files]
    return extra


def read_keyframes(pinned: Iterable[Pinned], size: Size) -> tuple[Keyframe, ...]:
    """Read pictures, cropped to `size` where their shape differs, which is said."""
    return tuple(
        Keyframe(second, _fitted(read_image(path, field=field), path, size))
        for second, path, field in pinned
    )


def _fitted(picture: NDArray[np.uint8], path: Path, size: Size) -> NDArray[np.uint8]:
    have = (picture.shape[1], picture.shape[0])
    if not same_shape(have, size):
        note(f"{path} is {have[0]}x{have[1]}; its middle is cropped to {size[0]}:{size[1]}")
    return cover(picture, size)


def shape_of(path: Path) -> str | Size:
    """The size of the film at `path` as a Shot says it; odd or too large ones come down."""
    width, height = probe(path).size
    shrink = min(1.0, MAX_SIDE / max(width, height))
    grow = max(shrink, MIN_SIDE / min(width, height))
    return size_name(*(2 * max(1, round(side * grow / 2)) for side in (width, height)))


def read_source(path: Path, size: Size, seconds: float | None) -> tuple[Strip, int]:
    """Read the film to work on at draft rate and `size`, its first `seconds` if given.

    Gives the strip and its number of frames.
    """
    have = probe(path).size
    if not same_shape(have, size):
        note(f"{path} is {have[0]}x{have[1]}; its middle is cropped to {size[0]}:{size[1]}")
    frames = list(iterate(path, fps=DRAFT_FPS, size=size, max_seconds=MAX_SECONDS))
    wanted = len(frames) if seconds is None else max(1, round(seconds * DRAFT_FPS))
    if wanted > len(frames):
        lasts = f"the source lasts {len(frames) / DRAFT_FPS:g} seconds"
        raise InputError("seconds", seconds, f"{lasts}; give no more")
    return Strip(np.stack(frames[:wanted]), DRAFT_FPS), wanted


def read_masks(path: Path, source: Strip, size: Size) -> NDArray[np.bool_]:
    """Read the mask for `source`: one picture, or a film at least as long."""
    mask = read_mask(path, size)
    if mask.ndim == 2 or source.frames is None:
        return mask
    if len(mask) < len(source.frames):
        raise MediaError(
            f"mask: {path} lasts {len(mask) / DRAFT_FPS:g} s, the source "
            f"{len(source.frames) / DRAFT_FPS:g} s; give a mask as long, or a picture"
        )
    return mask[: len(source.frames)]
