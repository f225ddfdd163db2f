"""Options by name and LoRA files: what they do, and what is refused."""

from __future__ import annotations

from functools import wraps
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from laterna.engines.diffusers import DiffusersEngine
from laterna.engines.diffusers.adapters import adapters_of, parse_adapter
from laterna.engines.diffusers.options import ENVIRONMENT, Options
from laterna.errors import (
    DependencyError,
    EngineError,
    InputError,
    UnsupportedError,
    WeightsError,
)
from laterna.shot import Strip
from tests.engines.diffusers.conftest import filmed, footage, picture, small

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

STRIP = Strip(footage(), 8)
MASK = np.eye(64, dtype=bool)


@pytest.mark.parametrize(
    ("option", "note"),
    [
        ("cache=first-block", "cache: first-block"),
        ("cache=taylorseer", "cache: taylorseer"),
        ("offload=group", "offload: layers wait"),
        ("quantize=layerwise-fp8", "quantize: weights rest in float8"),
        ("attention=native", "attention: native"),
    ],
)
def test_an_option_films_and_says_what_it_did(option: str, note: str, tiny: Any) -> None:
    name, _, value = option.partition("=")
    engine = DiffusersEngine(str(tiny("wan")))
    frames = filmed(engine, small(extra={name: value}))
    assert frames.shape == (8, 64, 64, 3)
    assert any(line.startswith(note) for line in engine.notes)
    filmed(engine, small())
    assert engine.notes == []


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
@pytest.mark.parametrize("name", ["stable_diffusion", "stable_diffusion_xl"])
def test_any_numbers_may_be_asked_for(dtype: str, name: str, tiny: Any) -> None:
    engine = DiffusersEngine(str(tiny(name)))
    for fields in ({}, {"source": STRIP, "strength": 0.6}, {"source": STRIP, "mask": MASK}):
        assert filmed(engine, small(extra={"dtype": dtype}, frames=1, **fields)).std() > 1


@pytest.mark.parametrize("cache", ["first-block", "taylorseer"])
def test_a_cache_does_not_outlive_a_window(cache: str, tiny: Any) -> None:
    engine = DiffusersEngine(str(tiny("cogvideox")))
    frames = filmed(engine, small(seconds=6.5, steps=4, extra={"cache": cache}))
    assert len(frames) == 52  # two windows, of two lengths


def called(monkeypatch: pytest.MonkeyPatch, name: str) -> dict[str, Any]:
    """What a pipeline is called with, and its scheduler, once it films."""
    import diffusers

    heard: dict[str, Any] = {}
    kind = getattr(diffusers, name)
    call = kind.__call__

    @wraps(call)
    def spy(self: Any, *args: Any, **told: Any) -> Any:
        heard.update(told, scheduler=self.scheduler)
        return call(self, *args, **told)

    monkeypatch.setattr(kind, "__call__", spy)
    return heard


