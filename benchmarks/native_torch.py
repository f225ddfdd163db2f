"""The native model over torch against its ONNX graphs: `benchmarks/native_torch.py [DEVICE]`.

Prints a markdown table: how far the pixels are apart, and what a shot costs. On a GPU the processor
time is what is left for the processor; wall time then tells more.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np

from laterna.engines.native import NativeEngine
from laterna.engines.native_torch import NativeTorchEngine
from laterna.shot import Frames, Shot

SHOTS = [Shot("a red boat on the lake at dawn", seed=seed, seconds=2) for seed in range(1, 5)]


def timed(film: Callable[[], list[Frames]]) -> tuple[list[Frames], float, float]:
    """What was filmed, wall seconds and processor seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = film()
    return found, time.perf_counter() - wall, time.process_time() - cpu


def alone(engine: NativeEngine, shots: list[Shot]) -> list[Frames]:
    return [np.concatenate([chunk.frames for chunk in engine.film(shot)]) for shot in shots]


def together(engine: NativeTorchEngine, shots: list[Shot]) -> list[Frames]:
    films: list[list[Frames]] = [[] for _ in shots]
    for number, chunk in engine.film_all(shots):
        films[number].append(chunk.frames)
    return [np.concatenate(film) for film in films]


def row(name: str, wanted: list[Frames], film: Callable[[], list[Frames]]) -> None:
    """One line: how `film` differs from `wanted`."""
    found, wall, cpu = timed(film)
    away = np.abs(np.concatenate(wanted).astype(int) - np.concatenate(found))
    psnr = 10 * np.log10(255**2 / max(1e-9, float((away.astype(float) ** 2).mean())))
    figures = f"{away.max()} | {(away > 0).mean():.3%} | {psnr:.1f} | {wall:.1f} | {cpu:.1f}"
    print(f"| {name} | {figures} |", flush=True)


def main() -> None:
    """Film with every engine."""
    device = sys.argv[1] if len(sys.argv) > 1 else "cpu"
    onnx = NativeEngine()
    single, half = (NativeTorchEngine(device=device, dtype=d) for d in ("float32", "bfloat16"))
    for engine in (onnx, single, half):
        next(engine.film(Shot("a boat", frames=1, steps=1)))  # loads it
    wanted, wall, cpu = timed(lambda: alone(onnx, SHOTS))
    print("| four shots of 2 s | largest | differ | PSNR, dB | wall s | processor s |")
    print("|---|---|---|---|---|---|")
    print(f"| ONNX | | | | {wall:.1f} | {cpu:.1f} |", flush=True)
    row(f"{device}, float32", wanted, lambda: alone(single, SHOTS))
    row(f"{device}, float32, side by side", wanted, lambda: together(single, SHOTS))
    row(f"{device}, bfloat16", wanted, lambda: alone(half, SHOTS))
    row(f"{device}, bfloat16, side by side", wanted, lambda: together(half, SHOTS))


if __name__ == "__main__":
    main()
