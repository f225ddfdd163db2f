"""A Ray cluster, and the footage that is rendered on it.

Ray is told nothing it could tell others: usage statistics are off and no dashboard is started.
Every machine needs laterna with the extra `cluster`, and the same folders under the same names (a
network file system): what is written there is the only thing that outlives a process.

Rendering is a Ray Data pipeline over seeds. Its tasks are repeated for as long as workers die; a
task that is repeated skips the clips that are whole, so each is rendered once.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import ray
import ray.data
import ray.exceptions

from laterna.errors import ClusterError, InputError, LaternaError
from laterna.training.clips import Rendering

__all__ = ["LOCAL", "connected", "ours", "render_clips", "resources"]

AUTO = "auto"  # instead of an address: the cluster that this machine is part of
LOCAL = "local"  # instead of an address: a cluster of this machine alone, for as long as it takes
KNOCK = 5.0  # seconds that a cluster's head has to answer
ABSENT = "no cluster answers there; start one with `ray start --head`, or say local"
CLIPS = 16  # of a task, where there are many; some seconds of work, so that Ray's part is small
TASKS = 4  # and this many tasks a core, where there are few

# Quiet, and silent to the outside. Set before Ray starts anything; a user's own word goes first.
_ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_TRAIN_METRICS_ENABLED": "0",
}


@contextmanager
def connected(address: str) -> Iterator[None]:
    """This process as a client of the cluster whose head listens at `address` (HOST:PORT), of the
    one that runs on this machine ("auto"), or of one that ends with the block ("local").

    A process that is connected already stays so. Raises InputError where nobody answers.
    """
    if address not in (AUTO, LOCAL):
        _knock(address)
    if ray.is_initialized():
        yield
        return
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    try:
        ray.init(
            address=address,
            log_to_driver=False,
            logging_level=logging.ERROR,
            include_dashboard=False if address == LOCAL else None,
        )
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise InputError("ray", address, ABSENT) from error
    try:
        yield
    finally:
        ray.shutdown()


def _knock(address: str) -> None:
    """InputError unless somebody listens at HOST:PORT; Ray itself asks for minutes."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit() or "/" in host:
        raise InputError("ray", address, "give HOST:PORT of the cluster's head, auto or local")
    try:
        socket.create_connection((host, int(port)), KNOCK).close()
    except (OSError, OverflowError) as error:
        raise InputError("ray", address, ABSENT) from error


def render_clips(
    rendering: Rendering,
    first: int,
    clips: int,
    address: str,
    tell: Callable[[int, str], None] = lambda seed, words: None,
) -> None:
    """Render the clips of seeds `first` .. `first + clips` on a cluster; those that are whole are
    left alone. `tell` hears the seed and the words of each that was made, in any order.

    The files are the same as those of one process on a machine of the same kind. Raises what a
    clip raises, and ClusterError where the cluster itself fails.
    """
    with connected(address):
        _quiet()
        cores = max(1, int(resources().get("CPU", 1)))
        size = max(1, min(CLIPS, clips // (TASKS * cores)))
        made = ray.data.range(clips, override_num_blocks=-(-clips // size)).map_batches(
            cast(Any, _render), fn_args=(rendering, first), batch_size=None, num_cpus=1
        )
        try:
            for row in made.iter_rows():
                tell(row["seed"], row["words"])
        except Exception as error:
            raise ours(error) from error


def resources() -> dict[str, float]:
    """What the cluster has in all, by Ray's names: CPU, GPU, memory..."""
    return cast("dict[str, float]", ray.cluster_resources())  # type: ignore[no-untyped-call]


def _render(batch: dict[str, Any], rendering: Rendering, first: int) -> dict[str, list[Any]]:
    """The clips of a task that are not there yet, on the one core it was given."""
    os.environ.setdefault("NUMBA_NUM_THREADS", "1")  # before the world brings numba
    seeds = [first + int(index) for index in batch["id"]]
    fresh = [seed for seed in seeds if not rendering.whole(seed)]
    return {"seed": fresh, "words": [rendering.render(seed) for seed in fresh]}


def _quiet() -> None:
    """No progress bars and no log lines of Ray Data between ours."""
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)


def ours(error: BaseException) -> LaternaError:
    """What a task raised, where laterna raised it there; ClusterError for everything else."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, LaternaError):
            return found
        found = getattr(found, "cause", None) or found.__cause__
    text = str(error).strip().splitlines()
    return ClusterError(f"the cluster gave up: {text[-1] if text else type(error).__name__}")
