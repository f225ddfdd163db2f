"""`laterna film "PROMPT"`: a sentence, and what it starts from, into a clip."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from laterna.errors import InputError

app = typer.Typer(add_completion=False)


@app.command()
def film(
    prompt: Annotated[str, typer.Argument(help="What the shot shows.", show_default=False)],
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="OUT",
            help="NAME.mp4, .webm, .mov (ProRes), .gif, .png (a still) or a folder of PNG. "
            "Default: SLUG-SEED.mp4.",
        ),
    ] = None,
    seconds: Annotated[float | None, typer.Option(help="Length, up to 60. Default: 4.")] = None,
    size: Annotated[
        str | None,
        typer.Option(help="16:9, 9:16, 1:1, 2.39:1 or WIDTHxHEIGHT. Default: 16:9."),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Same seed, same film.")] = None,
    steps: Annotated[int | None, typer.Option(help="Denoising steps, 1 to 100.")] = None,
    negative: Annotated[str, typer.Option(help="What to keep away from (slower).")] = "",
    guidance: Annotated[
        float | None, typer.Option(help="How closely to follow the prompt, 1 to 20 (slower).")
    ] = None,
    image: Annotated[Path | None, typer.Option(metavar="FILE", help="The first frame.")] = None,
    last_image: Annotated[Path | None, typer.Option(metavar="FILE", help="The last frame.")] = None,
    keyframe: Annotated[
        list[str] | None,
        typer.Option(metavar="SECOND=FILE", help="A frame in between; may be repeated."),
    ] = None,
    source: Annotated[Path | None, typer.Option(metavar="CLIP", help="Film to work on.")] = None,
    mask: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Picture or film; what is white is filmed anew."),
    ] = None,
    strength: Annotated[
        float | None, typer.Option(help="How far the result may leave the source, 0 to 1.")
    ] = None,
    control: Annotated[
        str | None,
        typer.Option(metavar="KIND", help="Follow its blocking's depth, normal or edge."),
    ] = None,
    blocking: Annotated[
        str | None,
        typer.Option(
            metavar="WORDS",
            help="Where things stand, in words or a .json file; see docs/previs.md.",
        ),
    ] = None,
    loop: Annotated[
        bool, typer.Option("--loop", help="The last frame precedes the first.")
    ] = False,
    draft: Annotated[
        bool, typer.Option("--draft", help="The model's own frames, 8 a second.")
    ] = False,
    final: Annotated[bool, typer.Option("--final", help="The trained finisher.")] = False,
    engine: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who films; see `laterna engines`.")
    ] = None,
    lora: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE[=WEIGHT]", help="A LoRA file of the model; may be repeated."),
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="An option of the engine, as cache=first-block; may be repeated.",
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace the output if it exists.")
    ] = False,
) -> None:
    """Film a sentence.

    laterna film "a red balloon over the hills at dawn, the camera pans left" -o balloon.mp4
    """
    started = time.monotonic()
    from laterna.cli.blocking import with_blocking
    from laterna.cli.inputs import default_name, parse_extra
    from laterna.cli.shoot import prepare, report, watched
    from laterna.clip import delivery, write_clip
    from laterna.engines.registry import load_engine
    from laterna.media.write import ensure_writable
    from laterna.shot import Shot, draft_grid, resolved

    still = output is not None and output.lower().endswith(".png")
    # Words and numbers first: they are checked before any file is opened or any weight is loaded.
    shot = Shot(
        prompt,
        seconds=4.0 if seconds is None else seconds,
        size="16:9" if size is None else size,
        seed=seed,
        steps=steps,
        negative=negative,
        guidance=guidance,
        loop=loop,
        quality=_quality(draft, final),
        frames=1 if still else None,
        extra=parse_extra(option or [], lora or []),
    )
    shot = resolved(shot)
    target = default_name(prompt, shot.seed or 0) if output is None else output
    ensure_writable(target, overwrite=force)
    worker = load_engine(engine)
    can = worker.capabilities
    # The source first: its length and shape are the shot's, and pictures are set in them.
    shot = _with_source(shot, can, source, mask, strength, seconds, size, still)
    shot = _with_pictures(shot, can, image, last_image, keyframe or [])
    shot = with_blocking(worker, shot, control, blocking)
    fps = can.fps
    delivery(shot, draft_grid(shot.size).frame, fps)
    total = prepare(worker, shot)
    path = write_clip(
        target,
        watched(worker, shot, total),
        shot,
        fps=fps,
        weights=can.weights,
        overwrite=force,
    )
    given = {
        "engine": engine, "image": image, "last-image": last_image, "source": source, "mask": mask,
        "strength": strength, "steps": steps, "guidance": guidance, "negative": negative,
        "keyframe": keyframe, "loop": loop, "draft": draft,
        "control": control, "blocking": blocking, "lora": lora, "set": option, "force": force,
    }  # fmt: skip
    report(path, _again(shot, target, given), started)


def _quality(draft: bool, final: bool) -> str:
    if draft and final:
        raise InputError("quality", "--draft --final", "choose one of them")
    return "draft" if draft else "final" if final else "quick"


def _with_pictures(
    shot: Any, can: Any, image: Path | None, last_image: Path | None, keyframes: list[str]
) -> Any:
    """The shot with its keyframes in order of time."""
    from laterna.cli.inputs import parse_keyframe, read_keyframes
    from laterna.shot import length

    seconds = length(shot)
    pinned = [(*parse_keyframe(text, seconds), "keyframe") for text in keyframes]
    if image is not None:
        pinned.append((0.0, image, "image"))
    if last_image is not None:
        pinned.append((seconds, last_image, "last-image"))
    if not pinned:
        return shot
    pinned.sort(key=lambda pin: pin[0])
    return replace(shot, keyframes=read_keyframes(pinned, shot.size, can.drafts))


def _with_source(
    shot: Any,
    can: Any,
    source: Path | None,
    mask: Path | None,
    strength: float | None,
    seconds: float | None,
    size: str | None,
    still: bool,
) -> Any:
    """The shot with the film it works on; length and shape are the film's unless asked for."""
    from laterna.cli.inputs import read_masks, read_source, shape_of
    from laterna.shot import resolved

    if source is None:
        return replace(shot, mask=None, strength=strength) if mask is None else _no_source(mask)
    if mask is None and strength is None:
        raise InputError("source", str(source), "say with --mask or --strength what to film anew")
    shape = shot.size if size is not None else shape_of(source)
    strip, lasts = read_source(source, shape, can, seconds)
    return resolved(
        replace(
            shot,
            size=shape,
            seconds=lasts,
            frames=1 if still else None,
            source=strip,
            mask=None if mask is None else read_masks(mask, strip),
            strength=strength,
        )
    )


def _no_source(mask: Path) -> Any:
    raise InputError("mask", str(mask), "it says what to film anew in a source; give --source")


def _again(shot: Any, target: str, given: dict[str, Any]) -> list[str]:
    """The command line that makes this very clip again."""
    size = shot.size if isinstance(shot.size, str) else f"{shot.size[0]}x{shot.size[1]}"
    words = ["film", shot.prompt, "--seed", str(shot.seed), "--size", size]
    if not target.lower().endswith(".png"):
        words += ["--seconds", f"{shot.seconds:g}"]
    for name, value in given.items():
        if value is True:
            words.append(f"--{name}")
        elif isinstance(value, list):
            words += [part for item in value for part in (f"--{name}", item)]
        elif value not in (None, False, ""):
            words += [f"--{name}", str(value)]
    return [*words, "-o", target]
