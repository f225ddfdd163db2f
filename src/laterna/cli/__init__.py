"""`laterna VERB`: thin verbs over the library, one file a verb.

Whatever goes wrong is one line `error: ...` on standard error and an exit code: 0 done, 2 bad
input, 1 failure, 130 interrupted. LATERNA_DEBUG=1 shows the traceback as well.
"""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """The entry point of the console script. Exits."""
    try:
        from laterna.cli.app import run

        code = run()
    except KeyboardInterrupt:  # while the few modules above were loading
        code = 130
    raise SystemExit(code)
