"""What headers and names tell of a model, and what they refuse."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save_file

from laterna.engines.preflight.weights import component_files, read_folder, read_header
from laterna.errors import WeightsError


def written(path: Path, **tensors: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, path, {"format": "pt"})
    return path


def pipeline(folder: Path) -> Path:
    half = np.zeros((4, 8), np.float16)
    written(folder / "transformer/diffusion_pytorch_model.safetensors", a=half, b=half)
    written(folder / "text_encoder/model.safetensors", a=np.zeros(6, np.float32))
    (folder / "scheduler").mkdir()
    (folder / "scheduler" / "scheduler_config.json").write_text("{}")
    index = {
        "_class_name": "WanPipeline",
        "transformer": ["diffusers", "WanTransformer3DModel"],
        "text_encoder": ["transformers", "UMT5EncoderModel"],
        "scheduler": ["diffusers", "X"],
    }
    (folder / "model_index.json").write_text(json.dumps(index))
    return folder


def test_a_folder_is_measured_without_reading_a_tensor(tmp_path: Path) -> None:
    parts = read_folder(pipeline(tmp_path))
    assert {name: part.parameters for name, part in parts.items()} == {
        "transformer": 64,
        "text_encoder": 6,
    }
    assert parts["transformer"].stored == 128
    assert parts["transformer"].loaded("float32") == 256
    assert parts["text_encoder"].loaded("bfloat16") == 12
    assert parts["text_encoder"].kind == "UMT5EncoderModel"


def test_the_largest_layer_is_what_repeats(tmp_path: Path) -> None:
    row = np.zeros(100, np.float32)
    tensors = {f"blocks.{n}.{part}": row for n in range(3) for part in ("up", "down")}
    path = written(tmp_path / "model.safetensors", **tensors, enter=row)
    part = read_folder(path)["model"]
    assert part.largest_layer("float32") == 800


def test_whole_numbers_stay_as_they_are(tmp_path: Path) -> None:
    path = written(tmp_path / "q.safetensors", q=np.zeros(10, np.uint8), s=np.zeros(2, np.float32))
    assert read_folder(path)["model"].loaded("bfloat16") == 10 + 4


@pytest.mark.parametrize(
    ("offered", "taken"),
    [
        (["vae/diffusion_pytorch_model.safetensors"], 0),
        (["vae/diffusion_pytorch_model.fp16.safetensors"], 0),
        (
            [
                "vae/diffusion_pytorch_model.safetensors",
                "vae/diffusion_pytorch_model.fp16.safetensors",
                "vae/other.safetensors",
                "whole.safetensors",
            ],
            0,
        ),
    ],
)
def test_one_set_of_weights_is_taken(offered: list[str], taken: int) -> None:
    assert component_files(offered) == {"vae": (offered[taken],)}


def test_of_shards_and_a_whole_file_each_kind_takes_its_own() -> None:
    shards = [f"x/diffusion_pytorch_model-0000{n}-of-00002.safetensors" for n in (1, 2)]
    assert component_files([*shards, "x/diffusion_pytorch_model.safetensors"]) == {
        "x": tuple(shards)
    }
    text = [f"x/model-0000{n}-of-00002.safetensors" for n in (1, 2)]
    assert component_files([*text, "x/model.safetensors"]) == {"x": ("x/model.safetensors",)}


@given(st.lists(st.text("abc-/.0safetensors", max_size=30)))
def test_any_names_give_files_that_are_among_them(names: list[str]) -> None:
    for part, files in component_files(names).items():
        assert files
        assert all(file in names and file.startswith(f"{part}/") for file in files)


def test_a_pickle_in_the_place_of_weights_is_refused(tmp_path: Path) -> None:
    folder = pipeline(tmp_path)
    (folder / "text_encoder/model.safetensors").rename(folder / "text_encoder/pytorch_model.bin")
    with pytest.raises(WeightsError, match="can run code"):
        read_folder(folder)


def test_missing_shards_are_counted(tmp_path: Path) -> None:
    folder = pipeline(tmp_path)
    whole = folder / "transformer/diffusion_pytorch_model.safetensors"
    whole.rename(whole.with_name("diffusion_pytorch_model-00001-of-00003.safetensors"))
    with pytest.raises(WeightsError, match="1 of 3 files"):
        read_folder(folder)


@pytest.mark.parametrize("keep", [0, 5, 60, -1])
def test_a_file_cut_short_is_noticed(keep: int, tmp_path: Path) -> None:
    path = written(tmp_path / "a.safetensors", a=np.zeros(50, np.float32))
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(WeightsError, match=r"a\.safetensors"):
        read_header(path)


@pytest.mark.parametrize(
    "header",
    [b"[]", b'{"a": 1}', b'{"a": {"dtype": "F32"}}', b"{" * 40, b'{"a": {"shape": "x"}}'],
)
def test_a_header_that_is_none_is_refused(header: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header)
    with pytest.raises(WeightsError):
        read_header(path)


def test_no_index_no_pipeline(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"model_index\.json"):
        read_folder(tmp_path)
