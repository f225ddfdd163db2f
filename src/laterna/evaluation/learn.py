"""Trains the judges from nothing, on real renders of seeds that nobody else reads.

The probe learns from few clips seen often, so each time they are altered as a model might alter
them: softer, noisier, tinted, mirrored (with left and right swapped in what it has to answer).
Otherwise it would learn to tell renders from films by a model, not noon from dusk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as nnf

from laterna.errors import InputError
from laterna.evaluation.heldout import PROBE_CHECK, PROBE_TRAIN
from laterna.evaluation.judge import FORMAT, Judge
from laterna.evaluation.machine import half_pays
from laterna.evaluation.motion import CameraMotion, camera_motion, motions
from laterna.evaluation.moves import MoveReader
from laterna.evaluation.probe import MOMENTS, WORDS, Probe, see
from laterna.evaluation.view import FRAMES, FULL, RATE, view
from laterna.shot import Frames
from laterna.world.captions import mirrored
from laterna.world.factors import CORE, EVERYTHING, MOVES, Factors, Mixture

__all__ = ["Recipe", "Render", "render_view", "train_judge"]

MIXTURES = {"core": CORE, "everything": EVERYTHING}
MOVE_SEEDS = 50_000_000  # into the probe's ranges: clips of every camera move
Render = Callable[[int, Mixture], tuple[Frames, Factors]]  # (T, 80, 128, 3), what it shows
Floats = NDArray[np.floating[Any]]
Tell = Callable[[str, int, int], None]  # what is done, how much of it, of how much


@dataclass(frozen=True, slots=True)
class Recipe:
    """How much footage the judges learn from, and how long.

    `clips` train the probe, `check` more clips measure it; `moves` clips of every camera move fit
    the reader of moves, half as many measure it.
    """

    clips: int = 2400
    check: int = 240
    moves: int = 450
    steps: int = 2500
    batch: int = 16
    rate: float = 2e-3
    seed: int = 0
    mixture: str = "core"

    def __post_init__(self) -> None:
        """Raises InputError for what cannot be."""
        if self.mixture not in MIXTURES:
            raise InputError("mixture", self.mixture, f"choose one of {', '.join(MIXTURES)}")
        for name in ("clips", "check", "moves", "steps", "batch"):
            if getattr(self, name) < 1:
                raise InputError(name, getattr(self, name), "give 1 or more")


def render_view(seed: int, mixture: Mixture) -> tuple[Frames, Factors]:
    """The clip of `seed` as judges see it, rendered only at the moments they look at."""
    from laterna.world.footage import render_clip

    clip = render_clip(seed, frames=FRAMES, size=FULL, fps=RATE, mixture=mixture)
    return view(clip.frames, RATE), clip.factors


def train_judge(
    recipe: Recipe, render: Render = render_view, tell: Tell = lambda *_: None
) -> Judge:
    """Render, train and measure; the same recipe gives the same judge on the same machine."""
    mixture = MIXTURES[recipe.mixture]

    def footage(
        first: int, count: int, what: Mixture, told: str
    ) -> Iterator[tuple[Frames, Factors]]:
        for index in range(count):
            yield render(first + index, what)
            tell(told, index + 1, count)

    with torch.random.fork_rng():
        torch.manual_seed(recipe.seed)
        clips = list(footage(PROBE_TRAIN, recipe.clips, mixture, "rendering for the probe"))
        probe = _train(recipe, clips, tell)
    del clips
    check = list(footage(PROBE_CHECK, recipe.check, mixture, "rendering to check it"))
    read = [see(probe, pictures).words for pictures, _ in check]
    accuracy = _accuracy(read, [factors for _, factors in check])
    every = replace(mixture, moves=MOVES)
    seen = [
        (_motion(pictures), factors.move)
        for pictures, factors in footage(
            PROBE_TRAIN + MOVE_SEEDS, recipe.moves, every, "fitting camera moves"
        )
    ]
    moves = MoveReader.fit([motion for motion, _ in seen], [move for _, move in seen])
    again = [
        (_motion(pictures), factors.move)
        for pictures, factors in footage(
            PROBE_CHECK + MOVE_SEEDS, max(1, recipe.moves // 2), every, "checking camera moves"
        )
    ]
    record = {
        "format": FORMAT,
        "recipe": asdict(recipe),
        "probe": accuracy,
        "moves": _confusion(moves, again),
    }
    return Judge(probe, moves, record)


def _motion(pictures: Frames) -> CameraMotion:
    return camera_motion(*motions(pictures))


def _accuracy(read: Sequence[dict[str, str]], truth: Sequence[Factors]) -> dict[str, float]:
    """How often each factor is read as it is, over all clips."""
    facts = [factors.as_dict() for factors in truth]
    return {
        name: round(
            float(np.mean([r[name] == f[name] for r, f in zip(read, facts, strict=True)])), 4
        )
        for name in WORDS
    }


def _confusion(
    reader: MoveReader, seen: Sequence[tuple[CameraMotion, str]]
) -> dict[str, dict[str, int]]:
    """For every real move, how often each move was read."""
    table: dict[str, dict[str, int]] = {}
    for motion, move in seen:
        row = table.setdefault(move, {})
        word = reader.read(motion)
        row[word] = row.get(word, 0) + 1
    return table


def _train(recipe: Recipe, clips: Sequence[tuple[Frames, Factors]], tell: Tell) -> Probe:
    probe: Probe = Probe().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    facts = [factors for _, factors in clips]
    for name, words in WORDS.items():
        shown = {getattr(f, name) for f in facts} | {getattr(mirrored(f), name) for f in facts}
        known = getattr(probe, f"known_{name}")
        known.copy_(torch.tensor([float(word in shown) for word in words]))
    optimiser = torch.optim.AdamW(probe.parameters(), lr=recipe.rate, weight_decay=0.02)
    pace = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, recipe.rate, total_steps=recipe.steps, pct_start=min(0.3, 100 / recipe.steps)
    )
    rng = np.random.default_rng(recipe.seed)
    half = half_pays()
    probe.train()
    for step in range(recipe.steps):
        picked = [clips[int(i)] for i in rng.integers(len(clips), size=recipe.batch)]
        pairs, answers = _batch(picked, rng)
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            scores, _ = probe(pairs)
        losses = [nnf.cross_entropy(scores[name].float(), answers[name]) for name in WORDS]
        optimiser.zero_grad()
        torch.stack(losses).sum().backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(probe.parameters(), 5.0)
        optimiser.step()
        pace.step()
        tell("training the probe", step + 1, recipe.steps)
    return probe.eval()


def _batch(
    clips: Sequence[tuple[Frames, Factors]], rng: np.random.Generator
) -> tuple[Tensor, dict[str, Tensor]]:
    """Altered pairs (B, M, 2, 3, 80, 128) in 0..1, and the index of the right word per factor."""
    pairs, facts = [], []
    for pictures, factors in clips:
        starts = np.sort(rng.integers(len(pictures) - 1, size=MOMENTS))
        pair = np.stack([pictures[starts], pictures[starts + 1]], axis=1)
        if rng.random() < 0.5:
            pair, factors = pair[:, :, :, ::-1], mirrored(factors)
        pairs.append(_altered(pair.astype(np.float32) / 255, rng))
        facts.append(factors)
    answers = {
        name: torch.tensor([words.index(getattr(f, name)) for f in facts])
        for name, words in WORDS.items()
    }
    stacked = torch.from_numpy(np.ascontiguousarray(np.stack(pairs).transpose(0, 1, 2, 5, 3, 4)))
    return stacked, answers


def _altered(pair: Floats, rng: np.random.Generator) -> Floats:
    """Pairs (M, 2, H, W, 3) as a model might have filmed them: soft, noisy, tinted."""
    if rng.random() < 0.5:
        amount = np.float32(rng.uniform(0, 1))
        pair = pair + amount * (_soft(_soft(pair, 2), 3) - pair)
    if rng.random() < 0.3:
        noise = rng.standard_normal(pair.shape, dtype=np.float32)
        pair = pair + np.float32(rng.uniform(0, 0.03)) * noise
    tint = rng.uniform(-0.04, 0.04, 3) + rng.uniform(-0.04, 0.04)
    return np.clip(pair * (1 + tint).astype(np.float32), 0, 1)


def _soft(pair: Floats, axis: int) -> Floats:
    """A (1, 2, 1) / 4 blur along `axis`."""
    return 0.5 * pair + 0.25 * (np.roll(pair, 1, axis) + np.roll(pair, -1, axis))
