"""The verbs, loaded when they are called: `laterna --help` imports none of them.

Every exception ends here and becomes one line and an exit code.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from types import FrameType
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from laterna.errors import DependencyError, InputError, LaternaError

__all__ = ["VERBS", "run"]

# verb: (what --help says, the extra that brings what it needs)
VERBS: dict[str, tuple[str, str]] = {
    "film": ("Film a sentence.", ""),
    "extend": ("Go on filming after, or before, a clip.", ""),
    "engines": ("List the engines and what each can do.", ""),
    "models": ("Open-weight models: what they need, and which are on this machine.", "diffusers"),
    "doctor": ("Check that laterna is whole and how fast it films here.", ""),
    "serve": ("Serve the Videos API and the studio.", "server"),
    "admin": ("Say who may film, and how much.", "server"),
    "worker": ("Film for servers, on this or another machine.", "server"),
    "world": ("Render footage with known truth.", "world"),
    "train": ("Train the native model.", "train"),
    "evaluate": ("Measure an engine from outside.", "train"),
}
# module: the extra that brings it, for verbs that load it late
EXTRAS = {
    "numba": "world",
    "torch": "train",
    "onnx": "train",
    "onnxscript": "train",
    "ray": "cluster",
}

# What a value that is none of its kind is told, by the kind.
KINDS = {"float": "give a number", "int": "give a whole number", "bool": "give yes or no"}

# typer carries a click of its own since 0.20 or so; this is the root of either's usage errors.
UsageTrouble: type[Exception] = typer.BadParameter.__mro__[2]


class Verbs(TyperGroup):
    """A group whose commands are modules of laterna.cli."""

    _listing = False

    def list_commands(self, ctx: Any) -> list[str]:
        """The verbs in the order of use."""
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Load one verb; while help is listed, only its line."""
        if cmd_name not in VERBS:
            return None
        about, extra = VERBS[cmd_name]
        if self._listing:
            return TyperCommand(cmd_name, help=about)
        return _load(cmd_name, extra)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Help without loading the verbs."""
        self._listing = True
        super().format_help(ctx, formatter)


def _load(verb: str, extra: str) -> Any:
    try:
        module = import_module(f"laterna.cli.{verb}")
    except ModuleNotFoundError as error:
        if not extra:
            raise
        raise _missing(error.name or verb, extra) from error
    app = getattr(module, "app", None)
    if app is None:
        app = typer.Typer(add_completion=False)
        app.command(name=verb)(getattr(module, verb))
    command = get_command(app)
    command.name = verb
    return command


def _missing(module: str, extra: str) -> DependencyError:
    return DependencyError(
        f"{module} is not installed; install it with: pip install '{_pip(extra)}'"
    )


def _pip(extra: str) -> str:
    return f"laterna[{extra}]"


def _version(asked: bool) -> None:
    if asked:
        from laterna import __version__

        print(f"laterna {__version__}")
        raise typer.Exit


app = typer.Typer(cls=Verbs, add_completion=False, no_args_is_help=True)


@app.callback()
def _laterna(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Show the version and exit."
    ),
) -> None:
    """Sentences into film, on your own machine."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command line; the exit code. Never raises, never shows a traceback unasked."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        signal.signal(signal.SIGTERM, _interrupt)
        signal.signal(signal.SIGINT, _interrupt)
        _call(list(arguments))
    except typer.Exit as leave:
        return int(leave.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        return _say("interrupted; nothing half-written is left", 130)
    except LaternaError as error:
        return _say(str(error), error.exit_code, error)
    except UsageTrouble as error:
        return _say(line, 2) if (line := _usage(error)) else 2
    except BrokenPipeError:
        # Whoever read our output has gone; what is still buffered has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except MemoryError as error:
        return _say("out of memory; film smaller or shorter, or close other programs", 1, error)
    except ModuleNotFoundError as error:
        root = (error.name or "").partition(".")[0]
        extra = EXTRAS.get(root)
        reason = str(_missing(root, extra)) if extra else f"{root} is missing; reinstall laterna"
        return _say(reason, 1, error)
    except Exception as error:
        return _say(f"unexpected {type(error).__name__}: {error}", 1, error)
    return 0


def _call(arguments: list[str]) -> None:
    command = get_command(app)
    with command.make_context("laterna", arguments) as context:
        command.invoke(context)


def _interrupt(signum: int, frame: FrameType | None) -> None:
    """Raise once; what follows is cleaning up, which a second Ctrl-C must not tear."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


def _usage(error: Exception) -> str:
    """What was wrong with the words of the command line; nothing where only help was wanted."""
    faults = getattr(error.__cause__, "errors", None)  # typer checks values with pydantic
    param = getattr(error, "param", None)
    if faults is not None and param is not None:
        told = faults()[0]
        name = max(param.opts, key=len).lstrip("-")
        remedy = KINDS.get(told["type"].partition("_")[0], told["msg"])
        return str(InputError(name, told["input"], remedy))
    describe = getattr(error, "format_message", None)
    return str(describe() if describe else error)


def _say(line: str, code: int, error: BaseException | None = None) -> int:
    """One line on standard error, whatever the message holds."""
    if error is not None and os.environ.get("LATERNA_DEBUG"):
        import traceback

        traceback.print_exception(error)
    print(f"error: {' '.join(line.split())}", file=sys.stderr)
    return code
