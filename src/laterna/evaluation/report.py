"""From observations to figures: pure functions, the same for any engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from laterna.evaluation.heldout import HeldOut
from laterna.evaluation.judge import Observation
from laterna.evaluation.probe import WORDS
from laterna.evaluation.statistics import Figure, Share, frechet, mean, principal, ratio, share

__all__ = ["AGAINST_REAL", "Distance", "adherence", "camera", "distance", "languages", "variety"]

AGAINST_REAL = ("speed", "flicker", "edges")
MOST_AXES = 64


@dataclass(frozen=True, slots=True)
class Distance:
    """Frechet distance in probe features on `axes` principal axes.

    `value` is filmed against real, `floor` real against other real clips of as many captions.
    """

    value: float
    floor: float
    axes: int


def adherence(
    captions: Sequence[HeldOut], filmed: Sequence[Observation], real: Sequence[Observation]
) -> dict[str, Share]:
    """Per factor, how well the probe reads in the film what the caption names.

    Only captions that name the factor count; a factor that none names is left out.
    """
    figures = {}
    for name in WORDS:
        rows = [i for i, caption in enumerate(captions) if name in caption.named]
        if rows:
            figures[name] = share(
                [filmed[i].words[name] for i in rows],
                [real[i].words[name] for i in rows],
                [getattr(captions[i].factors, name) for i in rows],
            )
    return figures


def camera(
    captions: Sequence[HeldOut], filmed: Sequence[Observation], real: Sequence[Observation]
) -> Share | None:
    """The same for the camera's move as read from motion alone; None if no caption names one."""
    rows = [i for i, caption in enumerate(captions) if "move" in caption.named]
    if not rows:
        return None
    return share(
        [filmed[i].move for i in rows],
        [real[i].move for i in rows],
        [captions[i].factors.move for i in rows],
    )


def languages(captions: Sequence[HeldOut], filmed: Sequence[Observation]) -> dict[str, Figure]:
    """Per language, how often a named factor is read as the caption says."""
    rights: dict[str, list[float]] = {}
    for caption, seen in zip(captions, filmed, strict=True):
        hits = [seen.words[name] == getattr(caption.factors, name) for name in caption.named]
        rights.setdefault(caption.language, []).append(float(np.mean(hits)))
    return {language: mean(values) for language, values in rights.items()}


def against_real(
    filmed: Sequence[Observation], real: Sequence[Observation]
) -> dict[str, Figure | None]:
    """Motion, flicker and edges of the film, as ratios to real clips of the same captions."""
    return {
        name: ratio([getattr(o, name) for o in filmed], [getattr(o, name) for o in real])
        for name in AGAINST_REAL
    }


def distance(
    filmed: Sequence[Observation], real: Sequence[Observation], again: Sequence[Observation]
) -> Distance:
    """How far the film is, as a whole, from real clips `again`; `real` ones say what is near."""
    ours, theirs, others = (_features(group) for group in (filmed, real, again))
    centre, axes = principal(others, min(MOST_AXES, max(1, len(others) // 4)))
    ours, theirs, others = ((group - centre) @ axes for group in (ours, theirs, others))
    return Distance(frechet(ours, others), frechet(theirs, others), axes.shape[1])


def variety(
    filmed: Mapping[str, Sequence[Observation]], real: Mapping[str, Sequence[Observation]]
) -> dict[str, Figure | None]:
    """How different takes of one caption are, as a ratio to real clips of it: by the probe's
    features, and by the pixels of the middle picture. Keys are captions, values two takes or more.
    """
    return {
        "features": ratio(
            *([_apart(takes[c], _feature) for c in filmed] for takes in (filmed, real))
        ),
        "pixels": ratio(*([_apart(takes[c], _gist) for c in filmed] for takes in (filmed, real))),
    }


def figures_as_json(found: Any) -> Any:
    """Figures, shares and distances as plain data: a figure is [value, low, high]."""
    if isinstance(found, Figure):
        return found.as_list()
    if isinstance(found, Share | Distance):
        return {name: figures_as_json(getattr(found, name)) for name in found.__slots__}
    if isinstance(found, Mapping):
        return {name: figures_as_json(value) for name, value in found.items()}
    return round(found, 4) if isinstance(found, float) else found


def _apart(takes: Sequence[Observation], of: Any) -> float:
    """The mean distance between any two takes."""
    return float(np.mean([np.linalg.norm(of(a) - of(b)) for a, b in combinations(takes, 2)]))


def _feature(seen: Observation) -> NDArray[np.float64]:
    return seen.features.astype(np.float64)


def _gist(seen: Observation) -> NDArray[np.float64]:
    return seen.gist.astype(np.float64)


def _features(group: Sequence[Observation]) -> NDArray[np.float64]:
    return np.stack([_feature(seen) for seen in group])
