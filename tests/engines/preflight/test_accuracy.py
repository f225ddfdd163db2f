"""Headers foretell what loading costs: pipelines of hundreds of megabytes, saved and loaded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("diffusers")
pytest.importorskip("transformers")

import diffusers
import torch
from transformers import (
    LlamaConfig,
    LlamaModel,
    T5Config,
    T5EncoderModel,
    UMT5Config,
    UMT5EncoderModel,
)

from laterna.engines.diffusers.engine import DiffusersEngine
from laterna.engines.diffusers.options import Options
from laterna.engines.diffusers.pipelines import load
from laterna.engines.preflight import Machine, preflight_model
from laterna.shot import Shot
from tests.engines.diffusers import tiny

MACHINE = Machine(memory=64 << 30, device="cuda", device_memory=80 << 30)


def t5(cls: Any = T5EncoderModel, config: Any = T5Config) -> Any:
    sizes = {"d_model": 512, "d_kv": 64, "d_ff": 1024, "num_layers": 6, "num_heads": 8}
    return cls(config(vocab_size=32_000, decoder_start_token_id=0, **sizes)).eval()


def wan() -> Any:
    """The family's own autoencoder, and a network of 50 million."""
    network = diffusers.WanTransformer3DModel(
        num_attention_heads=8, attention_head_dim=64, ffn_dim=2048, num_layers=8, text_dim=512
    )
    pipeline = tiny.wan()
    pipeline.register_modules(
        transformer=network,
        text_encoder=t5(UMT5EncoderModel, UMT5Config),
        vae=diffusers.AutoencoderKLWan(),
    )
    return pipeline


def ltx() -> Any:
    network = diffusers.LTXVideoTransformer3DModel(
        in_channels=8,
        out_channels=8,
        num_attention_heads=16,
        attention_head_dim=64,
        cross_attention_dim=1024,
        num_layers=5,
        caption_channels=512,
    )
    pipeline = tiny.ltx()
    pipeline.register_modules(transformer=network, text_encoder=t5())
    return pipeline


def hunyuan() -> Any:
    network = diffusers.HunyuanVideoTransformer3DModel(
        in_channels=4,
        out_channels=4,
        num_attention_heads=8,
        attention_head_dim=64,
        num_layers=4,
        num_single_layers=4,
        num_refiner_layers=1,
        guidance_embeds=True,
        text_embed_dim=512,
        pooled_projection_dim=8,
        rope_axes_dim=(8, 28, 28),
    )
    words = LlamaConfig(
        hidden_size=512,
        intermediate_size=1024,
        num_attention_heads=8,
        num_hidden_layers=4,
        vocab_size=32_000,
        pad_token_id=0,
    )
    pipeline = tiny.hunyuan()
    pipeline.register_modules(transformer=network, text_encoder=LlamaModel(words).eval())
    return pipeline


def resident(pipeline: Any) -> int:
    """Bytes of all tensors that are in memory, each storage once."""
    storages = {}
    for part in pipeline.components.values():
        if isinstance(part, torch.nn.Module):
            for tensor in (*part.parameters(), *part.buffers()):
                storage = tensor.untyped_storage()
                storages[storage.data_ptr()] = storage.nbytes()
    return sum(storages.values())


@pytest.mark.parametrize("family", [wan, ltx, hunyuan])
def test_what_headers_say_is_what_is_loaded(family: Callable[[], Any], tmp_path: Path) -> None:
    torch.manual_seed(0)
    family().save_pretrained(tmp_path)
    assert sum(path.stat().st_size for path in tmp_path.rglob("*.safetensors")) > 300e6
    source = DiffusersEngine(str(tmp_path)).source
    for dtype in ("float32", "bfloat16"):
        report = preflight_model(tmp_path, source.preset, Shot("a boat"), MACHINE, dtype=dtype)
        measured = resident(load(source, Options(dtype=dtype)).base)
        assert report.exact
        assert report.weights == pytest.approx(measured, rel=0.15)
