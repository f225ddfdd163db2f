"""Where laterna keeps what it makes for itself: LATERNA_HOME, or the user's data folder."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_data_path

__all__ = ["home"]


def home() -> Path:
    """The data root; it need not exist yet."""
    asked = os.environ.get("LATERNA_HOME")
    return Path(asked).expanduser() if asked else user_data_path("laterna", appauthor=False)
