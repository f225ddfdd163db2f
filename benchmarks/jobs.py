"""What durability costs and how fast it heals: `python benchmarks/jobs.py [--database URL]`.

Prints a markdown table. Films are the fake engine's, so that what is measured is the house and not
the model; `--engine native` films with the real one. A PostgreSQL URL adds takeover.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from laterna.engines.registry import load_engine
from laterna.server.ids import new_id
from laterna.server.jobs import Jobs
from laterna.server.jobs.draft import read_draft
from laterna.server.settings import Settings
from laterna.server.spec import Spec
from laterna.server.store import Store
from laterna.server.tables import Owner, Video
from laterna.shot import Shot, draft_frames, resolved

OWNER = "owner_of_the_figures"


class Bench:
    """A server's data, and workers in processes of their own."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.store = settings, Store(settings)
        with self.store.session() as session:
            session.merge(Owner(id=OWNER, name="figures", created=time.time()))

    def add(self, shot: Shot) -> str:
        video, shot = new_id("video"), resolved(shot)
        told = Spec(shot).write(self.settings.folder(video))
        with self.store.session() as session:
            session.add(
                Video(
                    id=video, owner=OWNER, status="queued", created=time.time(), model="sora-2",
                    engine=self.settings.engine, prompt=shot.prompt, seconds=str(shot.seconds),
                    size="", frames=draft_frames(shot), spec=told,
                )
            )  # fmt: skip
        return video

    def row(self, video: str) -> Video:
        with self.store.reading() as session:
            return session.get_one(Video, video)

    def chunks(self, video: str) -> int:
        return len(list((self.settings.folder(video) / "live").glob("*.jpg")))

    def wait(self, video: str) -> Video:
        while (row := self.row(video)).status not in ("completed", "failed"):
            time.sleep(0.02)
        return row

    def worker(self) -> subprocess.Popen[bytes]:
        words = [str(self.settings.data), self.settings.database, self.settings.engine]
        return subprocess.Popen([sys.executable, __file__, "--work", *words])


def work(data: str, database: str, engine: str) -> None:
    """Be a worker until killed."""
    settings = Settings(data=Path(data), database=database, engine=engine)
    Jobs(settings, Store(settings)).start(film=True)
    signal.pause()


def row(name: str, figure: str) -> None:
    print(f"| {name} | {figure} |", flush=True)


def kills(bench: Bench, seconds: float, times: int, seed: int) -> None:
    """Kill -9 at random moments of one shot."""
    shot = Shot("a boat on the lake at dawn", seconds=seconds, seed=1, quality="draft")
    engine = load_engine(bench.settings.engine)
    whole = np.concatenate([chunk.frames for chunk in engine.film(resolved(shot))])
    video, chance, back = bench.add(shot), random.Random(seed), []
    for _ in range(times):
        before, began, process = bench.chunks(video), time.perf_counter(), bench.worker()
        while bench.chunks(video) == before and bench.row(video).status != "completed":
            time.sleep(0.005)
        back.append(time.perf_counter() - began)
        time.sleep(chance.uniform(0, 0.5))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    process = bench.worker()
    ended = bench.wait(video)
    process.kill()
    process.wait()
    frames = read_draft(bench.settings.folder(video)).frames
    assert frames is not None
    same = ended.status == "completed" and np.array_equal(frames, whole)
    row(f"{times} kills of a {seconds:g} s shot: frames identical", f"{same}")
    row("its attempts", f"{ended.attempt}")
    row("from starting a worker to the next new chunk, median", f"{statistics.median(back):.1f} s")


def overhead(bench: Bench, seconds: float) -> None:
    """Chunk by chunk through the house, against the bare engine."""
    shot = Shot("a boat on the lake at dawn", seconds=seconds, seed=1, quality="draft")
    engine = load_engine(bench.settings.engine)
    began = time.perf_counter()
    count = sum(1 for _ in engine.film(resolved(shot)))
    bare = time.perf_counter() - began
    jobs = Jobs(bench.settings, bench.store)
    jobs.start(film=True)
    try:
        for _ in range(2):  # the first loads the engine
            video = bench.add(shot)
            jobs.submit(video)
            while not bench.chunks(video):
                time.sleep(0.002)
            began = time.perf_counter()
            while bench.chunks(video) < count:
                time.sleep(0.002)
            spent = time.perf_counter() - began
            bench.wait(video)
    finally:
        jobs.stop()
    each = spent / (count - 1) - bare / count
    row("a chunk through step, spool, preview and progress, above the bare engine",
        f"{1000 * each:.0f} ms")  # fmt: skip


def queueing(bench: Bench, count: int) -> None:
    """Accept many jobs without filming any."""
    jobs = Jobs(bench.settings, bench.store)
    jobs.start(film=False)
    videos = [bench.add(Shot("a boat", seconds=1, seed=1)) for _ in range(count)]
    began = time.perf_counter()
    for video in videos:
        jobs.submit(video)
    spent = time.perf_counter() - began
    for video in videos:
        jobs.cancel(video)
    jobs.stop()
    row(f"{count} jobs queued, each", f"{1000 * spent / count:.0f} ms")


def takeover(bench: Bench) -> None:
    """From kill -9 of a worker to the next chunk of its shot by another."""
    shot = Shot("a boat on the lake at dawn", seconds=60, seed=1, quality="draft")
    video = bench.add(shot)
    first = bench.worker()
    while bench.chunks(video) < 2:
        time.sleep(0.01)
    second = bench.worker()
    time.sleep(5)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    before, began = bench.chunks(video), time.perf_counter()
    while bench.chunks(video) <= before and bench.row(video).status != "completed":
        time.sleep(0.01)
    spent = time.perf_counter() - began
    second.kill()
    second.wait()
    row("from kill -9 of a worker to the next chunk by another (lease 15 s)", f"{spent:.1f} s")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", default="fake")
    parser.add_argument("--database", default="")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=("takeover", "overhead", "queueing", "kills"))
    parser.add_argument("--work", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(*options.work)
        return
    print("| what | figure |\n|---|---|")
    with tempfile.TemporaryDirectory() as data:
        settings = Settings(data=Path(data), database=options.database, engine=options.engine)
        bench = Bench(settings)
        figures = {
            "takeover": lambda: takeover(bench),
            "overhead": lambda: overhead(bench, options.seconds),
            "queueing": lambda: queueing(bench, 100),
            "kills": lambda: kills(bench, options.seconds, options.kills, options.seed),
        }
        if not options.database:
            del figures["takeover"]
        for name, measure in figures.items():
            if options.only in (None, name):
                measure()
        bench.store.close()


if __name__ == "__main__":
    main()
