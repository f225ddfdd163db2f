"""Shards: a growing list of records with arrays, on disk, read through memory maps.

A folder holds `meta.json`, `records.jsonl` with a line per finished item, and sub-folders of 64
items with an uncompressed `.npy` per kind of array. The line is written after the arrays, so work
that was killed goes on at the first item without a line, and a training may read while the folder
still grows.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from laterna.errors import InputError
from laterna.training.checkpoint import write_json

ITEMS = 64  # per shard
META, RECORDS = "meta.json", "records.jsonl"

Arrays = dict[str, NDArray[Any]]


class Shards:
    """The items of a folder. Reading sees those that were there when it was opened."""

    def __init__(self, folder: Path, hint: str = "") -> None:
        """Open an existing folder; InputError with `hint`, the command that makes it, if none."""
        if not (folder / META).exists():
            raise InputError("data", str(folder), f"make it first: {hint}")
        self.folder = folder
        self.meta: dict[str, Any] = json.loads((folder / META).read_text(encoding="utf-8"))
        self.records = _records(folder / RECORDS)
        self._maps: dict[tuple[int, str], NDArray[Any]] = {}

    @classmethod
    def begin(cls, folder: Path, meta: dict[str, Any]) -> Shards:
        """Open `folder` to add items, making it if need be.

        InputError if it was begun with another `meta`.
        """
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / META
        if not path.exists():
            write_json(path, meta)
        shards = cls(folder)
        for key, value in meta.items():
            found = shards.meta.get(key)
            if found != value:
                raise InputError(key, value, f"{folder} was begun with {found!r}; keep to it")
        return shards

    def __len__(self) -> int:
        return len(self.records)

    def read(self, index: int, kind: str) -> NDArray[Any]:
        """The array `kind` of one item, a view into the memory map."""
        key = (index // ITEMS, kind)
        if key not in self._maps:
            self._maps[key] = np.load(self._path(*key), mmap_mode="r")
        found: NDArray[Any] = self._maps[key][index % ITEMS]
        return found

    def append(self, arrays: Arrays, record: dict[str, Any]) -> None:
        """Add an item; its arrays must have the shapes of the first item's."""
        index = len(self.records)
        for kind, data in arrays.items():
            self._slot(index // ITEMS, kind, data)[index % ITEMS] = data
        with (self.folder / RECORDS).open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
        self.records.append(record)

    def _path(self, shard: int, kind: str) -> Path:
        return self.folder / f"{shard:05d}" / f"{kind}.npy"

    def _slot(self, shard: int, kind: str, like: NDArray[Any]) -> NDArray[Any]:
        path = self._path(shard, kind)
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            beside = path.with_suffix(".part")
            shape = (ITEMS, *like.shape)
            np.lib.format.open_memmap(beside, mode="w+", dtype=like.dtype, shape=shape).flush()
            beside.replace(path)
        return np.lib.format.open_memmap(path, mode="r+")


def _records(path: Path) -> list[dict[str, Any]]:
    """One record per finished item; a line cut short by a kill is dropped from the file."""
    if not path.exists():
        return []
    text = path.read_text(encoding="utf-8")
    whole = text[: text.rfind("\n") + 1]
    if whole != text:
        beside = path.with_suffix(".part")
        beside.write_text(whole, encoding="utf-8")
        beside.replace(path)
    return [json.loads(line) for line in whole.splitlines()]
