"""Speed and memory of the native engine: `python benchmarks/native.py [--weights DIR]`.

Prints a markdown table. Untrained weights film as fast as trained ones. Each row is a process of
its own, so that its memory is its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time

CASES: list[tuple[str, dict[str, object]]] = [
    ("4 s", {"seconds": 4.0}),
    ("4 s, 8 steps", {"seconds": 4.0, "steps": 8}),
    ("12 s, rolling", {"seconds": 12.0}),
    ("12 s, rolling, 6 steps", {"seconds": 12.0, "steps": 6}),
    ("4 s, 1:1", {"seconds": 4.0, "size": "1:1"}),
    ("60 s, rolling, 6 steps", {"seconds": 60.0, "steps": 6}),
]


def measure(weights: str | None, threads: int, guidance: float, fields: dict[str, object]) -> None:
    """Film one shot and print its figures as JSON."""
    import resource

    from laterna.engines.native import NativeEngine
    from laterna.shot import Shot, length

    began = time.perf_counter()
    engine = NativeEngine(weights, threads)
    next(engine.film(Shot("a boat", frames=1, steps=1)))
    loaded = time.perf_counter() - began
    shot = Shot("a red boat on the lake at dawn", seed=1, guidance=guidance, **fields)  # type: ignore[arg-type]
    began, cpu, first = time.perf_counter(), time.process_time(), 0.0
    for chunk in engine.film(shot):
        first = first or time.perf_counter() - began
        assert chunk.total
    told = {
        "load": loaded,
        "first": first,
        "wall": (time.perf_counter() - began) / length(shot),
        "cpu": (time.process_time() - cpu) / length(shot),
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(told))


def main() -> None:
    """Run every case."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--weights", default=None)
    parser.add_argument("--case", default=None, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.case:
        threads, guidance, fields = json.loads(options.case)
        measure(options.weights, threads, guidance, fields)
        return
    print("| shot | threads | guidance | load s | first chunk s | x real time | cpu s/s | MB |")
    print("|---|---|---|---|---|---|---|---|")
    for name, fields in CASES:
        for threads, guidance in ((1, 1.0), (2, 1.0), (2, 2.5)):
            command = [sys.executable, __file__, "--case", json.dumps([threads, guidance, fields])]
            command += ["--weights", options.weights] if options.weights else []
            out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            told = json.loads(out)
            figures = " | ".join(f"{told[k]:.2f}" for k in ("load", "first", "wall", "cpu"))
            row = f"| {name} | {threads} | {guidance} | {figures} | {told['peak']:.0f} |"
            print(row, flush=True)


if __name__ == "__main__":
    main()
