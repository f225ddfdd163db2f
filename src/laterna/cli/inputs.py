"""Pictures and film that a command line names, read as the engine is shown them."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from laterna.cli.console import note
from laterna.engines.protocol import Capabilities
from laterna.errors import InputError, MediaError
from laterna.media.read import probe, read_image, read_mask, read_strip
from laterna.media.scale import cover, same_shape
from laterna.media.shown import shown_rate, shown_size
from laterna.shot import MAX_SIDE, MIN_SECONDS, MIN_SIDE, Keyframe, Size, Strip, size_name

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


def read_keyframes(
    pinned: Iterable[Pinned], size: str | Size, drafts: bool
) -> tuple[Keyframe, ...]:
    """Read pictures for a shot of `size`, cropped where their shape differs, which is said.

    An engine of `drafts` is given their size, any other the pictures' own.
    """
    keyframes = []
    for second, path, field in pinned:
        picture = read_image(path, field=field)
        shown = _shown(path, (picture.shape[1], picture.shape[0]), size, drafts)
        keyframes.append(Keyframe(second, cover(picture, shown)))
    return tuple(keyframes)


def _shown(path: Path, have: Size, size: str | Size, drafts: bool) -> Size:
    """The size in which the engine is shown what is at `path`; a crop is said."""
    shown = shown_size(have, size, drafts)
    if not same_shape(have, shown):
        note(f"{path} is {have[0]}x{have[1]}; its middle is cropped to {shown[0]}:{shown[1]}")
    return shown


def shape_of(path: Path) -> str | Size:
    """The size of the film at `path` as a Shot says it; odd or too large ones come down."""
    width, height = probe(path).size
    shrink = min(1.0, MAX_SIDE / max(width, height))
    grow = max(shrink, MIN_SIDE / min(width, height))
    return size_name(*(2 * max(1, round(side * grow / 2)) for side in (width, height)))


def read_source(
    path: Path, size: str | Size, can: Capabilities, seconds: float | None
) -> tuple[Strip, float]:
    """Read the film to work on for a shot of `size`, its first `seconds` if given.

    An engine of drafts is given their size and rate, any other the film's own, at no higher rate
    than it films. Gives the strip and how many seconds of a shot it makes. Raises InputError for
    more seconds than there are, MediaError.
    """
    media = probe(path)
    fps = shown_rate(float(media.fps), can.fps, can.drafts)
    shown = _shown(path, media.size, size, can.drafts)
    wanted = None if seconds is None else max(1, math.floor(seconds * fps + 0.5))
    strip = read_strip(path, fps, size=shown, most=wanted)
    assert strip.frames is not None
    there = len(strip.frames)
    if wanted is not None and wanted > there:
        remedy = f"the source lasts {there / fps:g} seconds; give no more"
        raise InputError("seconds", seconds, remedy)
    return strip, max(MIN_SECONDS, there / fps) if seconds is None else seconds


def read_masks(path: Path, source: Strip) -> NDArray[np.bool_]:
    """Read the mask for `source`, at its size and rate: one picture, or a film at least as long."""
    assert source.frames is not None
    there, height, width = source.frames.shape[:3]
    mask = read_mask(path, (width, height), fps=source.fps)
    if mask.ndim == 2:
        return mask
    if len(mask) < there:
        raise MediaError(
            f"mask: {path} lasts {len(mask) / source.fps:g} s, the source "
            f"{there / source.fps:g} s; give a mask as long, or a picture"
        )
    return mask[:there]
