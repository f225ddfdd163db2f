"""What is sent: an event that names the video, in the form OpenAI's clients unwrap."""

from __future__ import annotations

import hashlib
import json

__all__ = ["TYPES", "event", "name_of"]

TYPES = ("video.completed", "video.failed")


def event(name: str, kind: str, video: str, moment: float) -> str:
    """The body of one event."""
    data = {"id": video}
    told = {"id": name, "object": "event", "created_at": int(moment), "type": kind, "data": data}
    return json.dumps(told, separators=(",", ":"))


def name_of(endpoint: str, video: str, kind: str) -> str:
    """The id of this event for this endpoint: whoever finds it twice writes it once."""
    digest = hashlib.sha256(f"{endpoint} {video} {kind}".encode()).hexdigest()
    return f"evt_{digest[:24]}"
