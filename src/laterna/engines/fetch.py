"""Models from the hub: what a repository offers, what loading it would cost, and its download.

Only what a pipeline loads is taken: for each component that model_index.json names the one set of
safetensors files that is loaded (not the second copy in shards, not the fp16 variant beside the
plain files), configurations, tokenizers and the licence. Pickles and Python files are never taken,
and a model that has a component as pickle only is refused before a byte of it is downloaded. A
branch is resolved to its commit first and the commit is what is downloaded and recorded; files with
a known sha256 are compared with it. A download that was cut goes on where it stopped.
"""

from __future__ import annotations

import glob
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any

from laterna.engines.installed import File, hash_folder
from laterna.engines.preflight.weights import (
    INDEX,
    Component,
    Tensor,
    component_files,
    component_of,
    pickles,
    read_json,
    refuse_pickles_only,
)
from laterna.errors import DependencyError, InputError, OutputError, WeightsError

__all__ = ["Offer", "cached", "download", "headers", "is_offline", "offer"]

# Beside weights: configurations, vocabularies, chat templates; at the top also what may be read.
TEXTS = ("*.json", "*.txt", "*.model", "*.jinja")
TOP = ("LICENSE*", "LICENCE*", "NOTICE*", "*.md", INDEX)
PART, WEIGHTS = ".part", ".safetensors"


@dataclass(frozen=True, slots=True)
class Offer:
    """What a repository of the hub offers, at one commit.

    files    bytes and, where the hub knows it, sha256 of each file that would be taken
    chosen   of these, the weight files by component ("" for a component in a repository of its own)
    left     pickles that are left where they are
    """

    hub: str
    revision: str
    licence: str
    licence_url: str
    index: Mapping[str, Any]
    files: Mapping[str, tuple[int, str]]
    chosen: Mapping[str, tuple[str, ...]]
    left: tuple[str, ...] = ()

    @property
    def bytes(self) -> int:
        """Of all files that would be taken."""
        return sum(size for size, _ in self.files.values())


def is_offline(asked: bool = False) -> bool:
    """Whether nothing may be fetched: asked for, or HF_HUB_OFFLINE is set."""
    flag = os.environ.get("HF_HUB_OFFLINE", "").strip().upper()
    return asked or flag in ("1", "ON", "YES", "TRUE")


def offer(hub: str, revision: str = "", *, pipeline: bool = True) -> Offer:
    """Ask the hub what `hub` (OWNER/NAME) holds at `revision` (a commit, branch or tag).

    `pipeline` is False for a repository that is one component. Raises InputError for what the hub
    does not have or does not give, WeightsError for pickles only and while there is no network,
    DependencyError without huggingface_hub.
    """
    api = _api()
    with _hub_errors(hub):
        info = api.model_info(hub, revision=revision or None, files_metadata=True)
    known = {s.rfilename: (s.size or 0, s.lfs.sha256 if s.lfs else "") for s in info.siblings or ()}
    for name in known:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise InputError("name", hub, f"the hub names a file outside its folder: {name}")
    index: dict[str, Any] = {}
    if pipeline:
        if INDEX not in known:
            remedy = f"it is no pipeline of diffusers (no {INDEX}); look for one that is"
            raise InputError("name", hub, remedy)
        index = _json(hub, info.sha, INDEX)
    chosen = _weights(known, index) if pipeline else _one_component(known)
    if not chosen:
        raise WeightsError(f"{hub}: there are no safetensors in it, and laterna loads nothing else")
    refuse_pickles_only([n for n in known if not pipeline or _is_part(n, index)], chosen, hub)
    licence, url = _licence(hub, info.card_data)
    return Offer(
        hub,
        info.sha,
        licence,
        url,
        index,
        {name: known[name] for name in _wanted(known, chosen, index)},
        chosen,
        tuple(name for name in pickles(known) if not pipeline or _is_part(name, index)),
    )


