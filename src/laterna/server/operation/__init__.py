"""Running it: is it well, what is it doing, what did it do, and what may go.

router        /health, /ready and /metrics
Observe       ASGI: counts and logs every request
log           JSON lines with request and job ids
retention     what is too old, or too much, expires
"""

from laterna.server.operation.observe import Observe
from laterna.server.operation.retention import Sweeper, sweep
from laterna.server.operation.routes import router

__all__ = ["Observe", "Sweeper", "router", "sweep"]
