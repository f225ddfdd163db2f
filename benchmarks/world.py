"""How fast the world renders: python benchmarks/world.py [--clips N]; prints a Markdown table."""

from __future__ import annotations

import argparse
import time

import numba

from laterna.world.factors import CORE, EVERYTHING
from laterna.world.footage import render_clip


def main() -> None:
    """Render each mixture at the two sizes that matter, after a warm-up that compiles."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--clips", type=int, default=24)
    clips = parser.parse_args().clips
    render_clip(0, frames=2)
    print(f"threads: {numba.get_num_threads()}, {clips} clips of 32 frames each\n")
    print("| mixture | size | frames/s | processor ms per frame |\n|---|---|---|---|")
    for name, mixture in (("core", CORE), ("everything", EVERYTHING)):
        for size in ((256, 160), (288, 160)):
            began, busy = time.perf_counter(), time.process_time()
            for seed in range(1, clips + 1):
                render_clip(seed, size=size, mixture=mixture)
            wall, cpu = time.perf_counter() - began, time.process_time() - busy
            count = 32 * clips
            print(
                f"| {name} | {size[0]}x{size[1]} | {count / wall:.0f} | {1e3 * cpu / count:.1f} |"
            )


if __name__ == "__main__":
    main()
