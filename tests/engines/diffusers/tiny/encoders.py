"""Encoders of words and pictures that several families share, and a tokenizer of 64 words."""

from __future__ import annotations

from typing import Any

from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    CLIPImageProcessor,
    CLIPTextConfig,
    CLIPTextModel,
    CLIPVisionConfig,
    CLIPVisionModel,
    LlamaConfig,
    PreTrainedTokenizerFast,
    T5Config,
    T5EncoderModel,
)

WORDS = 64
ENDS = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 1}


def tokenizer(*more: str) -> Any:
    """Words w3 to w63; `more` are tokens of their own, as a template has them."""
    words = {"<pad>": 0, "</s>": 1, "<unk>": 2}
    words |= {f"w{number}": number for number in range(3, WORDS)}
    words |= {name: WORDS + number for number, name in enumerate(more)}
    made = Tokenizer(models.WordLevel(words, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    return PreTrainedTokenizerFast(
        tokenizer_object=made,
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
        model_max_length=77,
        additional_special_tokens=list(more),
    )


def t5(cls: Any = T5EncoderModel, config: Any = T5Config) -> Any:
    sizes = {"d_model": 32, "d_kv": 8, "d_ff": 37, "num_layers": 1, "num_heads": 4}
    return cls(config(vocab_size=WORDS, decoder_start_token_id=0, **sizes)).eval()


def clip(width: int = 32, cls: Any = CLIPTextModel) -> Any:
    sizes = {"hidden_size": width, "intermediate_size": 37, "num_attention_heads": 4}
    config = CLIPTextConfig(
        num_hidden_layers=2, vocab_size=WORDS, projection_dim=32, **sizes, **ENDS
    )
    return cls(config).eval()


def llama(width: int = 16, words: int = WORDS) -> LlamaConfig:
    return LlamaConfig(
        hidden_size=width,
        intermediate_size=37,
        num_attention_heads=4,
        num_hidden_layers=2,
        vocab_size=words,
        **ENDS,
    )


def vision(cls: Any = CLIPVisionModel, side: int = 224, patch: int = 56, layers: int = 1) -> Any:
    config = CLIPVisionConfig(
        hidden_size=32,
        projection_dim=32,
        num_hidden_layers=layers,
        num_attention_heads=4,
        image_size=side,
        intermediate_size=37,
        patch_size=patch,
    )
    return config if cls is None else cls(config).eval()


def image_processor(side: int = 224) -> Any:
    box = {"height": side, "width": side}
    return CLIPImageProcessor(crop_size=box, size={"shortest_edge": side})
