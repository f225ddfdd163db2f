"""`laterna train`: render footage, train the networks, look how far a run is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from laterna.training.machine import settle

if TYPE_CHECKING:
    from laterna.training.orders import Order

app = typer.Typer(help="Render training footage and train the native model.", no_args_is_help=True)

Run = Annotated[Path, typer.Option(help="Folder of the run; an existing one is gone on with.")]
Data = Annotated[Path, typer.Option(help="Folder of the footage.")]
Minutes = Annotated[float | None, typer.Option(help="Training time over all legs.")]
Steps = Annotated[int | None, typer.Option(help="Instead of minutes: an exact number of steps.")]
Leg = Annotated[float | None, typer.Option(help="Stop this leg after so many minutes.")]
Seed = Annotated[int, typer.Option(help="Seed of the weights and batches.")]
Rate = Annotated[float, typer.Option(help="Learning rate.")]
Codec = Annotated[Path, typer.Option(help="The codec's file, as `train balance` leaves it.")]
Width = Annotated[int, typer.Option(help="Width of the transformer, a multiple of 64.")]
Layers = Annotated[int, typer.Option(help="Layers of the transformer.")]
Start = Annotated[Path | None, typer.Option(help="Checkpoint to take averaged weights from.")]
Threads = Annotated[int, typer.Option(help="Processor threads; more than one want free cores.")]
Ray = Annotated[str | None, typer.Option(help="Train on a Ray cluster: HOST:PORT, auto or local.")]
Workers = Annotated[int, typer.Option(min=1, help="With --ray: processes that share each step.")]
Shard = Annotated[bool, typer.Option(help="With --ray: spread the weights over the workers.")]


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

    render_footage(data / "validation", validation, VALIDATION_SEED, mixture, render, _tell)
    render_footage(data, clips, seed, mixture, render, _tell)


@app.command()
def codec(
    run: Run,
    data: Data,
    minutes: Minutes = None,
    steps: Steps = None,
    leg_minutes: Leg = None,
    seed: Seed = 0,
    rate: Rate = 2e-3,
    batch: Annotated[int, typer.Option(help="Pieces per step.")] = 8,
    side: Annotated[int, typer.Option(help="Side of a piece in pixels.")] = 128,
    threads: Threads = 1,
    ray: Ray = None,
    workers: Workers = 1,
) -> None:
    """Train the codec; stop it at any moment, call it again to go on."""
    settle()
    from laterna.training.footage import Crops
    from laterna.training.leg import Plan
    from laterna.training.orders import CodecOrder

    plan = Plan(steps, minutes, leg_minutes, rate=rate, seed=seed)
    crops = Crops(count=batch, side=side)
    order = CodecOrder(run.absolute(), data.absolute(), plan, crops)
    _train(order, threads, ray, workers)


@app.command()
def sharpen(
    run: Run,
    data: Data,
    codec: Codec,
    minutes: Minutes = None,
    steps: Steps = None,
    leg_minutes: Leg = None,
    seed: Seed = 0,
    rate: Rate = 5e-4,
    batch: Annotated[int, typer.Option(help="Pieces per step.")] = 4,
    side: Annotated[int, typer.Option(help="Side of a piece in pixels.")] = 128,
    frames: Annotated[int, typer.Option(help="Frames of a piece.")] = 16,
    retakes: Annotated[bool, typer.Option(help="Half of the pieces are retakes.")] = False,
    threads: Threads = 1,
    ray: Ray = None,
    workers: Workers = 1,
) -> None:
    """Train the decoder of a finished codec alone, for edges; its latents stay."""
    settle()
    from laterna.training.footage import Crops
    from laterna.training.leg import Plan
    from laterna.training.orders import CodecOrder
    from laterna.training.sharpen import AVERAGE

    plan = Plan(steps, minutes, leg_minutes, rate=rate, average=AVERAGE, seed=seed)
    crops = Crops(count=batch, frames=frames, side=side)
    order = CodecOrder(run.absolute(), data.absolute(), plan, crops, codec.absolute(), retakes)
    _train(order, threads, ray, workers)


@app.command()
def balance(run: Run, data: Data) -> None:
    """Give the latents of a codec run their basis and write RUN/codec.safetensors, ready to
    encode.
    """
    settle()
    from laterna.training.codec import finish
    from laterna.training.footage import Footage
    from laterna.training.machine import prepare_torch

    prepare_torch()
    typer.echo(str(finish(run, Footage(data))))


@app.command()
def encode(
    data: Data,
    codec: Codec,
    clips: Annotated[int, typer.Option(help="Encode the first so many clips.")] = 1_000_000,
    threads: Threads = 1,
) -> None:
    """Encode footage into latents, beside it; goes on where an earlier call stopped."""
    settle()
    from laterna.training.latents import codec_name, encode_footage, latents_folder, load_codec
    from laterna.training.machine import prepare_torch

    prepare_torch(threads)
    network, name = load_codec(codec), codec_name(codec)
    for folder in (data / "validation", data):
        encode_footage(folder, network, name, latents_folder(folder, codec), clips, _tell)


@app.command()
def captions(
    data: Data,
    clips: Annotated[int, typer.Option(help="Word the first so many clips.")] = 1_000_000,
) -> None:
    """Word and encode the captions of footage, beside it; goes on where an earlier call stopped."""
    settle()
    from laterna.model.text import TextEncoder
    from laterna.training.latents import encode_captions, text_folder

    encoder = TextEncoder.load(threads=1)
    for folder in (data / "validation", data):
        encode_captions(folder, encoder, text_folder(folder), clips, _tell)


@app.command()
def retakes(
    data: Data,
    codec: Codec,
    network: Annotated[Path, typer.Option(help="Checkpoint of a clips run.")],
    clips: Annotated[int, typer.Option(help="Number of retakes the folder shall hold.")] = 400,
    threads: Threads = 1,
) -> None:
    """Have a trained transformer film footage anew, for `sharpen --retakes`."""
    settle()
    from laterna.training import checkpoint
    from laterna.training.latents import Library, latents_folder, text_folder
    from laterna.training.machine import prepare_torch
    from laterna.training.orders import GRID
    from laterna.training.retakes import make_retakes, retakes_folder

    prepare_torch(threads)
    library = Library(latents_folder(data, codec), text_folder(data))
    transformer, _ = checkpoint.load_transformer(network)
    make_retakes(library, transformer, retakes_folder(data, codec), GRID, clips, _tell)


@app.command()
def stills(
    run: Run,
    data: Data,
    codec: Codec,
    minutes: Minutes = None,
    steps: Steps = None,
    leg_minutes: Leg = None,
    seed: Seed = 0,
    rate: Rate = 2e-3,
    batch: Annotated[int, typer.Option(help="Stills per step.")] = 128,
    width: Width = 256,
    layers: Layers = 14,
    start: Start = None,
    threads: Threads = 1,
    ray: Ray = None,
    workers: Workers = 1,
    shard: Shard = False,
) -> None:
    """Train the transformer on single latent frames."""
    settle()
    from laterna.model.networks.transformer import Size
    from laterna.training.flow import Diet
    from laterna.training.leg import Plan
    from laterna.training.orders import FlowOrder

    plan = Plan(steps, minutes, leg_minutes, rate=rate, seed=seed)
    order = FlowOrder(
        "stills", run.absolute(), data.absolute(), codec.absolute(), plan, Diet(batch, 1, 64),
        Size(width, layers), start and start.absolute(),
    )  # fmt: skip
    _train(order, threads, ray, workers, shard)


@app.command()
def clips(
    run: Run,
    data: Data,
    codec: Codec,
    minutes: Minutes = None,
    steps: Steps = None,
    leg_minutes: Leg = None,
    seed: Seed = 0,
    rate: Rate = 1e-3,
    batch: Annotated[int, typer.Option(help="Windows per step.")] = 16,
    frames: Annotated[int, typer.Option(help="Latent frames of a window.")] = 8,
    width: Width = 256,
    layers: Layers = 14,
    start: Start = None,
    threads: Threads = 1,
    ray: Ray = None,
    workers: Workers = 1,
    shard: Shard = False,
) -> None:
    """Train the transformer on windows of film, over the whole table of noise patterns."""
    settle()
    from laterna.model.networks.transformer import Size
    from laterna.training.flow import Diet
    from laterna.training.leg import Plan
    from laterna.training.orders import FlowOrder

    plan = Plan(steps, minutes, leg_minutes, rate=rate, seed=seed)
    order = FlowOrder(
        "clips", run.absolute(), data.absolute(), codec.absolute(), plan, Diet(batch, frames, 8),
        Size(width, layers), start and start.absolute(),
    )  # fmt: skip
    _train(order, threads, ray, workers, shard)


def _train(order: Order, threads: int, ray: str | None, workers: int, shard: bool = False) -> None:
    """One leg, in this process or on a cluster; when it was the last, what the order leaves."""
    from laterna.errors import InputError
    from laterna.training import leg, progress
    from laterna.training.machine import prepare_torch

    def tell(line: progress.Line) -> None:
        typer.echo(line.text())

    if ray is not None:
        from laterna.training.cluster_leg import train

        record = train(order, ray, workers, shard, threads, tell)
    elif workers > 1 or shard:
        raise InputError("workers", workers, "say with --ray on which cluster, local being one")
    else:
        prepare_torch(threads)
        record = leg.run(*order.build(), order.plan, order.run, tell)
    if record["step"] == record["total"]:
        left = order.finish()
        if left is not None:
            typer.echo(str(left))


def _tell(done: int, total: int) -> None:
    if done % 50 == 0 or done == total:
        typer.echo(f"{done}/{total} clips")


@app.command()
def status(run: Run) -> None:
    """Print the last line of progress of RUN, and its last validation."""
    from laterna.training import progress

    lines = progress.read(run)
    judged = [line for line in lines if line.validation]
    if judged and judged[-1] is not lines[-1]:
        typer.echo(judged[-1].text())
    typer.echo(lines[-1].text())


@app.command()
def export(
    run: Annotated[Path, typer.Option(help="Folder of a flow run.")],
    codec: Codec,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write to, if not where the shipped weights lie.")
    ] = None,
    sampling: Annotated[int, typer.Option("--steps", help="Steps a shot takes by default.")] = 12,
    guidance: Annotated[float, typer.Option(help="Scale by default; 1 once it is baked in.")] = 3.0,
    eta: Annotated[
        float,
        typer.Option(min=0, max=1, help="Share of the noise that is put in anew at each step."),
    ] = 0.7,
) -> None:
    """Export a run as the weights that `laterna film` films with."""
    settle()
    from laterna.model.schedule import Pace
    from laterna.model.take import Manner
    from laterna.training.export import export_run
    from laterna.training.machine import prepare_torch

    prepare_torch()
    manner = Manner(Pace(steps=sampling), eta=eta, guidance=guidance)
    typer.echo(str(export_run(run, codec, out, manner)))


@app.command()
def mean(
    files: Annotated[list[Path], typer.Argument(help="Checkpoints that come from one another.")],
    out: Annotated[Path, typer.Option(help="File to write.")],
    share: Annotated[
        list[float], typer.Option(help="How much a file counts; one for each, in their order.")
    ],
) -> None:
    """Write the mean of the averaged weights of checkpoints."""
    settle()
    from laterna.training.mean import mean as mean_of

    mean_of(files, share, out)
    typer.echo(str(out))


@app.command()
def unpack(
    out: Annotated[Path, typer.Option(help="Folder to write codec and transformer to.")],
    weights: Annotated[
        Path | None, typer.Option(help="Folder of exported weights, if not those that ship.")
    ] = None,
) -> None:
    """Turn weights that film back into checkpoints, for training to go on from."""
    settle()
    from laterna.model.weights import Weights
    from laterna.training.unpack import unpack as unpack_weights

    for path in unpack_weights(Weights.open(weights), out):
        typer.echo(str(path))
