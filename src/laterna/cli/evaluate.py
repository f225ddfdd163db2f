"""`laterna evaluate`: how well an engine films what captions say, measured from outside."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from laterna.errors import InputError

if TYPE_CHECKING:
    from laterna.engines.protocol import Engine
    from laterna.evaluation.codec import RoundTrip

app = typer.Typer(add_completion=False)

GROUP = "The probe, when it has to be trained"


@app.command()
def evaluate(
    n: Annotated[int, typer.Option("--n", help="Held-out captions to film, at most 1024.")] = 512,
    engine: Annotated[str | None, typer.Option(metavar="NAME", help="Who films.")] = None,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder for report.json and sheet.png.")
    ] = Path("evaluation"),
    weights: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Other weights for the native engine.")
    ] = None,
    codec: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Judge this codec of a training alone.")
    ] = None,
    steps: Annotated[int | None, typer.Option(help="Denoising steps, if not the usual.")] = None,
    probe: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A probe that is trained already.")
    ] = None,
    threads: Annotated[int | None, typer.Option(help="Processor threads.")] = None,
    probe_clips: Annotated[int, typer.Option(help="Clips to train on.", rich_help_panel=GROUP)] = (
        2400
    ),
    probe_steps: Annotated[int, typer.Option(help="Training steps.", rich_help_panel=GROUP)] = 2500,
    move_clips: Annotated[
        int, typer.Option(help="Clips to fit camera moves on.", rich_help_panel=GROUP)
    ] = 450,
) -> None:
    """Measure an engine from outside: does it film what captions say, how does it compare with
    real footage, how much do takes differ. Goes on where an earlier call with this DIR stopped.
    """
    if codec is not None and (engine is not None or weights is not None):
        raise InputError("codec", str(codec), "it is judged alone, without an engine or weights")
    if weights is not None and engine not in (None, "native"):
        raise InputError("weights", str(weights), "only the native engine takes weights")
    _check(n, threads)

    from laterna.cli.console import note
    from laterna.evaluation import run
    from laterna.evaluation.codec import TrainedCodec
    from laterna.evaluation.learn import Recipe

    recipe = Recipe(
        clips=probe_clips, check=max(1, probe_clips // 10), moves=move_clips, steps=probe_steps
    )
    with _Bar() as bar:
        _settle(threads)
        if codec is not None:
            trained = TrainedCodec(codec)
            judge, where = run.judge_for(recipe, probe, bar.tell)
            found = run.evaluate_codec(trained, judge, out, min(n, run.CODEC_CLIPS), bar.tell)
        else:
            who, trip = _engine(engine, weights, threads)
            judge, where = run.judge_for(recipe, probe, bar.tell)
            found = run.evaluate(who, judge, out, run.Plan(n, steps), trip, bar.tell)
    note(f"the probe is {where}")
    _show(found)
    note(f"written to {out / 'report.json'}")


def _check(n: int, threads: int | None) -> None:
    from laterna.checks import check_whole
    from laterna.evaluation.heldout import COUNT

    check_whole("n", n, 1, COUNT)
    if threads is not None:
        check_whole("threads", threads, 1, 1024)


def _settle(threads: int | None) -> None:
    from laterna.evaluation.machine import use_threads

    if threads is not None:
        use_threads(threads)


def _engine(
    name: str | None, weights: Path | None, threads: int | None
) -> tuple[Engine, RoundTrip | None]:
    """The engine, and its codec where it is the native one."""
    from laterna.engines.registry import DEFAULT, load_engine
    from laterna.evaluation.codec import round_trip

    if (name or DEFAULT) != DEFAULT:
        return load_engine(name), None
    from laterna.engines.native import NativeEngine
    from laterna.model.runtime import Codec
    from laterna.model.weights import Weights

    native = NativeEngine(weights, threads)
    return native, round_trip(Codec(Weights.open(weights), native.threads))


class _Bar:
    """What is being done and how much is left; nothing when standard error is no terminal."""

    def __init__(self) -> None:
        import sys

        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
        from rich.progress import TimeRemainingColumn as Remaining

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        console = Console(stderr=True)
        self._progress = Progress(
            *columns, Remaining(), console=console, disable=not sys.stderr.isatty()
        )
        self._tasks: dict[str, Any] = {}

    def tell(self, what: str, done: int, total: int) -> None:
        """`done` of `total` of `what`."""
        if what not in self._tasks:
            self._tasks[what] = self._progress.add_task(what, total=total)
        self._progress.update(self._tasks[what], completed=done, total=total)

    def __enter__(self) -> _Bar:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()


def _show(found: dict[str, Any]) -> None:
    from rich.console import Console

    console = Console()
    if "factors" in found:
        console.print(_factors(found))
    console.print(_others(found))


def _factors(found: dict[str, Any]) -> Any:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, title=f"{found['engine']}, {found['n']} captions")
    for title in ("factor", "captions", "accuracy", "real clips", "by chance", "share"):
        table.add_column(title, justify="left" if title == "factor" else "right")
    rows = {**found["factors"], "move, by its flow": found["camera"]}
    for name, row in rows.items():
        if row is not None:
            cells = (_span(row[key]) for key in ("accuracy", "ceiling", "floor", "share"))
            table.add_row(name, str(row["count"]), *cells)
    return table


def _others(found: dict[str, Any]) -> Any:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False)
    if "factors" in found:
        against, variety, far = found["against_real"], found["variety"], found["frechet"]
        table.add_row("motion, of real", _span(against["speed"]))
        table.add_row("flicker, of real", _span(against["flicker"]))
        table.add_row("edges, of real", _span(against["edges"]))
        table.add_row("variety, of real: features", _span(variety["features"]))
        table.add_row("variety, of real: pixels", _span(variety["pixels"]))
        table.add_row("Frechet distance", f"{far['value']:.3g} (real to real {far['floor']:.3g})")
        for language, figure in found["languages"].items():
            table.add_row(f"named factors read, {language}", _span(figure))
    codec = found["codec"]
    if codec is not None:
        table.add_row("codec: PSNR, dB", _span(codec["psnr"]))
        table.add_row("codec: SSIM", _span(codec["ssim"]))
        table.add_row("codec: edges, of originals", _span(codec["edges"]))
        table.add_row("codec: flicker, of originals", _span(codec["flicker"]))
        table.add_row("codec: factors read, of originals", _span(codec["read"]))
    return table


def _span(figure: list[float] | None) -> str:
    """A figure with its interval."""
    if figure is None:
        return "-"
    value, low, high = figure
    places = 1 if value >= 10 else 2
    return f"{value:.{places}f} ({low:.{places}f} to {high:.{places}f})"
