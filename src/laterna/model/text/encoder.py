"""Prompts to token embeddings, without torch: the network is an onnxruntime graph in float32.

The embedding table stays in its 4-bit blocks and only the rows a prompt needs are unpacked. A
batch is run shortest prompts first, in slices of about `SLICE` tokens, and equal prompts once: a
hundred thousand captions then waste next to nothing on padding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from laterna.errors import InputError, WeightsError
from laterna.model.text.store import Packed, TextFiles, read_files
from laterna.model.text.unigram import BEGIN, END, Unigram

__all__ = ["PREFIX", "TOKENS", "WIDTH", "TextEncoder"]

TOKENS = 48  # the longest prompt the video model sees, marks and prefix included
WIDTH = 384
PREFIX = "query: "  # e5 is trained with it (Wang et al. 2024, "Multilingual E5", section 2)
SLICE = 1024  # tokens run at once: enough for full speed, small enough for the cache
_SHIPPED = Path(__file__).parent.parent / "weights"

F32 = NDArray[np.float32]


class TextEncoder:
    """The frozen text encoder. Make one with `TextEncoder.load()`."""

    def __init__(self, words: Unigram, table: Packed, positions: F32, session: Any) -> None:
        """`table` holds a row per piece, `positions` (TOKENS, WIDTH) is added to the rows."""
        self.words, self._table, self._positions = words, table, positions
        self._session = session

    @classmethod
    def load(cls, path: str | Path | None = None, threads: int | None = None) -> TextEncoder:
        """The encoder from the files in folder `path` (default: those that ship).

        Each combination is loaded once per process. `threads` is for onnxruntime, None lets it
        take every core. Raises WeightsError when a file is missing, cut short or altered.
        """
        return _load(Path(path) if path is not None else _SHIPPED, threads)

    @classmethod
    def from_files(cls, files: TextFiles, threads: int | None = None) -> TextEncoder:
        """The encoder from what was read off the disk."""
        return cls(
            Unigram(files.pieces(), files.array("vocabulary.scores")),
            files.packed("embedding"),
            files.array("position"),
            _session(files, threads),
        )

    def encode(self, prompts: Sequence[str]) -> tuple[F32, NDArray[np.bool_]]:
        """The last hidden states of `prompts`: tokens (B, 48, 384) float32 and mask (B, 48).

        The mask is True where a token is; elsewhere the states are 0. A prompt is cut at 48
        tokens. The empty prompt has the states of the bare prefix: a fixed "nothing was said".
        """
        tokens = np.zeros((len(prompts), TOKENS, WIDTH), np.float32)
        mask = np.zeros((len(prompts), TOKENS), np.bool_)
        for rows, states in self._run(prompts):
            tokens[rows, : states.shape[1]] = states
            mask[rows, : states.shape[1]] = True
        return tokens, mask

    def pooled(self, prompts: Sequence[str]) -> F32:
        """One embedding of length 1 per prompt (B, 384): the mean over its tokens, normalised.

        The dot product of two is their cosine; e5 keeps all of them high (0.7 to 1), so compare
        ranks and differences, not absolute values.
        """
        vectors = np.zeros((len(prompts), WIDTH), np.float32)
        for rows, states in self._run(prompts):
            mean = states.mean(axis=1)
            vectors[rows] = mean / np.linalg.norm(mean, axis=1, keepdims=True)
        return vectors

    def numbers(self, prompt: str) -> list[int]:
        """The piece numbers of `prompt` as the network sees them, at most 48."""
        return [BEGIN, *self.words.encode(PREFIX + prompt)[: TOKENS - 2], END]

    def _run(self, prompts: Sequence[str]) -> Iterator[tuple[NDArray[np.int64], F32]]:
        """Yield (rows, states (len(rows), length, 384)) until every prompt has had its turn.

        Prompts of equal length share a run, so nothing is padded.
        """
        if isinstance(prompts, str):
            raise InputError("prompts", prompts, "give a list of prompts")
        where: dict[tuple[int, ...], list[int]] = {}
        for row, prompt in enumerate(prompts):
            where.setdefault(tuple(self.numbers(prompt)), []).append(row)
        for batch in _slices(sorted(where, key=len)):
            states = self._states(np.array(batch, np.int64))
            rows = [where[numbers] for numbers in batch]
            source = np.repeat(np.arange(len(batch)), [len(r) for r in rows])
            yield np.array([row for group in rows for row in group], np.int64), states[source]

    def _states(self, numbers: NDArray[np.int64]) -> F32:
        """The last hidden states (B, L, 384) of piece numbers (B, L)."""
        embedded = self._table.rows(numbers) + self._positions[: numbers.shape[1]]
        states: F32 = self._session.run(None, {"embedded": embedded})[0]
        return states


@lru_cache(maxsize=4)
def _load(folder: Path, threads: int | None) -> TextEncoder:
    return TextEncoder.from_files(read_files(folder), threads)


def _slices(ordered: list[tuple[int, ...]]) -> Iterator[list[tuple[int, ...]]]:
    """Cut what is sorted by length into batches of one length and at most SLICE tokens."""
    batch: list[tuple[int, ...]] = []
    for numbers in ordered:
        full = (len(batch) + 1) * len(numbers) > SLICE
        if batch and (full or len(batch[0]) != len(numbers)):
            yield batch
            batch = []
        batch.append(numbers)
    if batch:
        yield batch


def _session(files: TextFiles, threads: int | None) -> Any:
    """The graph with its weights, ready to run on the processor."""
    arrays = files.initialisers()
    options = ort.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = threads or 0
    # Waiting threads must not spin: on cores shared with the video model that costs more than half
    # as much again, and on free ones a prompt is fast enough without (benchmarks/text.md).
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_external_initializers(
        list(arrays), [ort.OrtValue.ortvalue_from_numpy(array) for array in arrays.values()]
    )
    try:
        return ort.InferenceSession(files.graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise WeightsError(f"the text encoder's graph and weights do not fit: {error}") from error
