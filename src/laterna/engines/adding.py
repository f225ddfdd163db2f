"""Adding a model: look at what is offered, judge it, and only then fetch or link it.

    plan = plan_for("wan-2.1-t2v-1.3b")      # asks the hub for names, licence and headers
    plan.report.lines()                      # fits, or not
    add(plan)                                # downloads, hashes, records

A preset of several repositories (an adapter for motion on a model for stills) becomes one ordinary
pipeline folder: the further components go into it, and its index names them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from laterna.engines import fetch
from laterna.engines.diffusers.preset import Preset
from laterna.engines.diffusers.presets import PRESETS, preset_named
from laterna.engines.diffusers.source import resolve
from laterna.engines.installed import (
    FOLDER,
    HUB,
    File,
    Installed,
    hash_file,
    hash_folder,
    installed,
    models_folder,
    record,
    slug,
)
from laterna.engines.preflight import Machine, Report, preflight_model
from laterna.engines.preflight.weights import INDEX, Component, read_json
from laterna.errors import InputError, OutputError
from laterna.shot import Shot

__all__ = ["Plan", "add", "look", "plan_for", "usual_shot"]

SCHEDULER = "scheduler/scheduler_config.json"
Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """A model that could be added.

    path      the folder or file that stays where it is; None for a download
    offers    what is downloaded, by the component it is ("" for the pipeline itself)
    report    whether it fits; None for a model that no preset films with
    notes     what a user may want to know
    base      of a single file: the preset or the folder that the other components come from
    """

    name: str
    preset: Preset | None
    path: Path | None
    licence: str
    licence_url: str
    report: Report | None
    hub: str = ""
    revision: str = ""
    offers: Mapping[str, fetch.Offer] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    base: str = ""

    @property
    def bytes(self) -> int:
        """To be downloaded."""
        return sum(offer.bytes for offer in self.offers.values())

    def lacks_disk(self, machine: Machine) -> bool:
        """Whether the disk has no room for it."""
        return machine.disk is not None and self.bytes > machine.disk


def usual_shot(preset: Preset) -> Shot:
    """The shot that a model is judged by where none is given: four seconds, or what it films."""
    if preset.frames.longest == 1:
        return Shot("a still", frames=1)
    return Shot("a shot", seconds=min(4.0, preset.max_seconds))


def plan_for(
    what: str,
    *,
    name: str = "",
    revision: str = "",
    offline: bool = False,
    machine: Machine | None = None,
) -> Plan:
    """What adding `what` would bring, as `look` finds it, under a name that is free.

    `name` is what it will be called (default: its preset's name, or its own). Raises InputError for
    a name that is taken, and what `look` raises.
    """
    plan = look(what, revision=revision, offline=offline, machine=machine)
    called = slug(name or plan.name)
    if called in installed():
        remedy = f"it was added already; first: laterna models remove {called}"
        raise InputError("name", called, remedy)
    return replace(plan, name=called)


def look(
    what: str, *, revision: str = "", offline: bool = False, machine: Machine | None = None
) -> Plan:
    """Look at `what`: a preset's name, OWNER/NAME on the hub, a folder or a .safetensors file.

    Nothing is kept on disk. Raises InputError for what is not there, WeightsError for pickles, for
    what is not whole and for what cannot be fetched.
    """
    machine = machine or Machine.here(models_folder())
    path = Path(what.partition("#")[0]).expanduser()
    preset = preset_named(what)
    if preset is None and path.exists():
        return _local(what, path.absolute(), machine)
    preset = preset or next((p for p in PRESETS if p.hub == what and not p.parts), None)
    if preset is None and what.count("/") != 1:
        remedy = "give a name from `laterna models list`, OWNER/NAME on the hub, or a folder"
        raise InputError("name", what, remedy)
    return _hub(preset.hub if preset else what, revision, preset, offline, machine)


def add(plan: Plan, progress: Progress | None = None) -> Installed:
    """Download or link the model and record it. Raises what `fetch.download` raises."""
    accepted = datetime.now(UTC).isoformat(timespec="seconds")
    if plan.path is not None:
        path, source = plan.path, FOLDER
        files = hash_folder(path, progress)
    else:
        path, source = models_folder() / plan.name, HUB
        files = _download(plan, path, progress)
    model = Installed(
        plan.name, source, path, files, plan.preset.name if plan.preset else "",
        plan.hub, plan.revision, plan.licence, plan.licence_url, accepted, plan.base,
    )  # fmt: skip
    record(model)
    return model


def _local(what: str, path: Path, machine: Machine) -> Plan:
    source = resolve(what)
    preset = source.preset
    report = preflight_model(source.components(), preset, usual_shot(preset), machine)
    note = f"{path} stays where it is; laterna remembers it and never deletes it"
    name, base = path.name, ""
    if path.is_file():
        name, hint = path.stem, what.partition("#")[2]
        folder = Path(hint).expanduser()
        base = str(folder.absolute()) if folder.is_dir() else hint
    return Plan(
        name, preset, path, preset.licence, preset.licence_url, report, base=base, notes=(note,)
    )


def _hub(hub: str, revision: str, preset: Preset | None, offline: bool, machine: Machine) -> Plan:
    revision = revision or (preset.revision if preset else "")
    if fetch.is_offline(offline):
        if preset is not None and preset.parts:
            remedy = "it is put together from several repositories, which takes the network; or "
            remedy += "give the folder of a whole pipeline"
            raise InputError("name", preset.name, remedy)
        path, commit = fetch.cached(hub, revision)
        # By its preset's name: a folder alone does not tell variants apart that differ in weights.
        plan = _local(f"{path}#{preset.name}" if preset else str(path), path, machine)
        name = preset.name if preset else hub.partition("/")[2]
        return replace(plan, name=name, hub=hub, revision=commit)
    offer = fetch.offer(hub, revision)
    offers = {"": offer}
    components: dict[str, Component] = fetch.headers(offer)
    for part, its in (preset.parts if preset else {}).items():
        offers[part] = fetch.offer(its, pipeline=False)
        (components[part],) = fetch.headers(offers[part]).values()
    report = None
    if preset is None:
        preset = _alike(offer)
    if preset is not None:
        report = preflight_model(components, preset, usual_shot(preset), machine)
    ours = preset is not None and preset.hub == hub
    return Plan(
        preset.name if ours and preset else hub.partition("/")[2],
        preset,
        None,
        preset.licence if ours and preset else offer.licence,
        preset.licence_url if ours and preset else offer.licence_url,
        report,
        hub,
        offer.revision,
        offers,
        tuple(f"{name} is left there: it can run code when it is loaded" for name in offer.left),
    )


def _alike(offer: fetch.Offer) -> Preset | None:
    """The first preset that films with the pipeline class of an unknown repository."""
    kind = offer.index.get("_class_name")
    return next((preset for preset in PRESETS if kind in preset.pipelines), None)


def _download(plan: Plan, path: Path, progress: Progress | None) -> dict[str, File]:
    """The pipeline's folder, further components inside it."""
    if len(plan.offers) == 1:
        return fetch.download(plan.offers[""], path, progress)
    whole = path.with_name(path.name + ".whole")
    files = fetch.download(plan.offers[""], whole, progress)
    try:
        for part, offer in plan.offers.items():
            if part:
                inside = fetch.download(offer, whole / part, progress)
                files |= {f"{part}/{name}": file for name, file in inside.items()}
        files |= _index_with_parts(plan, whole)
        os.replace(whole, path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror})") from error
    return files


def _index_with_parts(plan: Plan, folder: Path) -> dict[str, File]:
    """Have the pipeline's index name the further components, the class that takes them, and the
    scheduler that is theirs; the files this wrote."""
    assert plan.preset is not None
    index = read_json(folder / INDEX)
    for part in plan.preset.parts:
        kind = read_json(folder / part / "config.json").get("_class_name")
        index[part] = ["diffusers", kind]
    index["_class_name"] = plan.preset.pipelines[0]
    written = {INDEX: index}
    if plan.preset.scheduler:
        told = read_json(folder / SCHEDULER) | dict(plan.preset.scheduler)
        written[SCHEDULER] = told
        index["scheduler"] = ["diffusers", told["_class_name"]]
    for name, data in written.items():
        (folder / name).write_text(json.dumps(data, indent=2) + "\n", "utf-8")
    return {n: File(hash_file(folder / n), (folder / n).stat().st_size) for n in written}
