"""A leg of training: the loop that every stage shares, resumable after a kill at any moment.

A stage says what a step costs and how it computes gradients; the leg owns the rest: Muon, warm-up
then constant then decay (WSD, arXiv 2405.18392), clipping, averaged weights, checkpoints, progress.

One process trains alone, or several share each step (`crew`); it is the same loop, and the same
weights come out.

Batches are functions of (seed, step), so a run that was killed and resumed has the same weights as
one that was not. A plan in minutes cannot know its steps beforehand: when four fifths of the time
have passed it fixes the total at 5/4 of the steps done and records it, and the run can be repeated
exactly with that number. What was there before the decay stays as `stable.safetensors`: a
longer plan goes on from there.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from laterna.errors import InputError
from laterna.training import checkpoint, progress
from laterna.training.crew import ALONE, Crew, part, whole
from laterna.training.muon import KEPT, Muon, groups
from laterna.training.signals import signals_kept

CHECKPOINT = "checkpoint.safetensors"
STABLE = "stable.safetensors"
LOG_SECONDS = 15.0
SLOW = 0.02


class Stage(Protocol):
    """What a leg trains."""

    name: str
    model: nn.Module
    parts: int  # of a batch; what one member of a crew computes at a time
    samples_per_step: int
    flops_per_step: float
    slow: set[str]  # names of parameters that learn at SLOW of the rate
    settings: dict[str, Any]  # JSON; a checkpoint made under others does not fit

    def backward(self, step: int, half: bool, parts: Iterable[int]) -> dict[str, float]:
        """Add the gradients of these parts of batch `step` to the model's parameters; return their
        share of the losses to log. Over all parts both add up to those of the batch.
        """
        ...

    def validate(self, averaged: nn.Module, step: int, folder: Path) -> dict[str, float]:
        """Judge `averaged` on film that is never trained on; may leave pictures in `folder`."""
        ...


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how fast. Exactly one of `steps` and `minutes` says when the run is done.

    `leg_minutes` ends this leg earlier; the next one goes on.
    """

    steps: int | None = None
    minutes: float | None = None
    leg_minutes: float | None = None
    rate: float = 2e-3
    warmup: int = 100
    average: float = 0.999
    clip: float = 1.0
    matrices: bool = True  # by Muon; else AdamW takes all
    seed: int = 0
    checkpoint_minutes: float = 10.0
    validate_minutes: float = 10.0

    def __post_init__(self) -> None:
        if (self.steps is None) == (self.minutes is None):
            raise InputError("steps", self.steps, "give either steps or minutes")
        if self.steps is not None and self.steps < 1:
            raise InputError("steps", self.steps, "give 1 or more")
        if self.minutes is not None and not 0 < self.minutes < 1e6:
            raise InputError("minutes", self.minutes, "give more than 0")


def decay_start(total: int) -> int:
    """First step of the decay: the last fifth of the run."""
    return total - total // 5


def rate_at(step: int, plan: Plan, total: int | None) -> float:
    """Learning rate of `step` (from 0): linear warm-up, constant, 1 - sqrt decay over the end."""
    rate = plan.rate * min(1.0, (step + 1) / max(1, plan.warmup))
    if total is not None:
        start = decay_start(total)
        if step >= start:
            rate *= 1 - math.sqrt((step - start + 1) / (total - start + 1))
    return rate


