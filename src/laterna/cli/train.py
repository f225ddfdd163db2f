"""`laterna train`: render footage, train the networks, look how far a run is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from laterna.training.machine import settle

app = typer.Typer(help="Render training footage and train the native model.", no_args_is_help=True)

Run = Annotated[Path, typer.Option(help="Folder of the run; an existing one is gone on with.")]
Data = Annotated[Path, typer.Option(help="Folder of the footage.")]
Minutes = Annotated[float | None, typer.Option(help="Training time over all legs.")]
Steps = Annotated[int | None, typer.Option(help="Instead of minutes: an exact number of steps.")]
Leg = Annotated[float | None, typer.Option(help="Stop this leg after so many minutes.")]
Threads = Annotated[int, typer.Option(help="Processor threads; more than one want free cores.")]


@app.command()
def footage(
    data: Data,
    clips: Annotated[int, typer.Option(help="Number of clips the folder shall hold.")],
    seed: Annotated[int, typer.Option(help="Seed of the first clip.")] = 0,
    mixture: Annotated[str, typer.Option(help="core, everything or blend.")] = "core",
    validation: Annotated[int, typer.Option(help="Clips of held-out footage.")] = 96,
    frames: Annotated[int, typer.Option(help="Frames per clip, at 8 a second.")] = 32,
) -> None:
    """Render clips of the world into DATA; goes on where an earlier call stopped."""
    from laterna.training.footage import (
        EVALUATION_SEED,
        VALIDATION_SEED,
        check_seeds,
        render_footage,
        render_world,
    )

    settle()
    check_seeds(seed, clips, 0, VALIDATION_SEED)
    check_seeds(VALIDATION_SEED, validation, VALIDATION_SEED, EVALUATION_SEED)
    render = render_world(frames, (256, 160), 8.0)

    def tell(done: int, total: int) -> None:
        if done % 50 == 0 or done == total:
            typer.echo(f"{done}/{total} clips")

    render_footage(data / "validation", validation, VALIDATION_SEED, mixture, render, tell)
    render_footage(data, clips, seed, mixture, render, tell)


@app.command()
def codec(
    run: Run,
    data: Data,
    minutes: Minutes = None,
    steps: Steps = None,
    leg_minutes: Leg = None,
    seed: Annotated[int, typer.Option(help="Seed of the weights and batches.")] = 0,
    rate: Annotated[float, typer.Option(help="Learning rate.")] = 2e-3,
    batch: Annotated[int, typer.Option(help="Pieces per step.")] = 8,
    side: Annotated[int, typer.Option(help="Side of a piece in pixels.")] = 128,
    threads: Threads = 1,
) -> None:
    """Train the codec; stop it at any moment, call it again to go on."""
    settle()
    from laterna.model.networks.codec import Codec
    from laterna.training import leg
    from laterna.training.codec import CodecStage
    from laterna.training.footage import Crops
    from laterna.training.machine import prepare_torch

    prepare_torch(threads)
    plan = leg.Plan(steps, minutes, leg_minutes, rate=rate, seed=seed)
    stage = CodecStage(data, seed, run, Crops(count=batch, side=side))
    leg.run(stage, Codec(), plan, run, lambda line: typer.echo(line.text()))


@app.command()
def status(run: Run) -> None:
    """Print the last line of progress of RUN, and its last validation."""
    from laterna.training import progress

    lines = progress.read(run)
    judged = [line for line in lines if line.validation]
    if judged and judged[-1] is not lines[-1]:
        typer.echo(judged[-1].text())
    typer.echo(lines[-1].text())
