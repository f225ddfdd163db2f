"""Events sent to somebody's server: signed, repeated until they arrive, and nowhere private."""

from __future__ import annotations

import asyncio
import http.server
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from standardwebhooks import Webhook

from laterna.server.ids import new_id
from laterna.server.jobs.faults import Fault
from laterna.server.jobs.rows import Rows
from laterna.server.settings import Settings
from laterna.server.store import Store
from laterna.server.tables import Delivery, Endpoint, Owner, Video
from laterna.server.webhooks import signing
from laterna.server.webhooks.sender import Sender

from .conftest import Live


@dataclass
class Receiver:
    """A server that takes webhooks, answering with each of `answers`, then with 204."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    heard: list[tuple[str, dict[str, str]]] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    told = Receiver()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            told.heard.append((body, {k.lower(): v for k, v in self.headers.items()}))
            self.send_response(told.answers.pop(0) if told.answers else 204)
            self.send_header("location", "http://127.0.0.1:1/")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_port}/hook?x=1"
    yield told
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_video_that_ends_is_told_and_verified(live: Live, receiver: Receiver) -> None:
    with openai.OpenAI(base_url=f"{live.url}/v1", api_key=live.key) as client:
        made = client.webhooks.create(
            name="cutting room", url=receiver.url, event_types=["video.completed"]
        )
        video = live.filmed(draft=True)
        # Films that others asked for may end meanwhile, and are told too.
        deadline = time.monotonic() + 60
        while not (ours := [told for told in receiver.heard if video in told[0]]):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        body, headers = ours[0]
        event = client.webhooks.unwrap(body, headers, secret=made.signing_secret)
        assert (event.type, event.data.id) == ("video.completed", video)  # type: ignore[comparison-overlap,union-attr]
        Webhook(made.signing_secret).verify(body, headers)
        with pytest.raises(openai.InvalidWebhookSignatureError):
            client.webhooks.unwrap(body + " ", headers, secret=made.signing_secret)
        assert client.webhooks.delete(made.id).deleted


def test_endpoints_are_managed(live: Live, receiver: Receiver) -> None:
    with openai.OpenAI(base_url=f"{live.url}/v1", api_key=live.key) as client:
        types = client.get("/webhook_event_types", cast_to=object)
        assert types == {"object": "list", "data": ["video.completed", "video.failed"]}
        made = client.webhooks.create(name="a", url=receiver.url, event_types=["video.failed"])
        assert (
            made.signing_secret_hint and made.signing_secret_hint[-4:] == made.signing_secret[-4:]
        )
        changed = client.webhooks.update(made.id, name="b")
        assert (changed.name, changed.event_types) == ("b", ["video.failed"])
        assert "signing_secret" not in (changed.model_extra or {})
        assert made.id in [one.id for one in client.webhooks.list()]

        sample = client.webhooks.test(made.id, event_type="video.failed")
        assert (sample.success, sample.status_code) == (True, 204)
        rotated = client.webhooks.rotate_secret(made.id, keep_old_secret_active_for_24_hours=True)
        client.webhooks.test(made.id, event_type="video.failed")
        body, headers = receiver.heard[-1]
        assert len(headers["webhook-signature"].split()) == 2
        for secret in (made.signing_secret, rotated.signing_secret):
            client.webhooks.unwrap(body, headers, secret=secret)
        receiver.answers = [302]
        assert client.webhooks.test(made.id, event_type="video.failed").status_code == 302
        client.webhooks.delete(made.id)
        with pytest.raises(openai.NotFoundError):
            client.webhooks.retrieve(made.id)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",  # not over TLS
        "https://localhost/",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://[64:ff9b::7f00:1]/",  # 127.0.0.1 behind NAT64
        "https://a..b/",
        f"https://{'a' * 64}.org/",
        "https://169.254.169.254/latest",
        "https://user:word@example.org/",
        "ftp://example.org/",
        "https://",
        "https://example.org:99999/",
        "https://example.org/#x",
        "x" * 3000,
    ],
)
def test_addresses_that_are_refused(http: httpx.Client, url: str) -> None:
    told = {"name": "x", "url": url, "event_types": ["video.failed"]}
    answer = http.post("/v1/webhook_endpoints", json=told)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "url")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(Settings(data=tmp_path))
    yield store
    store.close()


def ended(store: Store, url: str) -> str:
    """An owner with an endpoint and a video that has ended."""
    now = time.time()
    owner = Owner(id=new_id("owner"), name="o", created=now)
    endpoint = Endpoint(
        id=new_id("we"), owner=owner.id, url=url, events=["video.completed"],
        secret=signing.new_secret(), created=now - 1,
    )  # fmt: skip
    video = Video(
        id=new_id("video"), owner=owner.id, status="completed", created=now, completed=now,
        model="sora-2", engine="fake", prompt="x", seconds="1", size="128x72", frames=8,
    )  # fmt: skip
    with store.session() as session:
        session.add(owner)
        session.flush()
        session.add_all([endpoint, video])
    return video.id


def test_what_fails_after_an_endpoint_was_made_is_told(store: Store, receiver: Receiver) -> None:
    video = ended(store, receiver.url)
    with store.session() as session:
        session.query(Endpoint).one().events = ["video.failed"]
        row = session.get_one(Video, video)
        row.status, row.completed = "queued", None
        row.created -= 3600  # long before the endpoint
    Rows(store, 3600.0).fail(video, Fault("engine_error", "no light"))
    rounds(store, 1)
    assert [json.loads(body)["type"] for body, _ in receiver.heard] == ["video.failed"]


def rounds(store: Store, count: int, *, hosts: tuple[str, ...] = ("127.0.0.1",)) -> None:
    """Send what is due, `count` times, without waiting in between."""
    settings = Settings(data=Path("unused"), hooks=hosts)

    async def run() -> None:
        sender = Sender(settings, store, waits=(0.0, 0.0))
        async with httpx.AsyncClient(trust_env=False) as client:
            for _ in range(count):
                await sender.round(client)

    asyncio.run(run())


def test_what_is_not_taken_is_sent_again_under_the_same_id(
    store: Store, receiver: Receiver
) -> None:
    ended(store, receiver.url)
    receiver.answers = [500, 302]
    rounds(store, 5)
    assert len(receiver.heard) == 3
    assert len({headers["webhook-id"] for _, headers in receiver.heard}) == 1
    with store.reading() as session:
        sent = session.query(Delivery).one()
        assert (sent.tries, sent.status, sent.due) == (3, 204, None)


def test_a_receiver_that_says_gone_is_left_alone(store: Store, receiver: Receiver) -> None:
    ended(store, receiver.url)
    receiver.answers = [410]
    rounds(store, 3)
    assert len(receiver.heard) == 1


def test_it_gives_up_in_the_end(store: Store, receiver: Receiver) -> None:
    ended(store, receiver.url)
    receiver.answers = [500] * 9
    rounds(store, 6)
    assert len(receiver.heard) == 3
    with store.reading() as session:
        assert session.query(Delivery).one().due is None


def test_a_name_that_leads_inside_is_not_followed(store: Store, receiver: Receiver) -> None:
    port = receiver.url.partition("1:")[2]
    ended(store, f"https://localhost:{port}")
    rounds(store, 3, hosts=())
    assert receiver.heard == []
    with store.reading() as session:
        sent = session.query(Delivery).one()
        assert (sent.status, sent.tries) == (None, 3)
