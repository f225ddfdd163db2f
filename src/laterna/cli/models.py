"""`laterna models`: open-weight models, what they need, and which are on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from laterna.cli.console import note, warn

if TYPE_CHECKING:
    from laterna.engines.adding import Plan
    from laterna.engines.diffusers.preset import Preset
    from laterna.engines.preflight import Machine, Report
    from laterna.shot import Shot

app = typer.Typer(add_completion=False, no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="A name from `laterna models list`.")]
What = Annotated[
    str,
    typer.Argument(metavar="NAME|OWNER/NAME|FOLDER", help="A preset, a hub id, or a folder."),
]
Offline = Annotated[
    bool, typer.Option("--offline", help="Fetch nothing; as HF_HUB_OFFLINE=1 does.")
]
Revision = Annotated[
    str, typer.Option(metavar="COMMIT", help="Commit, branch or tag.  [default: the newest]")
]


@app.callback()
def models() -> None:
    """Open-weight models: what they need, and which are on this machine."""


@app.command("list")
def list_models() -> None:
    """Every model there is a preset for, installed or not, one line each."""
    from laterna.engines.diffusers.presets import PRESETS
    from laterna.engines.installed import installed
    from laterna.engines.preflight import Machine

    machine, there = Machine.here(), installed()
    rows = [("name", "weights", "here", "licence", "what it is")]
    for preset in PRESETS:
        model = there.pop(preset.name, None)
        here = _verdict(preset, machine)
        rows.append(
            (
                preset.name,
                f"{preset.total_bytes / 1e9:.0f} GB",
                f"installed; {here}" if model else here,
                preset.licence,
                preset.title,
            )
        )
    for model in there.values():
        told = model.hub or str(model.path)
        rows.append((model.name, f"{model.bytes / 1e9:.1f} GB", "installed", model.licence, told))
    widths = [max(len(row[n]) for row in rows) for n in range(4)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, [*widths, 0], strict=True))
        print("  ".join(cells).rstrip())


@app.command()
def info(
    what: What,
    seconds: Annotated[
        float | None, typer.Option(help="Length of the shot to judge it by.  [default: 4]")
    ] = None,
    size: Annotated[str, typer.Option(help="Its size, as for `laterna film`.")] = "16:9",
    revision: Revision = "",
    offline: Offline = False,
) -> None:
    """What a model does, and whether it fits this machine, in numbers."""
    from laterna.engines.adding import look
    from laterna.engines.diffusers.presets import preset_named
    from laterna.engines.diffusers.source import resolve
    from laterna.engines.installed import installed
    from laterna.engines.preflight import Machine, preflight_model
    from laterna.errors import InputError

    machine = Machine.here()
    model, preset = installed().get(what), preset_named(what)
    report = None
    if model is not None:
        source = resolve(what)
        preset = source.preset
        shot = _shot(preset, seconds, size)
        report = preflight_model(source.components(), preset, shot, machine)
    elif preset is not None:
        report = preflight_model(None, preset, _shot(preset, seconds, size), machine)
    else:
        plan = look(what, revision=revision, offline=offline, machine=machine)
        preset, report = plan.preset, plan.report
        if preset is None or report is None:
            kind = plan.offers[""].index.get("_class_name")
            raise InputError("name", what, f"no preset films with its pipeline {kind}")
        if seconds is not None or size != "16:9":
            remedy = "they are for models that are installed or have a preset of this name"
            raise InputError("seconds, size", what, remedy)
    _describe(preset, report)
    if model is not None:
        print(f"installed   {model.path}, {len(model.files)} files, {model.bytes / 1e9:.2f} GB")
        if model.revision:
            print(f"revision    {model.revision}")


@app.command()
def add(
    what: What,
    name: Annotated[str, typer.Option(help="What to call it.  [default: its own name]")] = "",
    revision: Revision = "",
    accept_licence: Annotated[
        bool, typer.Option("--accept-licence", help="Accept its licence without being asked.")
    ] = False,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Go on although it does not fit this machine.")
    ] = False,
    offline: Offline = False,
) -> None:
    """Download a model, or remember a folder: its files' hashes and commit are recorded."""
    from laterna.engines.adding import add as add_model
    from laterna.engines.adding import plan_for
    from laterna.engines.installed import models_folder
    from laterna.engines.preflight import Machine

    _hush()
    machine = Machine.here(models_folder())
    plan = plan_for(what, name=name, revision=revision, offline=offline, machine=machine)
    for line in plan.notes:
        note(line)
    _judge(plan, machine, anyway)
    _agree(plan, accept_licence)
    model = add_model(plan, lambda file, size: None)
    print(f"{model.name}: {len(model.files)} files, {model.bytes / 1e9:.2f} GB, {model.path}")
    if plan.preset is not None:
        print(f'film with it: laterna film "..." --engine diffusers:{model.name}')


