"""Wan 2.1 and 2.2: words, one picture, two pictures, both, and control."""

from __future__ import annotations

from typing import Any

import diffusers as d
from transformers import UMT5Config, UMT5EncoderModel

from tests.engines.diffusers.tiny.encoders import image_processor, t5, tokenizer, vision


def _wan_network(cls: Any = d.WanTransformer3DModel, **more: Any) -> Any:
    told = {
        "patch_size": (1, 2, 2),
        "num_attention_heads": 2,
        "attention_head_dim": 12,
        "in_channels": 16,
        "out_channels": 16,
        "text_dim": 32,
        "freq_dim": 256,
        "ffn_dim": 32,
        "num_layers": 2,
        "cross_attn_norm": True,
        "qk_norm": "rms_norm_across_heads",
        "rope_max_seq_len": 64,
    }
    return cls(**(told | more))


def _wan_vae(**more: Any) -> Any:
    told = {
        "base_dim": 3,
        "z_dim": 16,
        "dim_mult": [1, 1, 1, 1],
        "num_res_blocks": 1,
        "temperal_downsample": [False, True, True],
    }
    return d.AutoencoderKLWan(**(told | more))


def _wan(cls: Any, network: Any, **more: Any) -> Any:
    scheduler = d.UniPCMultistepScheduler(
        prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0
    )
    told = {
        "transformer": network,
        "vae": _wan_vae(),
        "scheduler": scheduler,
        "text_encoder": t5(UMT5EncoderModel, UMT5Config),
        "tokenizer": tokenizer(),
    }
    return cls(**(told | more))


def wan() -> Any:
    return _wan(d.WanPipeline, _wan_network())


def wan_two() -> Any:
    other = _wan_network()
    return _wan(d.WanPipeline, _wan_network(), transformer_2=other, boundary_ratio=0.875)


def _wan_image(**more: Any) -> Any:
    """Wan 2.1: the picture is also seen by CLIP, in 257 tokens."""
    network = _wan_network(in_channels=36, image_dim=32, added_kv_proj_dim=24, **more)
    eyes = vision(patch=14, layers=2)
    told = {"image_encoder": eyes, "image_processor": image_processor()}
    return _wan(d.WanImageToVideoPipeline, network, **told)


def wan_image() -> Any:
    return _wan_image()


def wan_ends() -> Any:
    """FLF2V: two pictures, side by side in 514 tokens."""
    return _wan_image(pos_embed_seq_len=514)


def wan_two_image() -> Any:
    """Wan 2.2: the picture is in the latents only."""
    told = {"transformer_2": _wan_network(in_channels=36), "boundary_ratio": 0.9}
    told |= {"image_encoder": None, "image_processor": None}
    return _wan(d.WanImageToVideoPipeline, _wan_network(in_channels=36), **told)


def wan_both() -> Any:
    """TI2V-5B: one set of weights for words and pictures, an autoencoder of 16 pixels a cell."""
    vae = _wan_vae(
        z_dim=48,
        in_channels=12,
        out_channels=12,
        patch_size=2,
        scale_factor_spatial=16,
        is_residual=True,
        latents_mean=[0.0] * 48,
        latents_std=[1.0] * 48,
        decoder_base_dim=3,
    )
    network = _wan_network(in_channels=48, out_channels=48)
    return _wan(d.WanPipeline, network, vae=vae, expand_timesteps=True)


def wan_vace() -> Any:
    told = {"vace_layers": [0], "vace_in_channels": 96}
    return _wan(d.WanVACEPipeline, _wan_network(d.WanVACETransformer3DModel, **told))
