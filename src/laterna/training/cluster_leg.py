"""A leg of training on a Ray cluster: Ray Train starts the members and replaces those it loses.

Each member runs the same leg as a process alone (`laterna.training.leg`) in a crew over torch's
process group. The run's folder, which all machines see, is the only truth: when a member is lost,
Ray starts all of them anew and they go on from the checkpoint there, to the weights they would have
had. Ray is told of each checkpoint, but keeps none: a copy would be a second truth.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Waiting
from typing import Any

import ray.train
import ray.train.torch
import torch.distributed as dist
from torch import nn

from laterna.errors import InputError, LaternaError, WeightsError
from laterna.training import checkpoint, leg, progress
from laterna.training.cluster import connected, ours, resources
from laterna.training.crew import Team
from laterna.training.machine import prepare_torch, settle
from laterna.training.orders import Order

__all__ = ["train"]

LOSSES = 20  # times that members may be lost in one call
LOOK = 0.5  # seconds between two looks at the progress
RAY = "ray"  # folder in the run's, where Ray leaves notes while it works


def train(
    order: Order,
    address: str,
    workers: int = 1,
    shard: bool = False,
    threads: int = 1,
    tell: Callable[[progress.Line], None] = lambda line: None,
) -> checkpoint.Record:
    """Train `order` with `workers` members of `threads` processor threads each, and a GPU each
    where the order can use them and the cluster has as many; the run's last record.

    With `shard` weights and optimizer are spread over the members. Paths of the order have to be
    absolute, and the same on all machines. Raises InputError for more members than the cluster has
    room for or than a batch can be dealt to, what a member's stage raises, and ClusterError when
    members were lost too often.
    """
    if workers < 1:
        raise InputError("workers", workers, "give 1 or more")
    # In this order: whatever ends the wait ends the connection, and with it the thread.
    with ThreadPoolExecutor(1) as pool, connected(address):
        needs = _needs(order, workers, threads)
        order.run.mkdir(parents=True, exist_ok=True)
        api: Any = ray.train  # its types are those of the version before
        trainer = api.torch.TorchTrainer(
            _member,
            train_loop_config={"order": order, "shard": shard, "threads": threads},
            scaling_config=api.ScalingConfig(
                num_workers=workers, use_gpu="GPU" in needs, resources_per_worker=needs
            ),
            run_config=api.RunConfig(
                name=RAY,
                storage_path=str(order.run),
                failure_config=api.FailureConfig(max_failures=LOSSES),
                logging_config=api.LoggingConfig(log_level="CRITICAL"),
            ),
        )
        try:
            result = _watched(pool.submit(trainer.fit), order, tell).return_value
        except LaternaError:
            raise
        except Exception as error:
            raise ours(error) from error
        finally:
            shutil.rmtree(order.run / RAY, ignore_errors=True)
    if isinstance(result, LaternaError):
        raise result
    return dict(result)


def _needs(order: Order, workers: int, threads: int) -> dict[str, float]:
    """What each member takes of the cluster, by Ray's names; InputError if it is not there."""
    there = resources()
    cores = int(there.get("CPU", 0))
    if workers * threads > cores:
        remedy = f"the cluster has {cores} cores, which {threads} threads each would exceed"
        raise InputError("workers", workers, remedy)
    needs = {"CPU": float(threads)}
    if order.device == "cuda" and there.get("GPU", 0) >= workers:
        needs["GPU"] = 1.0
    return needs


def _watched(fitting: Future[Any], order: Order, tell: Callable[[progress.Line], None]) -> Any:
    """Wait for the end, and tell each line of progress that the first member writes meanwhile."""
    told = len(_lines(order))
    while True:
        try:
            result = fitting.result(timeout=LOOK)
        except Waiting:
            result = None
        lines = _lines(order)
        for line in lines[told:]:
            tell(line)
        told = len(lines)
        if result is not None:
            return result


def _lines(order: Order) -> list[progress.Line]:
    try:
        return progress.read(order.run)
    except InputError:  # there is none yet
        return []


def _member(config: dict[str, Any]) -> checkpoint.Record | LaternaError:
    """One member's part of the leg: the last record, or what is wrong with the order.

    What would be wrong again is returned; what is raised makes Ray try again.
    """
    order: Order = config["order"]
    settle()
    prepare_torch(config["threads"])
    team = Team(ray.train.torch.get_device(), config["shard"])
    try:
        stage, averaged = _built(order)
        return leg.run(stage, averaged, order.plan, order.run, crew=team, kept=_told)
    except (InputError, WeightsError) as error:
        return error


def _built(order: Order) -> tuple[leg.Stage, nn.Module]:
    """The order's stage, or what went wrong with it at any member: all of them raise it, lest the
    others wait for the one that cannot.
    """
    built, wrong = None, None
    try:
        built = order.build()
    except LaternaError as error:
        wrong = error
    found: list[LaternaError | None] = [None] * dist.get_world_size()
    dist.all_gather_object(found, wrong)
    for each in found:
        if each is not None:
            raise each
    assert built is not None
    return built


def _told(record: checkpoint.Record) -> None:
    """Let Ray know how far the run is."""
    ray.train.report({"step": record["step"], "seconds": record["seconds"]})
