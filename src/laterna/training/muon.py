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

# Quintic Newton-Schulz coefficients of the Muon post: fast, singular values end in 0.7 .. 1.2.
A, B, C = 3.4445, -4.7750, 2.0315
KEPT = ("momentum", "step", "mean", "square")  # names of a parameter's state


def orthogonal(matrix: Tensor, rounds: int = 5) -> Tensor:
    """Roughly the nearest (semi-)orthogonal matrix, by Newton-Schulz in bfloat16."""
    x: Tensor = matrix.bfloat16()
    tall = x.shape[0] > x.shape[1]
    x = x.T if tall else x
    x = x / (x.norm() + 1e-7)
    for _ in range(rounds):
        square = x @ x.T
        x = A * x + (B * square + C * square @ square) @ x
    return (x.T if tall else x).float()


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
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                if group["matrices"]:
                    self._muon(parameter, group)
                else:
                    self._adam(parameter, group)

    def _muon(self, parameter: Tensor, group: dict[str, Any]) -> None:
        state, grad = self.state[parameter], parameter.grad
        assert grad is not None
        if not state:
            state["momentum"] = torch.zeros_like(parameter)
        state["momentum"].lerp_(grad, 1 - group["momentum"])
        ahead = grad.lerp(state["momentum"], group["momentum"]).flatten(1)
        size = 0.2 * max(ahead.shape) ** 0.5
        parameter.add_(orthogonal(ahead).view_as(parameter), alpha=-group["lr"] * size)

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
