"""What the verbs that film have in common: checks, the bar, and how to film the same again."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator
from pathlib import Path

from laterna.cli.console import FrameBar, note, warn
from laterna.engines.protocol import Chunk, Engine, Telling, Watched
from laterna.engines.registry import DEFAULT, check
from laterna.errors import EngineError
from laterna.media.read import probe
from laterna.shot import Shot

__all__ = ["prepare", "report", "watched"]

# Films what the native model has no words for; named in the warning.
OPEN_WEIGHTS = "Wan 2.2"


def prepare(engine: Engine, shot: Shot) -> int:
    """Check that `engine` can film `shot`, warn of what it cannot; the number of frames.

    Raises UnsupportedError for fields, EngineError when the shot does not fit this machine.
    """
    check(engine, shot)
    flight = engine.preflight(shot)
    if not flight.fits:
        raise EngineError(f"engine {engine.name}: {flight.reason}")
    told = engine.capabilities.note
    if told:
        note(told)
    if engine.name == DEFAULT:
        from laterna.model.vocabulary import unfilmable

        words = [word for prompt in _prompts(shot) for word in unfilmable(prompt)]
        if words:
            warn(
                f"the native model cannot film {', '.join(dict.fromkeys(words))}; "
                f"an open-weight model such as {OPEN_WEIGHTS} can"
            )
    return flight.frames


def _prompts(shot: Shot) -> Iterator[str]:
    yield shot.prompt
    yield from (cue.prompt for cue in shot.cues)


def watched(engine: Engine, shot: Shot, total: int) -> Iterator[Chunk]:
    """The chunks of `shot` while a bar shows how far it is."""
    with FrameBar(total) as bar:
        if isinstance(engine, Watched):
            engine.watch = lambda share: bar.done(int(share * total))
        for chunk in engine.film(shot):
            yield chunk
            bar.done(chunk.start + len(chunk.frames))
    if isinstance(engine, Telling):
        for line in engine.notes:
            note(line)


def report(path: Path, command: list[str], started: float) -> None:
    """Say what was made, and how to make it again."""
    took = time.monotonic() - started
    print(f"{path}{_told(path)}, filmed in {took:.1f} s")
    print(f"again: laterna {shlex.join(command)}")


def _told(path: Path) -> str:
    if path.suffix.lower() == ".png":
        return ": a still"
    if path.is_dir():
        return f": {sum(1 for _ in path.iterdir())} frames"
    media = probe(path)
    width, height = media.size
    return f": {media.seconds or 0:.3g} s, {width}x{height}, {float(media.fps):.4g} frames/s"