@pytest.mark.parametrize(("asked", "high", "low"), [(None, 4.0, 3.0), (1.0, 1.0, 1.0)])
def test_the_guidance_asked_for_holds_for_both_networks(
    asked: float | None, high: float, low: float, tiny: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = called(monkeypatch, "WanPipeline")
    filmed(DiffusersEngine(str(tiny("wan_two"))), small(guidance=asked))
    assert (heard["guidance_scale"], heard["guidance_scale_2"]) == (high, low)


@pytest.mark.parametrize(
    ("target", "pipeline", "says"),
    [
        ("wan", "WanPipeline", {"flow_shift": 3.0}),
        ("wan#wan-2.1-t2v-14b", "WanPipeline", {"flow_shift": 5.0, "use_flow_sigmas": True}),
        ("animatediff", "AnimateDiffPipeline", {"beta_schedule": "linear", "steps_offset": 1}),
    ],
)
def test_the_scheduler_is_the_presets(
    target: str, pipeline: str, says: dict[str, Any], tiny: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = called(monkeypatch, pipeline)
    name, hash, preset = target.partition("#")
    filmed(DiffusersEngine(f"{tiny(name)}{hash}{preset}"), small())
    config = heard["scheduler"].config
    assert {key: config[key] for key in says} == says


def test_the_machine_may_choose_and_the_shot_has_the_last_word(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(ENVIRONMENT, "cache=first-block, offload=none")
    assert Options.of({}).cache == "first-block"
    assert Options.of({"cache": "none"}) == Options(offload="none")
    monkeypatch.setenv(ENVIRONMENT, "fast")
    with pytest.raises(InputError, match="NAME=VALUE"):
        Options.of({})


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        ({"speed": "9"}, r"extra.speed: .*cache, quantize, offload"),
        ({"cache": "all"}, r"extra.cache: .*first-block, taylorseer"),
        ({"film": "8x8"}, r"extra.film"),
        ({"film": "big"}, r"extra.film: .*WIDTHxHEIGHT"),
        ({"device": "tpu"}, r"extra.device"),
        ({"parallel": "0"}, r"extra.parallel"),
        ({"film": "100x100"}, r"extra.film: '100x100' .*multiples of 16, as 96x96"),
        ({"attention": "imaginary"}, r"extra.attention: .*give one of flash, .*native"),
        ({"offload": "model", "device": "cpu"}, r"extra.offload: .*without a GPU"),
        ({"lora": "x.safetensors"}, r"extra.lora: .*list"),
        ({"lora": [{"file": "none.safetensors"}]}, r"lora: .*no such file"),
    ],
)
def test_wrong_options_are_refused_before_loading(
    extra: dict[str, object], says: str, tiny: Any
) -> None:
    engine = DiffusersEngine(str(tiny("wan")))
    with pytest.raises(InputError, match=says):
        engine.preflight(small(extra=extra))
    assert engine._loaded is None


@pytest.mark.parametrize(
    ("extra", "kind", "says"),
    [
        ({"quantize": "bnb-nf4"}, DependencyError, "bitsandbytes"),
        ({"parallel": "2"}, EngineError, "torchrun"),
    ],
)
def test_what_this_machine_cannot_do_is_said(
    extra: dict[str, object], kind: type[Exception], says: str, tiny: Any
) -> None:
    engine = DiffusersEngine(str(tiny("wan")))
    with pytest.raises(kind, match=says):
        list(engine.film(small(extra=extra)))
    assert engine._loaded is None


@pytest.mark.parametrize(
    ("name", "cache"),
    [
        ("hunyuan_15", "first-block"),
        ("animatediff", "taylorseer"),
        ("animatediff", "first-block"),
    ],
)
def test_a_cache_that_a_family_has_not_is_refused_before_loading(
    name: str, cache: str, tiny: Any
) -> None:
    engine = DiffusersEngine(str(tiny(name)))
    with pytest.raises(InputError, match=r"extra\.cache: .*has no such cache for"):
        engine.preflight(small(extra={"cache": cache}))
    assert engine._loaded is None


@pytest.mark.parametrize("package", ["flash_attn", "sageattention"])
def test_attention_whose_package_is_missing_is_refused_before_loading(
    package: str, tiny: Any
) -> None:
    if find_spec(package):
        pytest.skip("it is there")
    engine = DiffusersEngine(str(tiny("wan")))
    name = package.partition("attention")[0].partition("_")[0]
    with pytest.raises(InputError, match=r"extra\.attention: .*install"):
        engine.preflight(small(extra={"attention": name}))
    assert engine._loaded is None


def lora(path: Path, module: str, width: int, out: int, kohya: bool = False) -> Path:
    """A LoRA of rank 2 on one linear layer, in either layout of names."""
    from safetensors.torch import save_file

    source = torch.Generator().manual_seed(1)
    down = torch.randn(2, width, generator=source)
    up = torch.randn(out, 2, generator=source)
    if kohya:
        name = "lora_unet_" + module.replace(".", "_")
        told = {
            f"{name}.lora_down.weight": down,
            f"{name}.lora_up.weight": up,
            f"{name}.alpha": torch.tensor(2.0),
        }
    else:
        told = {f"{module}.lora_A.weight": down, f"{module}.lora_B.weight": up}
    save_file(told, path)
    return path


def told(*adapters: str) -> dict[str, object]:
    return {"lora": [parse_adapter(text).told() for text in adapters]}


def test_lora_files_stack_with_their_weights(tiny: Any, tmp_path: Path) -> None:
    one = lora(tmp_path / "one.safetensors", "transformer.blocks.0.attn1.to_q", 24, 24)
    two = lora(tmp_path / "two.safetensors", "transformer.blocks.1.attn1.to_k", 24, 24)
    engine = DiffusersEngine(str(tiny("wan")))
    plain = filmed(engine, small())
    first = filmed(engine, small(extra=told(f"{one}=0.8")))
    assert engine.notes == ["lora: one.safetensors at 0.8"]
    both = filmed(engine, small(extra=told(f"{one}=0.8", str(two))))
    none = filmed(engine, small(extra=told(f"{one}=0")))
    assert not np.array_equal(plain, first)
    assert not np.array_equal(first, both)
    assert np.abs(none.astype(int) - plain).max() <= 1
    assert np.array_equal(filmed(engine, small()), plain)


def scales(engine: DiffusersEngine, part: str) -> dict[str, float]:
    """How strongly each layer of a loaded network is changed by the first LoRA file."""
    assert engine._loaded is not None
    network = getattr(engine._loaded[1].base, part)
    return {
        name: module.scaling["lora0"]
        for name, module in network.named_modules()
        if "lora0" in getattr(module, "scaling", {})
    }


def test_the_scale_in_a_files_header_holds(tiny: Any, tmp_path: Path) -> None:
    from diffusers import WanPipeline

    module = "blocks.0.attn1.to_q"
    layers = {
        f"{module}.lora_A.weight": torch.ones(4, 24),
        f"{module}.lora_B.weight": torch.ones(24, 4),
    }
    WanPipeline.save_lora_weights(
        tmp_path,
        transformer_lora_layers=layers,
        transformer_lora_adapter_metadata={"r": 4, "lora_alpha": 16, "target_modules": ["to_q"]},
    )
    engine = DiffusersEngine(str(tiny("wan")))
    filmed(engine, small(extra=told(str(tmp_path / "pytorch_lora_weights.safetensors"))))
    assert scales(engine, "transformer") == {module: 4.0}


def test_a_lora_reaches_both_experts_or_the_one_it_is_for(tiny: Any, tmp_path: Path) -> None:
    file = lora(tmp_path / "one.safetensors", "transformer.blocks.0.attn1.to_q", 24, 24)
    engine = DiffusersEngine(str(tiny("wan_two")))
    for text, high, low, note in (
        (f"{file}=0.5", 1, 1, "lora: one.safetensors at 0.5, both experts"),
        (f"{file}#high=0.5", 1, 0, "lora: one.safetensors at 0.5, the expert of high noise"),
        (f"{file}#low", 0, 1, "lora: one.safetensors at 1, the expert of low noise"),
    ):
        filmed(engine, small(extra=told(text)))
        found = [len(scales(engine, part)) for part in ("transformer", "transformer_2")]
        assert (found, engine.notes) == ([high, low], [note])
    with pytest.raises(InputError, match=r"lora: .*wan-2.1-1.3b has one network; leave #low away"):
        filmed(DiffusersEngine(str(tiny("wan"))), small(extra=told(f"{file}#low")))
    with pytest.raises(InputError, match=r"lora: .*give #high or #low"):
        parse_adapter(f"{file}#middle")


def test_layers_of_a_lora_that_the_model_has_not_are_said(tiny: Any, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    one = lora(tmp_path / "one.safetensors", "transformer.blocks.0.attn1.to_q", 24, 24)
    more = load_file(one) | {
        name.replace("blocks.0", "blocks.30"): tensor.clone()
        for name, tensor in load_file(one).items()
    }
    save_file(more, one)
    engine = DiffusersEngine(str(tiny("wan")))
    filmed(engine, small(extra=told(str(one))))
    says = "1 of its 2 layers are not in wan-2.1-1.3b and are left out"
    assert engine.notes == [f"lora: one.safetensors at 1; {says}"]


def test_kohyas_layout_loads(tiny: Any, tmp_path: Path) -> None:
    file = lora(
        tmp_path / "k.safetensors",
        "down_blocks_1_attentions_0_transformer_blocks_0_attn1_to_q",
        64,
        64,
        kohya=True,
    )
    engine = DiffusersEngine(str(tiny("stable_diffusion")))
    plain = filmed(engine, small(frames=1))
    assert not np.array_equal(plain, filmed(engine, small(frames=1, extra=told(str(file)))))
    assert engine.notes == ["lora: k.safetensors at 1"]


def test_a_lora_of_another_model_is_refused_and_leaves_nothing(tiny: Any, tmp_path: Path) -> None:
    wrong = lora(tmp_path / "wrong.safetensors", "transformer.blocks.0.attn1.to_q", 999, 24)
    other = lora(tmp_path / "other.safetensors", "transformer.nowhere.to_q", 24, 24)
    engine = DiffusersEngine(str(tiny("wan")))
    plain = filmed(engine, small())
    for file in (wrong, other):
        with pytest.raises(InputError, match=r"lora: .*does not fit wan-2.1-1.3b"):
            filmed(engine, small(extra=told(str(file))))
    assert np.array_equal(filmed(engine, small()), plain)


def test_a_family_without_adapters_says_so(tiny: Any, tmp_path: Path) -> None:
    from laterna.shot import Keyframe

    file = lora(tmp_path / "one.safetensors", "unet.a", 4, 4)
    engine = DiffusersEngine(str(tiny("svd")))
    with pytest.raises(UnsupportedError, match="takes no LoRA files"):
        filmed(engine, small(keyframes=(Keyframe(0, picture()),), extra=told(str(file))))


def test_a_lora_that_was_changed_since_is_refused(tmp_path: Path) -> None:
    file = lora(tmp_path / "one.safetensors", "transformer.blocks.0.attn1.to_q", 24, 24)
    extra = told(f"{file}=-0.5")
    (adapter,) = adapters_of(extra)
    assert (adapter.weight, len(adapter.sha256)) == (-0.5, 64)
    lora(file, "transformer.blocks.0.attn1.to_k", 24, 24)
    with pytest.raises(WeightsError, match="sha256 differs"):
        adapters_of(extra)


@pytest.mark.parametrize("text", ["x.bin", "x.ckpt=1", "none.safetensors", "a.safetensors=9"])
def test_what_is_no_lora_file_is_refused(text: str, tmp_path: Path) -> None:
    lora(tmp_path / "a.safetensors", "transformer.a", 2, 2)
    with pytest.raises(InputError, match="lora"):
        parse_adapter(str(tmp_path / text))
