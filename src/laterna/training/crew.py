"""Who trains: one process alone, or several that share every step.

A stage cuts a batch into parts, each a function of (seed, step, part), however many there are to
train: a member takes every so-manieth part, gradients are added up, and what follows (clipping,
Muon, averaging) is the same arithmetic on every member. So the weights do not depend on how many
took part, but for the order in which floating point numbers are added.

Members never ask their own clock: all decisions that depend on time (the end of a leg, when to
write a checkpoint) follow the first one's, so that all of them decide alike.

With `shard`, weights, their average and the optimizer's state are spread over the members (FSDP2:
Zhao et al., arXiv 2304.11277; torch's `fully_shard`), a layer at a time gathered where it is used.
What Muon and checkpoints need whole is gathered for as long as they look at it (`whole`).
"""

from __future__ import annotations

import time
from collections.abc import Iterable

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard, register_fsdp_forward_method
from torch.distributed.tensor import DTensor, distribute_tensor

from laterna.errors import InputError
from laterna.training.machine import half_pays, matmul_peak

__all__ = ["ALONE", "Crew", "Team", "part", "whole"]

FORWARDS = ("seen", "encode", "decode")  # methods besides `forward` by which networks are called


class Crew:
    """One process alone; what `Team` overrides for several."""

    rank, size = 0, 1
    sharded = False

    def mine(self, parts: int) -> range:
        """The parts of a batch, out of `parts`, that this member computes."""
        return range(self.rank, parts, self.size)

    def agree(self, value: float) -> float:
        """The first member's `value`."""
        return value

    def clock(self) -> float:
        """Seconds since some moment, the same for all members."""
        return self.agree(time.perf_counter())

    def half(self) -> bool:
        """Whether the first member's machine trains faster in half precision."""
        return half_pays()

    def peak(self, half: bool) -> float:
        """Floating point operations a second of all members' matrix products, if all are like
        the first.
        """
        return matmul_peak(half)

    def settle(self, modules: Iterable[nn.Module]) -> None:
        """Bring `modules` to where this crew trains; before anything refers to their parameters."""

    def add_up(self, module: nn.Module) -> None:
        """Add up all members' gradients."""

    def totals(self, losses: dict[str, float]) -> dict[str, float]:
        """The sums over all members; they have the same names."""
        return losses


ALONE = Crew()


class Team(Crew):
    """The members of torch's process group, one process each."""

    def __init__(self, device: torch.device | None = None, shard: bool = False) -> None:
        self.rank, self.size = dist.get_rank(), dist.get_world_size()
        self.device, self.sharded = device or torch.device("cpu"), shard

    def mine(self, parts: int) -> range:
        """As of Crew. InputError where the parts cannot be dealt out evenly."""
        if parts % self.size:
            remedy = f"a batch has {parts} parts; choose a divisor of that, or a larger batch"
            raise InputError("workers", self.size, remedy)
        return super().mine(parts)

    def agree(self, value: float) -> float:
        """As of Crew."""
        told = torch.tensor([value], dtype=torch.float64, device=self.device)
        dist.broadcast(told, 0)
        return float(told)

    def half(self) -> bool:
        """As of Crew; every GPU that trains does."""
        return bool(self.agree(self.device.type == "cuda" or half_pays()))

    def peak(self, half: bool) -> float:
        """As of Crew."""
        return self.size * self.agree(matmul_peak(half, device=self.device.type))

    def settle(self, modules: Iterable[nn.Module]) -> None:
        """Same device, same numbers, and in shards if asked."""
        for module in modules:
            module.to(self.device)
            for tensor in module.state_dict().values():
                dist.broadcast(tensor, 0)
            if self.sharded:
                _shard(module, self.device)

    def add_up(self, module: nn.Module) -> None:
        """As of Crew. Sharded gradients were averaged on their way, so they only want scaling."""
        grads = [p.grad for p in module.parameters() if p.grad is not None]
        if self.sharded:
            torch._foreach_mul_(grads, float(self.size))
            return
        flat = torch.cat([grad.reshape(-1) for grad in grads])
        dist.all_reduce(flat)
        pieces = torch.split(flat, [grad.numel() for grad in grads])
        for grad, piece in zip(grads, pieces, strict=True):
            grad.copy_(piece.view_as(grad))

    def totals(self, losses: dict[str, float]) -> dict[str, float]:
        """As of Crew."""
        sums = torch.tensor(list(losses.values()), dtype=torch.float64, device=self.device)
        dist.all_reduce(sums)
        return dict(zip(losses, sums.tolist(), strict=True))


def _shard(module: nn.Module, device: torch.device) -> None:
    """Spread `module` over the members: layer by layer where it has blocks, then what is left."""
    mesh = init_device_mesh(device.type, (dist.get_world_size(),))
    blocks = getattr(module, "blocks", None)
    for block in blocks if isinstance(blocks, nn.ModuleList) else ():
        fully_shard(block, mesh=mesh)
    fully_shard(module, mesh=mesh, reshard_after_forward=True)
    for name in FORWARDS:
        if hasattr(module, name):
            register_fsdp_forward_method(module, name)


def whole(tensor: Tensor) -> Tensor:
    """All of `tensor`; of one in shards, all members have to ask together."""
    return tensor.full_tensor() if isinstance(tensor, DTensor) else tensor


def part(tensor: Tensor, like: Tensor) -> Tensor:
    """The share of `tensor`, which is whole and the same everywhere, that `like` is of its own."""
    tensor = tensor.to(like.device)
    if isinstance(like, DTensor) and tensor.shape == like.shape:
        return distribute_tensor(tensor, like.device_mesh, like.placements, src_data_rank=None)
    return tensor
