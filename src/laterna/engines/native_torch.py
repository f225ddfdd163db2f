"""The native engine over torch: the same model, sampler and noise, on a GPU.

`--engine native-torch` films on CUDA or Metal, where there is one (LATERNA_DEVICE names another),
in bfloat16 on CUDA and float32 elsewhere. Its float32 agrees with the ONNX graphs; a state of one
engine goes on in the other.

A GPU that films one shot is mostly idle: the network is small. `film_all` films several shots side
by side. Each runs through the sampler as if it were alone; where all of them have come to ask the
network, their windows go through it as one batch.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from queue import Queue
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from laterna.engines.device import best_device
from laterna.engines.native import NativeEngine, _Networks
from laterna.engines.protocol import Chunk
from laterna.errors import DependencyError, InputError
from laterna.model.sampler import Floats
from laterna.model.take import Network
from laterna.model.text import TextEncoder
from laterna.shot import Shot

__all__ = ["DEVICE", "DTYPES", "NativeTorchEngine"]

DEVICE = "LATERNA_DEVICE"
DTYPES = ("float32", "bfloat16")

Arrays = tuple[NDArray[Any], ...]


class NativeTorchEngine(NativeEngine):
    """`NativeEngine` over torch."""

    name = "native-torch"

    def __init__(
        self,
        weights: str | Path | None = None,
        device: str | None = None,
        dtype: str | None = None,
    ) -> None:
        """`device` is "cuda", "cuda:1", "mps" or "cpu" (default: LATERNA_DEVICE, else the best
        there is), `dtype` "float32" or "bfloat16" (default: bfloat16 on CUDA).

        Raises DependencyError without torch, WeightsError without weights.
        """
        if find_spec("torch") is None:
            remedy = "install it with: pip install 'laterna[train]'"
            raise DependencyError(f"the engine {self.name} needs torch; {remedy}")
        if dtype not in (None, *DTYPES):
            raise InputError("dtype", dtype, f"give one of {', '.join(DTYPES)}")
        super().__init__(weights)
        self._device = os.environ.get(DEVICE, "") if device is None else device
        self._dtype = dtype
        self._side_by_side = _Meeting()

    def film_all(self, shots: Sequence[Shot]) -> Iterator[tuple[int, Chunk]]:
        """Film `shots` side by side: (which of them, its next chunk), as chunks get ready.

        Chunks of one shot come in order. Pixels are those of `film` but for the last bits of sums
        in another order. Closing the iterator ends all of them.
        """
        return self._film_all([self.film(shot) for shot in shots])

    def _film_all(self, films: list[Iterator[Chunk]]) -> Iterator[tuple[int, Chunk]]:
        self._load()
        ready: Queue[tuple[int, Chunk | BaseException | None]] = Queue(maxsize=2 * len(films))
        self._side_by_side.expect(len(films))
        threads = [
            threading.Thread(target=self._run, args=(n, film, ready), daemon=True)
            for n, film in enumerate(films)
        ]
        for thread in threads:
            thread.start()
        left = len(films)
        try:
            while left:
                number, found = ready.get()
                if isinstance(found, BaseException):
                    raise found
                if found is None:
                    left -= 1
                else:
                    yield number, found
        finally:
            self._side_by_side.end()
            while any(thread.is_alive() for thread in threads):
                with suppress(Exception):  # make room for whoever still hands something over
                    ready.get(timeout=0.05)

    def _run(self, number: int, film: Iterator[Chunk], ready: Queue[Any]) -> None:
        """One of several films, in a thread of its own."""
        end: BaseException | None = None
        try:
            for chunk in film:
                ready.put((number, chunk))
        except _Ended:
            pass
        except BaseException as error:
            end = error
        self._side_by_side.leave()
        ready.put((number, end))

    def _load(self) -> _Networks:
        if self._networks is None:
            import torch

            from laterna.engines.native_modules import TorchCodec, transformer

            device = best_device(self._device)
            half = "bfloat16" if device.type == "cuda" else "float32"
            dtype = getattr(torch, self._dtype or half)
            network = transformer(self._weights, device, dtype)
            self._networks = _Networks(
                TextEncoder.load(threads=self.threads),
                cast(Network, self._side_by_side.over(network)),
                TorchCodec(self._weights, device, dtype),
            )
        return self._networks


class _Ended(Exception):
    """Nobody wants the film any more."""


class _Call:
    """What one film asks of the network, and what it is answered."""

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays
        self.answer: Floats | None = None
        self.error: BaseException | None = None


class _Meeting:
    """Lets the films that run side by side ask the network together.

    Who comes last asks for all. A film on its own asks at once.
    """

    def __init__(self) -> None:
        self._network: Callable[..., Floats] | None = None
        self._turn = threading.Condition()
        self._waiting: list[_Call] = []
        self._expected = 0
        self._ended = False

    def over(self, network: Callable[..., Floats]) -> Callable[..., Floats]:
        """The network as films see it."""
        self._network = network
        return self._ask

    def expect(self, films: int) -> None:
        """So many films are about to start."""
        with self._turn:
            self._expected, self._ended = films, False

    def leave(self) -> None:
        """A film is over; the others wait for it no more."""
        with self._turn:
            self._expected -= 1
            self._answer_if_all_are_here()

    def end(self) -> None:
        """Nobody wants any of the films any more."""
        with self._turn:
            self._ended = True
            self._turn.notify_all()

    def _ask(self, *arrays: NDArray[Any]) -> Floats:
        with self._turn:
            if not self._expected:
                assert self._network is not None
                return self._network(*arrays)
            call = _Call(arrays)
            self._waiting.append(call)
            self._answer_if_all_are_here()
            self._turn.wait_for(lambda: self._ended or call.answer is not None or call.error)
            if call.error is not None:
                raise call.error
            if call.answer is None:
                raise _Ended
            return call.answer

    def _answer_if_all_are_here(self) -> None:
        if self._ended or not self._waiting or len(self._waiting) < self._expected:
            return
        assert self._network is not None
        calls, self._waiting = self._waiting, []
        try:
            for group in _alike(calls):
                _answer(self._network, group)
        except BaseException as error:
            for call in calls:
                call.error = error
        self._turn.notify_all()


def _alike(calls: list[_Call]) -> list[list[_Call]]:
    """Calls by the shape (F, S) of their windows: those of one shape make one batch."""
    groups: dict[tuple[int, ...], list[_Call]] = {}
    for call in calls:
        groups.setdefault(call.arrays[0].shape[1:3], []).append(call)
    return list(groups.values())


def _answer(network: Callable[..., Floats], calls: list[_Call]) -> None:
    """Ask once for all `calls`: levels spread to tokens where one has them so, words padded."""
    batch = []
    for parts in zip(*(call.arrays for call in calls), strict=True):
        shape = [max(sides) for sides in zip(*(part.shape[1:] for part in parts), strict=True)]
        batch.append(np.concatenate([_spread(part, shape) for part in parts]))
    answer = network(*batch)
    start = 0
    for call in calls:
        stop = start + len(call.arrays[0])
        call.answer = answer[start:stop]
        start = stop


def _spread(part: NDArray[Any], shape: list[int]) -> NDArray[Any]:
    """`part` (B, ...) in the common shape: repeated along axes of one, else padded with zeros
    (only words are of different numbers, and a mask of zeros says so)."""
    for axis, side in enumerate(shape, 1):
        if part.shape[axis] == 1 < side:
            part = np.repeat(part, side, axis)
        elif part.shape[axis] < side:
            width = [(0, 0)] * part.ndim
            width[axis] = (0, side - part.shape[axis])
            part = np.pad(part, width)
    return part
