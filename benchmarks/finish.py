"""Measures the quick finish on synthetic concept art whose frames in between are known.

    python benchmarks/finish.py [--sheet sheet.png]

Each scene is rendered at 24 frames/s with 4x4 samples a pixel, 512x288. Every third frame, averaged
down to 256x144, is what an engine would film; the finish has to give the rest back. Printed:
PSNR of the in-between frames, of their worst 1 % of pixels' blocks (where ghosts live), and the
milliseconds a delivered frame takes.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from laterna.media.finish import QuickFinish
from laterna.media.scale import cover

Array = NDArray[np.float32]
WIDTH, HEIGHT, SAMPLES = 512, 288, 4


def ridge(x: Array, seed: int, rough: float) -> Array:
    """A mountain line, about -1 to 1, over x in screen widths."""
    rng = np.random.default_rng(seed)
    line = np.zeros_like(x)
    for octave in range(7):
        phase, stretch = rng.uniform(0, 6.28), rng.uniform(0.8, 1.2)
        line += rough**octave * np.sin(2.0**octave * 4.2 * stretch * x + phase)
    return line / 2


def layers(second: float, scene: str) -> tuple[Array, Array, float, float, float]:
    """Screen coordinates (0..1 across), and how far the camera has trucked, dollied and rocked."""
    wide, high = WIDTH * SAMPLES, HEIGHT * SAMPLES
    x = (np.arange(wide, dtype=np.float32) + 0.5) / wide
    y = (np.arange(high, dtype=np.float32)[:, None] + 0.5) / wide
    truck = {"truck": 0.115, "dusk": -0.07}.get(scene, 0.0) * second
    dolly = {"dolly": 0.10}.get(scene, 0.0) * second
    pan = {"pan": 0.11}.get(scene, 0.0) * second
    return x, y, truck, dolly, pan


def picture(second: float, scene: str) -> NDArray[np.uint8]:
    """One frame (288, 512, 3) of truth."""
    x, y, truck, dolly, pan = layers(second, scene)
    night = scene == "night"
    top, low = ((18, 24, 58), (70, 84, 120)) if night else ((88, 150, 205), (250, 214, 170))
    if scene == "dusk":
        top, low = (72, 58, 120), (248, 150, 96)
    blend = np.clip(y / 0.34, 0, 1)[..., None]
    image = (np.array(top, np.float32) * (1 - blend) + np.array(low, np.float32) * blend) + 0 * x[
        None, :, None
    ]
    disc = np.hypot(x - (0.7 - pan), y - 0.12)
    image += np.exp(-disc * 9)[..., None] * np.array((70, 50, 20), np.float32)
    image[disc < 0.035] = (255, 246, 214)
    if night:
        rng = np.random.default_rng(5)
        for sx, sy in rng.uniform((0, 0), (1.3, 0.25), (60, 2)):
            image[np.hypot(x - sx + 0.03 * second, y - sy) < 0.0017] = (235, 235, 245)
    planes = [(0.27, 0.09, 0.35, 0.42), (0.32, 0.07, 0.6, 0.45), (0.38, 0.05, 1.0, 0.4)]
    far, near = np.array(low, np.float32) * 0.8, np.array((26, 52, 60), np.float32)
    for index, (base, tall, speed, rough) in enumerate(planes):
        zoom = 1 + dolly * speed
        u = (x - 0.5) / zoom + 0.5 + truck * speed + pan
        edge = 0.28 + (base - 0.28 - tall * ridge(u, index, rough)) * zoom
        share = (index + 1) / len(planes)
        colour = far * (1 - share) + near * share
        lit = ridge(u + 0.02, index, rough) > ridge(u, index, rough)
        mask = y > edge
        shade = np.where(lit, 1.12, 0.86).astype(np.float32)
        image = np.where(mask[..., None], np.clip(colour * shade[None, :, None], 0, 255), image)
    if scene in ("subject", "dusk", "pan"):
        bx, by = 0.25 + 0.07 * second - pan, 0.2 - 0.035 * second
        balloon = np.hypot(x - bx, (y - by) * 0.92) < 0.048
        stripe = np.sin((x - bx) * 160) > 0
        image[balloon & stripe] = (214, 52, 40)
        image[balloon & ~stripe] = (240, 196, 70)
        image[(abs(x - bx) < 0.009) & (abs(y - by - 0.071) < 0.008)] = (60, 36, 28)
        image[(abs(abs(x - bx) - 0.012) < 0.0011) & (y > by + 0.04) & (y < by + 0.064)] = 40
    if scene in ("truck", "dusk", "dolly"):
        zoom = 1 + dolly * 1.6
        u = (x - 0.5) / zoom + 0.5 + truck * 1.6 + pan
        for number in range(-6, 18):
            trunk = abs(u - number * 0.21 - 0.03 * (number % 3))
            head = 0.28 + (0.42 + 0.02 * (number % 4) - 0.28 - 0.14) * zoom
            crown = trunk < 0.35 * (y - head) * (np.sin(y * 160 / zoom) * 0.2 + 0.8) * 0.6
            image[crown & (y > head)] = (12, 30, 34)
    return (
        np.clip(image, 0, 255)
        .reshape(HEIGHT, SAMPLES, WIDTH, SAMPLES, 3)
        .mean((1, 3))
        .round()
        .astype(np.uint8)
    )


def film(scene: str, count: int) -> NDArray[np.uint8]:
    """`count` frames of truth at 24 frames/s."""
    return np.stack([picture(index / 24, scene) for index in range(count)])


def halve(frames: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What an engine films: 2x2 averages of every third frame."""
    third = frames[::3].reshape(-1, HEIGHT // 2, 2, WIDTH // 2, 2, 3)
    return third.mean((2, 4)).round().astype(np.uint8)


def quick(draft: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """laterna's quick finish."""
    finish = QuickFinish((draft.shape[2], draft.shape[1]), (WIDTH, HEIGHT))
    return np.concatenate([finish.push(draft), finish.flush()])


def repeat(draft: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Every frame three times."""
    return np.repeat(cover(draft, (WIDTH, HEIGHT)), 3, axis=0)


def dissolve(draft: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Cross-faded frames."""
    keys = cover(draft, (WIDTH, HEIGHT)).astype(np.float32)
    after = np.concatenate([keys[1:], keys[-1:]])
    out = [keys + (after - keys) * (phase / 3) for phase in range(3)]
    return np.stack(out, 1).reshape(-1, HEIGHT, WIDTH, 3).round().astype(np.uint8)


def minterpolate(draft: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """libavfilter's motion-compensated interpolation after the same scaling."""
    import av

    keys = cover(draft, (WIDTH, HEIGHT))
    graph = av.filter.Graph()
    source = graph.add_buffer(
        width=WIDTH, height=HEIGHT, format=av.VideoFormat("yuv444p"), time_base=Fraction(1, 8)
    )
    tween = graph.add("minterpolate", "fps=24:mi_mode=mci:mc_mode=aobmc:me_mode=bidir:vsbmc=1")
    sink = graph.add("buffersink")
    source.link_to(tween)
    tween.link_to(sink)
    graph.configure()
    got = []

    def pull() -> None:
        while True:
            try:
                got.append(graph.pull().to_ndarray(format="rgb24"))
            except (BlockingIOError, EOFError):
                return

    for index, key in enumerate([*keys, keys[-1], keys[-1]]):
        frame = av.VideoFrame.from_ndarray(key, format="rgb24").reformat(format="yuv444p")
        frame.pts = index
        frame.time_base = Fraction(1, 8)
        graph.push(frame)
        pull()
    graph.push(None)
    pull()
    return np.stack(got)


def psnr(error: Array) -> float:
    return float(10 * np.log10(255**2 / max(float((error**2).mean()), 1e-9)))


def worst(error: Array) -> float:
    """PSNR over the worst 2 % of 8x8 blocks: ghosts are few but seen."""
    count = len(error)
    blocks = (error**2).reshape(count, HEIGHT // 8, 8, WIDTH // 8, 8, 3).mean((2, 4, 5)).ravel()
    blocks.sort()
    return float(10 * np.log10(255**2 / blocks[-max(1, len(blocks) // 50) :].mean()))


METHODS: dict[str, Callable[[NDArray[np.uint8]], NDArray[np.uint8]]] = {
    "repeat": repeat,
    "dissolve": dissolve,
    "minterpolate": minterpolate,
    "quick": quick,
}
SCENES = ("truck", "pan", "dolly", "subject", "dusk", "night")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--frames", type=int, default=25)
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--only", nargs="*", default=list(METHODS))
    asked = parser.parse_args()
    print("| scene | " + " | ".join(asked.only) + " |")
    print("|---" * (len(asked.only) + 1) + "|")
    clock = dict.fromkeys(asked.only, 0.0)
    rows = []
    for scene in SCENES:
        truth = film(scene, asked.frames)
        draft = halve(truth)
        cells, strips = [], [truth[4]]
        last = 3 * (len(draft) - 1)
        between = [index for index in range(last) if index % 3]
        for name in asked.only:
            start = time.process_time()
            got = METHODS[name](draft)
            clock[name] += time.process_time() - start
            error = got[between].astype(np.float32) - truth[between]
            cells.append(f"{psnr(error):.2f} / {worst(error):.2f}")
            strips.append(got[4])
        rows.append(np.concatenate(strips, 1))
        print(f"| {scene} | " + " | ".join(cells) + " |", flush=True)
    total = len(SCENES) * len(range(0, asked.frames, 3)) * 3
    print(
        "| ms a frame | " + " | ".join(f"{1000 * clock[n] / total:.1f}" for n in asked.only) + " |"
    )
    if asked.sheet:
        Image.fromarray(np.concatenate(rows, 0)).save(asked.sheet)


if __name__ == "__main__":
    main()
