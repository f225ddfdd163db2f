"""However many train together, and in shards or whole, the weights are those of one process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from laterna.model.networks.transformer import Transformer  # noqa: E402
from laterna.training import checkpoint, leg, progress  # noqa: E402
from laterna.training.codec import save_codec  # noqa: E402
from laterna.training.footage import render_footage  # noqa: E402
from laterna.training.latents import Library, encode_captions, encode_footage  # noqa: E402
from tests.training import test_flow  # noqa: E402
from tests.training.crew_member import DIET, PLAN, UNCLIPPED, Stage, codec_stages  # noqa: E402
from tests.training.test_codec import tiny  # noqa: E402

ROOT = Path(__file__).parents[2]


def make_library(folder: Path) -> Path:
    """Latents and captions of six small clips in `folder`."""
    render_footage(folder, 6, 0, "core", test_flow.render)
    torch.manual_seed(0)
    encode_footage(folder, tiny(), "c0dec", folder / "latents", 6, lambda done, total: None)
    letters = test_flow.Letters()
    encode_captions(folder, letters, folder / "text", 6, lambda done, total: None)
    return folder


def assert_same(one: Path, other: Path) -> None:
    """Equal within what adding floating point numbers in another order makes of them."""
    (ours, record), (theirs, told) = checkpoint.load(one), checkpoint.load(other)
    assert ours.keys() == theirs.keys()
    apart = {"seconds": 0, "threads": 1}  # what depends on the machine
    assert record | apart == told | apart
    for name, tensor in ours.items():
        torch.testing.assert_close(theirs[name], tensor, rtol=1e-3, atol=1e-4, msg=name)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where two processes have trained, and one alone."""
    folder = make_library(tmp_path_factory.mktemp("crew"))
    render_footage(folder / "validation", 1, 100, "core", test_flow.render)
    torch.manual_seed(1)
    save_codec(tiny(), folder, {"stage": "codec"})
    paths = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    members = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.training.crew_member", str(rank), str(folder)],
            env=os.environ | {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1"},
        )
        for rank in range(2)
    ]
    torch.set_num_threads(1)  # as the members do: Muon makes a difference of sums in another order
    library = Library(folder / "latents", folder / "text")
    for name, plan in (("alone", PLAN), ("unclipped", UNCLIPPED)):
        leg.run(Stage(library), Transformer(test_flow.TINY), plan, folder / name)
    for given in codec_stages(folder, "alone"):
        leg.run(*given)
    try:
        assert [member.wait(600) for member in members] == [0, 0]
    finally:
        for member in members:
            member.kill()
    return folder


def test_two_processes_train_to_the_weights_of_one(folder: Path) -> None:
    assert_same(folder / "alone" / leg.CHECKPOINT, folder / "whole" / leg.CHECKPOINT)


def test_in_shards_as_well_though_they_broke_off(folder: Path) -> None:
    assert_same(folder / "unclipped" / leg.CHECKPOINT, folder / "shards" / leg.CHECKPOINT)


@pytest.mark.parametrize("stage", ["codec", "sharpen"])
def test_the_codec_and_its_sharpening_are_those_of_one(folder: Path, stage: str) -> None:
    alone, crew = (folder / f"{name}-{stage}" / leg.CHECKPOINT for name in ("alone", "crew"))
    assert_same(alone, crew)


def test_the_first_tells_the_losses_of_all(folder: Path) -> None:
    for one, other in (("alone", "whole"), ("unclipped", "shards")):
        alone, crew = (progress.read(folder / name)[-1] for name in (one, other))
        assert crew.validation == pytest.approx(alone.validation, rel=1e-3)
    for one, other in (
        ("alone", "whole"),
        ("alone-codec", "crew-codec"),
        ("alone-sharpen", "crew-sharpen"),
    ):
        alone, crew = (progress.read(folder / name)[-1] for name in (one, other))
        assert crew.losses == pytest.approx(alone.losses, rel=1e-3)


def test_parts_that_cannot_be_dealt_evenly_are_refused(folder: Path) -> None:
    for rank in range(2):
        told = (folder / f"refused-{rank}").read_text()
        assert told.startswith("workers: 2 will not do; a batch has 3 parts")


def test_a_crew_of_one_takes_every_part(folder: Path) -> None:
    library = Library(folder / "latents", folder / "text")
    together, apart = Stage(library), Stage(library)
    whole = together.backward(0, False, range(2))
    shares = [apart.backward(0, False, [part]) for part in range(2)]
    assert together.parts == DIET.count // DIET.part == 2
    for name, value in whole.items():
        assert sum(share[name] for share in shares) == pytest.approx(value)
    for one, other in zip(together.model.parameters(), apart.model.parameters(), strict=True):
        torch.testing.assert_close(one.grad, other.grad)
