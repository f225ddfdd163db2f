"""Targets: what they name, and what is not loaded because it could run code."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from laterna.engines.diffusers import DiffusersEngine
from laterna.engines.diffusers.preset import Preset
from laterna.engines.diffusers.presets import PRESETS
from laterna.engines.diffusers.source import resolve
from laterna.engines.installed import FOLDER, Installed, hash_folder, record
from laterna.engines.registry import load_engine
from laterna.errors import DependencyError, InputError, WeightsError
from tests.engines.diffusers.conftest import filmed, small

pytest.importorskip("diffusers")
from tests.engines.diffusers.tiny import OF_PRESET


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LATERNA_HOME", str(tmp_path / "home"))


@pytest.fixture
def copy(tiny: Any, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny("wan"), tmp_path / "copy"))


def edit(path: Path, **entries: object) -> None:
    told = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(told | entries), "utf-8")


def test_a_folder_is_an_engine_of_the_registry(tiny: Any) -> None:
    engine = load_engine(f"diffusers:{tiny('wan')}")
    assert engine.name == f"diffusers:{tiny('wan')}"
    assert engine.capabilities.fps == 16
    assert engine.capabilities.licence == "Apache-2.0"


@pytest.mark.parametrize("preset", PRESETS, ids=[preset.name for preset in PRESETS])
def test_variants_of_one_pipeline_are_told_apart_by_configuration(
    preset: Preset, tiny: Any, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(tiny(OF_PRESET[preset.name]), tmp_path / "copy"))
    for part in ("transformer", "unet"):
        said = {
            name.removeprefix(f"{part}."): value
            for name, value in preset.marks.items()
            if name.startswith(f"{part}.")
        }
        if said:
            edit(folder / part / "config.json", **said)
    found = resolve(str(folder)).preset
    twins = (found.pipelines, found.marks) == (preset.pipelines, preset.marks)
    assert found is preset or twins  # Wan's 480p and 720p differ in their weights only


def test_a_preset_may_be_named(copy: Path) -> None:
    assert resolve(f"{copy}#wan-2.1-t2v-14b").preset.name == "wan-2.1-t2v-14b"
    with pytest.raises(InputError, match="there is no preset of this name"):
        resolve(f"{copy}#wan-9")
    with pytest.raises(InputError, match="holds a WanPipeline, which mochi-1 does not film"):
        resolve(f"{copy}#mochi-1")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("nowhere", "give a model's folder, a .safetensors file, or a name"),
        ("wan-2.2-ti2v-5b", "laterna models add wan-2.2-ti2v-5b"),
        ("Lightricks/LTX-2", "laterna models add ltx-2"),
    ],
)
def test_what_is_not_here_is_said_and_never_downloaded(name: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        resolve(name)


def test_a_model_that_was_added_is_filmed_by_its_names_and_its_hashes_are_its_own(
    tiny: Any,
) -> None:
    path = tiny("wan")
    hub = "Wan-AI/Wan2.1-T2V-14B-Diffusers"
    preset = "wan-2.1-t2v-14b"
    record(Installed("mine", FOLDER, path, hash_folder(path), hub=hub, preset=preset))
    for name in ("mine", hub):
        engine = DiffusersEngine(name)
        assert engine.source.preset.name == preset
        assert len(engine.capabilities.weights) == 64
    assert DiffusersEngine(str(path)).capabilities.weights == ""


def test_pickles_are_not_loaded(copy: Path, tmp_path: Path) -> None:
    (tmp_path / "model.ckpt").write_bytes(b"x")
    with pytest.raises(WeightsError, match="can run code"):
        resolve(str(tmp_path / "model.ckpt"))
    weights = next((copy / "vae").glob("*.safetensors"))
    weights.rename(weights.with_suffix(".bin"))
    with pytest.raises(WeightsError, match=r"vae.*\.bin can run code"):
        resolve(str(copy))


def test_code_that_comes_with_weights_is_not_run(copy: Path) -> None:
    index = copy / "model_index.json"
    edit(index, transformer=["transformer.mine", "Mine"])
    with pytest.raises(WeightsError, match="only diffusers' and transformers' own classes"):
        resolve(str(copy))
    edit(index, _class_name=["pipeline", "Mine"])
    with pytest.raises(WeightsError, match="code of its own"):
        resolve(str(copy))


def test_folders_that_are_no_pipelines_are_refused(tmp_path: Path, copy: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"has no model_index\.json"):
        resolve(str(tmp_path / "empty"))
    edit(copy / "model_index.json", _class_name="FluxPipeline")
    with pytest.raises(InputError, match="no preset films with FluxPipeline"):
        resolve(str(copy))


def test_damaged_weights_are_named(copy: Path) -> None:
    weights = next((copy / "transformer").glob("*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:100])
    engine = DiffusersEngine(str(copy))
    with pytest.raises(WeightsError, match="transformer"):
        engine.preflight(small())


@pytest.mark.parametrize("gone", ["transformer/*.safetensors", "text_encoder/*", "tokenizer"])
def test_a_folder_that_is_not_whole_is_said_before_it_is_loaded(gone: str, copy: Path) -> None:
    for path in copy.glob(gone):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    part = gone.partition("/")[0]
    with pytest.raises(WeightsError, match=rf"{part}: (its weights|it is) .*missing; .*not whole"):
        DiffusersEngine(str(copy)).preflight(small())


def test_one_file_takes_the_place_of_a_network(tiny: Any, tmp_path: Path) -> None:
    from tests.engines.diffusers.tiny import build

    pipeline = build("wan")
    network = pipeline.transformer
    for parameter in network.parameters():
        parameter.data.mul_(0.5)
    network.save_pretrained(tmp_path / "other")
    file = next((tmp_path / "other").glob("*.safetensors"))
    engine = DiffusersEngine(f"{file}#{tiny('wan')}")
    theirs = filmed(engine, small())
    assert (theirs != filmed(DiffusersEngine(str(tiny("wan"))), small())).any()
    shutil.copytree(tiny("wan"), tmp_path / "copy")
    next((tmp_path / "copy" / "transformer").glob("*.safetensors")).unlink()
    apart = DiffusersEngine(f"{file}#{tmp_path / 'copy'}")  # what the file replaces may be missing
    assert apart.source.components().keys() == {"text_encoder", "transformer", "vae"}
    assert apart.preflight(small()) == engine.preflight(small())
    with pytest.raises(InputError, match="say which model it is of"):
        resolve(str(file))
    with pytest.raises(InputError, match=r"laterna models add wan-2\.1-t2v-1\.3b"):
        resolve(f"{file}#wan-2.1-t2v-1.3b")


def test_without_the_extra_it_is_named(monkeypatch: pytest.MonkeyPatch, tiny: Any) -> None:
    path = tiny("wan")
    monkeypatch.setattr("laterna.engines.diffusers.engine.find_spec", lambda name: None)
    with pytest.raises(DependencyError, match=r"laterna\[diffusers\]"):
        DiffusersEngine(str(path))
