"""Pipelines of every family with random weights of a few kilobytes, built without a network.

Each function gives a whole pipeline that films nothing but noise, by the family's real code. They
keep the real ratios of latents to pixels and frames, which is what the engine has to get right.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import diffusers as d
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    CLIPImageProcessor,
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPVisionConfig,
    CLIPVisionModelWithProjection,
    LlamaConfig,
    LlamaModel,
    PreTrainedTokenizerFast,
    T5Config,
    T5EncoderModel,
    UMT5Config,
    UMT5EncoderModel,
)

Flow = d.FlowMatchEulerDiscreteScheduler
WORDS = 64


def tokenizer(cls: Any = PreTrainedTokenizerFast) -> Any:
    words = {"<pad>": 0, "</s>": 1, "<unk>": 2}
    words |= {f"w{number}": number for number in range(3, WORDS)}
    made = Tokenizer(models.WordLevel(words, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    return cls(
        tokenizer_object=made,
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
        model_max_length=77,
    )


def _t5(cls: Any = T5EncoderModel, config: Any = T5Config) -> Any:
    sizes = {"d_model": 32, "d_kv": 8, "d_ff": 37, "num_layers": 1, "num_heads": 4}
    return cls(config(vocab_size=WORDS, decoder_start_token_id=0, **sizes)).eval()


def _clip(width: int = 32, cls: Any = CLIPTextModel) -> Any:
    sizes = {"hidden_size": width, "intermediate_size": 37, "num_attention_heads": 4}
    ends = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 1}
    config = CLIPTextConfig(
        num_hidden_layers=2, vocab_size=WORDS, projection_dim=32, **sizes, **ends
    )
    return cls(config).eval()


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
        "text_encoder": _t5(UMT5EncoderModel, UMT5Config),
        "tokenizer": tokenizer(),
    }
    return cls(**(told | more))


def wan() -> Any:
    return _wan(d.WanPipeline, _wan_network())


def wan_two() -> Any:
    other = _wan_network()
    return _wan(d.WanPipeline, _wan_network(), transformer_2=other, boundary_ratio=0.875)


def wan_image() -> Any:
    network = _wan_network(in_channels=36)
    return _wan(d.WanImageToVideoPipeline, network, image_encoder=None, image_processor=None)


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


def _ltx(cls: Any) -> Any:
    network = d.LTXVideoTransformer3DModel(
        in_channels=8,
        out_channels=8,
        patch_size=1,
        patch_size_t=1,
        num_attention_heads=4,
        attention_head_dim=8,
        cross_attention_dim=32,
        num_layers=2,
        caption_channels=32,
    )
    vae = d.AutoencoderKLLTXVideo(
        in_channels=3,
        out_channels=3,
        latent_channels=8,
        block_out_channels=(8,) * 4,
        decoder_block_out_channels=(8,) * 4,
        layers_per_block=(1,) * 5,
        decoder_layers_per_block=(1,) * 5,
        spatio_temporal_scaling=(True, True, True, False),
        decoder_spatio_temporal_scaling=(True, True, True, False),
        decoder_inject_noise=(False,) * 5,
        upsample_residual=(False,) * 4,
        upsample_factor=(1,) * 4,
        timestep_conditioning=False,
        patch_size=4,
        patch_size_t=1,
        encoder_causal=True,
        decoder_causal=False,
    )
    return cls(
        transformer=network, vae=vae, scheduler=Flow(), text_encoder=_t5(), tokenizer=tokenizer()
    )


def ltx() -> Any:
    return _ltx(d.LTXPipeline)


def ltx_condition() -> Any:
    return _ltx(d.LTXConditionPipeline)


def ltx_2() -> Any:
    from diffusers.pipelines.ltx2.connectors import LTX2TextConnectors
    from diffusers.pipelines.ltx2.vocoder import LTX2Vocoder
    from transformers import Gemma3Config, Gemma3ForConditionalGeneration

    layers, wide = 2, 16
    gemma = Gemma3Config(
        text_config={
            "vocab_size": WORDS,
            "hidden_size": wide,
            "intermediate_size": 16,
            "num_hidden_layers": layers,
            "num_attention_heads": 2,
            "num_key_value_heads": 1,
            "head_dim": 8,
            "pad_token_id": 0,
            "eos_token_id": 1,
            "bos_token_id": 1,
        },
        vision_config={
            "hidden_size": 16,
            "intermediate_size": 16,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "image_size": 28,
            "patch_size": 14,
        },
        mm_tokens_per_image=1,
        image_token_index=60,
        boi_token_index=61,
        eoi_token_index=62,
    )
    network = d.LTX2VideoTransformer3DModel(
        in_channels=4,
        out_channels=4,
        patch_size=1,
        patch_size_t=1,
        num_attention_heads=2,
        attention_head_dim=8,
        cross_attention_dim=16,
        audio_in_channels=4,
        audio_out_channels=4,
        audio_num_attention_heads=2,
        audio_attention_head_dim=4,
        audio_cross_attention_dim=8,
        num_layers=1,
        qk_norm="rms_norm_across_heads",
        caption_channels=wide,
        rope_double_precision=False,
        rope_type="split",
    )
    ends = {
        f"{kind}_connector_{name}": value
        for kind in ("video", "audio")
        for name, value in {
            "num_attention_heads": 4,
            "attention_head_dim": 4,
            "num_layers": 1,
            "num_learnable_registers": None,
        }.items()
    }
    connectors = LTX2TextConnectors(
        caption_channels=wide,
        text_proj_in_factor=layers + 1,
        connector_rope_base_seq_len=32,
        rope_theta=10000.0,
        rope_double_precision=False,
        causal_temporal_positioning=False,
        rope_type="split",
        **ends,
    )
    vae = d.AutoencoderKLLTX2Video(
        in_channels=3,
        out_channels=3,
        latent_channels=4,
        block_out_channels=(8,) * 4,
        decoder_block_out_channels=(8,) * 3,
        layers_per_block=(1,) * 4,
        decoder_layers_per_block=(1,) * 4,
        spatio_temporal_scaling=(True,) * 4,
        decoder_spatio_temporal_scaling=(True,) * 3,
        decoder_inject_noise=(False,) * 4,
        downsample_type=("spatial", "temporal", "spatiotemporal", "spatiotemporal"),
        upsample_residual=(False,) * 3,
        upsample_factor=(1,) * 3,
        timestep_conditioning=False,
        patch_size=4,
        spatial_compression_ratio=32,
        temporal_compression_ratio=8,
        patch_size_t=1,
        encoder_causal=True,
        decoder_causal=False,
    )
    audio = d.AutoencoderKLLTX2Audio(
        base_channels=4,
        output_channels=2,
        ch_mult=(1,),
        num_res_blocks=1,
        attn_resolutions=None,
        in_channels=2,
        resolution=32,
        latent_channels=2,
        norm_type="pixel",
        causality_axis="height",
        dropout=0.0,
        mid_block_add_attention=False,
        sample_rate=16000,
        mel_hop_length=160,
        is_causal=True,
        mel_bins=8,
    )
    vocoder = LTX2Vocoder(
        in_channels=16,
        hidden_channels=32,
        out_channels=2,
        upsample_kernel_sizes=[4, 4],
        upsample_factors=[2, 2],
        resnet_kernel_sizes=[3],
        resnet_dilations=[[1, 3, 5]],
        leaky_relu_negative_slope=0.1,
        output_sampling_rate=16000,
    )
    return d.LTX2Pipeline(
        transformer=network,
        vae=vae,
        audio_vae=audio,
        scheduler=Flow(),
        text_encoder=Gemma3ForConditionalGeneration(gemma).eval(),
        tokenizer=tokenizer(),
        connectors=connectors,
        vocoder=vocoder,
    )


def hunyuan() -> Any:
    ends = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 1}
    llama = LlamaConfig(
        hidden_size=16,
        intermediate_size=37,
        num_attention_heads=4,
        num_hidden_layers=2,
        vocab_size=WORDS,
        **ends,
    )
    network = d.HunyuanVideoTransformer3DModel(
        in_channels=4,
        out_channels=4,
        num_attention_heads=2,
        attention_head_dim=10,
        num_layers=1,
        num_single_layers=1,
        num_refiner_layers=1,
        patch_size=2,
        patch_size_t=1,
        guidance_embeds=True,
        text_embed_dim=16,
        pooled_projection_dim=8,
        rope_axes_dim=(2, 4, 4),
    )
    vae = d.AutoencoderKLHunyuanVideo(
        in_channels=3,
        out_channels=3,
        latent_channels=4,
        down_block_types=("HunyuanVideoDownBlock3D",) * 4,
        up_block_types=("HunyuanVideoUpBlock3D",) * 4,
        block_out_channels=(8,) * 4,
        layers_per_block=1,
        act_fn="silu",
        norm_num_groups=4,
        scaling_factor=0.476986,
        spatial_compression_ratio=8,
        temporal_compression_ratio=4,
        mid_block_add_attention=True,
    )
    return d.HunyuanVideoPipeline(
        transformer=network,
        vae=vae,
        scheduler=Flow(shift=7.0),
        text_encoder=LlamaModel(llama).eval(),
        tokenizer=tokenizer(),
        text_encoder_2=_clip(8),
        tokenizer_2=tokenizer(),
    )


def hunyuan_15() -> Any:
    from transformers import ByT5Tokenizer, Qwen2_5_VLTextConfig, Qwen2_5_VLTextModel

    qwen = Qwen2_5_VLTextConfig(
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=3,
        num_attention_heads=2,
        num_key_value_heads=2,
        vocab_size=WORDS,
        pad_token_id=0,
        rope_parameters={"rope_type": "default", "rope_theta": 1e4, "mrope_section": [1, 1, 2]},
    )
    words = tokenizer()
    words.model_max_length = 2000
    words.chat_template = "{% for m in messages %}{{ m['content'] }} {% endfor %}"
    network = d.HunyuanVideo15Transformer3DModel(
        in_channels=9,
        out_channels=4,
        num_attention_heads=2,
        attention_head_dim=8,
        num_layers=2,
        num_refiner_layers=1,
        text_embed_dim=16,
        text_embed_2_dim=32,
        image_embed_dim=12,
        rope_axes_dim=(2, 2, 4),
        target_size=64,
        task_type="t2v",
    )
    vae = d.AutoencoderKLHunyuanVideo15(
        latent_channels=4, block_out_channels=(8, 8, 8, 8, 8), layers_per_block=1
    )
    return d.HunyuanVideo15Pipeline(
        transformer=network,
        vae=vae,
        scheduler=Flow(shift=5.0),
        text_encoder=Qwen2_5_VLTextModel(qwen).eval(),
        tokenizer=words,
        text_encoder_2=_t5(),
        tokenizer_2=ByT5Tokenizer(),
        guider=d.ClassifierFreeGuidance(guidance_scale=6.0),
    )


def _cog(cls: Any, channels: int = 4) -> Any:
    network = d.CogVideoXTransformer3DModel(
        num_attention_heads=2,
        attention_head_dim=16,
        in_channels=channels,
        out_channels=4,
        time_embed_dim=2,
        text_embed_dim=32,
        num_layers=2,
        sample_width=8,
        sample_height=8,
        sample_frames=49,
        patch_size=2,
        temporal_compression_ratio=4,
        max_text_seq_length=226,
        use_rotary_positional_embeddings=True,
    )
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
    )
    return cls(
        transformer=network,
        vae=vae,
        scheduler=d.CogVideoXDPMScheduler(),
        text_encoder=_t5(),
        tokenizer=tokenizer(),
    )


def cogvideox() -> Any:
    return _cog(d.CogVideoXPipeline)


def cogvideox_image() -> Any:
    return _cog(d.CogVideoXImageToVideoPipeline, 8)


def mochi() -> Any:
    network = d.MochiTransformer3DModel(
        patch_size=2,
        num_attention_heads=2,
        attention_head_dim=8,
        num_layers=2,
        pooled_projection_dim=16,
        in_channels=12,
        out_channels=None,
        qk_norm="rms_norm",
        text_embed_dim=32,
        time_embed_dim=4,
        activation_fn="swiglu",
        max_sequence_length=256,
    )
    vae = d.AutoencoderKLMochi(
        latent_channels=12,
        out_channels=3,
        encoder_block_out_channels=(32,) * 4,
        decoder_block_out_channels=(32,) * 4,
        layers_per_block=(1,) * 5,
    )
    return d.MochiPipeline(
        transformer=network, vae=vae, scheduler=Flow(), text_encoder=_t5(), tokenizer=tokenizer()
    )


def svd() -> Any:
    unet = d.UNetSpatioTemporalConditionModel(
        block_out_channels=(32, 64),
        layers_per_block=1,
        sample_size=32,
        in_channels=8,
        out_channels=4,
        cross_attention_dim=32,
        num_attention_heads=8,
        num_frames=14,
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
    vision = CLIPVisionConfig(
        hidden_size=32,
        projection_dim=32,
        num_hidden_layers=1,
        num_attention_heads=4,
        image_size=224,
        intermediate_size=37,
        patch_size=56,
    )
    side = {"height": 224, "width": 224}
    return d.StableVideoDiffusionPipeline(
        unet=unet,
        image_encoder=CLIPVisionModelWithProjection(vision),
        scheduler=scheduler,
        vae=vae,
        feature_extractor=CLIPImageProcessor(crop_size=side, size={"shortest_edge": 224}),
    )


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
        text_encoder=_clip(),
        tokenizer=tokenizer(),
        unet=d.UNetMotionModel.from_unet2d(_unet(attention_head_dim=4), adapter),
        motion_adapter=adapter,
        scheduler=d.DDIMScheduler(beta_schedule="linear", clip_sample=False),
    )


def stable_diffusion() -> Any:
    return d.StableDiffusionPipeline(
        vae=_picture_vae(),
        text_encoder=_clip(),
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
        text_encoder=_clip(16),
        text_encoder_2=_clip(16, CLIPTextModelWithProjection),
        tokenizer=tokenizer(),
        tokenizer_2=tokenizer(),
        unet=unet,
        scheduler=d.EulerDiscreteScheduler(),
        add_watermarker=False,
    )


TINY: dict[str, Callable[[], Any]] = {
    made.__name__: made
    for made in (
        wan,
        wan_two,
        wan_image,
        wan_both,
        wan_vace,
        ltx,
        ltx_condition,
        ltx_2,
        hunyuan,
        hunyuan_15,
        cogvideox,
        cogvideox_image,
        mochi,
        svd,
        animatediff,
        stable_diffusion,
        stable_diffusion_xl,
    )
}


def build(name: str) -> Any:
    """The pipeline `name` of TINY, always with the same weights."""
    torch.manual_seed(0)
    pipeline = TINY[name]()
    pipeline.set_progress_bar_config(disable=True)
    return pipeline
