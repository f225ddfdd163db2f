"""Open-weight models through diffusers: one engine, one small preset per model family."""

from laterna.engines.diffusers.engine import DiffusersEngine

__all__ = ["DiffusersEngine"]
