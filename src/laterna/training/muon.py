"""Muon for the matrices of a network, AdamW for the rest, as one optimizer.

Muon (Jordan et al. 2024, kellerjordan.github.io/posts/muon) replaces the momentum of a weight
matrix by the nearest orthogonal one, so that all directions learn equally fast; convolutions count
as matrices of (outputs, inputs x kernel). Updates are scaled to the size that Adam's have
(0.2 sqrt(larger side), Liu et al., arXiv 2502.16982), so one learning rate serves both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn

from laterna.training.crew import part, whole

# Newton-Schulz polynomials x -> a x + b x^3 + c x^5 that bring singular values fastest into 0.4 ..
# 1.7, whatever they were: the first four of the Polar Express (Amsel et al., arXiv 2505.16932).
ROUNDS = (
    (8.2872, -23.5959, 17.3004),
    (4.1071, -2.9478, 0.5448),
    (3.9487, -2.9089, 0.5518),
    (3.3184, -2.4885, 0.5100),
)
AT_ONCE = 1 << 26  # numbers of matrices that are made orthogonal together
KEPT = ("momentum", "step", "mean", "square")  # names of a parameter's state


def orthogonal(matrices: Tensor) -> Tensor:
    """Roughly the nearest (semi-)orthogonal matrices of (N, rows, columns), in bfloat16.

    Many of one shape at once: one small product after the other leaves half the processor idle.
    """
    x = matrices.bfloat16()
    tall = x.shape[1] > x.shape[2]
    x = x.mT if tall else x
    x = x / (x.flatten(1).norm(dim=1)[:, None, None] * 1.01 + 1e-7)
    for a, b, c in ROUNDS:
        square = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(square, square, square, beta=b, alpha=c), x, beta=a)
    return (x.mT if tall else x).float()


def groups(module: nn.Module, slow: set[str], share: float, matrices: bool) -> list[dict[str, Any]]:
    """Parameter groups of `module`: hidden matrices and kernels for Muon (if `matrices`), the rest
    for AdamW, and those named in `slow` for AdamW at `share` of the rate.
    """
    kinds: dict[str, list[nn.Parameter]] = {"muon": [], "adam": [], "slow": []}
    for name, parameter in module.named_parameters():
        hidden = parameter.ndim >= 2 and min(parameter.flatten(1).shape) >= 16
        kind = "slow" if name in slow else "muon" if hidden and matrices else "adam"
        kinds[kind].append(parameter)
    return [
        {"params": kinds["muon"], "matrices": True, "share": 1.0},
        {"params": kinds["adam"], "matrices": False, "share": 1.0},
        {"params": kinds["slow"], "matrices": False, "share": share},
    ]


class Muon(torch.optim.Optimizer):
    """Groups with `matrices` true take Muon steps, the others AdamW steps without weight decay."""

    def __init__(
        self,
        groups: Iterable[dict[str, Any]],
        betas: tuple[float, float] = (0.9, 0.99),
        momentum: float = 0.95,
    ) -> None:
        super().__init__(groups, {"lr": 0.0, "betas": betas, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """One step at each group's `lr`."""
        for group in self.param_groups:
            learning = [p for p in group["params"] if p.grad is not None]
            if not group["matrices"]:
                for parameter in learning:
                    self._adam(parameter, group)
                continue
            shapes = {p.flatten(1).shape for p in learning}
            for shape in sorted(shapes):
                alike = [p for p in learning if p.flatten(1).shape == shape]
                some = max(1, AT_ONCE // shape.numel())
                for first in range(0, len(alike), some):
                    self._muon(alike[first : first + some], group)

    def _muon(self, alike: list[nn.Parameter], group: dict[str, Any]) -> None:
        """A step of matrices of one shape. Those in shards are gathered for it, since no shard has
        the directions of its matrix; every member does the same sums and keeps its own rows.
        """
        ahead = []
        for parameter in alike:
            state, grad = self.state[parameter], parameter.grad
            assert grad is not None
            if not state:
                state["momentum"] = torch.zeros_like(parameter)
            state["momentum"].lerp_(grad, 1 - group["momentum"])
            ahead.append(whole(grad.lerp(state["momentum"], group["momentum"])).flatten(1))
        size = 0.2 * max(ahead[0].shape) ** 0.5
        steps = orthogonal(torch.stack(ahead))
        for parameter, step in zip(alike, steps, strict=True):
            parameter.add_(part(step.view(parameter.shape), parameter), alpha=-group["lr"] * size)

    def _adam(self, parameter: Tensor, group: dict[str, Any]) -> None:
        state, grad = self.state[parameter], parameter.grad
        assert grad is not None
        if not state:
            state["step"] = torch.zeros((), dtype=torch.float32)
            state["mean"] = torch.zeros_like(parameter)
            state["square"] = torch.zeros_like(parameter)
        state["step"] += 1
        step, (fast, slow) = float(state["step"]), group["betas"]
        state["mean"].lerp_(grad, 1 - fast)
        state["square"].lerp_(grad.square(), 1 - slow)
        root = state["square"].sqrt().div_((1 - slow**step) ** 0.5).add_(1e-8)
        parameter.addcdiv_(state["mean"], root, value=-group["lr"] / (1 - fast**step))
