"""`laterna world`: look at footage, or render it to files with everything that is true of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Render footage with known truth.", no_args_is_help=True)

PER_SHEET = 4  # takes, one a row
MOMENTS = 5  # frames of each, one a column
MOST = 10_000_000  # clips of one call


@app.command()
def preview(
    prompt: Annotated[str, typer.Argument(help="What to see, English or German.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The sheet, a PNG.")],
    seed: Annotated[int, typer.Option(help="Seed of the first take.")] = 0,
    force: Annotated[bool, typer.Option(help="Write over an existing file.")] = False,
) -> None:
    """Render four takes of PROMPT and lay five moments of each side by side.

    Words the world knows are kept, everything else about the takes is drawn.
    """
    import numpy as np
    from PIL import Image

    from laterna.errors import InputError
    from laterna.training.clips import in_words
    from laterna.world.factors import EVERYTHING
    from laterna.world.footage import render_clip
    from laterna.world.prompt import complete, parse

    if output.suffix.lower() != ".png":
        raise InputError("output", str(output), "name a .png file")
    _refuse(output, force)
    wanted = parse(prompt)
    if not wanted:
        raise InputError("prompt", prompt, "name a place, an hour, a weather, a subject or a move")
    rows = []
    for take in range(PER_SHEET):
        rng = np.random.default_rng((seed, take))
        factors = complete(wanted, rng, EVERYTHING)
        clip = render_clip(seed + take, factors=factors)
        moments = np.linspace(0, len(clip.frames) - 1, MOMENTS).round().astype(int)
        rows.append(np.concatenate(list(clip.frames[moments]), axis=1))
        typer.echo(f"seed {seed + take}: {in_words(factors.as_dict())}")
    beside = output.with_suffix(".part")
    Image.fromarray(np.concatenate(rows)).save(beside, format="PNG")
    beside.replace(output)


@app.command()
def render(
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the clips.")],
    clips: Annotated[int, typer.Option(help="Number of clips.")] = 4,
    seed: Annotated[int, typer.Option(help="Seed of the first clip.")] = 0,
    frames: Annotated[int, typer.Option(help="Frames per clip, at 8 a second.")] = 32,
    size: Annotated[str, typer.Option(help="WxH, multiples of 16.")] = "256x160",
    core: Annotated[bool, typer.Option(help="Draw from the core mixture only.")] = False,
    full: Annotated[bool, typer.Option(help="Truth per pixel instead of per 16 pixels.")] = False,
    ray: Annotated[
        str | None, typer.Option(help="Render on a Ray cluster: HOST:PORT, auto or local.")
    ] = None,
) -> None:
    """Render clips: SEED.mp4, SEED.json (factors, captions) and SEED.safetensors (camera, depth,
    normals, matte, flow). Clips that are there already are left alone."""
    from laterna.errors import InputError
    from laterna.training.clips import Rendering

    if not 1 <= clips <= MOST:
        raise InputError("clips", clips, f"1 to {MOST:,}")
    if seed < 0:
        raise InputError("seed", seed, "0 or greater")
    wide, _, high = size.partition("x")
    if not (wide.isdigit() and high.isdigit()):
        raise InputError("size", size, "write it as WIDTHxHEIGHT, for example 256x160")
    rendering = Rendering(output.absolute(), frames, (int(wide), int(high)), core, full)
    output.mkdir(parents=True, exist_ok=True)
    if ray is not None:
        from laterna.training.cluster import render_clips

        render_clips(rendering, seed, clips, ray, _tell)
        return
    for each in range(seed, seed + clips):
        if not rendering.whole(each):
            _tell(each, rendering.render(each))


def _tell(seed: int, words: str) -> None:
    typer.echo(f"{seed}: {words}")


def _refuse(path: Path, force: bool) -> None:
    from laterna.errors import OutputError

    if path.exists() and not force:
        raise OutputError(f"output: {str(path)!r} exists; choose another name or --force")
    if not path.parent.is_dir():
        raise OutputError(f"output: there is no folder {str(path.parent)!r}; make it first")
