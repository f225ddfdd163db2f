"""`laterna extend CLIP "PROMPT"`: what happens next, or what happened before, in one film.

The clip's own frames are copied, not filmed again; the new ones come at its size and rate, and the
finish interpolates across the seam.
"""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from laterna.errors import InputError

app = typer.Typer(add_completion=False)


@app.command()
def extend(
    clip: Annotated[Path, typer.Argument(help="The film to extend.", show_default=False)],
    prompt: Annotated[str, typer.Argument(help="What happens.", show_default=False)],
    seconds: Annotated[float, typer.Option(help="Length of what is added.")] = 4.0,
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", metavar="OUT", help="Default: SLUG-SEED.mp4."),
    ] = None,
    before: Annotated[bool, typer.Option("--before", help="Add in front, not behind.")] = False,
    seed: Annotated[int | None, typer.Option(help="Same seed, same film.")] = None,
    steps: Annotated[int | None, typer.Option(help="Denoising steps, 1 to 100.")] = None,
    engine: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who films; see `laterna engines`.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace the output if it exists.")
    ] = False,
) -> None:
    """Go on filming after, or before, a clip.

    laterna extend balloon.mp4 "the balloon rises into the clouds" --seconds 3 -o more.mp4
    """
    started = time.monotonic()
    from laterna.cli.inputs import default_name
    from laterna.cli.seam import Seam
    from laterna.cli.shoot import prepare, report, watched
    from laterna.edit.extend import extend as extended
    from laterna.engines.registry import load_engine
    from laterna.media.write import ensure_writable
    from laterna.shot import Shot, resolved

    plain = resolved(Shot(prompt, seconds=seconds, seed=seed, steps=steps))
    target = default_name(prompt, plain.seed or 0) if output is None else output
    _check_target(target, clip)
    path = ensure_writable(target, overwrite=force)
    worker = load_engine(engine)
    can = worker.capabilities
    seam = Seam(clip, can, before)
    shot = resolved(
        extended(
            seam.strip,
            prompt,
            seconds,
            before=before,
            seed=plain.seed,
            steps=steps,
            size=seam.shape,
            quality="draft" if seam.factor == 1 else "quick",
        )
    )
    total = prepare(worker, shot)
    chunks = watched(worker, shot, total)
    seam.write(target, chunks, shot, weights=can.weights, overwrite=force)
    again = ["extend", str(clip), prompt, "--seconds", f"{shot.seconds:g}"]
    again += ["--seed", str(shot.seed)]
    for name, value in (("engine", engine), ("steps", steps)):
        again += [] if value is None else [f"--{name}", str(value)]
    again += [f"--{name}" for name, on in (("before", before), ("force", force)) if on]
    report(path, [*again, "-o", target], started)


def _check_target(target: str, clip: Path) -> None:
    if target.lower().endswith(".png"):
        raise InputError("output", target, "an extension is film; name a film or a folder")
    with suppress(OSError):
        if clip.samefile(target):
            remedy = "it is the clip that is extended, and wanted to do that again; name another"
            raise InputError("output", target, remedy)
