"""`laterna models` against a stand-in of the hub: pinned, hashed, resumed, and nothing unsafe."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("diffusers")
pytest.importorskip("transformers")

import huggingface_hub.constants as hub_constants
import torch

from laterna.engines import adding, installed
from laterna.engines.diffusers.presets import PRESETS
from laterna.engines.preflight import Machine
from tests.cli.conftest import Said
from tests.cli.hub import Hub
from tests.engines.diffusers import tiny

ID = "Wan-AI/Wan2.1-T2V-1.3B-Diffusers"
NAME = "wan-2.1-t2v-1.3b"
WEIGHTS = "transformer/diffusion_pytorch_model.safetensors"
Call = Callable[..., Said]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("saved")
    torch.manual_seed(0)
    tiny.wan().save_pretrained(folder)
    return folder


@pytest.fixture
def model(saved: Path, tmp_path: Path) -> Path:
    """A repository as the hub has them: with what is not to be taken beside what is."""
    folder = tmp_path / "hub-model"
    shutil.copytree(saved, folder)
    (folder / "LICENSE.txt").write_text("as you like")
    (folder / "setup.py").write_text("raise SystemExit")
    (folder / "consolidated.safetensors").write_bytes(b"x" * 5000)
    (folder / "vae" / "diffusion_pytorch_model.bin").write_bytes(b"\x80\x04.")
    shutil.copy(folder / WEIGHTS, folder / WEIGHTS.replace(".safe", ".fp16.safe"))
    return folder


@pytest.fixture
def hub(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.setenv("LATERNA_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setenv("LATERNA_DIFFUSERS", "film=64x64")
    monkeypatch.setattr(hub_constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(hub_constants, "DOWNLOAD_CHUNK_SIZE", 4096)
    with Hub({ID: model}).open() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        yield hub


@pytest.fixture
def add(laterna: Call, hub: Hub) -> Call:
    return lambda *words: laterna("models", "add", *words, "--accept-licence")


def test_a_preset_is_added_pinned_and_hashed_and_films(
    add: Call, laterna: Call, hub: Hub, model: Path
) -> None:
    said = add(NAME)
    assert said.code == 0, said.err
    assert "Apache-2.0" in said.err
    assert "fits" in said.err
    folder = installed.find(NAME)
    assert folder == installed.models_folder() / NAME
    record = installed.installed()[NAME]
    assert (record.hub, record.revision) == (ID, hub.commit)
    assert record.accepted
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert there == set(record.files)
    assert (folder / WEIGHTS).read_bytes() == (model / WEIGHTS).read_bytes()
    assert "LICENSE.txt" in there
    for unwanted in ("setup.py", "consolidated.safetensors", "fp16", ".bin"):
        assert not [name for name in there if unwanted in name]
        assert not [name for name in hub.fetched() if unwanted in name]
    assert laterna("models", "verify", NAME).code == 0
    filmed = laterna(
        "film", "w5 w6", "--engine", f"diffusers:{NAME}", "--seconds", "0.5", "--steps", "2",
        "--draft", "-o", "out.mp4",
    )  # fmt: skip
    assert filmed.code == 0, filmed.err


def test_a_cut_download_goes_on_where_it_stopped(add: Call, hub: Hub, model: Path) -> None:
    hub.cut = WEIGHTS
    said = add(NAME)
    assert said.code == 1
    assert "goes on where it stopped" in said.err.splitlines()[-1]
    assert installed.find(NAME) is None
    before = len(hub.asked)
    hub.down = False
    said = add(NAME)
    assert said.code == 0, said.err
    half = (model / WEIGHTS).stat().st_size // 2
    resumed = [r for _, path, r in hub.asked[before:] if path.endswith(WEIGHTS) and r]
    starts = [int(r.removeprefix("bytes=").split("-")[0]) for r in resumed]
    assert any(half - 4096 <= start <= half for start in starts if start), resumed
    folder = installed.find(NAME)
    assert folder is not None
    assert (folder / WEIGHTS).read_bytes() == (model / WEIGHTS).read_bytes()


def test_pickles_alone_are_refused_before_anything_is_fetched(
    add: Call, hub: Hub, model: Path
) -> None:
    (model / "vae" / "diffusion_pytorch_model.safetensors").unlink()
    said = add(NAME)
    assert said.code == 1
    assert "vae/diffusion_pytorch_model.bin can run code" in said.complaint
    assert hub.fetched() in ([], [f"{hub.commit}/model_index.json"]) or all(
        "safetensors" not in name for name in hub.fetched()
    )
    assert not installed.models_folder().exists()


def test_the_licence_is_shown_and_has_to_be_accepted(laterna: Call, hub: Hub) -> None:
    said = laterna("models", "add", NAME)
    assert said.code == 2
    assert "--accept-licence" in said.err.splitlines()[-1]
    assert "Apache-2.0, https://www.apache.org/licenses/LICENSE-2.0" in said.err
    assert installed.find(NAME) is None


def test_offline_nothing_is_asked(
    laterna: Call, hub: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(hub_constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    assert "not on this machine" in laterna("models", "add", NAME, "--offline").complaint
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert "not on this machine" in laterna("models", "add", NAME).complaint
    assert hub.asked == []


def test_what_the_hub_refuses_is_said_in_words(add: Call, hub: Hub) -> None:
    assert "no such model" in add("nobody/nothing").complaint
    assert "no such revision" in add(NAME, "--revision", "v9").complaint
    hub.gated = True
    assert "HF_TOKEN" in add(NAME).complaint
    assert "no diffusers pipeline" in add("one-word").complaint or add("one-word").code == 2


def test_an_altered_file_is_noticed(add: Call, laterna: Call, hub: Hub) -> None:
    assert add(NAME).code == 0
    folder = installed.find(NAME)
    assert folder is not None
    data = bytearray((folder / WEIGHTS).read_bytes())
    data[-1] ^= 1
    (folder / WEIGHTS).write_bytes(data)
    (folder / "vae" / "config.json").unlink()
    (folder / "vae" / "more.py").write_text("1")
    said = laterna("models", "verify", NAME)
    assert said.code == 1
    assert said.out.splitlines() == [
        f"{WEIGHTS}: altered (its sha256 differs)",
        "vae/config.json: missing",
        "vae/more.py: was not there before",
    ]


def test_removing_deletes_what_was_downloaded_and_nothing_else(
    add: Call, laterna: Call, hub: Hub, model: Path
) -> None:
    assert add(NAME).code == 0
    (model / "vae" / "diffusion_pytorch_model.bin").unlink()
    linked = laterna("models", "add", str(model), "--name", "mine", "--accept-licence")
    assert linked.code == 0, linked.err
    assert installed.find("mine") == model
    assert laterna("models", "remove", NAME).code == 0
    assert laterna("models", "remove", "mine").code == 0
    assert (model / WEIGHTS).exists()
    assert list(installed.models_folder().iterdir()) == []
    assert "none yet" in laterna("models", "remove", NAME).complaint


def test_a_model_that_does_not_fit_is_not_fetched_unless_asked(
    add: Call, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = Machine(memory=1 << 20, disk=1 << 40)
    monkeypatch.setattr(Machine, "here", classmethod(lambda *a, **k: small))
    said = add(NAME)
    assert said.code == 1
    assert "--anyway" in said.err.splitlines()[-1]
    assert "film with native" in said.err.splitlines()[-1]
    full = Machine(memory=1 << 40, disk=1000)
    monkeypatch.setattr(Machine, "here", classmethod(lambda *a, **k: full))
    assert "of disk" in add(NAME).err.splitlines()[-1]
    monkeypatch.setattr(Machine, "here", classmethod(lambda *a, **k: small))
    assert add(NAME, "--anyway").code == 0


def test_further_components_become_part_of_the_pipeline(
    laterna: Call, hub: Hub, tmp_path: Path
) -> None:
    whole = tmp_path / "hub-stills"
    tiny.animatediff().save_pretrained(whole)
    (adapter,) = whole.glob("motion_adapter")
    apart = tmp_path / "hub-adapter"
    shutil.move(adapter, apart)
    index = json.loads((whole / "model_index.json").read_text())
    del index["motion_adapter"]
    index["_class_name"] = "StableDiffusionPipeline"
    (whole / "model_index.json").write_text(json.dumps(index))
    preset = next(preset for preset in PRESETS if preset.name == "animatediff")
    hub.repositories = {preset.hub: whole, preset.parts["motion_adapter"]: apart}
    said = laterna("models", "add", "animatediff", "--accept-licence")
    assert said.code == 0, said.err
    assert laterna("models", "verify", "animatediff").code == 0
    filmed = laterna(
        "film", "w5 w6", "--engine", "diffusers:animatediff", "--seconds", "0.5", "--steps", "2",
        "--draft", "-o", "out.mp4",
    )  # fmt: skip
    assert filmed.code == 0, filmed.err


def test_a_model_put_together_has_the_scheduler_of_its_preset(hub: Hub, tmp_path: Path) -> None:
    whole, apart = tmp_path / "hub-stills", tmp_path / "hub-adapter"
    tiny.stable_diffusion().save_pretrained(whole)
    tiny.animatediff().motion_adapter.save_pretrained(apart)
    preset = next(preset for preset in PRESETS if preset.name == "animatediff")
    hub.repositories = {preset.hub: whole, preset.parts["motion_adapter"]: apart}
    model = adding.add(adding.plan_for("animatediff"))
    told = json.loads((model.path / "scheduler/scheduler_config.json").read_text())
    assert (told["_class_name"], told["beta_schedule"]) == ("DDIMScheduler", "linear")
    assert installed.verify(model) == []


def test_offline_only_the_model_asked_for_is_linked_and_only_whole(
    add: Call, hub: Hub, saved: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Another program's cache: the model for stills of one that is put together, and half a one."""
    cache, stills = tmp_path / "cache", tmp_path / "stills"
    tiny.stable_diffusion().save_pretrained(stills)
    monkeypatch.setattr(hub_constants, "HF_HUB_CACHE", str(cache))
    preset = next(preset for preset in PRESETS if preset.name == "animatediff")
    twin = "Wan-AI/Wan2.1-T2V-14B-Diffusers"
    for id_, folder in ((preset.hub, stills), (ID, saved), (twin, saved)):
        there = cache / f"models--{id_.replace('/', '--')}"
        (there / "refs").mkdir(parents=True)
        (there / "refs" / "main").write_text("a" * 40)
        shutil.copytree(folder, there / "snapshots" / ("a" * 40))
    said = add("animatediff", "--offline")
    assert "put together from several repositories" in said.complaint
    (cache / f"models--{ID.replace('/', '--')}" / "snapshots" / ("a" * 40) / WEIGHTS).unlink()
    said = add(NAME, "--offline")
    assert "transformer: its weights (.safetensors) are missing" in said.complaint
    assert add("wan-2.1-t2v-14b", "--offline").code == 0
    (record,) = installed.installed().values()
    assert (record.name, record.preset, record.hub) == ("wan-2.1-t2v-14b", "wan-2.1-t2v-14b", twin)


