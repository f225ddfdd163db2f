"""What stands behind `remote:`: a server's address, one of its models, and the key it is shown.

The key never stands in the address, where it would be stored with jobs and shown in lists. It comes
from LATERNA_REMOTE_KEY_<HOST>_<PORT>, LATERNA_REMOTE_KEY_<HOST> or LATERNA_REMOTE_KEY, the host in
capitals with everything but letters and digits as an underscore.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from laterna.checks import check_number
from laterna.errors import InputError

__all__ = ["Target"]

KEY = "LATERNA_REMOTE_KEY"
REMEDY = "give a server's address, as in http://gpu.local:8000, with #MODEL behind it if you like"
MAX_FPS = 120.0


@dataclass(frozen=True, slots=True)
class Target:
    """`base` is scheme, host, port and path without /v1; `fps` a rate that was asked for."""

    base: str
    model: str = ""
    fps: float | None = None

    @classmethod
    def parse(cls, text: str) -> Target:
        """Read URL, URL#MODEL, URL?fps=N#MODEL. Raises InputError."""
        try:
            parts = urlsplit(text.strip())
            port = parts.port
        except ValueError as error:
            raise InputError("engine", "remote", REMEDY) from error
        if parts.username is not None or parts.password is not None:
            remedy = f"leave user and password out of the address; put the key into {KEY}"
            raise InputError("engine", "remote", remedy)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InputError("engine", f"remote:{text}", REMEDY)
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        path = re.sub(r"/+$", "", parts.path)
        path = re.sub(r"(/v1(/videos)?)$", "", path)
        base = f"{parts.scheme}://{host}" + (f":{port}" if port else "") + path
        return cls(base, parts.fragment, _fps(parts.query))

    @property
    def text(self) -> str:
        """The one spelling that `parse` reads back as this target."""
        rate = "" if self.fps is None else f"?fps={self.fps:g}"
        return self.base + rate + (f"#{self.model}" if self.model else "")

    @property
    def local(self) -> bool:
        """Whether it is on this machine, which no proxy leads to."""
        host = urlsplit(self.base).hostname or ""
        return host in ("localhost", "::1") or host.startswith("127.")

    def key(self, environment: Mapping[str, str] | None = None) -> str:
        """The key to show the server; empty where none is set."""
        environment = os.environ if environment is None else environment
        parts = urlsplit(self.base)
        host = re.sub(r"[^A-Z0-9]", "_", (parts.hostname or "").upper())
        port = parts.port or (443 if parts.scheme == "https" else 80)
        for name in (f"{KEY}_{host}_{port}", f"{KEY}_{host}", KEY):
            if environment.get(name):
                return environment[name].strip()
        return ""


def _fps(query: str) -> float | None:
    """`fps=16` and nothing else."""
    told = parse_qsl(query, keep_blank_values=True)
    if not told:
        return None
    if [name for name, _ in told] != ["fps"]:
        raise InputError("engine", f"?{query}", "only ?fps=N may stand behind the address")
    try:
        rate = float(told[0][1])
    except ValueError:
        rate = 0.0
    check_number("engine.fps", rate, 1, MAX_FPS, "frames per second")
    return rate
