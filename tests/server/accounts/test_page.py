"""The admin page in a real browser: it works, it holds no markup of others, and axe is content."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI

from laterna.server.accounts import people
from laterna.server.store import Store

AXE = Path(__file__).parents[1] / "studio/vendor/axe.min.js"


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/admin"
        server.should_exit = server.force_exit = True
        thread.join(20)


@pytest.fixture(params=[("light", 1280), ("dark", 390)], ids=["light desktop", "dark phone"])
def page(browser: Any, address: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    scheme, width = request.param
    view = {"width": width, "height": 844}
    context = browser.new_context(viewport=view, color_scheme=scheme)
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.goto(address)
    yield page
    assert page.errors == []
    context.close()


def violations(page: Any) -> list[str]:
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run().then((all) => all.violations)")
    return [f"{v['id']}: {[node['target'] for node in v['nodes']]}" for v in found]


def test_an_administrator_at_work(page: Any, store: Store, admin: dict[str, str]) -> None:
    with store.session() as session:
        people.wait(session, "ada@example.org", "<img src=x onerror=alert(1)>")
    page.get_by_label("An administrator's key").fill("sk-laterna-wrong")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("is not one of this server").wait_for()
    assert violations(page) == []
    page.get_by_label("An administrator's key").fill(admin["Authorization"].split()[1])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Disable owner").wait_for()
    page.get_by_text("owner.add").wait_for()
    assert violations(page) == []
    assert page.locator("#waiting img").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    page.get_by_label("Name", exact=True).fill("Ben")
    page.get_by_role("button", name="Add owner").click()
    page.get_by_role("heading", name="Key of Ben").wait_for()
    assert page.locator("output").inner_text().startswith("sk-laterna-")
    assert violations(page) == []
    page.get_by_role("button", name="Done").click()
    page.get_by_role("button", name="Disable Ben").wait_for()
    page.get_by_label("Seconds a day of Ben").fill("60")
    page.keyboard.press("Tab")
    page.get_by_text("Ben is changed.").wait_for()
    page.get_by_role("button", name="Invite ada@example.org").click()
    page.get_by_role("heading", name="Invite for ada@example.org (invited)").wait_for()
    page.get_by_role("button", name="Done").click()
    page.get_by_role("radio", name="partner").check()
    page.get_by_text("The server is at partner now.").wait_for()
    with store.reading() as session:
        ben = people.owner_named(session, "Ben")
        assert ben.seconds_a_day == 60
        assert len(people.pending_invites(session)) == 1
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in").wait_for()
    assert not page.locator("#desk").is_visible()
