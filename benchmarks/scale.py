"""What a cluster gains, and what large ones would cost.

    python benchmarks/scale.py --measure    renders and trains with 1 and 2 workers on a local
                                            cluster of two nodes; prints a Markdown table
    python benchmarks/scale.py              the sums for a laterna of two billion numbers on 64
                                            GPUs and for a million clips a day, as assumed below

The sums use the program's own formulas where it has them (`forward_flops`, the layout of footage
and latents); everything else is a named assumption.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from laterna.model.networks.transformer import GBUFFER, TOKEN, Size, Transformer, forward_flops
from laterna.training import leg
from laterna.training.clips import Rendering
from laterna.training.cluster import render_clips
from laterna.training.cluster_leg import train
from laterna.training.flow import CLIPS as CLIPS_DIET
from laterna.training.flow import FlowStage
from laterna.training.latents import Library
from laterna.training.shards import Shards

# The model: 14 width^2 numbers a layer (4 attention, 2 text, 8 feed-forward).
SIZE = Size(width=2048, layers=34)
PICTURE, FPS, SECONDS = (832, 480), 24, 4  # of a training clip and of a clip that is asked for
WORDS = 48  # text tokens
# The training.
CLIPS, EPOCHS, BATCH = 10_000_000, 10, 512
GPUS, PEAK, SHARE = 64, 989e12, 0.40  # bfloat16 operations a second of an H100 (dense); share used
GPU_BYTES, LINK = 80e9, 50e9  # memory; bytes a second in or out of a GPU (400 Gbit/s each)
GPU_PRICE, CORE_PRICE, DISK_PRICE, OUT_PRICE = 2.50, 0.04, 0.02, 0.05  # $: hour, hour, GB month, GB
CORES = 1000
PIXEL = 0.33e-6  # core seconds a rendered pixel (benchmarks/world.md: 13.3 ms for 256x160)
DISK = 1e9  # bytes a second of the shared disk
# The service.
A_DAY, PEAK_LOAD, STEPS, RUNS = 1_000_000, 3.0, 12, 2  # times the mean; steps; runs (guidance)
FILM_BYTES, KEPT_DAYS = 3e6, 30  # of a delivered MP4; how long it stays
ENCODE = 0.022  # core seconds a delivered frame of 512x288 (benchmarks/finish.md)


def training_sums() -> None:
    """Bytes, operations, time and money of training the large model."""
    numbers = sum(p.numel() for p in _meta(SIZE).parameters())
    frames = SECONDS * FPS // 4
    row = PICTURE[0] // 32 * (PICTURE[1] // 32)
    tokens = frames * row
    once = forward_flops(SIZE, tokens, WORDS)
    total = 3 * once * CLIPS * EPOCHS
    speed = GPUS * PEAK * SHARE
    step = 3 * once * BATCH / speed
    d = SIZE.width
    muon = 264 * d**3 * SIZE.layers / (PEAK * SHARE)
    reduce = 2 * 4 * numbers / LINK
    gather = (3 + 1) * 4 * numbers / LINK
    latents = 4 * frames * row * TOKEN * 2 + 2 * frames * row * GBUFFER * 2 + 8 * WORDS * 384 * 2
    pixels = SECONDS * FPS * PICTURE[0] * PICTURE[1]
    core_hours = CLIPS * pixels * PIXEL / 3600
    hours = total / speed / 3600
    _table(
        ("what", "formula", "figure"),
        ("numbers P", "14 x width^2 x layers + ends", f"{numbers / 1e9:.2f} billion"),
        ("tokens of a clip N", "seconds x fps / 4 x (W / 32) x (H / 32)", f"{tokens:,}"),
        ("operations of a clip, forward F", "`forward_flops`", f"{once:.2e}"),
        ("operations of the training", "3 F x clips x epochs", f"{total:.2e}"),
        ("a step of the batch", "3 F x batch / (GPUs x peak x share)", f"{step:.1f} s"),
        ("the training", "operations / (GPUs x peak x share)", f"{hours / 24:.1f} days"),
        ("its money", "hours x GPUs x price", f"${hours * GPUS * GPU_PRICE:,.0f}"),
        ("bytes of the state", "16 P: weights, gradients, momentum, average", _size(16 * numbers)),
        ("the same on each of the GPUs, in shards", "16 P / GPUs", _size(16 * numbers / GPUS)),
        ("gradients added up, not in shards", "2 x 4 P / link", f"{reduce:.2f} s a step"),
        ("the same in shards, and gathered for Muon", "(3 + 1) x 4 P / link",
         f"{gather:.2f} s a step"),
        ("Muon, on every member", "4 rounds x 66 width^3 x layers / (peak x share)",
         f"{muon:.2f} s a step"),
        ("a checkpoint", "12 P", f"{_size(12 * numbers)}, {12 * numbers / DISK:.0f} s"),
        ("footage as frames", "3 x pixels x clips", _size(3 * pixels * CLIPS)),
        ("footage as latents, truth and text", "see `training/latents.py`", _size(latents * CLIPS)),
        ("rendering it", "pixels x clips x core seconds a pixel",
         f"{core_hours:,.0f} core hours: {core_hours / CORES:.0f} h on {CORES:,} cores, "
         f"${core_hours * CORE_PRICE:,.0f}"),
    )  # fmt: skip


def service_sums() -> None:
    """What a million clips a day take of GPUs, cores, disks and money."""
    tokens = SECONDS * FPS // 4 * (PICTURE[0] // 32) * (PICTURE[1] // 32)
    work = STEPS * RUNS * forward_flops(SIZE, tokens, WORDS)
    each = work / (PEAK * SHARE)
    mean = A_DAY / 86400
    gpus = mean * each
    frames = SECONDS * FPS
    scale = PICTURE[0] * PICTURE[1] / (512 * 288)
    cores = mean * frames * ENCODE * scale
    kept = A_DAY * KEPT_DAYS * FILM_BYTES
    chunks = SECONDS * 2
    small = mean * SECONDS * 0.56
    _table(
        ("what", "formula", "figure"),
        ("clips a second", "clips / 86,400", f"{mean:.1f}"),
        ("operations of a clip", "steps x runs x F", f"{work:.2e}"),
        ("a clip on one GPU", "operations / (peak x share)", f"{each:.1f} s"),
        ("GPUs, evenly asked", "clips a second x seconds a clip", f"{gpus:.0f}"),
        ("GPUs, for the peak hour", "the same x peak / mean", f"{gpus * PEAK_LOAD:.0f}"),
        ("money, evenly asked", "GPUs x 24 h x price", f"${gpus * 24 * GPU_PRICE:,.0f} a day, "
         f"{100 * gpus * 24 * GPU_PRICE / A_DAY:.2f} cents a clip"),
        ("cores that finish and encode", "clips x frames x core seconds a frame", f"{cores:.0f}"),
        ("their money", "cores x 24 h x price", f"${cores * 24 * CORE_PRICE:,.0f} a day"),
        ("films kept", "clips x days x bytes", _size(kept)),
        ("their money", "GB x price a month", f"${kept / 1e9 * DISK_PRICE:,.0f} a month"),
        ("sent out, each once", "clips x bytes", f"{_size(A_DAY * FILM_BYTES)} a day, "
         f"${A_DAY * FILM_BYTES / 1e9 * OUT_PRICE:,.0f}"),
        ("steps that the database keeps", "clips a second x (chunks + 3)",
         f"{mean * (chunks + 3):.0f} a second"),
        ("the shipped model instead, on cores alone", "clips x 4 s x 0.56 core seconds a second "
         "(benchmarks/native.md), drafts", f"{small:.0f} cores, "
         f"${small * 24 * CORE_PRICE:,.0f} a day"),
    )  # fmt: skip


def measure(clips: int, steps: int) -> None:
    """Rendering and training here, on clusters of one and of two nodes with a core each."""
    import ray

    from laterna.training.cluster import connected

    print("| nodes | clips rendered a second | windows trained a second |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as root:
        library = _library(Path(root) / "library")
        for nodes in (1, 2):
            with _cluster(nodes) as address, connected(address):
                folder = Path(root) / str(nodes)
                rendered = _render(clips, folder / "clips", address)
                trained = _train(steps, nodes, folder / "run", library, address)
            print(f"| {nodes} | {rendered:.2f} | {trained:.2f} |", flush=True)
            assert not ray.is_initialized()


@contextmanager
def _cluster(nodes: int) -> Iterator[str]:
    """Nodes of a core each, on this machine."""
    from ray.cluster_utils import Cluster

    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    here = Path(__file__).parents[1]
    os.environ["PYTHONPATH"] = os.pathsep.join(map(str, (here, here / "src")))
    cluster = Cluster()
    try:
        for _ in range(nodes):
            cluster.add_node(num_cpus=1, num_gpus=0)
        yield cluster.address
    finally:
        cluster.shutdown()


def _render(clips: int, folder: Path, address: str) -> float:
    """Clips a second, from the first that is there: workers start and compile before that."""
    folder.mkdir(parents=True)
    render_clips(Rendering(folder, frames=8), 0, clips, address)
    moments = sorted(path.stat().st_mtime for path in folder.glob("*.json"))
    return (len(moments) - 1) / (moments[-1] - moments[0])


@dataclass(frozen=True, slots=True)
class Windows:
    """Training the shipped transformer on windows of eight latent frames, 16 a step."""

    library: Path
    plan: leg.Plan
    run: Path
    device: str = ""

    def build(self) -> tuple[leg.Stage, Transformer]:
        found = Library(self.library / "latents", self.library / "text")
        return FlowStage("clips", found, found, 0, CLIPS_DIET, Size()), Transformer()

    def finish(self) -> None:
        """Nothing is left but the checkpoint."""


def _train(steps: int, workers: int, run: Path, library: Path, address: str) -> float:
    """Windows a second, by the run's own clock, which counts nothing but steps."""
    record = train(Windows(library, leg.Plan(steps=steps), run), address, workers)
    return CLIPS_DIET.count * steps / float(record["seconds"])


