#!/usr/bin/env python3
"""The table of engines in docs/engines.md: `scripts/engines_table.py` writes it anew.

Everything in it comes from the engines' capabilities, the presets and preflight's sums, so the
guide cannot say what the code does not do; a test compares them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from laterna.engines.adding import usual_shot
from laterna.engines.diffusers.preset import Preset
from laterna.engines.diffusers.presets import PRESETS
from laterna.engines.native import NativeEngine
from laterna.engines.preflight import Machine, preflight_model
from laterna.engines.previs import PrevisEngine
from laterna.engines.protocol import Engine
from laterna.shot import Shot

GUIDE = Path(__file__).parents[1] / "docs" / "engines.md"
BEGIN, END = "<!-- engines table: begin -->\n", "<!-- engines table: end -->\n"
FIELDS = (
    "steps", "negative", "guidance", "cues", "keyframes", "lead", "trail", "source", "mask",
    "strength", "control", "loop",
)  # fmt: skip
NOTE = """\
Made by `scripts/engines_table.py`. Weights are those to download; memory is that of a GPU for four
seconds (a still) at the usual size, by preflight's sums: with everything on it, with one component
at a time, with layers streamed through it. `native-torch` honours what `native` does, and a remote
engine what its server says.
"""
ENDLESS = Machine(1 << 50, "cuda", "a card without end", 1 << 50)


def table() -> str:
    """The lines between the guide's two marks."""
    rows = [
        ("engine", *FIELDS, "filmed at", "frames/s", "at most", "licence", "weights", "memory"),
        *(_own(engine) for engine in (NativeEngine(), PrevisEngine())),
        *(_open(preset) for preset in PRESETS),
    ]
    head, *body = (f"| {' | '.join(row)} |" for row in rows)
    rule = "|" + "---|" * len(rows[0])
    return "\n".join((head, rule, *body)) + "\n"


def rewritten(guide: str) -> str:
    """The guide with the table as it is now."""
    before, _, rest = guide.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{NOTE}\n{table()}\n{END}{after}"


def _own(engine: Engine) -> tuple[str, ...]:
    can = engine.capabilities
    return (
        f"`{engine.name}`",
        *_marks(can.fields),
        "any aspect",
        f"{can.fps:g}",
        f"{can.max_seconds:g} s",
        can.licence,
        "shipped" if can.weights else "none",
        f"{engine.preflight(Shot('hills')).memory_bytes / 1e9:.1f} GB",
    )


def _open(preset: Preset) -> tuple[str, ...]:
    sizes = " ".join(f"{width}x{height}" for width, height in preset.size.sizes)
    still = preset.frames.longest == 1
    peaks = [
        preflight_model(None, preset, usual_shot(preset), ENDLESS, placing=placing).peak
        for placing in ("whole", "model", "group")
    ]
    return (
        f"`diffusers:{preset.name}`",
        *_marks(preset.fields, sorted(preset.controls)),
        f"{sizes} only" if preset.size.fixed else f"{sizes}, any aspect",
        "a still" if still else f"{preset.fps:g}",
        "1 frame" if still else f"{preset.max_seconds:g} s",
        f"[{preset.licence}]({preset.licence_url})",
        f"{preset.total_bytes / 1e9:.1f} GB",
        " / ".join(f"{peak / 1e9:.0f}" for peak in peaks) + " GB",
    )


def _marks(fields: Iterable[str], controls: Iterable[str] = ()) -> Iterator[str]:
    there = set(fields)
    for field in FIELDS:
        told = ", ".join(controls) if field == "control" else ""
        yield (told or "yes") if field in there else ""


def main() -> None:
    """Write the table into the guide; with --check, only say whether it is as it should be."""
    guide = GUIDE.read_text("utf-8")
    wanted = rewritten(guide)
    if "--check" in sys.argv[1:]:
        sys.exit(f"{GUIDE}: run scripts/engines_table.py" if guide != wanted else 0)
    GUIDE.write_text(wanted, "utf-8")


if __name__ == "__main__":
    main()
