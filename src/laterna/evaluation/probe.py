"""The probe: a small network that reads the factors of a clip back from its pictures.

It judges the native model and therefore shares nothing with it: own footage, own architecture, no
pretrained part. Six moments of a clip go in, each a picture and how it differs from the next one a
quarter of a second later; every factor has a query of its own that looks where it must. The mean
over all places is the clip's feature vector, for Frechet distances and diversity.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from laterna.evaluation.view import SMALL
from laterna.shot import Frames
from laterna.world import factors as world

__all__ = ["FEATURES", "MOMENTS", "WORDS", "Probe", "Sight", "moments", "see"]

WORDS: dict[str, tuple[str, ...]] = {
    "setting": world.SETTINGS,
    "hour": world.HOURS,
    "weather": world.WEATHERS,
    "subject": world.SUBJECTS,
    "colour": world.COLOURS,
    "side": world.SIDES,
    "heading": world.HEADINGS,
    "move": world.MOVES,
    "amount": world.AMOUNTS,
    "look": world.LOOKS,
}
MOMENTS = 6
WIDTHS = (24, 48, 96, 128)
FEATURES = WIDTHS[-1]
CELL = 16  # pixels a side of a place that is looked at
CONTRAST = 4.0  # differences in time are this much smaller than pictures


@dataclass(frozen=True, slots=True)
class Sight:
    """What the probe made of one clip: a word per factor, and its features (FEATURES,)."""

    words: dict[str, str]
    features: NDArray[np.float32]


class Probe(nn.Module):
    """Pairs of pictures (B, M, 2, 3, 80, 128) in 0..1 to scores per factor, and features."""

    def __init__(self) -> None:
        super().__init__()
        first, second, third, last = WIDTHS
        self.look = nn.Sequential(
            nn.Conv2d(6, first, 5, stride=2, padding=2),
            nn.SiLU(),
            nn.Conv2d(first, second, 3, stride=2, padding=1),
            _Block(second),
            nn.Conv2d(second, third, 3, stride=2, padding=1),
            _Block(third),
            nn.Conv2d(third, last, 3, stride=2, padding=1),
            _Block(last),
        )
        # The usual start lets pictures fade beside the biases: a slow beginning.
        for part in self.look.modules():
            if isinstance(part, nn.Conv2d):
                nn.init.kaiming_normal_(part.weight)
                nn.init.zeros_(part.bias)  # type: ignore[arg-type]
        places = (SMALL[0] // CELL) * (SMALL[1] // CELL)
        self.place = nn.Parameter(torch.randn(places, last) * 0.05)
        self.moment = nn.Parameter(torch.randn(MOMENTS, 1, last) * 0.05)
        self.norm = nn.LayerNorm(last)
        self.queries = nn.Parameter(torch.randn(len(WORDS), last) * last**-0.5)
        self.values = nn.Linear(last, last)
        self.heads = nn.ModuleDict(
            {name: nn.Linear(2 * last, len(words)) for name, words in WORDS.items()}
        )
        # Words that the training footage never showed are not guessed.
        for name, words in WORDS.items():
            self.register_buffer(f"known_{name}", torch.ones(len(words)))

    def forward(self, pairs: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        """Scores (B, K) per factor and features (B, FEATURES)."""
        batch, count = pairs.shape[:2]
        now, then = pairs[:, :, 0], pairs[:, :, 1]
        seen = torch.cat([2 * now - 1, CONTRAST * (then - now)], dim=2).flatten(0, 1)
        maps = self.look(seen.contiguous(memory_format=torch.channels_last))
        tokens = maps.flatten(2).transpose(1, 2).unflatten(0, (batch, count))
        tokens = self.norm((tokens + self.place + self.moment).flatten(1, 2))
        features = tokens.mean(1)
        heed = torch.softmax(tokens @ self.queries.T, dim=1)  # (B, places, factors)
        found = heed.transpose(1, 2) @ self.values(tokens)
        scores = {
            name: head(torch.cat([found[:, index], features], dim=1))
            for index, (name, head) in enumerate(self.heads.items())
        }
        return scores, features


class _Block(nn.Module):
    """A residual pair of convolutions."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.GroupNorm(8, width),
            nn.SiLU(),
            nn.Conv2d(width, width, 3, padding=1),
            nn.GroupNorm(8, width),
            nn.SiLU(),
            nn.Conv2d(width, width, 3, padding=1),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(N, width, h, w) to the same."""
        more: Tensor = self.body(x)
        return x + more


def moments(count: int) -> NDArray[np.int64]:
    """Which of `count` pictures, 2 or more, the probe starts a pair at when it judges."""
    return np.linspace(0, count - 2, MOMENTS).round().astype(np.int64)


@torch.no_grad()
def see(probe: Probe, views: Frames) -> Sight:
    """What `probe` makes of a clip (T, 80, 128, 3) as `view` gives it."""
    at = moments(len(views))
    pairs = torch.from_numpy(np.stack([views[at], views[at + 1]], axis=1))
    scores, features = probe.eval()(pairs.permute(0, 1, 4, 2, 3)[None].float() / 255)
    words = {}
    for name, score in scores.items():
        known = getattr(probe, f"known_{name}") > 0
        best = int(score[0].masked_fill(~known, -torch.inf).argmax())
        words[name] = WORDS[name][best]
    return Sight(words, features[0].numpy())
