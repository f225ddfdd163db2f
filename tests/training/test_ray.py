"""A cluster of two machines makes what one process makes, though its workers are killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ray = pytest.importorskip("ray")
torch = pytest.importorskip("torch")
pytest.importorskip("numba")

from laterna.cli.app import run  # noqa: E402
from laterna.errors import InputError  # noqa: E402
from laterna.model.networks.transformer import Transformer  # noqa: E402
from laterna.training import leg, orders, progress  # noqa: E402
from laterna.training.clips import Rendering  # noqa: E402
from laterna.training.cluster import render_clips  # noqa: E402
from laterna.training.cluster_leg import train  # noqa: E402
from laterna.training.flow import Diet, FlowStage  # noqa: E402
from laterna.training.footage import render_footage  # noqa: E402
from laterna.training.latents import Library  # noqa: E402
from tests.training import moving, test_flow  # noqa: E402
from tests.training.test_crew import assert_same, make_library  # noqa: E402

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Two nodes of one core each, quick to notice things and patient with what is slow to start."""
    from ray.cluster_utils import Cluster

    paths = [str(ROOT), str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_worker_niceness", "0")  # else they starve on a machine that is busy
        patch.setenv("RAY_TRAIN_HEALTH_CHECK_INTERVAL_S", "0.5")
        patch.setenv("RAY_TRAIN_WORKER_GROUP_START_TIMEOUT_S", "600")
        patch.setenv("RAY_TRAIN_ENABLE_PREEMPTION_WATCHER", "0")  # a process more in each training
        patch.setenv("TORCH_COMPILE_DISABLE", "1")  # which takes longer than a few steps
        cluster = Cluster()
        try:
            for _ in range(2):
                cluster.add_node(num_cpus=1, num_gpus=0, object_store_memory=80 << 20)
            yield cluster.address
        finally:
            cluster.shutdown()


def die_once(marker: Path | None) -> None:
    """End this process as `kill -9` does, but only the first that comes here."""
    if marker is not None and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True, slots=True)
class Mortal(Rendering):
    """Dies in the middle of clip 3, with a file half written."""

    marker: Path | None = None

    def render(self, seed: int) -> str:
        if seed == 3 and self.marker is not None and not self.marker.exists():
            (self.folder / ".3.mp4.0000.part").write_bytes(b"half")
            die_once(self.marker)
        return super(Mortal, self).render(seed)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".part"}


def test_clips_are_those_of_one_process_though_a_worker_dies(address: str, tmp_path: Path) -> None:
    one, many = tmp_path / "one", tmp_path / "many"
    one.mkdir()
    many.mkdir()
    for seed in range(6):
        Rendering(one, 2, (64, 64)).render(seed)
    whole = Rendering(many, 2, (64, 64))
    whole.render(0)
    before = (many / "0.mp4").stat().st_mtime_ns
    told: list[int] = []
    mortal = Mortal(many, 2, (64, 64), marker=tmp_path / "died")
    render_clips(mortal, 0, 6, address, lambda seed, words: told.append(seed))
    assert (tmp_path / "died").exists()
    assert files(many) == files(one)
    assert (many / "0.mp4").stat().st_mtime_ns == before
    assert set(told) <= {1, 2, 3, 4, 5}


@dataclass(frozen=True, slots=True)
class Tiny:
    """An order of a tiny transformer's training; the second worker dies at step 3."""

    folder: Path
    plan: leg.Plan
    run: Path
    marker: Path | None = None
    device: str = ""

    def build(self) -> tuple[leg.Stage, torch.nn.Module]:
        library = Library(self.folder / "latents", self.folder / "text")
        diet = Diet(count=4, frames=8, part=2)
        given = ("clips", library, library, 0, diet, test_flow.TINY, test_flow.GRID)
        return MortalStage(self.marker, *given), Transformer(test_flow.TINY)

    def finish(self) -> None:
        pass


class MortalStage(FlowStage):
    def __init__(self, marker: Path | None, *given: Any) -> None:
        super().__init__(*given)
        self.marker = marker

    def backward(self, step: int, half: bool, parts: Iterable[int]) -> dict[str, float]:
        parts = list(parts)
        if step == 3 and parts == [1]:
            die_once(self.marker)
        return super().backward(step, half, parts)


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Latents and captions of small clips."""
    return make_library(tmp_path_factory.mktemp("footage"))


PLAN = leg.Plan(steps=6, warmup=2, checkpoint_minutes=0.0)


def test_two_workers_train_to_the_weights_of_one_though_one_dies(
    address: str, footage: Path, tmp_path: Path
) -> None:
    alone = Tiny(footage, PLAN, tmp_path / "alone")
    leg.run(*alone.build(), PLAN, alone.run)
    order = Tiny(footage, PLAN, tmp_path / "run", marker=tmp_path / "died")
    lines: list[progress.Line] = []
    record = train(order, address, workers=2, tell=lines.append)
    assert (tmp_path / "died").exists()
    assert record["step"] == record["total"] == 6
    assert_same(alone.run / leg.CHECKPOINT, order.run / leg.CHECKPOINT)
    assert lines[-1].step == 6
    assert lines[-1].validation["held_flow"] > 0
    assert not (order.run / "ray").exists()


@pytest.fixture
def laterna(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., int]]:
    """Run `laterna WORD ...` in this process, which stays as it is."""
    monkeypatch.setattr("laterna.cli.train.settle", lambda: None)
    monkeypatch.setattr(orders, "_compiler", lambda: False)
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    threads = torch.get_num_threads()
    yield lambda *words: run(words)
    torch.set_num_threads(threads)
    for number, handler in kept.items():
        signal.signal(number, handler)
    torch.set_flush_denormal(False)


def test_the_command_line_trains_there_what_it_trains_here(
    address: str, laterna: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    render_footage(data, 3, 0, "core", moving.render)
    render_footage(data / "validation", 1, 100, "core", moving.render)
    asked = ["train", "codec", "--data", str(data), "--steps", "2", "--batch", "16", "--side", "32"]
    here, there = tmp_path / "here", tmp_path / "there"
    assert laterna(*asked, "--run", str(here)) == 0
    capsys.readouterr()
    assert laterna(*asked, "--run", str(there), "--ray", address, "--workers", "2") == 0
    *told, left = capsys.readouterr().out.splitlines()
    assert all(line.startswith("codec step ") for line in told)
    assert told[-1].startswith("codec step 2/2 ") and left == str(there / "codec.safetensors")
    assert_same(here / leg.CHECKPOINT, there / leg.CHECKPOINT)
    assert (there / "codec.safetensors").exists()


def test_more_workers_than_cores_are_refused(address: str, tmp_path: Path) -> None:
    order = Tiny(tmp_path, PLAN, tmp_path / "run")
    with pytest.raises(InputError, match="the cluster has 2 cores"):
        train(order, address, workers=3)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [("", "HOST:PORT"), ("ray://127.0.0.1:10001", "HOST:PORT"), ("127.0.0.1:1", "no cluster")],
)
def test_an_address_of_no_cluster_is_refused(wrong: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=told):
        render_clips(Rendering(tmp_path), 0, 1, wrong)
