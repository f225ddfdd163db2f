"""HunyuanVideo and HunyuanVideo 1.5, each for words and for a first picture."""

from __future__ import annotations

from typing import Any

import diffusers as d
from transformers import (
    ByT5Tokenizer,
    LlamaModel,
    LlavaConfig,
    LlavaForConditionalGeneration,
    Qwen2_5_VLTextConfig,
    Qwen2_5_VLTextModel,
    SiglipImageProcessor,
    SiglipVisionConfig,
    SiglipVisionModel,
)

from tests.engines.diffusers.tiny.encoders import (
    WORDS,
    clip,
    image_processor,
    llama,
    t5,
    tokenizer,
    vision,
)


def _hunyuan(cls: Any, words: Any, spoken: Any, given: str | None = None, **parts: Any) -> Any:
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
        image_condition_type=given,
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
    return cls(
        transformer=network,
        vae=vae,
        scheduler=d.FlowMatchEulerDiscreteScheduler(shift=7.0),
        text_encoder=words.eval(),
        tokenizer=spoken,
        text_encoder_2=clip(8),
        tokenizer_2=tokenizer(),
        **parts,
    )


def hunyuan() -> Any:
    return _hunyuan(d.HunyuanVideoPipeline, LlamaModel(llama()), tokenizer())


def hunyuan_image() -> Any:
    """The picture is seen by LLaVA in 576 tokens, and takes the place of the first latent frame."""
    spoken = tokenizer("<image>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>")
    config = LlavaConfig(
        text_config=llama(words=len(spoken)),
        vision_config=vision(None, side=336, patch=14, layers=2),
        image_token_index=spoken.convert_tokens_to_ids("<image>"),
        pad_token_id=0,
    )
    return _hunyuan(
        d.HunyuanVideoImageToVideoPipeline,
        LlavaForConditionalGeneration(config),
        spoken,
        "token_replace",
        image_processor=image_processor(336),
    )


def _hunyuan_15(cls: Any, task: str, **parts: Any) -> Any:
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
        image_embed_dim=32,
        rope_axes_dim=(2, 2, 4),
        target_size=640,
        task_type=task,
    )
    vae = d.AutoencoderKLHunyuanVideo15(
        latent_channels=4, block_out_channels=(8, 8, 8, 8, 8), layers_per_block=1
    )
    return cls(
        transformer=network,
        vae=vae,
        scheduler=d.FlowMatchEulerDiscreteScheduler(shift=5.0),
        text_encoder=Qwen2_5_VLTextModel(qwen).eval(),
        tokenizer=words,
        text_encoder_2=t5(),
        tokenizer_2=ByT5Tokenizer(),
        guider=d.ClassifierFreeGuidance(guidance_scale=6.0),
        **parts,
    )


def hunyuan_15() -> Any:
    return _hunyuan_15(d.HunyuanVideo15Pipeline, "t2v")


def hunyuan_15_image() -> Any:
    """The picture is seen by SigLIP; its aspect chooses a size of about 640 x 640."""
    eyes = SiglipVisionConfig(
        hidden_size=32,
        intermediate_size=37,
        num_hidden_layers=1,
        num_attention_heads=4,
        image_size=64,
        patch_size=16,
    )
    return _hunyuan_15(
        d.HunyuanVideo15ImageToVideoPipeline,
        "i2v",
        image_encoder=SiglipVisionModel(eyes).eval(),
        feature_extractor=SiglipImageProcessor(size={"height": 64, "width": 64}),
    )