def headers(given: Offer) -> dict[str, Component]:
    """The components of an offer, by their files' headers alone: a few requests of 100 kB each."""
    api, found = _api(), {}
    for part, files in given.chosen.items():
        tensors: dict[str, Tensor] = {}
        for file in files:
            with _hub_errors(given.hub):
                told = api.parse_safetensors_file_metadata(given.hub, file, revision=given.revision)
            tensors |= {n: Tensor(t.dtype, tuple(t.shape)) for n, t in told.tensors.items()}
        config = f"{part}/config.json"
        deciding = part in ("transformer", "unet") and config in given.files
        settings = _json(given.hub, given.revision, config) if deciding else {}
        found[part] = component_of(part, tensors, given.index, files=files, config=settings)
    return found


def download(
    given: Offer, folder: Path, progress: Callable[[str, int], None] | None = None
) -> dict[str, File]:
    """Download `given` into `folder`, which is there whole afterwards, or not at all.

    What is under way lies beside it and is gone on with the next time, to the byte. Returns every
    file with its sha256; `progress` hears of each before it is hashed. Raises OutputError when the
    disk refuses, WeightsError when the download breaks off or gives other bytes than promised.
    """
    from huggingface_hub import snapshot_download

    beside = folder.with_name(f"{folder.name}.{given.revision[:12]}{PART}")
    texts = [name for name in given.files if not name.endswith(WEIGHTS)]
    try:
        beside.mkdir(parents=True, exist_ok=True)
        with _hub_errors(given.hub):
            for name, (size, _) in given.files.items():
                if name.endswith(WEIGHTS):
                    _fetch_weights(given, name, size, beside / name)
            snapshot_download(
                given.hub,
                revision=given.revision,
                local_dir=beside,
                allow_patterns=[_literal(name) for name in texts],
                endpoint=_endpoint(),
            )
        files = hash_folder(beside, progress)
        _check(given, files, beside)
        shutil.rmtree(beside / ".cache", ignore_errors=True)
        os.replace(beside, folder)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written ({error.strerror or error})") from error
    for left in folder.parent.glob(f"{glob.escape(folder.name)}.*{PART}"):
        shutil.rmtree(left, ignore_errors=True)  # of other commits, given up
    return files


def _fetch_weights(given: Offer, name: str, size: int, path: Path) -> None:
    """One file of weights, appended to what an earlier run has left of it.

    The hub's client itself begins a file anew in every process (its issue 4228: locks cannot be
    trusted on network disks); the folder is ours alone, and what comes out is hashed.
    """
    from huggingface_hub import hf_hub_url
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils._headers import build_hf_headers

    if path.is_file() and path.stat().st_size == size:
        return
    part = path.with_name(path.name + PART)
    part.parent.mkdir(parents=True, exist_ok=True)
    with part.open("ab") as file:
        if file.tell() > size:
            file.truncate(0)
        url = hf_hub_url(given.hub, name, revision=given.revision, endpoint=_endpoint())
        http_get(
            url,
            file,
            resume_size=file.tell(),
            headers=build_hf_headers(),
            expected_size=size,
            displayed_filename=name,
        )
    os.replace(part, path)


def cached(hub: str, revision: str = "") -> tuple[Path, str]:
    """Where another program downloaded `hub` to (the hub's own cache), and which commit it is.

    Raises InputError when it is not there whole.
    """
    _api()  # says what to install if it is missing
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        path = Path(snapshot_download(hub, revision=revision or None, local_files_only=True))
    except LocalEntryNotFoundError as error:
        remedy = "it is not on this machine, and nothing may be fetched; give a folder"
        raise InputError("name", hub, remedy) from error
    return path, path.name


