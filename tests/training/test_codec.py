"""Seconds of training see more than PCA, and a killed run ends where an unbroken one does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from laterna.errors import InputError, WeightsError  # noqa: E402
from laterna.model.networks.codec import Codec  # noqa: E402
from laterna.training import checkpoint, leg, progress  # noqa: E402
from laterna.training.basis import balanced, sensitivity  # noqa: E402
from laterna.training.codec import CodecStage, restless, trust  # noqa: E402
from laterna.training.footage import Crops, Footage, render_footage  # noqa: E402
from laterna.training.tensors import to_frames, to_tensor  # noqa: E402
from laterna.world.factors import Factors, Mixture  # noqa: E402
from tests.training import moving  # noqa: E402

CROPS = Crops(count=4, frames=8, side=32)


def tiny() -> Codec:
    return Codec(encoder=(8, 16, 32), decoder=(32, 32, 16))


torch.set_num_threads(1)


def render(seed: int, mixture: Mixture) -> tuple[dict[str, np.ndarray], Factors]:
    """The made-up film, just as large as a crop."""
    clip, factors = moving.render(seed, mixture)
    matte = clip["matte"][:, :2, 1:3]
    return clip | {"frames": clip["frames"][:, 8:40, 16:48], "matte": matte}, factors


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    render_footage(folder, 8, 0, "core", render)
    render_footage(folder / "validation", 3, 0, "core", render)  # seen: seconds do not generalise
    return folder


def pca_edges(data: Path) -> float:
    """The edge loss of the linear start, on the crops of the first steps."""
    stage = CodecStage(data, 0, data / "start", CROPS, tiny)
    return float(np.mean([stage.backward(step, False, [0])["edge"] for step in range(8)]))


def train(data: Path, run: Path, plan: leg.Plan) -> list[progress.Line]:
    lines: list[progress.Line] = []
    leg.run(CodecStage(data, plan.seed, run, CROPS, tiny), tiny(), plan, run, lines.append)
    return lines


def test_frames_survive_the_way_to_tensors_and_back() -> None:
    frames = np.random.default_rng(0).integers(0, 256, (1, 4, 16, 16, 3), np.uint8)
    np.testing.assert_array_equal(to_frames(to_tensor(frames)), frames)


def test_an_error_that_goes_along_with_the_film_is_not_restless() -> None:
    generator = torch.Generator().manual_seed(0)
    wide = torch.rand(1, 3, 24, 40, generator=generator)
    film = torch.stack([wide[..., 8 - 2 * t : 32 - 2 * t] for t in range(4)], dim=1)
    flow = torch.zeros(1, 4, 2, 24, 24)
    flow[:, :, 0] = 2
    inner = torch.zeros(1, 1, 1, 24, 24)
    inner[..., 2:-2] = 1  # what leaves the picture has no next frame
    error = film.roll(1, 2)
    sure = trust(film, flow)
    along = restless(error * inner, flow, sure)
    torch.manual_seed(1)
    noise = torch.rand(error.shape) * inner
    assert restless(noise, flow, sure) > 3 * along
    elsewhere = restless(noise, flow, trust(torch.rand(film.shape), flow))
    assert elsewhere < 0.1 * along  # film that does not follow its flow has no say


def test_seconds_of_training_see_more_structure_than_pca(data: Path, tmp_path: Path) -> None:
    lines = train(data, tmp_path, leg.Plan(steps=200, warmup=10, average=0.9, rate=4e-3))
    judged = lines[-1].validation
    assert judged["ssim"] > judged["pca_ssim"]
    assert lines[-1].losses["edge"] < 0.9 * pca_edges(data)
    assert judged["energy"] > 0
    assert (tmp_path / "sheet-0000200.png").exists()
    assert progress.read(tmp_path)[-1] == lines[-1]
    assert "step 200/200" in lines[-1].text()

    codec = tiny()
    checkpoint.load_module(codec, tmp_path / leg.CHECKPOINT)
    footage = Footage(data)
    x = to_tensor(np.asarray(footage.read(0))[None])
    before = codec.decode(codec.encode(x))
    latents = balanced(codec, footage, 0).encode(x)
    assert torch.allclose(codec.decode(latents), before, atol=1e-2)
    everything = torch.cat(
        [codec.encode(to_tensor(np.asarray(footage.read(i))[None])) for i in range(8)]
    )
    spread = everything.flatten(3).permute(2, 0, 1, 3).flatten(1)
    variance = spread.var(1)
    assert torch.allclose(variance.mean(), torch.ones(()), atol=0.05)
    assert (variance.diff() < 0.02).all()
    uncorrelated = torch.corrcoef(spread) - torch.eye(16)
    assert uncorrelated.abs().max() < 0.05
    moved = sensitivity(codec, footage, 0).diagonal()
    assert moved.argmax() == 0


def test_a_longer_plan_goes_on_from_before_the_decay(data: Path, tmp_path: Path) -> None:
    short = tmp_path / "short"
    train(data, short, leg.Plan(steps=5, warmup=2))
    train(data, short, leg.Plan(steps=8, warmup=2))
    train(data, tmp_path / "long", leg.Plan(steps=8, warmup=2))
    assert same(short, tmp_path / "long")


def test_a_plan_in_minutes_ends_and_can_be_repeated_in_steps(data: Path, tmp_path: Path) -> None:
    lines = train(data, tmp_path / "clock", leg.Plan(minutes=0.04, warmup=2))
    assert lines[-1].steps == lines[-1].step
    train(data, tmp_path / "counted", leg.Plan(steps=lines[-1].step, warmup=2))
    assert same(tmp_path / "clock", tmp_path / "counted")


def test_a_run_keeps_to_its_seed_and_a_torn_checkpoint_is_named(data: Path, tmp_path: Path) -> None:
    train(data, tmp_path, leg.Plan(steps=1))
    with pytest.raises(InputError, match="begun with 0"):
        train(data, tmp_path, leg.Plan(steps=2, seed=1))
    path = tmp_path / leg.CHECKPOINT
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(WeightsError, match="cannot read"):
        train(data, tmp_path, leg.Plan(steps=2))


SCRIPT = """
import sys
from pathlib import Path
from laterna.training import leg
from laterna.training.machine import prepare_torch, settle
settle(); prepare_torch(1)
from laterna.training.codec import CodecStage
from tests.training.test_codec import CROPS, tiny
data, run = map(Path, sys.argv[1:])
plan = leg.Plan(steps=24, warmup=2, checkpoint_minutes=0.0)
leg.run(CodecStage(data, 0, run, CROPS, tiny), tiny(), plan, run)
"""


def start(data: Path, run: Path) -> subprocess.Popen[bytes]:
    root = Path(__file__).parents[2]
    paths = os.pathsep.join([str(root), str(root / "src")])
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(data), str(run)], env=os.environ | {"PYTHONPATH": paths}
    )


def test_killed_and_resumed_it_ends_where_an_unbroken_run_does(data: Path, tmp_path: Path) -> None:
    assert start(data, tmp_path / "unbroken").wait() == 0
    victim = start(data, tmp_path / "killed")
    while not (tmp_path / "killed" / leg.CHECKPOINT).exists():
        time.sleep(0.05)
    os.kill(victim.pid, signal.SIGKILL)
    victim.wait()
    _, record = checkpoint.load(tmp_path / "killed" / leg.CHECKPOINT)
    assert record["step"] < 24
    assert start(data, tmp_path / "killed").wait() == 0
    assert same(tmp_path / "unbroken", tmp_path / "killed")


def test_an_interrupted_run_keeps_the_step_at_work(data: Path, tmp_path: Path) -> None:
    plan = leg.Plan(steps=6, warmup=2)
    leg.run(CodecStage(data, 0, tmp_path, CROPS, tiny), tiny(), plan, tmp_path / "unbroken")
    stage = CodecStage(data, 0, tmp_path, CROPS, tiny)
    backward = stage.backward

    def stopped(step: int, *more: object) -> dict[str, float]:
        if step == 2:
            signal.raise_signal(signal.SIGINT)
        return backward(step, *more)  # type: ignore[arg-type]

    stage.backward = stopped  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        leg.run(stage, tiny(), plan, tmp_path / "stopped")
    _, record = checkpoint.load(tmp_path / "stopped" / leg.CHECKPOINT)
    assert record["step"] == 3
    leg.run(CodecStage(data, 0, tmp_path, CROPS, tiny), tiny(), plan, tmp_path / "stopped")
    assert same(tmp_path / "unbroken", tmp_path / "stopped")


def same(one: Path, other: Path) -> bool:
    """Whether two runs hold the same numbers, bit for bit."""
    first, second = (checkpoint.load(run / leg.CHECKPOINT)[0] for run in (one, other))
    return first.keys() == second.keys() and all(torch.equal(first[k], second[k]) for k in first)
