"""Models of pictures: Stable Diffusion, and what makes film with one, AnimateDiff and SVD."""

from __future__ import annotations

from typing import Any

import diffusers as d
from transformers import CLIPTextModelWithProjection, CLIPVisionModelWithProjection

from tests.engines.diffusers.tiny.encoders import clip, image_processor, tokenizer, vision


def _svd(frames: int) -> Any:
    unet = d.UNetSpatioTemporalConditionModel(
        block_out_channels=(32, 64),
        layers_per_block=1,
        sample_size=32,
        in_channels=8,
        out_channels=4,
        cross_attention_dim=32,
        num_attention_heads=8,
        num_frames=frames,
        down_block_types=("CrossAttnDownBlockSpatioTemporal", "DownBlockSpatioTemporal"),
        up_block_types=("UpBlockSpatioTemporal", "CrossAttnUpBlockSpatioTemporal"),
        projection_class_embeddings_input_dim=96,
        addition_time_embed_dim=32,
    )
    scheduler = d.EulerDiscreteScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        prediction_type="v_prediction",
        sigma_max=700.0,
        sigma_min=0.002,
        steps_offset=1,
        timestep_spacing="leading",
        timestep_type="continuous",
        use_karras_sigmas=True,
    )
    vae = d.AutoencoderKLTemporalDecoder(
        block_out_channels=[32] * 4,
        in_channels=3,
        out_channels=3,
        latent_channels=4,
        down_block_types=["DownEncoderBlock2D"] * 4,
    )
    return d.StableVideoDiffusionPipeline(
        unet=unet,
        image_encoder=vision(CLIPVisionModelWithProjection),
        scheduler=scheduler,
        vae=vae,
        feature_extractor=image_processor(),
    )


def svd() -> Any:
    return _svd(14)


def svd_xt() -> Any:
    return _svd(25)


def _unet(**more: Any) -> Any:
    return d.UNet2DConditionModel(
        block_out_channels=(32, 64),
        layers_per_block=1,
        sample_size=32,
        in_channels=4,
        out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=32,
        norm_num_groups=8,
        **more,
    )


def _picture_vae() -> Any:
    return d.AutoencoderKL(
        block_out_channels=(8,) * 4,
        in_channels=3,
        out_channels=3,
        latent_channels=4,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        norm_num_groups=4,
    )


def animatediff() -> Any:
    adapter = d.MotionAdapter(
        block_out_channels=(32, 64),
        motion_layers_per_block=1,
        motion_norm_num_groups=8,
        motion_num_attention_heads=4,
    )
    return d.AnimateDiffPipeline(
        vae=_picture_vae(),
        text_encoder=clip(),
        tokenizer=tokenizer(),
        unet=d.UNetMotionModel.from_unet2d(_unet(attention_head_dim=4), adapter),
        motion_adapter=adapter,
        scheduler=d.DDIMScheduler(beta_schedule="linear", clip_sample=False),
    )


def stable_diffusion() -> Any:
    return d.StableDiffusionPipeline(
        vae=_picture_vae(),
        text_encoder=clip(),
        tokenizer=tokenizer(),
        unet=_unet(attention_head_dim=4),
        scheduler=d.DDIMScheduler(clip_sample=False),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def stable_diffusion_xl() -> Any:
    unet = _unet(
        attention_head_dim=(2, 4),
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        transformer_layers_per_block=(1, 2),
        projection_class_embeddings_input_dim=32 + 6 * 8,
    )
    unet.register_to_config(cross_attention_dim=32)
    return d.StableDiffusionXLPipeline(
        vae=_picture_vae(),
        text_encoder=clip(16),
        text_encoder_2=clip(16, CLIPTextModelWithProjection),
        tokenizer=tokenizer(),
        tokenizer_2=tokenizer(),
        unet=unet,
        scheduler=d.EulerDiscreteScheduler(),
        add_watermarker=False,
    )
