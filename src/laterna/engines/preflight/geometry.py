"""How much a pipeline needs while it works, besides its weights: two sums, one measured constant
each.

Denoising: a transformer's largest moment is the feed-forward or attention of one block, so

    bytes = rows x tokens x width x 18 x bytes of a number

tokens = (frames / time) x (height / space / patch) x (width / space / patch), rows = 2 where
guidance is one batch of two. Counting every live tensor of one pass at the models' own sizes gave
11 (Wan 14B) to 18 (HunyuanVideo) numbers per token and unit of width; attention is fused, so
nothing grows with its square. A U-Net's latent pixel counts as a token of width 320.

Decoding: the VAE works tile by tile (tiling is always on where it has any), so

    bytes = tile width x tile height x tile frames x bytes a pixel + the picture so far

with the tile that diffusers takes by default, the bytes that were counted for it, and the picture
held only as long as the piece of film that is decoded at once.
`benchmarks/preflight.py` counts both again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from laterna.engines.preflight.weights import LOADED
from laterna.size import Size

__all__ = ["PIECE_PIXELS", "UNTILED", "WALKING", "Geometry", "geometry_of"]

PIECE_PIXELS = 24 * 1280 * 720  # of the frames that are decoded before they are handed on
WALKING = 4  # times more, where the autoencoder remembers what was before
UNTILED = 2  # pictures decoded at once, where the autoencoder has no tiles and mixes them
PICTURE = 36  # bytes of a decoded pixel on its way to eight bits: three colours, three float copies
PER_TOKEN = 18  # numbers alive per token and unit of width, at the most


@dataclass(frozen=True, slots=True)
class Geometry:
    """What a family's tensors look like.

    space, time, patch   pixels a latent cell each way, frames a latent frame, cells a token
    width                of the network; `rows` of its batch
    tile                 (width, height, frames) the VAE decodes at once
    pixel                numbers alive for each pixel of a tile while it is decoded
    per_token            as in the module's docstring; `patch_time` latent frames a token
    walking              so many times longer pieces, where the VAE walks through time by itself
    """

    space: int
    time: int
    patch: int
    width: int
    rows: int
    tile: tuple[int, int, int]
    pixel: int
    per_token: int = PER_TOKEN
    patch_time: int = 1
    walking: int = 1

    def denoising(self, frames: int, size: Size, dtype: str) -> int:
        """Bytes that one step takes beside the weights, for `frames` of (width, height)."""
        latents = 1 + (frames - 1) // self.time if self.time > 1 else frames
        across, down = (math.ceil(side / self.space / self.patch) for side in size)
        tokens = math.ceil(latents / self.patch_time) * across * down
        return self.rows * tokens * self.width * self.per_token * LOADED[dtype]

    def decoding(self, frames: int, size: Size, dtype: str) -> int:
        """Bytes that the VAE takes beside its weights and the latents."""
        wide, high, long = self.tile
        piece = min(frames, max(5 * self.time, self.walking * PIECE_PIXELS // (size[0] * size[1])))
        tile = min(wide, size[0]) * min(high, size[1]) * min(long, piece)
        return tile * self.pixel * LOADED[dtype] + size[0] * size[1] * piece * PICTURE


ALL = 1 << 30  # frames: as many as there are in a piece

_WAN = Geometry(8, 4, 2, 5120, 1, (256, 256, 4), 1100, walking=WALKING)
_LTX = Geometry(32, 8, 1, 2048, 2, (512, 512, ALL), 45)
_HUNYUAN = Geometry(8, 4, 2, 3072, 1, (256, 256, 17), 1160)
_COG = Geometry(8, 4, 2, 3072, 2, (360, 240, 8), 2800, walking=WALKING)
_UNET = Geometry(8, 1, 1, 320, 2, (512, 512, 1), 1030, per_token=28)

# By the start of a preset's family; the first that matches.
FAMILIES: Mapping[str, Geometry] = {
    "wan-2.1-1.3b": replace(_WAN, width=1536),
    # Its noise level is told to every token by itself, and so is the modulation.
    "wan-2.2-5b": replace(_WAN, width=3072, space=16, per_token=33),
    "wan": _WAN,
    "ltx-video-13b": replace(_LTX, width=4096),
    "ltx-2": replace(_LTX, width=4096),
    "ltx": _LTX,
    "hunyuan-video-1.5": replace(_HUNYUAN, space=16, patch=1, width=2048),
    "hunyuan": _HUNYUAN,
    "cogvideox-2b": replace(_COG, width=1920),
    "cogvideox-1.5": replace(_COG, patch_time=2),
    "cogvideox": _COG,
    "mochi": replace(_COG, time=6, tile=(256, 256, ALL), pixel=900, walking=1),
    "svd": replace(_UNET, tile=(1024, 576, UNTILED)),
    "stable-diffusion": _UNET,
}


def geometry_of(family: str, config: Mapping[str, Any] | None = None) -> Geometry:
    """The geometry of a preset's family, its width and patch as a network's config.json says, where
    there is one."""
    known = next((g for start, g in FAMILIES.items() if family.startswith(start)), _WAN)
    told = config or {}
    heads, head = told.get("num_attention_heads"), told.get("attention_head_dim")
    if isinstance(heads, int) and isinstance(head, int):
        known = replace(known, width=heads * head)
    patch = told.get("patch_size")
    if isinstance(patch, list) and patch:
        patch = patch[-1]
    return replace(known, patch=patch) if isinstance(patch, int) and patch > 0 else known
