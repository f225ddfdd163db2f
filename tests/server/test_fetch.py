"""Fetching from listed, public hosts over https, and from nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from laterna.server.errors import ApiError
from laterna.server.fetch import fetch, is_public, public_addresses
from laterna.server.settings import Limits, Settings

PUBLIC = "93.184.215.14"
NAMES = {
    "pictures.example": [PUBLIC],
    "also.example": ["2606:2800:21f:cb07:6820:80da:af6b:8b2c"],
    "inside.example": ["10.0.0.7"],
    "both.example": [PUBLIC, "127.0.0.1"],
    "meta.example": ["169.254.169.254"],
}
ALLOWED = (*NAMES, "pictures.example:8443", "nowhere.example", "127.0.0.1")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path, fetch=ALLOWED, limits=Limits(upload_bytes=1000))


def find(host: str, port: int) -> list[str]:
    if host.replace(".", "").isdecimal():
        return [host]
    if host not in NAMES:
        raise OSError("no such host")
    return NAMES[host]


Answer = Callable[[httpx.Request], httpx.Response]


def get(url: str, settings: Settings, answer: Answer | None = None) -> tuple[bytes, list[str]]:
    """What was fetched, and the addresses that were called."""
    called = []

    def handle(request: httpx.Request) -> httpx.Response:
        called.append(f"{request.url.host} {request.headers['host']}")
        assert request.extensions["sni_hostname"] == request.headers["host"].partition(":")[0]
        return (
            answer(request)
            if answer
            else httpx.Response(200, stream=httpx.ByteStream(b"a picture"))
        )

    transport = httpx.MockTransport(handle)
    data = fetch(url, settings, "input_reference.image_url", find=find, transport=transport)
    return data, called


def test_a_listed_host_is_called_by_the_address_that_was_looked_at(settings: Settings) -> None:
    data, called = get("https://pictures.example/a.png?b=c", settings)
    assert (data, called) == (b"a picture", [f"{PUBLIC} pictures.example"])
    assert get("https://also.example/", settings)[1][0].endswith(" also.example")
    assert get("https://pictures.example:8443/", settings)[1] == [f"{PUBLIC} pictures.example:8443"]


@pytest.mark.parametrize(
    "url",
    [
        "http://pictures.example/a.png",
        "file:///etc/passwd",
        "ftp://pictures.example/a",
        "https://other.example/a.png",
        "https://pictures.example.other.example/",
        "https://pictures.example:22/",
        "https://user:word@pictures.example/",
        "https://pictures.example\\@other.example/",
        "https://inside.example/",
        "https://both.example/",
        "https://meta.example/latest/meta-data/",
        "https://nowhere.example/",
        "https://127.0.0.1/",
        "https://[::1/",
        "https:///a.png",
        "https://pictures.example/a b",
        "https://pictures.example/\r\nHost: x",
        "https://pictures.example:99999/",
        "https://pictures.example/" + "a" * 5000,
        "",
    ],
)
def test_anything_else_is_refused_before_a_connection(url: str, settings: Settings) -> None:
    def never(request: httpx.Request) -> httpx.Response:
        raise AssertionError(request.url)

    with pytest.raises(ApiError) as refused:
        get(url, settings, never)
    assert (refused.value.status, refused.value.param) == (400, "input_reference.image_url")


def test_without_a_list_nothing_is_fetched(tmp_path: Path) -> None:
    with pytest.raises(ApiError, match="send the picture itself or a data URL"):
        get("https://pictures.example/a.png", Settings(tmp_path))


def to(target: str, status: int = 302) -> Answer:
    return lambda request: httpx.Response(status, headers={"Location": target})


@pytest.mark.parametrize(
    "target",
    ["http://pictures.example/", "https://other.example/", "https://inside.example/",
     "https://127.0.0.1/", "//inside.example/", "file:///etc/passwd"],
)  # fmt: skip
def test_a_redirect_goes_through_the_same_door(target: str, settings: Settings) -> None:
    with pytest.raises(ApiError) as refused:
        get("https://pictures.example/a.png", settings, to(target))
    assert refused.value.status == 400


def test_redirects_are_followed_and_end(settings: Settings) -> None:
    def once(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/a":
            return httpx.Response(301, headers={"Location": "/b"})
        return httpx.Response(200, stream=httpx.ByteStream(b"there"))

    assert get("https://pictures.example/a", settings, once)[0] == b"there"
    with pytest.raises(ApiError, match="redirects more than 3 times"):
        get("https://pictures.example/a", settings, to("/a"))


def test_too_much_is_not_read_to_its_end(settings: Settings) -> None:
    read = []

    class Endless(httpx.SyncByteStream):
        def __iter__(self):  # type: ignore[no-untyped-def]
            while True:
                read.append(1)
                yield bytes(100)

    with pytest.raises(ApiError) as refused:
        get("https://pictures.example/", settings, lambda _: httpx.Response(200, stream=Endless()))
    assert (refused.value.status, len(read)) == (413, 11)


@pytest.mark.parametrize("status", [204, 304, 404, 500])
def test_another_answer_is_no_picture(status: int, settings: Settings) -> None:
    with pytest.raises(ApiError, match=f"answered {status}"):
        get("https://pictures.example/", settings, lambda _: httpx.Response(status))


def test_a_host_that_hangs_up(settings: Settings) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectTimeout("no answer")

    with pytest.raises(ApiError, match="cannot be fetched"):
        get("https://pictures.example/", settings, fail)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        (PUBLIC, True), ("2606:4700::1111", True), ("127.0.0.1", False), ("10.1.2.3", False),
        ("192.168.0.1", False), ("172.16.0.1", False), ("169.254.169.254", False),
        ("100.64.0.1", False), ("0.0.0.0", False), ("224.0.0.1", False), ("255.255.255.255", False),
        ("240.0.0.1", False), ("::1", False), ("::", False), ("fe80::1%eth0", False),
        ("fd00::1", False), ("ff02::1", False), ("::ffff:10.0.0.1", False),
        ("::ffff:127.0.0.1", False), ("64:ff9b::7f00:1", False), ("2002:7f00:1::", False),
        ("2001:db8::1", False), ("not an address", False),
    ],
)  # fmt: skip
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_one_private_address_spoils_a_name() -> None:
    assert public_addresses("pictures.example", 443, find) == [PUBLIC]
    assert public_addresses("both.example", 443, find) == []
    assert public_addresses("nowhere.example", 443, find) == []
    assert public_addresses("a" * 300, 443) == []
