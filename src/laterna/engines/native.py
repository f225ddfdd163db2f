"""The native engine: the model that ships with laterna, on any processor, without torch.

A shot becomes a take (`native_shot`), the window films it latent frame by latent frame, and the
decoder turns each into four frames as soon as the next is clean, which it is shown to lead over to.
A chunk is one latent frame, half a second. Its state holds what the window remembers, the latent
frame that waits for the next, and the decoder's memory; the rest of the past is noise, which is a
function of the seed, and the shot itself.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from laterna.engines.native_frames import Reel
from laterna.engines.native_shot import kept_pixels, take_of
from laterna.engines.protocol import Capabilities, Chunk, Preflight
from laterna.errors import InputError
from laterna.model.patches import unpatchify
from laterna.model.runtime import Codec, DecoderState, transformer
from laterna.model.sampler import Floats
from laterna.model.take import Manner, Network, Take
from laterna.model.text import TextEncoder
from laterna.model.weights import Weights
from laterna.model.window import Finished, film
from laterna.shot import DRAFT_FPS, MAX_SECONDS, Shot, draft_frames, draft_grid, seeded
from laterna.shot_json import shot_sha256

__all__ = ["NativeEngine"]

FIELDS = frozenset(
    {
        "steps", "negative", "guidance", "cues", "keyframes", "lead", "trail",
        "source", "mask", "strength", "loop",
    }
)  # fmt: skip
LOADED_BYTES = 420 << 20  # what the networks take, text encoder included
TOKEN_BYTES = 400 << 10  # and what a window takes per token of a latent frame
WARM_UP = 4  # latent frames that fill the decoder's memory: 0.2 of 255 is left of what was before

Arrays = Mapping[str, NDArray[np.generic]]


@dataclass(frozen=True, slots=True)
class _Networks:
    text: TextEncoder
    transformer: Network
    codec: Codec


class NativeEngine:
    """Films with the shipped model, or with weights of the same kind in another folder."""

    name = "native"

    def __init__(self, weights: str | Path | None = None, threads: int | None = None) -> None:
        """`weights` is a folder written by `laterna train export`; `threads` how many processor
        threads film, by default as many as this process may use. The same number gives the same
        pixels. Raises WeightsError when there are no weights.
        """
        self._weights = Weights.open(weights)
        self.manner = Manner.from_dict(self._weights.manifest.get("manner", {}))
        self.threads = threads or _processors()
        self._networks: _Networks | None = None

    @property
    def capabilities(self) -> Capabilities:
        """Every field of a Shot but `extra`."""
        return Capabilities(
            fields=FIELDS,
            fps=DRAFT_FPS,
            max_seconds=MAX_SECONDS,
            resumable=True,
            drafts=True,
            grid=32,
            licence="Apache-2.0",
            weights=self._weights.sha256,
        )

    def preflight(self, shot: Shot) -> Preflight:
        """Whether the memory suffices, judged without loading anything."""
        across, down = draft_grid(shot.size).tokens
        needed = LOADED_BYTES + TOKEN_BYTES * across * down
        there = _memory()
        reason = ""
        if there is not None and needed > there:
            reason = f"it needs {needed >> 20} MB of memory, there are {there >> 20} MB"
        return Preflight(not reason, reason, needed, draft_frames(shot))

    def film(self, shot: Shot, resume: bytes | None = None) -> Iterator[Chunk]:
        """Film `shot`, half a second a chunk.

        A shot without a seed is filmed with seed 0, so that a state goes on with the shot as given.
        Raises InputError for a state that is not of this shot and these weights.
        """
        shot = seeded(shot)
        whose = bytes.fromhex(shot_sha256(shot)) + bytes.fromhex(self._weights.sha256)
        state = None if resume is None else _opened(resume, whose)
        return self._film(shot, state, whose)

    def _film(self, shot: Shot, state: Arrays | None, whose: bytes) -> Iterator[Chunk]:
        yield from _Filming(shot, self._load(), self.manner, whose).chunks(state)

    def _load(self) -> _Networks:
        if self._networks is None:
            self._networks = _Networks(
                TextEncoder.load(threads=self.threads),
                transformer(self._weights, self.threads),
                Codec(self._weights, self.threads),
            )
        return self._networks


class _Filming:
    """One shot in the making."""

    def __init__(self, shot: Shot, networks: _Networks, manner: Manner, whose: bytes) -> None:
        if shot.steps is not None:
            manner = replace(manner, pace=replace(manner.pace, steps=int(shot.steps)))
        self.shot, self.networks, self.manner, self.whose = shot, networks, manner, whose
        self.reel = Reel.of(shot)
        codec, text = networks.codec, networks.text
        self.take: Take = take_of(shot, self.reel, manner, codec.encode, text.encode)

    def chunks(self, state: Arrays | None) -> Iterator[Chunk]:
        """Every chunk after `state`."""
        known = None if state is None else _inner(state, "film")
        frames = film(self.networks.transformer, self.take, self.manner, known)
        frame: Finished | None
        if state is None or known is None:
            frame = next(frames)
            memory, after = self._warm_up(frame), self._after_the_end(frame)
        elif "latents" not in state:  # nothing comes after the last chunk
            return
        else:
            waiting = int(known["emitted"][0]) - 1
            frame = Finished(waiting, _floats(state["latents"]), known)
            memory = _numbered(state, "decoder")
            after = _floats(state["after"]) if "after" in state else None
        while frame is not None:
            coming = next(frames, None)
            ahead = after if coming is None else coming.latents
            latents = self._cells(frame.latents)
            decoded, memory = self.networks.codec.decode(
                latents,
                None if ahead is None else self._cells(ahead),
                memory,
                self.manner.leftover,
            )
            numbers, shown = self.reel.cut(decoded, frame.frame)
            yield Chunk(
                start=int(numbers[0]),
                total=self.reel.total,
                frames=kept_pixels(self.shot, self.reel, numbers, shown),
                latents=latents.astype(np.float16),
                state=self._state(coming, after, memory),
            )
            frame = coming

    def _after_the_end(self, first: Finished) -> Floats | None:
        """The latents that the film's end leads over to: a loop's beginning, or film given."""
        if self.take.loop:
            return first.latents
        given = self.take.given.get(self.take.frames)
        return None if given is None else given.latents

    def _warm_up(self, first: Finished) -> DecoderState:
        """The decoder's memory before the first frame: of the lead, or of the loop's end."""
        memory = self.networks.codec.start(*self.reel.cells)
        before: list[Floats] = []
        if self.take.loop:
            before = [first.ahead(-n % self.take.frames) for n in range(WARM_UP, 0, -1)]
        elif self.take.lead:
            count = min(WARM_UP, self.take.lead)
            before = [self.take.given[-n].latents for n in range(count, 0, -1)]
        for latents, ahead in pairwise([*before, first.latents]):
            memory = self.networks.codec.decode_float(
                self._cells(latents), self._cells(ahead), memory, self.manner.leftover
            )[1]
        return memory

    def _cells(self, tokens: Floats) -> Floats:
        return unpatchify(tokens[None], self.reel.tokens)

    def _state(self, coming: Finished | None, after: Floats | None, memory: DecoderState) -> bytes:
        """From what the film goes on to its frame `coming`; none comes after the last."""
        arrays: dict[str, NDArray[np.generic]] = {}
        arrays |= {f"decoder.{n}": array for n, array in enumerate(memory)}
        if coming is not None:
            arrays |= {f"film.{name}": array for name, array in coming.state.items()}
            arrays["latents"] = coming.latents
            arrays |= {} if after is None else {"after": after}
        arrays["whose"] = np.frombuffer(self.whose, np.uint8)
        return save({name: np.ascontiguousarray(array) for name, array in arrays.items()})


def _opened(state: bytes, whose: bytes) -> Arrays:
    """The arrays of a chunk's state, if it is of this shot and these weights."""
    try:
        arrays: Arrays = load(state)
        found = arrays["whose"].tobytes()
    except (SafetensorError, KeyError, ValueError) as error:
        raise InputError("resume", len(state), "give the state of a chunk, whole") from error
    if found != whose:
        short = found[:6].hex()
        raise InputError("resume", short, "this state is of another shot or model; film it anew")
    return arrays


def _inner(arrays: Arrays, name: str) -> dict[str, NDArray[np.generic]]:
    return {k.removeprefix(f"{name}."): v for k, v in arrays.items() if k.startswith(f"{name}.")}


def _numbered(arrays: Arrays, name: str) -> DecoderState:
    inner = _inner(arrays, name)
    return tuple(_floats(inner[str(n)]) for n in range(len(inner)))


def _floats(array: NDArray[np.generic]) -> Floats:
    return np.asarray(array, np.float32)


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _memory() -> int | None:
    """Bytes of memory in this machine, where the system says."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
