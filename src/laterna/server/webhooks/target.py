"""Where a webhook may go: to the public internet over TLS, or to hosts the operator has named.

A host's address is looked up once and the connection made to that very address, so a name that
answers something else the second time reaches nothing inside. Redirects are not followed.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import httpx

from laterna.server.errors import bad_request
from laterna.server.fetch import is_public
from laterna.server.settings import Settings

__all__ = ["Forbidden", "check", "post"]

MAX_URL = 2000
TIMEOUT = httpx.Timeout(15.0)


class Forbidden(Exception):
    """The host has no address that webhooks may reach."""


@dataclass(frozen=True, slots=True)
class _Target:
    host: str
    port: int
    secure: bool
    path: str


def check(url: str, settings: Settings) -> None:
    """Whether `url` can be an endpoint; its address is judged when something is sent.

    Raises ApiError 400.
    """
    try:
        target = _parse(url)
    except ValueError as error:
        raise bad_request("url", f"url: {error}") from error
    if not target.secure and target.host not in settings.hooks:
        raise bad_request("url", "url: use https, or have the operator allow this host")
    if target.host not in settings.hooks and _is_private_name(target.host):
        raise bad_request("url", f"url: {target.host} is no public host")


async def post(
    client: httpx.AsyncClient, url: str, body: str, headers: dict[str, str], settings: Settings
) -> int:
    """Send `body`; the status of the answer. Raises Forbidden, httpx.HTTPError and OSError."""
    target = _parse(url)
    allowed = target.host in settings.hooks
    if not (target.secure or allowed):
        raise Forbidden("only https is allowed")
    address = await _address(target, allowed)
    shown = f"[{address}]" if ":" in address else address
    scheme = "https" if target.secure else "http"
    aim = urlunsplit((scheme, f"{shown}:{target.port}", target.path, "", ""))
    host = target.host if ":" not in target.host else f"[{target.host}]"
    named = {**headers, "host": f"{host}:{target.port}"}
    extensions = {"sni_hostname": target.host} if target.secure else {}
    request = client.build_request(
        "POST",
        aim,
        content=body,
        headers=named,
        extensions={**extensions, "timeout": TIMEOUT.as_dict()},
    )
    answer = await client.send(request, stream=True)  # whatever the body is, it is not wanted
    await answer.aclose()
    return answer.status_code


async def _address(target: _Target, allowed: bool) -> str:
    import asyncio

    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or (not allowed and not all(is_public(one) for one in addresses)):
        raise Forbidden(f"{target.host} is not at a public address")
    return addresses[0]


def _parse(url: str) -> _Target:
    if len(url) > MAX_URL or not url.isprintable() or " " in url:
        raise ValueError("it is not an address")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("give https://HOST/PATH")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise ValueError("leave out users, passwords and fragments")
    try:
        parts.hostname.encode("idna")
    except UnicodeError as error:
        raise ValueError(f"{parts.hostname[:80]} can be no host's name") from error
    secure = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return _Target(parts.hostname, parts.port or (443 if secure else 80), secure, path)


def _is_private_name(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal"))
    return not is_public(host)
