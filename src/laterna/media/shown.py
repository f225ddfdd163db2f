"""What engines are shown of pictures and film that exist: how large, and how many frames a second.

An engine that films drafts is shown drafts. Any other films a size of its own, which only itself
knows, so it is shown what is there: cropped to the shape that is asked for and scaled down only
where it is larger than anything a shot can be.
"""

from __future__ import annotations

from laterna.media.scale import cropped_size
from laterna.shot import DRAFT_FPS, MAX_SIDE, Size, draft_grid
from laterna.size import aspect

__all__ = ["shown_rate", "shown_size"]


def shown_size(have: Size, size: object, drafts: bool) -> Size:
    """Width and height of a picture of `have` (width, height) as an engine is shown it.

    `size` is the shot's, `drafts` whether the engine films drafts. Raises InputError for what is
    not a size.
    """
    if drafts:
        return draft_grid(size).frame
    return cropped_size(have, aspect(size), MAX_SIDE)


def shown_rate(have: float, fps: float, drafts: bool) -> float:
    """Frames a second of a film of `have` as an engine of `fps` is shown it, never more than it
    films itself."""
    return DRAFT_FPS if drafts else min(have, fps)
