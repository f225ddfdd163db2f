"""`laterna engines`: who can film, and what."""

from __future__ import annotations

import typer

app = typer.Typer(add_completion=False)


@app.command()
def engines() -> None:
    """List the engines and what each can do."""
    from rich.console import Console
    from rich.table import Table

    from laterna.engines.registry import DEFAULT, engine_names, load_engine
    from laterna.errors import LaternaError

    table = Table(box=None, pad_edge=False)
    for title in ("engine", "frames/s", "seconds", "licence", "beyond a prompt"):
        table.add_column(title, overflow="fold")
    for name in engine_names():
        shown = f"{name} (default)" if name == DEFAULT else name
        try:
            can = load_engine(name).capabilities
        except LaternaError as error:
            table.add_row(shown, "-", "-", "-", str(error))
            continue
        beyond = ", ".join(sorted(can.fields - {"prompt", "seconds", "size", "seed", "frames"}))
        table.add_row(shown, f"{can.fps:g}", f"{can.max_seconds:g}", can.licence, beyond)
    Console().print(table)