@app.command()
def remove(name: Name) -> None:
    """Delete what was downloaded for a model; a folder that was only remembered stays."""
    from laterna.engines.installed import HUB
    from laterna.engines.installed import remove as remove_model

    model = remove_model(name)
    gone = f"{model.bytes / 1e9:.2f} GB are free again" if model.source == HUB else "its files stay"
    print(f"{name}: removed; {gone}")


@app.command()
def verify(name: Name) -> None:
    """Hash a model's files again, and name those that are not as they were added."""
    from laterna.engines.installed import known
    from laterna.engines.installed import verify as verify_model
    from laterna.errors import WeightsError

    model = known(name)
    wrong = verify_model(model)
    for line in wrong:
        print(line)
    if wrong:
        remedy = f"laterna models remove {name}, then add it again"
        raise WeightsError(f"{name}: {len(wrong)} of {len(model.files)} files differ; {remedy}")
    print(f"{name}: all {len(model.files)} files are as they were added")


def _verdict(preset: Preset, machine: Machine) -> str:
    from laterna.engines.adding import usual_shot
    from laterna.engines.preflight import preflight_model

    return preflight_model(None, preset, usual_shot(preset), machine).verdict


def _shot(preset: Preset, seconds: float | None, size: str) -> Shot:
    from dataclasses import replace

    from laterna.engines.adding import usual_shot

    shot = replace(usual_shot(preset), size=size)
    return shot if seconds is None else replace(shot, seconds=seconds, frames=None)


def _describe(preset: Preset, report: Report) -> None:
    """What a preset is, and the account of its preflight."""
    print(f"{preset.name}: {preset.title}")
    print(f"hub         {', '.join((preset.hub, *preset.parts.values()))}")
    print(f"licence     {preset.licence}, {preset.licence_url}")
    print(f"honours     {', '.join(sorted(preset.fields - {'extra'}))}")
    sizes = ", ".join(f"{w}x{h}" for w, h in preset.size.sizes)
    print(f"films       {preset.fps:g} frames a second, {sizes}, at most {preset.max_seconds:g} s")
    for line in report.lines():
        print(line)


def _judge(plan: Plan, machine: Machine, anyway: bool) -> None:
    """Say whether it fits, and stop where it does not and nobody said `--anyway`."""
    from laterna.engines.preflight import gib
    from laterna.errors import EngineError

    trouble = ""
    if plan.report is None:
        trouble = f"{plan.name}: no preset films with it, so laterna could not use it"
    elif not plan.report.fits:
        trouble = plan.report.reason
    if plan.lacks_disk(machine):
        trouble = f"{plan.name} takes {gib(plan.bytes)} of disk, {gib(machine.disk)} are free"
    if plan.report is not None:
        for line in plan.report.lines():
            note(line)
    if trouble and not anyway:
        raise EngineError(f"{trouble}; --anyway goes on all the same")
    if trouble:
        warn(trouble)


def _hush() -> None:
    """The hub's client says nothing of its own, and has bars only where somebody looks."""
    import sys
    from importlib.util import find_spec

    if find_spec("huggingface_hub") is not None:
        import logging

        from huggingface_hub.utils.tqdm import disable_progress_bars

        logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
        if not sys.stderr.isatty():
            disable_progress_bars()


def _agree(plan: Plan, accepted: bool) -> None:
    """Show the licence, and ask once."""
    import sys

    from laterna.errors import InputError

    told = f"{plan.licence}, {plan.licence_url}"
    note(f"licence of {plan.name}: {told}")
    if plan.offers:
        note(f"{plan.hub} at {plan.revision[:12]}, {plan.bytes / 1e9:.2f} GB to fetch")
    if accepted:
        return
    if not sys.stdin.isatty():
        remedy = "read it, then say --accept-licence"
        raise InputError("licence", told, remedy)
    if not typer.confirm("Accept it?", err=True):
        raise InputError("licence", told, "without it the model cannot be used")
