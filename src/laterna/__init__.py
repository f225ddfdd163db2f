"""laterna: a sentence in, a clip out.

    import laterna

    laterna.film("a red balloon over the hills at dawn").save("balloon.mp4")

    for chunk in laterna.load_engine().film(laterna.Shot("the sea at night, rain")):
        ...  # chunk.frames (T, H, W, 3) uint8, as they are filmed

Everything named here loads when it is first used, so that `import laterna` stays instant.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from laterna.clip import Clip as Clip
    from laterna.clip import film as film
    from laterna.engines.protocol import Capabilities as Capabilities
    from laterna.engines.protocol import Chunk as Chunk
    from laterna.engines.protocol import Engine as Engine
    from laterna.engines.protocol import Preflight as Preflight
    from laterna.engines.registry import load_engine as load_engine
    from laterna.errors import ClusterError as ClusterError
    from laterna.errors import DependencyError as DependencyError
    from laterna.errors import EngineError as EngineError
    from laterna.errors import InputError as InputError
    from laterna.errors import LaternaError as LaternaError
    from laterna.errors import MediaError as MediaError
    from laterna.errors import OutputError as OutputError
    from laterna.errors import UnsupportedError as UnsupportedError
    from laterna.errors import WeightsError as WeightsError
    from laterna.shot import Cue as Cue
    from laterna.shot import Keyframe as Keyframe
    from laterna.shot import Shot as Shot
    from laterna.shot import Strip as Strip

__version__ = "0.1.0"

_HOME = {
    "laterna.clip": ("Clip", "film"),
    "laterna.engines.protocol": ("Capabilities", "Chunk", "Engine", "Preflight"),
    "laterna.engines.registry": ("load_engine",),
    "laterna.errors": (
        "ClusterError",
        "DependencyError",
        "EngineError",
        "InputError",
        "LaternaError",
        "MediaError",
        "OutputError",
        "UnsupportedError",
        "WeightsError",
    ),
    "laterna.shot": ("Cue", "Keyframe", "Shot", "Strip"),
}
_HOME_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = sorted([*_HOME_OF, "__version__"])


def __getattr__(name: str) -> Any:
    """Load an exported name on first use (PEP 562)."""
    module = _HOME_OF.get(name)
    if module is None:
        raise AttributeError(f"module 'laterna' has no attribute {name!r}")
    value = getattr(import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
