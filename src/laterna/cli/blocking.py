"""`--blocking` and `--control`: where things stand, for previs itself or as control for another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from laterna.cli.console import note
from laterna.engines.protocol import Engine
from laterna.engines.registry import check
from laterna.errors import DependencyError, InputError
from laterna.shot import Control, Shot, Strip

__all__ = ["with_blocking"]


def with_blocking(engine: Engine, shot: Shot, control: str | None, blocking: str | None) -> Shot:
    """`shot` with the options that `blocking` says, if previs films it, or else with `control` of
    that kind, rendered for the engine's rate.

    Raises InputError, UnsupportedError before anything is rendered, DependencyError without the
    renderer.
    """
    if control is None and blocking is None:
        return shot
    try:
        from laterna.engines.previs import control_of, read_blocking

        extra = {} if blocking is None else read_blocking(blocking)
        if engine.name == "previs" and control is None:
            return replace(shot, extra={**shot.extra, **extra})
        if control is None:
            remedy = "give --control depth, normal or edge with it, or film with --engine previs"
            raise InputError("blocking", blocking, remedy)
        stand_in = Control(control, Strip(np.zeros((1, 2, 2, 3), np.uint8)))
        check(engine, replace(shot, control=stand_in))
        laid = control_of(replace(shot, extra=extra), control, engine.capabilities.fps)
    except ModuleNotFoundError as error:
        missing = "blocking is rendered with numba, which is not installed; install laterna[world]"
        raise DependencyError(missing) from error
    note(f"{control} of the blocking was rendered by previs; {engine.name} follows it")
    return replace(shot, control=laid)
