"""Tries at a secret are counted per client, so that guessing is slow and floods cost little.

Counted in memory of the one process that answers: it bounds a nuisance, the length of the secrets
is what protects them. Addresses of IPv6 count by their /64, which is what one client has.
"""

from __future__ import annotations

import ipaddress
import math
import threading
import time
from collections import OrderedDict, deque

from fastapi import Request

from laterna.server.errors import ApiError

__all__ = ["Throttle", "address_of"]

CLIENTS = 10_000  # remembered; the longest silent is forgotten first


class Throttle:
    """At most `tries` within `seconds` for each client."""

    def __init__(self, tries: int = 10, seconds: float = 300.0) -> None:
        self.tries, self.seconds = tries, seconds
        self._tries: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def count(self, client: str) -> None:
        """One more try of `client`. Raises ApiError 429 when it is one too many."""
        now = time.monotonic()
        with self._lock:
            tries = self._tries.setdefault(client, deque(maxlen=self.tries))
            self._tries.move_to_end(client)
            while len(self._tries) > CLIENTS:
                self._tries.popitem(last=False)
            if len(tries) == self.tries and tries[0] > now - self.seconds:
                wait = math.ceil(tries[0] + self.seconds - now)
                raise ApiError(
                    429,
                    f"too many tries; wait {wait} s",
                    code="too_many_tries",
                    headers={"Retry-After": str(wait), "x-should-retry": "false"},
                )
            tries.append(now)

    def forgive(self, client: str) -> None:
        """It was right after all: forget the tries of `client`."""
        with self._lock:
            self._tries.pop(client, None)


def address_of(request: Request) -> str:
    """What tells clients apart."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