def _library(folder: Path) -> Path:
    """Latents and captions of a few clips: numbers of the right shape say as much about speed."""
    rng = np.random.default_rng(0)
    latents = Shards.begin(folder / "latents", {"format": 1, "codec": "none"})
    text = Shards.begin(folder / "text", {"format": 1})
    shape = (2, 8, 40)
    for item in range(9):
        words = {
            "text": rng.normal(size=(2, 4, WORDS, 384)).astype(np.float16),
            "mask": np.ones((2, 4, WORDS), bool),
        }
        text.append(words, {"seed": item - 1 if item else None})
        if item:
            kinds = (("video", TOKEN), ("still", TOKEN), ("truth", GBUFFER))
            film = {k: rng.normal(size=(*shape, n)).astype(np.float16) for k, n in kinds}
            latents.append(film, {"seed": item - 1})
    return folder


def _meta(size: Size) -> Transformer:
    """The network without its numbers."""
    with torch.device("meta"):
        return Transformer(size)


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:,.3g} PB"


def _table(*rows: tuple[str, str, str]) -> None:
    head, *rest = rows
    print("| " + " | ".join(head) + " |\n" + "|---" * 3 + "|")
    for row in rest:
        print("| " + " | ".join(row) + " |")
    print()


def main() -> None:
    """See the module's docstring."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--measure", action="store_true")
    parser.add_argument("--clips", type=int, default=160)
    parser.add_argument("--steps", type=int, default=16)
    given = parser.parse_args()
    if given.measure:
        measure(given.clips, given.steps)
        return
    training_sums()
    service_sums()


if __name__ == "__main__":
    main()