def _weights(known: Mapping[str, Any], index: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return component_files(name for name in known if _is_part(name, index))


def _one_component(known: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The weights of a repository that is one component: as if it lay in a folder."""
    chosen = component_files(f"part/{name}" for name in known if "/" not in name)
    return {"": tuple(n.removeprefix("part/") for n in chosen["part"])} if chosen else {}


def _is_part(name: str, index: Mapping[str, Any]) -> bool:
    """Whether a file lies in the folder of a component that the pipeline has."""
    parts = PurePosixPath(name).parts
    entry = index.get(parts[0]) if len(parts) > 1 else None
    return isinstance(entry, list) and entry[0] is not None


def _wanted(
    known: Mapping[str, Any], chosen: Mapping[str, tuple[str, ...]], index: Mapping[str, Any]
) -> Iterator[str]:
    """The files that are taken."""
    weights = {name for files in chosen.values() for name in files}
    stems = {name.rsplit("-", 3)[0] for name in weights if "-of-" in name}
    for name in sorted(known):
        file = PurePosixPath(name).name
        if name.endswith(WEIGHTS):
            wanted = name in weights
        elif name.endswith(".index.json") and file != INDEX:
            wanted = name.removesuffix(".safetensors.index.json") in stems
        elif "/" in name:
            wanted = _is_part(name, index) and any(fnmatch(file, text) for text in TEXTS)
        else:
            wanted = any(fnmatch(name, text) for text in (TOP if index else TOP + TEXTS))
        if wanted:
            yield name


def _check(given: Offer, files: Mapping[str, File], where: Path) -> None:
    """Everything is there, as the hub promised it."""
    for name, (size, sha256) in given.files.items():
        file = files.get(name)
        if file is None or file.bytes != size:
            raise WeightsError(f"{given.hub}: {name} is not whole; run it again to go on")
        if sha256 and file.sha256 != sha256:
            (where / name).unlink()
            raise WeightsError(
                f"{given.hub}: {name} arrived altered; run it again to fetch it anew"
            )


def _licence(hub: str, card: Any) -> tuple[str, str]:
    """A licence's name and where it stands, by the repository's card."""
    told = card.to_dict() if card is not None else {}
    name = str(told.get("license_name") or told.get("license") or "not stated")
    link = str(told.get("license_link") or "")
    page = f"https://huggingface.co/{hub}"
    return name, link if link.startswith("https://") else page


def _json(hub: str, revision: str, name: str) -> dict[str, Any]:
    """A small JSON file of a repository."""
    from huggingface_hub import hf_hub_download

    with tempfile.TemporaryDirectory() as folder, _hub_errors(hub):
        path = hf_hub_download(hub, name, revision=revision, local_dir=folder, endpoint=_endpoint())
        return read_json(Path(path))


def _literal(name: str) -> str:
    """`name` as a pattern that matches nothing else."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


def _endpoint() -> str | None:
    """The hub's address where it is not the usual one."""
    return os.environ.get("HF_ENDPOINT") or None


def _api() -> Any:
    try:
        from huggingface_hub import HfApi
    except ImportError as error:
        remedy = "install it with: pip install 'laterna[diffusers]'"
        raise DependencyError(f"huggingface_hub is not installed; {remedy}") from error
    return HfApi(endpoint=_endpoint())


@contextmanager
def _hub_errors(hub: str) -> Iterator[None]:
    """What the hub's client raises, in our words."""
    from huggingface_hub import errors

    try:
        yield
    except errors.GatedRepoError as error:
        page = f"https://huggingface.co/{hub}"
        remedy = f"accept its terms at {page} and set HF_TOKEN to a token of that account"
        raise InputError("name", hub, remedy) from error
    except errors.RevisionNotFoundError as error:
        raise InputError("revision", hub, "the hub has no such revision of it") from error
    except (errors.RepositoryNotFoundError, errors.HFValidationError) as error:
        remedy = "the hub has no such model, or not for you; see: laterna models list"
        raise InputError("name", hub, remedy) from error
    except errors.SafetensorsParsingError as error:
        raise WeightsError(f"{hub}: holds a file that is no safetensors: {error}") from error
    except OSError as error:
        if error.errno is not None and not isinstance(error, ConnectionError):
            raise  # the disk
        raise WeightsError(f"{hub}: cannot be fetched ({_why(error)}); {AGAIN}") from error
    except Exception as error:  # the HTTP client's own, and its cousins'
        if type(error).__module__.partition(".")[0] not in ("httpx", "httpx2", "httpcore"):
            raise
        raise WeightsError(f"{hub}: cannot be fetched ({_why(error)}); {AGAIN}") from error


AGAIN = "check the network and run it again: it goes on where it stopped"


def _why(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
