"""Pipelines of every family with random weights of a few kilobytes, built without a network.

Each function gives a whole pipeline that films nothing but noise, by the family's real code. They
keep the real ratios of latents to pixels and frames, which is what the engine has to get right,
and what tells the variants of one pipeline class apart.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from tests.engines.diffusers.tiny.cogvideox import (
    cogvideox,
    cogvideox_15,
    cogvideox_15_image,
    cogvideox_image,
)
from tests.engines.diffusers.tiny.hunyuan import (
    hunyuan,
    hunyuan_15,
    hunyuan_15_image,
    hunyuan_image,
)
from tests.engines.diffusers.tiny.ltx import ltx, ltx_2, ltx_condition
from tests.engines.diffusers.tiny.mochi import mochi
from tests.engines.diffusers.tiny.pictures import (
    animatediff,
    stable_diffusion,
    stable_diffusion_xl,
    svd,
    svd_xt,
)
from tests.engines.diffusers.tiny.wan import (
    wan,
    wan_both,
    wan_ends,
    wan_image,
    wan_two,
    wan_two_image,
    wan_vace,
)

TINY: dict[str, Callable[[], Any]] = {
    made.__name__: made
    for made in (
        wan,
        wan_two,
        wan_image,
        wan_ends,
        wan_two_image,
        wan_both,
        wan_vace,
        ltx,
        ltx_condition,
        ltx_2,
        hunyuan,
        hunyuan_image,
        hunyuan_15,
        hunyuan_15_image,
        cogvideox,
        cogvideox_image,
        cogvideox_15,
        cogvideox_15_image,
        mochi,
        svd,
        svd_xt,
        animatediff,
        stable_diffusion,
        stable_diffusion_xl,
    )
}

# Which of them stands for a preset: the same pipeline class, built the same way.
OF_PRESET = {
    "wan-2.1-t2v-1.3b": "wan",
    "wan-2.1-t2v-14b": "wan",
    "wan-2.1-i2v-14b-480p": "wan_image",
    "wan-2.1-i2v-14b-720p": "wan_image",
    "wan-2.1-flf2v-14b": "wan_ends",
    "wan-2.1-vace-1.3b": "wan_vace",
    "wan-2.1-vace-14b": "wan_vace",
    "wan-2.2-t2v-a14b": "wan_two",
    "wan-2.2-i2v-a14b": "wan_two_image",
    "wan-2.2-ti2v-5b": "wan_both",
    "ltx-video-2b": "ltx",
    "ltx-video-0.9.5": "ltx_condition",
    "ltx-video-0.9.7": "ltx_condition",
    "ltx-2": "ltx_2",
    "hunyuan-video": "hunyuan",
    "hunyuan-video-i2v": "hunyuan_image",
    "hunyuan-video-1.5-t2v-480p": "hunyuan_15",
    "hunyuan-video-1.5-i2v-480p": "hunyuan_15_image",
    "cogvideox-2b": "cogvideox",
    "cogvideox-5b": "cogvideox",
    "cogvideox-5b-i2v": "cogvideox_image",
    "cogvideox-1.5-5b": "cogvideox_15",
    "cogvideox-1.5-5b-i2v": "cogvideox_15_image",
    "mochi-1": "mochi",
    "svd": "svd",
    "svd-xt": "svd_xt",
    "animatediff": "animatediff",
    "stable-diffusion-1.5": "stable_diffusion",
    "stable-diffusion-xl": "stable_diffusion_xl",
}


def build(name: str) -> Any:
    """The pipeline `name` of TINY, always with the same weights."""
    torch.manual_seed(0)
    pipeline = TINY[name]()
    pipeline.set_progress_bar_config(disable=True)
    return pipeline
