"""The studio: the page that comes with the server. Files as they lie here, and no build step.

The page is a client like any other. It talks to the public API alone, signs in with a key for a
cookie, and asks nobody but this server for anything: no fonts, no scripts, no figures from
elsewhere. The content policy holds the browser to that, so a prompt that got into the page as
markup could neither run nor phone home.
"""

from __future__ import annotations

from laterna.server.studio.routes import router

__all__ = ["router"]
