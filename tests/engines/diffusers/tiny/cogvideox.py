"""CogVideoX and CogVideoX 1.5, each for words and for a first picture."""

from __future__ import annotations

from typing import Any

import diffusers as d

from tests.engines.diffusers.tiny.encoders import t5, tokenizer


def _cog(cls: Any, channels: int = 4, invert: bool = False, **more: Any) -> Any:
    told = {
        "num_attention_heads": 2,
        "attention_head_dim": 16,
        "in_channels": channels,
        "out_channels": 4,
        "time_embed_dim": 2,
        "text_embed_dim": 32,
        "num_layers": 2,
        "sample_width": 8,
        "sample_height": 8,
        "sample_frames": 49,
        "patch_size": 2,
        "temporal_compression_ratio": 4,
        "max_text_seq_length": 226,
        "use_rotary_positional_embeddings": True,
    }
    network = d.CogVideoXTransformer3DModel(**(told | more))
    vae = d.AutoencoderKLCogVideoX(
        in_channels=3,
        out_channels=3,
        down_block_types=("CogVideoXDownBlock3D",) * 4,
        up_block_types=("CogVideoXUpBlock3D",) * 4,
        block_out_channels=(8,) * 4,
        latent_channels=4,
        layers_per_block=1,
        norm_num_groups=2,
        temporal_compression_ratio=4,
        invert_scale_latents=invert,
    )
    return cls(
        transformer=network,
        vae=vae,
        scheduler=d.CogVideoXDPMScheduler(),
        text_encoder=t5(),
        tokenizer=tokenizer(),
    )


def cogvideox() -> Any:
    return _cog(d.CogVideoXPipeline)


def cogvideox_image() -> Any:
    return _cog(d.CogVideoXImageToVideoPipeline, 8)


# CogVideoX 1.5 joins two latent frames to a token and cuts its positions out of a larger grid.
_LATER = {"patch_size_t": 2, "sample_width": 300, "sample_height": 300, "sample_frames": 81}
_LATER |= {"patch_bias": False}


def cogvideox_15() -> Any:
    return _cog(d.CogVideoXPipeline, invert=True, **_LATER)


def cogvideox_15_image() -> Any:
    return _cog(d.CogVideoXImageToVideoPipeline, 8, True, ofs_embed_dim=2, **_LATER)
