"""An evaluation from end to end: film the held-out captions, look, reckon, write it down.

What is seen is kept in two notebooks: of the film in the output folder, of real clips (which are
the same for every engine) in the data root. An evaluation that is stopped goes on where it was,
and the next engine's finds the real clips seen already.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

# First, so that a missing extra shows before anything is filmed.
from laterna.world.footage import render_clip  # isort: skip
from laterna import __version__
from laterna.engines.protocol import Engine
from laterna.engines.registry import check
from laterna.errors import EngineError, OutputError
from laterna.evaluation import report
from laterna.evaluation.codec import RoundTrip, codec_figures
from laterna.evaluation.heldout import (
    FIRST,
    REAL_AGAIN,
    VARIETY,
    HeldOut,
    committed,
    factors_of,
    held_out,
)
from laterna.evaluation.judge import Judge, Observation, load_judge, observe, save_judge
from laterna.evaluation.learn import Recipe, Tell, train_judge
from laterna.evaluation.notebook import Notebook
from laterna.evaluation.sheet import contact_sheet
from laterna.evaluation.view import FPS, FULL, SECONDS
from laterna.home import home
from laterna.media.write import write_whole
from laterna.shot import Frames, Shot
from laterna.world.factors import CORE, Factors
from laterna.world.prompt import complete

__all__ = ["Plan", "evaluate", "evaluate_codec", "film", "judge_for"]

FORMAT = 1
SHEET = 12  # captions on the contact sheet, half of them German
CODEC_CLIPS = 96
PROMPTS, TAKES = 8, 6  # how many captions are filmed under how many seeds
CAPTIONS_PER_PROMPT = 32  # at least: fewer captions, fewer of them filmed again
FRAMES = int(SECONDS * FPS)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to evaluate: the first `captions` held-out captions, filmed in `steps` if given."""

    captions: int = 512
    steps: int | None = None


def judge_for(
    recipe: Recipe, path: Path | None = None, tell: Tell = lambda *_: None
) -> tuple[Judge, Path]:
    """The judge in the file `path`, or one made after `recipe` and kept in the data root.

    Returns it with where it lies. Raises WeightsError for a file that is none.
    """
    if path is None:
        traits = "-".join(str(value) for value in asdict(recipe).values())
        path = home() / "evaluation" / f"judge-{traits}.safetensors"
        if not path.exists():
            judge = train_judge(recipe, tell=tell)
            _make(path.parent)
            save_judge(judge, path)
    return load_judge(path), path


def film(engine: Engine, prompt: str, seed: int, steps: int | None = None) -> Frames:
    """The draft frames (T, H, W, 3) of a shot as all engines are judged by. Raises EngineError."""
    shot = Shot(prompt, SECONDS, size=FULL, seed=seed, steps=steps, quality="draft")
    check(engine, shot)
    chunks = [chunk.frames for chunk in engine.film(shot)]
    if not chunks:
        raise EngineError(f"engine {engine.name} gave no frames for {prompt!r}")
    return np.concatenate(chunks)


def evaluate(
    engine: Engine,
    judge: Judge,
    folder: Path,
    plan: Plan | None = None,
    codec: RoundTrip | None = None,
    tell: Tell = lambda *_: None,
) -> dict[str, Any]:
    """Evaluate `engine` and write FOLDER/report.json and FOLDER/sheet.png; gives the report.

    Every figure in it is [value, low, high], the bounds of its 95 % interval. `codec` is what the
    engine's frames go through, if it has one. Raises InputError, and what the engine raises.
    """
    plan = plan or Plan()
    captions = held_out(plan.captions)
    can = engine.capabilities
    about = {
        "engine": engine.name,
        "weights": can.weights,
        "steps": plan.steps,
        "judge": judge.sha256,
        "captions": committed()["sha256"],
    }
    ours = Notebook(folder / "filmed.jsonl", about)
    real = _real_book(judge)

    def filmed(prompt: str, seed: int) -> Observation:
        return ours.get(
            str(seed),
            lambda: observe(judge, film(engine, prompt, seed, plan.steps), can.fps, CORE.moves),
        )

    def rendered(seed: int, factors: Factors) -> Observation:
        return real.get(str(seed), lambda: observe(judge, _render(seed, factors), FPS, CORE.moves))

    rows = [(c.text, film(engine, c.text, c.seed, plan.steps)) for c in captions[:SHEET]]
    write_whole(folder / "sheet.png", contact_sheet(rows))
    takes = _each(captions, lambda c: filmed(c.text, c.seed), "filming the captions", tell)
    truth = _each(captions, lambda c: rendered(c.seed, c.factors), "looking at real clips", tell)
    more = [REAL_AGAIN + index for index in range(len(captions))]
    again = _each(more, lambda s: rendered(s, factors_of(s)), "looking at more real clips", tell)
    many, many_real = {}, {}
    for number, caption in enumerate(_spread(captions), 1):
        name, seeds = str(caption.seed), _seeds(caption)
        many[name] = _each(seeds, partial(filmed, caption.text), f"takes of {number}", tell)
        many_real[name] = [rendered(seed, _same_caption(caption, seed)) for seed in seeds]
    facts = {
        "format": FORMAT,
        "laterna": __version__,
        "commit": _commit(),
        **about,
        "captions": committed(),
        "n": len(captions),
        "judge": {"sha256": judge.sha256, **judge.record},
        "factors": report.adherence(captions, takes, truth),
        "camera": report.camera(captions, takes, truth),
        "languages": report.languages(captions, takes),
        "frechet": report.distance(takes, truth, again),
        "against_real": report.against_real(takes, truth),
        "variety": report.variety(many, many_real),
        "codec": None if codec is None else _codec(codec, judge, captions, tell),
    }
    return _write(facts, folder)


