"""Fetching what a URL in a request names: only from hosts that the operator listed.

A server that fetches what strangers ask for can be sent into its own network. So nothing is fetched
unless the host is in `settings.fetch`; its name is looked up once, every address of it has to be a
public one, and the connection goes to that very address, so that the name cannot mean another by
then. Redirects are followed by hand, each through the same door. https only; no cookies, no
credentials, no proxy of the environment.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

import httpx

from laterna.server.errors import ApiError, bad_request
from laterna.server.settings import Settings

__all__ = ["fetch", "is_public", "public_addresses"]

HOPS = 3
SECONDS = 20.0  # in all
STEP = 5.0  # for one connection, or one read
MAX_URL = 4096

Lookup = Callable[[str, int], list[str]]


def is_public(address: str) -> bool:
    """Whether an address is somebody's on the open internet: not ours, not reserved."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        # An IPv4 address inside is where the packets end up.
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo and found.teredo[1])
        if found in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner:
            return is_public(str(inner)) and found.sixtofour is None and found.teredo is None
    return found.is_global and not found.is_multicast and not found.is_reserved


def lookup(host: str, port: int) -> list[str]:
    """All addresses of a host. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def public_addresses(host: str, port: int, find: Lookup = lookup) -> list[str]:
    """The addresses of `host`; none when there are none, or when one of them is not public."""
    try:
        addresses = find(host, port)
    except (OSError, UnicodeError):
        return []
    return addresses if all(is_public(address) for address in addresses) else []


def fetch(
    url: str,
    settings: Settings,
    param: str,
    *,
    find: Lookup = lookup,
    transport: httpx.BaseTransport | None = None,
) -> bytes:
    """What lies at `url`, at most `limits.upload_bytes` of it.

    `find` looks names up and `transport` carries the requests; tests put their own there. Raises
    ApiError 400 that names `param`, or 413.
    """
    until = time.monotonic() + SECONDS
    timeout = httpx.Timeout(STEP)
    with httpx.Client(
        transport=transport, trust_env=False, timeout=timeout, follow_redirects=False
    ) as client:
        for _ in range(HOPS + 1):
            request = _request(client, url, settings, param, find)
            try:
                found = _get(client, request, settings.limits.upload_bytes, param, until)
            except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
                raise bad_request(param, f"{param}: the URL cannot be fetched") from error
            if isinstance(found, bytes):
                return found
            url = urljoin(url, found.target)
    raise bad_request(param, f"{param}: the URL redirects more than {HOPS} times")


class _Redirect:
    def __init__(self, target: str) -> None:
        self.target = target


def _request(
    client: httpx.Client, url: str, settings: Settings, param: str, find: Lookup
) -> httpx.Request:
    """A request to an address that was looked at, by the name that was asked for."""
    host, port, rest = _parts(url, param)
    allowed = {entry.lower() for entry in settings.fetch}
    if host not in allowed and f"{host}:{port}" not in allowed:
        remedy = "send the picture itself or a data URL" if not allowed else "ask its operator"
        raise bad_request(
            param, f"{param}: this server does not fetch from {host[:80]!r}; {remedy}"
        )
    if port != 443 and f"{host}:{port}" not in allowed:
        raise bad_request(param, f"{param}: port {port} of {host[:80]!r} is not fetched from")
    addresses = public_addresses(host, port, find)
    if not addresses:
        raise bad_request(param, f"{param}: {host[:80]!r} has no public address")
    address = f"[{addresses[0]}]" if ":" in addresses[0] else addresses[0]
    named = host if port == 443 else f"{host}:{port}"
    return client.build_request(
        "GET",
        f"https://{address}:{port}{rest}",
        headers={"Host": named, "Accept": "image/*", "Accept-Encoding": "identity"},
        extensions={"sni_hostname": host},  # the certificate has to be the name's
    )


def _parts(url: str, param: str) -> tuple[str, int, str]:
    """Host, port and the rest. Raises ApiError for what is not a plain https URL."""
    wrong = bad_request(param, f"{param}: give an https:// URL, a data URL, or the picture itself")
    if len(url) > MAX_URL or not url.isascii() or any(c <= " " for c in url):
        raise wrong
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port or 443
    except ValueError:
        raise wrong from None
    if parts.scheme != "https" or not host or parts.username or parts.password or "\\" in url:
        raise wrong
    query = f"?{parts.query}" if parts.query else ""
    return host, port, (parts.path or "/") + query


def _get(
    client: httpx.Client, request: httpx.Request, most: int, param: str, until: float
) -> bytes | _Redirect:
    response = client.send(request, stream=True)
    try:
        if response.has_redirect_location:
            return _Redirect(response.headers["location"])
        if response.status_code != 200:
            raise bad_request(param, f"{param}: the URL answered {response.status_code}")
        data = bytearray()
        for part in response.iter_raw():
            data += part
            if len(data) > most:
                message = f"{param}: what the URL holds is over {most:,} bytes"
                raise ApiError(413, message, param=param, code="too_large")
            if time.monotonic() > until:
                raise bad_request(param, f"{param}: the URL took over {SECONDS:g} s to fetch")
        return bytes(data)
    finally:
        response.close()
