"""The engine for open weights: `diffusers:NAME`, a folder, or one file.

What it can do, and what it refuses, is read from the preset and the folder's configuration; torch
and diffusers are imported when the first chunk is asked for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING

from laterna.engines.diffusers.adapters import adapters_of
from laterna.engines.diffusers.feasible import check_feasible
from laterna.engines.diffusers.options import Options
from laterna.engines.diffusers.source import resolve
from laterna.engines.diffusers.wishes import lay_out
from laterna.engines.preflight import Machine, Report, preflight_model
from laterna.engines.protocol import Capabilities, Chunk, Preflight
from laterna.errors import DependencyError, InputError
from laterna.shot import Shot, frame_count, seeded

if TYPE_CHECKING:
    from laterna.engines.diffusers.pipelines import Loaded

__all__ = ["DiffusersEngine"]


class DiffusersEngine:
    """Films with the open weights that `target` names.

    watch  hears the share of the shot that is done, after every step
    notes  what the options did to the model, a line each, once it is loaded
    """

    def __init__(self, target: str) -> None:
        """See `source.resolve` for targets and what is raised for them."""
        for package in ("torch", "diffusers", "transformers"):
            if find_spec(package) is None:
                text = f"open-weight models need {package}"
                raise DependencyError(f"{text}; install it with: pip install 'laterna[diffusers]'")
        self.name = f"diffusers:{target}"
        self.source = resolve(target)
        self.watch: Callable[[float], None] | None = None
        self.notes: list[str] = []
        self._loaded: tuple[Options, Loaded] | None = None

    @property
    def capabilities(self) -> Capabilities:
        """Those of the preset."""
        preset = self.source.preset
        return Capabilities(
            fields=preset.fields,
            fps=preset.fps,
            max_seconds=preset.max_seconds,
            resumable=False,
            grid=preset.size.multiple,
            licence=preset.licence,
            weights=self.source.weights,
        )

    def preflight(self, shot: Shot) -> Preflight:
        """Whether the shot fits, by the weights' headers and the formulas of `engines.preflight`.

        Raises UnsupportedError and InputError for what the model cannot honour, naming the field.
        """
        shot = self._checked(shot)
        report = self._report(shot, Options.of(shot.extra))
        frames = frame_count(shot, self.source.preset.fps)
        return Preflight(report.fits, report.reason, report.peak, frames)

    def film(self, shot: Shot, resume: bytes | None = None) -> Iterator[Chunk]:
        """Film `shot`. Closing the iterator, from any thread, ends it after the step at work."""
        if resume is not None:
            raise InputError("resume", len(resume), "this engine films a shot in one go")
        return _Film(lambda stop: self._film(self._checked(shot), stop))

    def _checked(self, shot: Shot) -> Shot:
        shot = seeded(shot)
        options = Options.of(shot.extra)
        adapters_of(shot.extra)
        lay_out(shot, self.source.preset)
        check_feasible(options, self.source)
        return shot

    def _report(self, shot: Shot, options: Options) -> Report:
        return preflight_model(
            self.source.components(),
            self.source.preset,
            shot,
            Machine.here(device=options.device),
            dtype=None if options.dtype == "auto" else options.dtype,
            bits=options.bits,
            size=options.film,
            placing=options.placing,
        )

    def _placed(self, shot: Shot) -> Options:
        """The shot's options, with the offloading that preflight found to fit."""
        options = Options.of(shot.extra)
        if options.offload != "auto":
            return options
        found = self._report(shot, options).placing
        return replace(options, offload=found if found in ("model", "group") else "none")

    def _film(self, shot: Shot, stop: threading.Event) -> Iterator[Chunk]:
        from laterna.engines.diffusers.filming import Stopped, film

        loaded = self._load(self._placed(shot))

        def tell(share: float) -> None:
            if stop.is_set():
                raise Stopped
            if self.watch is not None:
                self.watch(share)

        try:
            self.notes = []
            yield from film(shot, self.source.preset, loaded, tell, self.notes)
        except Stopped:
            return

    def _load(self, options: Options) -> Loaded:
        from laterna.engines.diffusers.pipelines import load

        if self._loaded is None or self._loaded[0] != options:
            self._loaded = None  # two models at once may not fit
            self._loaded = (options, load(self.source, options))
        return self._loaded[1]


class _Film(Iterator[Chunk]):
    """Chunks as they are asked for; `close` may come from another thread than `next`."""

    def __init__(self, start: Callable[[threading.Event], Iterator[Chunk]]) -> None:
        self._stop = threading.Event()
        self._busy = threading.Lock()
        self._chunks = start(self._stop)

    def __next__(self) -> Chunk:
        with self._busy:
            if self._stop.is_set():
                raise StopIteration
            return next(self._chunks)

    def close(self) -> None:
        """Film no more; returns when nothing is being filmed."""
        self._stop.set()
        with self._busy:
            close = getattr(self._chunks, "close", None)
            if close is not None:
                close()
