"""Throttling by client."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from laterna.server.accounts.throttle import Throttle, address_of
from laterna.server.errors import ApiError


def asked_from(host: str) -> str:
    return address_of(Request({"type": "http", "client": (host, 1), "headers": []}))


def test_an_ipv6_client_is_its_network() -> None:
    assert asked_from("2001:db8:1:2:3::4") == asked_from("2001:db8:1:2:ffff::1")
    assert asked_from("2001:db8:1:2::1") != asked_from("2001:db8:1:3::1")
    assert asked_from("192.0.2.1") != asked_from("192.0.2.2")
    assert asked_from("testclient") == "testclient"


def test_tries_run_out_and_come_back() -> None:
    throttle = Throttle(tries=2, seconds=0.0)
    for _ in range(9):
        throttle.count("a")
    strict = Throttle(tries=2, seconds=60)
    strict.count("a")
    strict.count("a")
    strict.count("b")
    with pytest.raises(ApiError, match="too many tries"):
        strict.count("a")
    strict.forgive("a")
    strict.count("a")


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("laterna.server.accounts.throttle.CLIENTS", 10)
    throttle = Throttle()
    for n in range(100):
        throttle.count(str(n))
    assert len(throttle._tries) == 10
