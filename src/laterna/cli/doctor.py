"""`laterna doctor`: whether laterna is whole, fits this machine, and how fast it films here."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

from laterna.errors import DependencyError, EngineError, LaternaError

app = typer.Typer(add_completion=False)

PACKAGES = ("numpy", "onnxruntime", "av", "pillow", "safetensors")
CODECS = {"libx264": ".mp4", "prores_ks": ".mov", "libvpx-vp9": ".webm", "gif": ".gif"}
PROMPT = "mountains at dawn"


@app.command()
def doctor(
    engine: Annotated[
        str | None, typer.Option(metavar="NAME", help="The engine to examine.")
    ] = None,
) -> None:
    """Check that laterna is whole and how fast it films here."""
    checks: list[tuple[str, Callable[[], str]]] = [
        ("installed", _installed),
        ("writes film", _codecs),
        ("memory", lambda: _memory(engine)),
        ("weights", lambda: _weights(engine)),
        ("films", lambda: _speed(engine)),
    ]
    well = True
    for name, check in checks:
        try:
            mark, told = "ok", check()
        except (LaternaError, ImportError) as error:
            mark, told, well = "BAD", str(error), False
        print(f"{mark:4}{name:12} {told}", flush=True)
    raise typer.Exit(0 if well else 1)


def _installed() -> str:
    from laterna import __version__

    found = []
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError as error:
            raise DependencyError(f"{package} is missing; reinstall laterna") from error
    python = platform.python_version()
    return f"laterna {__version__}, Python {python} on {sys.platform}; {', '.join(found)}"


def _codecs() -> str:
    import av

    missing = [suffix for codec, suffix in CODECS.items() if codec not in av.codecs_available]
    if missing:
        raise DependencyError(f"this PyAV cannot write {', '.join(missing)}; install its wheel")
    return ", ".join(CODECS.values())


def _memory(engine: str | None) -> str:
    from laterna.engines.preflight.machine import memory_available
    from laterna.engines.registry import load_engine
    from laterna.shot import Shot

    flight = load_engine(engine).preflight(Shot(PROMPT))
    needed = f"a clip needs {flight.memory_bytes / 2**20:,.0f} MB"
    free = memory_available()
    if not flight.fits:
        raise EngineError(flight.reason)
    return needed if free is None else f"{needed}, {free / 2**20:,.0f} MB are free"


def _weights(engine: str | None) -> str:
    from laterna.engines.registry import load_engine

    sha256 = load_engine(engine).capabilities.weights
    return f"sha256 {sha256[:16]}..., as shipped" if sha256 else "none needed"


def _speed(engine: str | None) -> str:
    """Film one second, and say what a second of film costs."""
    from laterna.engines.registry import load_engine
    from laterna.media.finish import QuickFinish
    from laterna.shot import DRAFT_FPS, Shot, draft_grid

    worker = load_engine(engine)
    shot = Shot(PROMPT, seconds=1.0, seed=1)
    grid = draft_grid(shot.size)
    finish = QuickFinish(grid.frame, grid.quick)
    started = time.monotonic()
    filmed = finishing = 0.0
    count = 0
    for chunk in worker.film(shot):
        filmed = time.monotonic() - started - finishing
        begun = time.monotonic()
        finish.push(chunk.frames)
        finishing += time.monotonic() - begun
        count += len(chunk.frames)
    if not count:
        raise EngineError(f"engine {worker.name} gave no frames")
    seconds = count / DRAFT_FPS
    return (
        f"{worker.name}: {filmed / seconds:.2g} s for a second of film, "
        f"{finishing / seconds:.2g} s to finish it; {os.cpu_count()} cores"
    )
