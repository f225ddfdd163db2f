"""How fast the transformer trains here: steps of made-up latents, one line per shape.

python benchmarks/training_flow.py [THREADS]
"""

from __future__ import annotations

import sys
import time

from laterna.training.machine import half_pays, matmul_peak, prepare_torch, settle

settle()

import torch  # noqa: E402

from laterna.model.networks.transformer import Size, Transformer, forward_flops  # noqa: E402
from laterna.model.view import positions  # noqa: E402
from laterna.training.flow import Batch, look  # noqa: E402
from laterna.training.muon import Muon, groups  # noqa: E402

GRID, WORDS = (5, 8), 20


def batch(count: int, frames: int) -> Batch:
    """Windows of noise on the draft grid."""
    tokens = GRID[0] * GRID[1]
    place = torch.from_numpy(positions([0.5 * i for i in range(frames)], GRID))
    return Batch(
        clean=torch.randn(count, frames, tokens, 64),
        sigma=torch.rand(count, frames, 1),
        position=place.expand(count, frames, tokens, 3),
        kind=torch.zeros(count, frames, 1, dtype=torch.int64),
        text=torch.randn(count, WORDS, 384),
        mask=torch.ones(count, WORDS, dtype=torch.bool),
        truth=torch.randn(count, frames, tokens, 14),
    )


def main() -> None:
    """Print processor seconds per window and operations per processor second."""
    prepare_torch(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    half = half_pays()
    print(f"products: {matmul_peak(half) / 1e9:.0f} GFLOP/s, bfloat16 {half}")
    for size in (Size(256, 10), Size(384, 12)):
        network = Transformer(size)
        optimizer = Muon(groups(network, set(), 1.0, True))
        noise = torch.Generator().manual_seed(0)
        for count, frames in ((32, 1), (64, 1), (128, 1), (4, 8), (8, 8)):
            given = batch(count, frames)
            spent = []
            for _ in range(4):
                before = time.process_time()
                torch.autograd.backward(look(network, given, noise, half, GRID)[0])
                spent.append(time.process_time() - before)
            best = min(spent)
            flops = 3 * count * forward_flops(size, frames * GRID[0] * GRID[1], WORDS)
            print(
                f"width {size.width} layers {size.layers} windows {count} x {frames} frames: "
                f"{1e3 * best / count:.1f} ms a window, {flops / best / 1e9:.0f} GFLOP/s"
            )
        before = time.process_time()
        optimizer.step()
        print(f"width {size.width}: optimizer step {time.process_time() - before:.2f} s")


if __name__ == "__main__":
    main()