@dataclass(slots=True)
class _Run:
    """The state of a run: everything that a checkpoint holds."""

    stage: Stage
    averaged: nn.Module
    optimizer: Muon
    crew: Crew
    half: bool = False
    step: int = 0
    seconds: float = 0.0
    total: int | None = None

    def save(self, path: Path, plan: Plan, **changes: Any) -> None:
        """Write everything to `path`: one member does, all have to ask."""
        found = {}
        for name, tensor in self.tensors().items():
            full = whole(tensor)  # one at a time: all of them may not fit beside the shards
            if self.crew.rank == 0:
                found[name] = full.cpu()
        if self.crew.rank == 0:
            checkpoint.save(path, found, self.record(plan) | changes)

    def tensors(self) -> dict[str, Tensor]:
        found = {f"model.{k}": v for k, v in self.stage.model.state_dict().items()}
        found |= {f"ema.{k}": v for k, v in self.averaged.state_dict().items()}
        for name, parameter in self.stage.model.named_parameters():
            for key, value in self.optimizer.state.get(parameter, {}).items():
                found[f"optimizer.{key}.{name}"] = value
        return found

    def record(self, plan: Plan) -> checkpoint.Record:
        return {
            "stage": self.stage.name,
            "step": self.step,
            "seconds": round(self.seconds, 1),
            "total": self.total,
            "half": self.half,
            "seed": plan.seed,
            "settings": self.stage.settings,
            "torch": torch.__version__,
            "threads": torch.get_num_threads(),
        }

    def restore(self, path: Path, plan: Plan) -> None:
        tensors, record = checkpoint.load(path)
        asked = {"stage": self.stage.name, "seed": plan.seed, "settings": self.stage.settings}
        for key, value in asked.items():
            if record[key] != value:
                raise InputError(key, value, f"{path.parent} was begun with {record[key]!r}")
        for prefix, module in (("model.", self.stage.model), ("ema.", self.averaged)):
            own = module.state_dict()
            module.load_state_dict({k: part(tensors[prefix + k], like=v) for k, v in own.items()})
        for name, parameter in self.stage.model.named_parameters():
            state = {
                key: part(tensors[f"optimizer.{key}.{name}"], like=parameter)
                for key in KEPT
                if f"optimizer.{key}.{name}" in tensors
            }
            if state:
                self.optimizer.state[parameter] = state
        self.step, self.seconds = record["step"], record["seconds"]
        self.total, self.half = record["total"], record["half"]

    def update(self, plan: Plan) -> dict[str, float]:
        """One step: gradients, clipping, optimizer, averaging."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate_at(self.step, plan, self.total) * group["share"]
        self.optimizer.zero_grad(set_to_none=True)
        mine = self.crew.mine(self.stage.parts)
        losses = self.crew.totals(self.stage.backward(self.step, self.half, mine))
        self.crew.add_up(self.stage.model)
        norm = whole(nn.utils.clip_grad_norm_(self.stage.model.parameters(), plan.clip))
        if torch.isfinite(norm):
            self.optimizer.step()
        keep = min(plan.average, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            torch._foreach_lerp_(
                list(self.averaged.parameters()), list(self.stage.model.parameters()), 1 - keep
            )
        self.step += 1
        return losses | {"norm": float(norm)}

    def validate(self, folder: Path) -> dict[str, float]:
        """The stage's judgement, whose pictures the first member leaves in `folder`.

        The others look on where they hold shards of what is judged.
        """
        if self.crew.rank == 0:
            return self.stage.validate(self.averaged, self.step, folder)
        if self.crew.sharded:
            with tempfile.TemporaryDirectory() as aside:
                self.stage.validate(self.averaged, self.step, Path(aside))
        return {}


def run(
    stage: Stage,
    averaged: nn.Module,
    plan: Plan,
    folder: Path,
    tell: Callable[[progress.Line], None] = lambda line: None,
    crew: Crew = ALONE,
    kept: Callable[[checkpoint.Record], None] = lambda record: None,
) -> dict[str, Any]:
    """Train `stage` in `folder` until the plan or the leg is done; return the last record.

    `averaged` is a second module of the same shape; it is filled with the averaged weights.
    A folder that holds a checkpoint is gone on with; one that is finished returns at once, unless
    the plan has grown: then it goes on from before its decay.

    Ctrl-C and SIGTERM end it after the step at work, which is kept, and then do what they always do
    (in a crew at once: its members step together or not at all).

    Every member of a `crew` calls this with the same stage, plan and folder; the first writes,
    tells, and all of them hear from `kept` of each checkpoint.
    """
    crew.mine(stage.parts)  # before anything is written
    folder.mkdir(parents=True, exist_ok=True)
    state = _start(stage, averaged, plan, folder, crew)
    peak = crew.peak(state.half)
    began = marked = logged = validated = crew.clock()
    fresh = 0
    losses: dict[str, float] = {}
    with signals_kept(crew.size == 1) as signals:
        while state.total is None or state.step < state.total:
            if signals:
                break
            before = crew.clock()
            if plan.leg_minutes is not None and before - began > 60 * plan.leg_minutes:
                break
            for name, value in state.update(plan).items():
                losses[name] = losses.get(name, 0.0) + value
            fresh += 1
            now = crew.clock()
            state.seconds += now - before
            _fix_total(state, plan, folder)
            ended = state.step == state.total
            if ended or now - marked > 60 * plan.checkpoint_minutes:
                state.save(folder / CHECKPOINT, plan)
                kept(state.record(plan))
                marked = crew.clock()
            if ended or now - logged > LOG_SECONDS:
                validation = {}
                if ended or now - validated > 60 * plan.validate_minutes:
                    validation = state.validate(folder)
                    validated = crew.clock()
                if crew.rank == 0:
                    line = _line(state, losses, fresh, now - logged, peak, validation)
                    progress.append(folder, line)
                    tell(line)
                fresh, losses, logged = 0, {}, crew.clock()
        state.save(folder / CHECKPOINT, plan)
    return state.record(plan)


def _start(stage: Stage, averaged: nn.Module, plan: Plan, folder: Path, crew: Crew) -> _Run:
    """A fresh state, or the one in `folder`."""
    averaged.load_state_dict(stage.model.state_dict())
    averaged.requires_grad_(False).eval()
    crew.settle([stage.model, averaged])
    optimizer = Muon(groups(stage.model, stage.slow, SLOW, plan.matrices))
    state = _Run(stage, averaged, optimizer, crew, total=plan.steps)
    path = folder / CHECKPOINT
    if not crew.agree(path.exists()):
        state.half = crew.half()
        return state
    state.restore(path, plan)
    if state.total is not None and _grown(state, plan):
        if state.step > decay_start(state.total):
            state.restore(folder / STABLE, plan)
        state.total = None
    if plan.steps is not None:
        state.total = max(plan.steps, state.step)
    return state


def _grown(state: _Run, plan: Plan) -> bool:
    """Whether `plan` asks for more than the one that `state` was made under."""
    assert state.total is not None
    if plan.steps is not None:
        return plan.steps > state.total
    assert plan.minutes is not None
    return state.step == state.total and state.seconds < 60 * plan.minutes * 0.95


def _fix_total(state: _Run, plan: Plan, folder: Path) -> None:
    """Decide when the decay begins, and keep what was there before it."""
    if state.total is None:
        assert plan.minutes is not None
        if state.seconds < 60 * plan.minutes * 0.8:
            return
        state.total = state.step + state.step // 4
    if state.step == decay_start(state.total):
        state.save(folder / STABLE, plan, total=None)


def _line(
    state: _Run,
    losses: dict[str, float],
    fresh: int,
    seconds: float,
    peak: float,
    validation: dict[str, float],
) -> progress.Line:
    per_second = fresh / max(seconds, 1e-9)
    flops = state.stage.flops_per_step * per_second
    return progress.Line(
        stage=state.stage.name,
        step=state.step,
        steps=state.total,
        minutes=round(state.seconds / 60, 2),
        samples_per_second=round(state.stage.samples_per_step * per_second, 2),
        gflops=round(flops / 1e9, 1),
        peak_share=round(flops / peak, 3),
        losses={name: round(value / fresh, 6) for name, value in losses.items()},
        validation={name: round(value, 4) for name, value in validation.items()},
    )
