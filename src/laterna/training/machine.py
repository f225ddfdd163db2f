"""What the machine gives, and how a training asks for it politely.

`settle` must run before torch is first imported: OpenMP reads its waiting policy when the library
loads. Spinning threads on a machine that is shared cost up to nine tenths of the throughput
(benchmarks/training.md).
"""

from __future__ import annotations

import contextlib
import os
import sys
import time

NICENESS = 10


def settle() -> None:
    """Passive OpenMP waiting and a low priority for this process; harmless if called twice."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("GOMP_SPINCOUNT", "0")
    if sys.platform != "win32":
        with contextlib.suppress(OSError):
            os.nice(max(0, NICENESS - os.nice(0)))


def prepare_torch(threads: int = 1) -> None:
    """Thread count and no denormals.

    torch.use_deterministic_algorithms stays off: on processors it changes no result (a run and its
    repetition agree bit for bit, tested) and makes bfloat16 convolutions four times slower.
    """
    import torch

    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)


def matmul_peak(half: bool, size: int = 1024, seconds: float = 0.6, device: str = "cpu") -> float:
    """Floating point operations per second of a matrix product, bfloat16 if `half`; on a GPU of
    one that is large enough to fill it.
    """
    import torch

    dtype = torch.bfloat16 if half else torch.float32
    size = size if device == "cpu" else 8 * size
    a, b = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))
    float((a @ b)[0, 0])
    best, until = 0.0, time.perf_counter() + seconds
    while time.perf_counter() < until:
        before = time.perf_counter()
        float((a @ b)[0, 0])  # which waits for a GPU
        best = max(best, 2.0 * size**3 / (time.perf_counter() - before))
    return best


def half_pays() -> bool:
    """Whether bfloat16 products are at least twice as fast as float32 ones here (AMX: yes)."""
    return matmul_peak(True, 512, 0.1) > 2 * matmul_peak(False, 512, 0.1)
