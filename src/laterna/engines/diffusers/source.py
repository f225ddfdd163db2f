"""What a target names: a folder, one file of weights, or a model that was added.

Everything here is read from names, model_index.json and headers; nothing is loaded and nothing is
downloaded. What could run code when it is loaded is refused here: pickles, pipelines of a
repository's own, and components of packages other than diffusers and transformers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from laterna.engines import installed
from laterna.engines.diffusers.preset import Preset
from laterna.engines.diffusers.presets import PRESETS, preset_named
from laterna.engines.preflight.weights import (
    INDEX,
    PICKLES,
    Component,
    Tensor,
    component_of,
    read_folder,
    read_header,
    read_json,
)
from laterna.errors import InputError, WeightsError

__all__ = ["Source", "resolve"]

# A pipeline may have classes of its own beside it in diffusers; these are the ones ours have.
LIBRARIES = frozenset(
    {"diffusers", "transformers", "ltx2", "stable_diffusion", "stable_diffusion_xl"}
)

# How a checkpoint that holds a whole pipeline names the tensors of its components.
WHOLE = {
    "first_stage_model.": "vae",
    "cond_stage_model.": "text_encoder",
    "conditioner.": "text_encoder",
}


@dataclass(frozen=True, slots=True)
class Source:
    """Weights and the preset they are filmed with.

    folder   the pipeline's folder, with model_index.json
    file     one safetensors file that takes the place of a component of it, or of all of them
    weights  sha256 over the recorded hashes of a model that was added, in hex; else empty
    """

    preset: Preset
    folder: Path
    file: Path | None = None
    weights: str = ""

    @property
    def replaced(self) -> str:
        """The component that `file` takes the place of; "" for all of them, as in a checkpoint of
        Stable Diffusion, and where there is no file."""
        if self.file is None or set(_parts(read_header(self.file))) & {"vae", "text_encoder"}:
            return ""
        return "transformer" if (self.folder / "transformer").is_dir() else "unet"

    def components(self) -> dict[str, Component]:
        """Every component as it is loaded, by the headers of its weights.

        Raises what `weights.read_folder` raises.
        """
        if self.file is None:
            return read_folder(self.folder)
        tensors, part = read_header(self.file), self.replaced
        index = read_json(self.folder / INDEX)
        if not part:
            return {n: component_of(n, held, index) for n, held in _parts(tensors).items()}
        config = self.folder / part / "config.json"
        told = read_json(config) if config.exists() else {}
        files = (self.file.name,)
        ours = component_of(part, tensors, index, files=files, config=told)
        return read_folder(self.folder, besides=part) | {part: ours}


def _parts(tensors: Mapping[str, Tensor]) -> dict[str, dict[str, Tensor]]:
    """The tensors of a checkpoint by component; what is of none known is the network's."""
    parts: dict[str, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        part = next((WHOLE[start] for start in WHOLE if name.startswith(start)), "unet")
        parts.setdefault(part, {})[name] = tensor
    return parts


def resolve(target: str) -> Source:
    """The source that `target` names: NAME, FOLDER, FILE or ORG/NAME, with #PRESET if need be.

    For a file, what stands behind # may also be the folder of the same model that the other
    components come from. Raises InputError for what is not there or not known, WeightsError for
    what is damaged or not safe to load.
    """
    name, _, hint = target.partition("#")
    path = Path(name).expanduser()
    if path.is_file():
        return _file(path, hint)
    if path.is_dir():
        return Source(_preset(path, hint), path)
    return _added(name, hint)


def _added(name: str, hint: str) -> Source:
    """A model that was added, by its own name, its preset's or its id on the hub."""
    for record in installed.installed().values():
        if name in (record.name, record.hub):
            path = installed.find(record.name)
            assert path is not None
            told = sorted((file, entry.sha256) for file, entry in record.files.items())
            weights = hashlib.sha256(repr(told).encode()).hexdigest()
            known = preset_named(record.preset)
            if path.is_file():
                return replace(_file(path, hint or record.base), weights=weights)
            fitting = _preset(path, hint)
            return Source(known if known and not hint else fitting, path, weights=weights)
    preset = preset_named(name) or _of_hub(name)
    if preset is not None:
        remedy = f"it is not on this machine yet; add it with: laterna models add {preset.name}"
        raise InputError("engine", f"diffusers:{name}", remedy)
    remedy = "give a model's folder, a .safetensors file, or a name from: laterna models list"
    raise InputError("engine", f"diffusers:{name}", remedy)


def _of_hub(hub: str) -> Preset | None:
    return next((preset for preset in PRESETS if hub and preset.hub == hub), None)


def _file(path: Path, hint: str) -> Source:
    if path.suffix.lower() in PICKLES:
        remedy = "laterna loads safetensors only; get the model in that format"
        raise WeightsError(f"{path}: {path.suffix} files can run code when loaded; {remedy}")
    if path.suffix.lower() != ".safetensors":
        raise InputError("engine", f"diffusers:{path}", "give a .safetensors file or a folder")
    read_header(path)
    base = Path(hint).expanduser()
    if hint and base.is_dir():
        return Source(_preset(base, ""), base, path)
    named = _named(hint) if hint else None
    if named is None:
        remedy = f"say which model it is of: diffusers:{path.name}#PRESET, or #FOLDER of that model"
        raise InputError("engine", f"diffusers:{path}", remedy)
    folder = installed.find(named.name)
    if folder is None or not folder.is_dir():
        remedy = (
            f"its other components come from {named.name}; laterna models add {named.name}, "
            "or name that model's folder behind the #"
        )
        raise InputError("engine", f"diffusers:{path}#{hint}", remedy)
    return Source(named, folder, path)


def _named(name: str) -> Preset:
    preset = preset_named(name)
    if preset is None:
        names = ", ".join(preset.name for preset in PRESETS)
        raise InputError("engine", name, f"there is no preset of this name; there are: {names}")
    return preset


def _preset(folder: Path, hint: str) -> Preset:
    """The preset for a folder: the one named, else the one that its index and configuration fit."""
    if not (folder / INDEX).is_file():
        remedy = f"it has no {INDEX}; give the folder of a whole pipeline"
        raise InputError("engine", f"diffusers:{folder}", remedy)
    index = read_json(folder / INDEX)
    _check_index(index, folder)
    kind = str(index.get("_class_name"))
    known = [preset for preset in PRESETS if kind in preset.pipelines]
    if hint:
        named = _named(hint)
        if named not in known:
            remedy = f"the folder holds a {kind}, which {hint} does not film with"
            raise InputError("engine", f"diffusers:{folder}#{hint}", remedy)
        return named
    if not known:
        families = ", ".join(dict.fromkeys(preset.family for preset in PRESETS))
        remedy = f"no preset films with {kind}; there are presets for {families}"
        raise InputError("engine", f"diffusers:{folder}", remedy)
    facts = _facts(index, folder)
    return max(known, key=lambda preset: _likeness(preset.marks, facts))


def _facts(index: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """What marks are about: entries of the index, and of the big network's configuration."""
    facts: dict[str, Any] = {
        name: value[1] is not None if isinstance(value, list) else value
        for name, value in index.items()
    }
    for part in ("transformer", "unet"):
        if (folder / part / "config.json").is_file():
            told = read_json(folder / part / "config.json")
            facts |= {f"{part}.{name}": value for name, value in told.items()}
    return facts


def _likeness(marks: Mapping[str, object], facts: Mapping[str, Any]) -> int:
    """How well `facts` bear `marks`; what the index says counts more than a configuration."""
    score = 0
    for name, wanted in marks.items():
        weight = 1 if "." in name else 10
        score += weight if facts.get(name) == wanted else -weight
    return score


def _check_index(index: Mapping[str, Any], folder: Path) -> None:
    """Raise WeightsError where loading would run code that came with the weights."""
    if not isinstance(index.get("_class_name"), str):
        raise WeightsError(f"{folder}: it is a pipeline with code of its own, which is not run")
    for name, entry in index.items():
        of = entry[0] if isinstance(entry, list) and entry else None
        if of is not None and of not in LIBRARIES:
            remedy = "only diffusers' and transformers' own classes are loaded"
            raise WeightsError(f"{folder}: {name} is a class of {of!r}; {remedy}")
    for path in folder.rglob("*"):
        if path.suffix.lower() in PICKLES and not list(path.parent.glob("*.safetensors")):
            remedy = "laterna loads safetensors only; get the model in that format"
            told = path.relative_to(folder)
            raise WeightsError(f"{folder}: {told} can run code when loaded; {remedy}")
