"""Which engines there are, by name: the built-in ones and those that other packages bring.

Some engines film with whatever they are pointed at, and are named KIND:TARGET: `diffusers:` and a
model's name, folder or file, `remote:` and a server's URL.

An engine of another package is an entry point of the group `laterna.engines` whose object, called
without arguments, gives an Engine. Nothing is imported before it is asked for by name, so a broken
engine hurts only those who want it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from laterna.engines.protocol import Engine
from laterna.errors import (
    DependencyError,
    EngineError,
    InputError,
    LaternaError,
    UnsupportedError,
)
from laterna.shot import MIN_SECONDS, Shot, length

__all__ = ["DEFAULT", "GROUP", "TARGETED", "asked_fields", "check", "engine_names", "load_engine"]

DEFAULT = "native"
GROUP = "laterna.engines"
BUILT_IN = {
    "native": "laterna.engines.native:NativeEngine",
    "native-torch": "laterna.engines.native_torch:NativeTorchEngine",
    "fake": "laterna.engines.fake:FakeEngine",
    "previs": "laterna.engines.previs:PrevisEngine",
}
TARGETED = {
    "diffusers": ("laterna.engines.diffusers:DiffusersEngine", "a model's name, folder or file"),
    "remote": ("laterna.engines.remote:RemoteEngine", "a server's URL"),
}

# Fields every engine honours (prompt, seconds, size, seed, frames) and one that is not the
# engine's: the finish is made of what it films.
_ALWAYS = frozenset({"prompt", "seconds", "size", "seed", "frames", "quality"})


def engine_names() -> tuple[str, ...]:
    """The names of all engines that need no target, the default first, the rest by alphabet."""
    names = {*BUILT_IN, *_brought()} - {DEFAULT}
    return (DEFAULT, *sorted(names))


def load_engine(name: str | None = None) -> Engine:
    """The engine of this name (or KIND:TARGET), ready to film; None is the one that ships with
    laterna.

    Raises InputError for a name that is not there, DependencyError when a package of its extra is
    missing, EngineError when it does not load for another reason, and what the engine itself
    raises (WeightsError).
    """
    name = DEFAULT if name is None else name
    kind, _, target = name.partition(":")
    points = _brought()
    try:
        if kind in TARGETED:
            place, what = TARGETED[kind]
            if not target:
                raise InputError("engine", name, f"say {kind}:TARGET, the target being {what}")
            return cast(Callable[[str], Engine], _found(place))(target)
        if name in BUILT_IN:
            maker = _found(BUILT_IN[name])
        elif name in points:
            maker = points[name].load()
        else:
            choice = ", ".join((*engine_names(), *(f"{kind}:TARGET" for kind in TARGETED)))
            raise InputError("engine", name, f"choose one of {choice}")
    except ImportError as error:
        missing = error.name or str(error)
        text = f"engine {name}: it needs {missing}, which is not installed"
        raise DependencyError(f"{text}; install the extra it comes with") from error
    except AttributeError as error:
        raise EngineError(f"engine {name}: it does not load ({error})") from error
    return cast(Callable[[], Engine], maker)()


def asked_fields(shot: Shot) -> frozenset[str]:
    """The fields of `shot` that ask something of an engine beyond prompt, length, size and seed."""
    plain = Shot(prompt=shot.prompt)
    return frozenset(
        name
        for name in Shot.__slots__
        if name not in _ALWAYS and not _same(getattr(shot, name), getattr(plain, name))
    )


def check(engine: Engine, shot: Shot) -> None:
    """Raise UnsupportedError for the first field of `shot` that `engine` cannot honour."""
    can = engine.capabilities
    for name in sorted(asked_fields(shot) - can.fields):
        remedy = f"the engine {engine.name} does not take it; {_who_takes(name, engine.name)}"
        raise UnsupportedError(name, getattr(shot, name), remedy)
    if length(shot) > can.max_seconds:
        if can.max_seconds <= MIN_SECONDS:
            remedy = f"the engine {engine.name} makes stills only: ask for a .png, or for frames=1"
            raise UnsupportedError("seconds", shot.seconds, remedy)
        remedy = f"the engine {engine.name} films at most {can.max_seconds:g} seconds"
        raise UnsupportedError("seconds", shot.seconds, remedy)


def _who_takes(field: str, besides: str) -> str:
    """Engines that honour a field of a Shot, in words: one of our own and an open-weight model."""
    takers = []
    if field != "extra":  # whose options are each engine's own
        for name in set(BUILT_IN) - {besides, "fake"}:
            with suppress(LaternaError):
                if field in load_engine(name).capabilities.fields:
                    takers.append(name)
        from laterna.engines.diffusers.presets import PRESETS
        from laterna.engines.installed import installed

        there = installed()
        models = [p.name for p in PRESETS if field in p.fields and p.name not in besides]
        models.sort(key=lambda name: name not in there)
        takers = [*sorted(takers)[:1], *(f"diffusers:{name}" for name in models[:1])]
    if not takers:
        return "leave it out or choose another engine"
    return f"{' and '.join(takers)} {'does' if len(takers) == 1 else 'do'}"


def _found(place: str) -> object:
    """What MODULE:ATTRIBUTE names."""
    module, _, attribute = place.partition(":")
    return getattr(import_module(module), attribute)


def _brought() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


def _same(value: object, default: object) -> bool:
    """Whether a field is as it was; arrays and strips never equal a default."""
    if default is None or value is None:
        return value is default
    return bool(value == default)
