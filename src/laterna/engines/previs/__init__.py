"""Previs: the footage renderer as an engine that a user asks for by name, never the default.

It renders what words, or exact options, say of place, hour, weather, subject and camera. What it
gives is rendered and not generated, and is labelled so; it is for blocking a shot in seconds, and
as control (`control_of`) for engines that film the same blocking with open weights.
"""

from laterna.engines.previs.blocking import read_blocking
from laterna.engines.previs.control import control_of
from laterna.engines.previs.engine import PrevisEngine

__all__ = ["PrevisEngine", "control_of", "read_blocking"]