def test_a_file_is_added_with_the_model_it_belongs_to(
    add: Call, laterna: Call, hub: Hub, saved: Path, tmp_path: Path
) -> None:
    file = tmp_path / "mine.safetensors"
    shutil.copy(saved / WEIGHTS, file)
    said = add(f"{file}#{saved}")
    assert said.code == 0, said.err
    assert "text_encoder" in said.err  # the sums are those of the whole model
    assert installed.installed()["mine"].base == str(saved)
    filmed = laterna(
        "film", "w5 w6", "--engine", "diffusers:mine", "--seconds", "0.5", "--steps", "2",
        "--draft", "-o", "out.mp4",
    )  # fmt: skip
    assert filmed.code == 0, filmed.err
    assert "text_encoder" in laterna("models", "info", "mine").out


def test_a_folder_that_was_added_is_still_described(
    add: Call, laterna: Call, hub: Hub, saved: Path
) -> None:
    assert add(str(saved)).code == 0
    said = laterna("models", "info", str(saved))
    assert said.code == 0, said.err
    assert said.out.startswith(NAME)
    assert "was added already" in add(str(saved)).complaint


def test_every_preset_has_a_line(laterna: Call, hub: Hub) -> None:
    said = laterna("models", "list")
    lines = said.out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == [preset.name for preset in PRESETS]
    assert hub.asked == []


def test_info_tells_the_sums(laterna: Call, hub: Hub) -> None:
    said = laterna("models", "info", NAME, "--seconds", "2", "--size", "1:1")
    assert said.code == 0, said.err
    for word in ("transformer", "text_encoder", "denoising", "33 frames, 640x640", "Apache-2.0"):
        assert word in said.out
    of_hub = laterna("models", "info", ID)
    assert "by the preset's figures" in said.out
    assert "by the weights' headers" in of_hub.out
    assert all(path.startswith("api/") or "safetensors" not in path or r
               for how, path, r in hub.asked if how == "GET")  # fmt: skip


def test_a_half_written_record_is_no_model(hub: Hub, laterna: Call) -> None:
    folder = installed.models_folder()
    folder.mkdir(parents=True)
    (folder / "broken.json").write_text("{")
    assert adding.installed() == {}
    assert "add it again" in laterna("models", "verify", "broken").complaint
