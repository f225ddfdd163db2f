"""Who films: engines by the names that clients say, asked for their capabilities and no more.

Nothing is filmed in this process, so an engine is made once and never loads its networks.
"""

from __future__ import annotations

import threading

from laterna.clip import delivery
from laterna.engines.protocol import Capabilities, Engine
from laterna.engines.registry import engine_names, load_engine
from laterna.errors import DependencyError, LaternaError, UnsupportedError
from laterna.server.errors import ApiError, bad_request
from laterna.server.settings import Settings
from laterna.shot import QUALITIES, Shot, draft_grid
from laterna.size import RATIOS

__all__ = ["SIZES", "Engines", "qualities"]

SIZES = (*RATIOS, "720x1280", "1280x720", "1024x1792", "1792x1024", "1080x1920", "1920x1080")
SORA = "sora-2"  # what Sora's clients mean when they say nothing


class Engines:
    """The engines of one server."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._made: dict[str, Engine] = {}
        self._lock = threading.Lock()

    def get(self, name: str) -> Engine:
        """The engine called `name`. Raises LaternaError."""
        with self._lock:
            if name not in self._made:
                self._made[name] = load_engine(name)
            return self._made[name]

    @property
    def default(self) -> str:
        """The default engine as clients call it."""
        return self.settings.shown(self.settings.engine)

    def names(self) -> list[str]:
        """The default engine first; the one for tests only where it is the default."""
        return list(self._whole())

    def _whole(self) -> dict[str, str]:
        """Engines by the names clients say; only the operator says what stands behind KIND:."""
        others = {name: name for name in engine_names() if name != "fake"}
        return {self.default: self.settings.engine} | others | dict(self.settings.engines)

    def models(self) -> dict[str, str]:
        """Every name that `model` may take, and the engine it means."""
        engines = self._whole()
        told = {
            name: engines.get(engine, engine) if engine else self.settings.engine
            for name, engine in self.settings.models.items()
        }
        return {**told, **engines}

    def usable(self) -> dict[str, Engine]:
        """Engines that can be made here, by whole name; those whose extra is missing, or whose
        server is out of reach, are left out."""
        found = {}
        for name in dict.fromkeys(self.models().values()):
            try:
                found[name] = self.get(name)
                _ = found[name].capabilities
            except LaternaError:
                found.pop(name, None)
                continue
        return found

    def choose(self, model: str | None, engine: str | None) -> tuple[str, Engine]:
        """The model's name as it was asked for, and who films. Raises ApiError 400."""
        models = self.models()
        asked = model or (SORA if SORA in models else self.default)
        # A whole name is a row's: what goes on from a film is filmed by the same engine.
        if engine is not None and engine not in {*models, *models.values()}:
            remedy = f"choose one of {', '.join(self.names())}"
            raise bad_request("engine", f"engine: there is no {engine[:60]!r}; {remedy}")
        if asked not in models:
            remedy = f"choose one of {', '.join(models)}"
            message = f"model: there is no {asked[:60]!r}; {remedy}"
            raise bad_request("model", message, "model_not_found")
        name = models.get(engine, engine) if engine else models.get(asked, asked)
        try:
            found = self.get(name)
            _ = found.capabilities  # a server far away may be out of reach
            return asked, found
        except DependencyError as error:
            raise bad_request("engine", str(error), "engine_missing") from error
        except LaternaError as error:
            raise ApiError(503, str(error), code="engine_error") from error


def qualities(can: Capabilities) -> list[str]:
    """What can be asked of the finish."""
    found = []
    for quality in QUALITIES:
        try:
            delivery(Shot("x", quality=quality), draft_grid("16:9").frame, can.fps)
        except UnsupportedError:
            continue
        found.append(quality)
    return found
