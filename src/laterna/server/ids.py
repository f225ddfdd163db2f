"""Names of things: a prefix that says what they are and 24 random characters."""

from __future__ import annotations

import re
import secrets

__all__ = ["is_id", "new_id"]

_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
_FORM = re.compile(r"[a-z]+_[0-9a-z]{24}")


def new_id(prefix: str) -> str:
    """A fresh name such as video_4x1c...: 124 random bits, safe as a file name."""
    return prefix + "_" + "".join(secrets.choice(_ALPHABET) for _ in range(24))


def is_id(text: str, prefix: str) -> bool:
    """Whether `text` can be a name of this kind; anything else never reaches a path."""
    return bool(_FORM.fullmatch(text)) and text.startswith(prefix + "_")