def evaluate_codec(
    codec: RoundTrip,
    judge: Judge,
    folder: Path,
    clips: int = CODEC_CLIPS,
    tell: Tell = lambda *_: None,
) -> dict[str, Any]:
    """Evaluate a codec alone, on the clips of the first held-out captions; gives the report and
    writes it to FOLDER/report.json.
    """
    captions = held_out(clips)
    facts = {
        "format": FORMAT,
        "laterna": __version__,
        "commit": _commit(),
        "judge": {"sha256": judge.sha256, **judge.record},
        "codec": _codec(codec, judge, captions, tell, clips),
    }
    _make(folder)
    return _write(facts, folder)


def _codec(
    codec: RoundTrip, judge: Judge, captions: list[HeldOut], tell: Tell, most: int = CODEC_CLIPS
) -> dict[str, Any]:
    some = captions[:most]

    def clips() -> Iterator[tuple[Frames, Factors]]:
        for index, caption in enumerate(some):
            yield _render(caption.seed, caption.factors), caption.factors
            tell("through the codec", index + 1, len(some))

    return codec_figures(codec, judge, clips())


def _write(facts: dict[str, Any], folder: Path) -> dict[str, Any]:
    told: dict[str, Any] = report.figures_as_json(facts)
    text = json.dumps(told, indent=1, ensure_ascii=False) + "\n"
    write_whole(folder / "report.json", text.encode())
    return told


def _real_book(judge: Judge) -> Notebook:
    about = {"judge": judge.sha256, "captions": committed()["sha256"], "size": list(FULL)}
    return Notebook(home() / "evaluation" / f"real-{judge.sha256[:12]}.jsonl", about)


def _render(seed: int, factors: Factors) -> Frames:
    return render_clip(seed, frames=FRAMES, size=FULL, fps=FPS, factors=factors).frames


def _each(
    items: list[Any], look: Callable[[Any], Observation], told: str, tell: Tell
) -> list[Observation]:
    seen = []
    for index, item in enumerate(items):
        seen.append(look(item))
        tell(told, index + 1, len(items))
    return seen


def _spread(captions: list[HeldOut]) -> list[HeldOut]:
    """The captions that are filmed under many seeds, evenly from the list."""
    count = min(PROMPTS, max(1, len(captions) // CAPTIONS_PER_PROMPT))
    return [captions[index * len(captions) // count] for index in range(count)]


def _seeds(caption: HeldOut) -> list[int]:
    first = VARIETY + (caption.seed - FIRST) * 100
    return [first + take for take in range(TAKES)]


def _same_caption(caption: HeldOut, seed: int) -> Factors:
    """What else a clip of this caption could show: what is named stays, the rest is drawn."""
    named = {name: getattr(caption.factors, name) for name in caption.named}
    return complete(named, np.random.default_rng(seed), CORE)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot make {folder}: {error.strerror}") from error


def _commit() -> str | None:
    """The commit this code is at, where it runs from a checkout."""
    ask = ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
    try:
        answer = subprocess.run(ask, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()
