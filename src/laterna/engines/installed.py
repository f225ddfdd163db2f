"""Models that were added to this machine: what each is, where it lies and what it hashed to.

A model is a folder (downloaded under the data root, `models/NAME/`) or stands where its owner keeps
it, and has a record beside it, `models/NAME.json`:

    {"format": 1, "name": "wan-2.1-t2v-1.3b", "source": "hub", "path": "wan-2.1-t2v-1.3b",
     "preset": "wan-2.1-t2v-1.3b", "hub": "Wan-AI/...", "revision": "<commit>",
     "licence": "Apache-2.0", "licence_url": "...", "accepted": "2026-11-23T05:00+00:00",
     "files": {"vae/config.json": {"sha256": "...", "bytes": 612}, ...}}

A folder of the user's own is linked, never copied: models are tens of gigabytes, and what laterna
did not bring it does not delete either. The record is written last, beside and then renamed, so a
model is there whole or not at all.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from laterna.digest import file_sha256
from laterna.errors import InputError, OutputError, WeightsError
from laterna.home import home

__all__ = [
    "FORMAT",
    "File",
    "Installed",
    "find",
    "hash_file",
    "hash_folder",
    "installed",
    "models_folder",
    "record",
    "remove",
    "slug",
    "verify",
]

FORMAT = 1
HUB, FOLDER = "hub", "folder"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was when the model was added."""

    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Installed:
    """A model that was added.

    source    "hub" (laterna downloaded it) or "folder" (it stands where it stood)
    path      where it is, absolute
    preset    name of the preset it is filmed with; "" if there is none
    base      of a single file: the preset or the folder that the other components come from
    revision  the commit of `hub` it was taken from
    accepted  when its licence was accepted, ISO 8601
    files     every file, relative to `path`, with `/`
    """

    name: str
    source: str
    path: Path
    files: dict[str, File] = field(default_factory=dict)
    preset: str = ""
    hub: str = ""
    revision: str = ""
    licence: str = ""
    licence_url: str = ""
    accepted: str = ""
    base: str = ""

    @property
    def bytes(self) -> int:
        """Of all its files."""
        return sum(file.bytes for file in self.files.values())


def models_folder() -> Path:
    """Where models are kept; it need not exist yet."""
    return home() / "models"


def find(name: str) -> Path | None:
    """Where the model `name` lies (a folder, or a single file); None if it was not added.

    Raises WeightsError when its record cannot be read, or when what it tells of is gone.
    """
    if not _NAME.fullmatch(name) or not _record_file(name).exists():
        return None
    model = _read(_record_file(name))
    if not model.path.exists():
        remedy = f"put it back, or: laterna models remove {name}"
        raise WeightsError(f"{name}: {model.path} is gone; {remedy}")
    return model.path


def installed() -> dict[str, Installed]:
    """Every model that was added, by name, in order. Records that cannot be read are left out."""
    found = {}
    for path in sorted(models_folder().glob("*.json")):
        try:
            model = _read(path)
        except WeightsError:
            continue
        found[model.name] = model
    return found


def slug(name: str) -> str:
    """`name` as a model may be called: lower case, letters, digits, dots and dashes.

    Raises InputError when nothing is left of it.
    """
    short = re.sub(r"[^a-z0-9._]+", "-", name.lower()).strip("-._")[:100]
    if not _NAME.fullmatch(short):
        raise InputError("name", name, "name the model in letters, digits, dots and dashes")
    return short


def record(model: Installed) -> Path:
    """Write the record that makes `model` known; returns its path. Raises OutputError."""
    from laterna.media.write import write_whole  # PyAV with it, which listing models can do without

    path = _record_file(model.name)
    where = model.path.name if model.source == HUB else str(model.path)
    told = {"format": FORMAT, **asdict(model), "path": where}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror})") from error
    write_whole(path, (json.dumps(told, indent=1, default=str) + "\n").encode())
    return path


def remove(name: str) -> Installed:
    """Forget the model `name`, and delete what laterna downloaded for it; returns what it was.

    A folder that was only linked stays as it is. Raises InputError if there is none of this name.
    """
    model = known(name)
    _record_file(name).unlink()
    if model.source == HUB and model.path.parent == models_folder():
        shutil.rmtree(model.path, ignore_errors=True)
    return model


def known(name: str) -> Installed:
    """The model `name`. Raises InputError if it was not added."""
    if _NAME.fullmatch(name) and _record_file(name).exists():
        return _read(_record_file(name))
    there = ", ".join(installed()) or "none yet"
    raise InputError("name", name, f"that model was not added; there are: {there}")


def verify(model: Installed, progress: Callable[[str, int], None] | None = None) -> list[str]:
    """Hash every file again; a line for each that is missing, altered or was not there before.

    `progress` hears of each file and its bytes before it is read.
    """
    wrong = []
    for name, then in sorted(model.files.items()):
        path = _file_of(model, name)
        if not path.is_file():
            wrong.append(f"{name}: missing")
            continue
        if progress is not None:
            progress(name, then.bytes)
        size = path.stat().st_size
        if size != then.bytes:
            wrong.append(f"{name}: {size:,} bytes instead of {then.bytes:,}")
        elif hash_file(path) != then.sha256:
            wrong.append(f"{name}: altered (its sha256 differs)")
    if model.path.is_dir():
        now = {path.relative_to(model.path).as_posix() for path in _files(model.path)}
        wrong += [f"{name}: was not there before" for name in sorted(now - set(model.files))]
    return wrong


def hash_folder(path: Path, progress: Callable[[str, int], None] | None = None) -> dict[str, File]:
    """Every file of a folder (or the one file) with its sha256."""
    files = [path] if path.is_file() else _files(path)
    base = path.parent if path.is_file() else path
    found = {}
    for file in files:
        name, size = file.relative_to(base).as_posix(), file.stat().st_size
        if progress is not None:
            progress(name, size)
        found[name] = File(hash_file(file), size)
    return found


def hash_file(path: Path) -> str:
    """The sha256 of a file, in hex. Raises WeightsError when it cannot be read."""
    try:
        return file_sha256(path)
    except OSError as error:
        raise WeightsError(f"{path}: cannot be read ({error.strerror})") from error


def _files(folder: Path) -> list[Path]:
    """All files below a folder but hidden ones (`.cache`, `.git`), in order."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not any(p.startswith(".") for p in path.relative_to(folder).parts)
    )


def _file_of(model: Installed, name: str) -> Path:
    return model.path / name if model.path.is_dir() else model.path.parent / name


def _record_file(name: str) -> Path:
    return models_folder() / f"{name}.json"


def _read(path: Path) -> Installed:
    try:
        told: dict[str, Any] = json.loads(path.read_text("utf-8"))
        version = told.pop("format")
        if version == FORMAT:
            told["path"] = models_folder() / str(told["path"])  # an absolute one stays
            told["files"] = {n: File(**entry) for n, entry in told["files"].items()}
            return Installed(**told)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise WeightsError(f"{path}: is not the record of a model; add it again") from error
    raise WeightsError(f"{path}: format {version!r}, this version reads format {FORMAT}")
