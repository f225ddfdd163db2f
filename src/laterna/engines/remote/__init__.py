"""An engine that has another server film: any that speaks /v1/videos.

    remote:http://gpu.local:8000            what it films with by default
    remote:http://gpu.local:8000#wan        one of its models
    remote:http://gpu.local:30000?fps=16    a rate, where the server does not tell its own

A shot becomes a request (`requests`), which `wire` carries to the server that `servers` recognised;
`engine` follows the job there, and `result` looks at what comes back before anything is made of it.
"""

from laterna.engines.remote.engine import Patience, RemoteEngine

__all__ = ["Patience", "RemoteEngine"]
