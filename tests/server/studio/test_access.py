"""Everybody can work here: at both widths, in both schemes, by keys alone, and by axe's rules."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.server.studio.conftest import AXE, Open, sync_api
from tests.server.studio.stand_in import StandIn

expect = sync_api.expect

TOUCH = 44  # pixels
TARGETS = """[...document.querySelectorAll(`button, .button, select, summary, nav a, .tile,
  input:not([type=radio], [type=checkbox]), .segments label, .tick label`)]
  .filter((one) => one.checkVisibility() && !one.closest(".unseen, .said"))
  .map((one) => [one.getBoundingClientRect(), one])
  .filter(([box]) => box.width && (box.height < 43.5 || box.width < 24))
  .map(([box, one]) => one.outerHTML.slice(0, 80) + ` ${box.width}x${box.height}`)"""
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def ask(page: Any, expression: str) -> Any:
    """The value of a JavaScript expression; the debugger is above the page's policy."""
    session = page.context.new_cdp_session(page)
    told = {"expression": expression, "awaitPromise": True, "returnByValue": True}
    answer = session.send("Runtime.evaluate", told)
    assert "exceptionDetails" not in answer, answer
    return answer["result"].get("value")


def door(open_page: Open, server: StandIn, **how: str) -> Any:
    page = open_page(signed_in=False, **how)
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    return page


def gallery(open_page: Open, server: StandIn, **how: str) -> Any:
    for size in ("16:9", "9:16", "2.39:1"):
        server.add(f"a boat in {size}", wait=True, seconds=0.5, size=size)
    server.add("fail", wait=True, seconds=0.5)
    page = open_page(**how)
    expect(page.locator(".tile")).to_have_count(4)
    page.get_by_text("More", exact=True).click()
    return page


def filming(open_page: Open, server: StandIn, **how: str) -> Any:
    server.steps = threading.Semaphore(2)
    page = open_page(f"#/shot/{server.add('a boat')}", **how)
    expect(page.locator(".strip img")).to_have_count(2)
    return page


def shot(open_page: Open, server: StandIn, tool: str = "Remix", **how: str) -> Any:
    name = server.add("a boat on the lake at dawn", wait=True, seconds=0.5)
    server.add("another", wait=True, seconds=0.5)
    server.accept("remix", {"prompt": "the boat in snow", "seconds": 0.5}, name)
    page = open_page(f"#/shot/{name}", **how)
    page.get_by_role("tab", name=tool).click()
    expect(page.locator(".family li")).to_have_count(2)
    return page


def region(open_page: Open, server: StandIn, **how: str) -> Any:
    return shot(open_page, server, "Region", **how)


def reframe(open_page: Open, server: StandIn, **how: str) -> Any:
    return shot(open_page, server, "Reframe", **how)


def blend(open_page: Open, server: StandIn, **how: str) -> Any:
    page = shot(open_page, server, "Blend", **how)
    expect(page.locator(".shelf img").first).to_be_visible()
    return page


def camera(open_page: Open, server: StandIn, **how: str) -> Any:
    server.capabilities["options"] = ["camera"]
    return shot(open_page, server, "Camera", **how)


def composer_with_camera(open_page: Open, server: StandIn, **how: str) -> Any:
    server.capabilities["options"] = ["camera"]
    page = open_page(**how)
    page.get_by_text("More", exact=True).click()
    expect(page.get_by_role("group", name="Dolly")).to_be_visible()
    return page


def beside(open_page: Open, server: StandIn, **how: str) -> Any:
    page = shot(open_page, server, **how)
    page.get_by_role("button", name="Side by side").click()
    return page


def boards(open_page: Open, server: StandIn, **how: str) -> Any:
    page = board(open_page, server, **how)
    page.get_by_role("link", name="Storyboards").click()
    expect(page.locator(".list a")).to_have_count(1)
    return page


def board(open_page: Open, server: StandIn, **how: str) -> Any:
    page = open_page("#/boards", **how)
    page.get_by_role("button", name="New board").click()
    for words in ("dawn over the lake", "a boat comes in"):
        page.get_by_role("button", name="Add text").click()
        page.get_by_label("What it shows").fill(words)
    expect(page.locator(".card")).to_have_count(2)
    return page


PAGES = (
    door, gallery, composer_with_camera, filming, shot, camera, region, reframe, blend, beside,
    boards, board,
)  # fmt: skip


@pytest.mark.parametrize("width", ["desktop", "phone"])
@pytest.mark.parametrize("place", PAGES, ids=lambda place: place.__name__)
def test_axe_finds_nothing(open_page: Open, server: StandIn, place: Any, width: str) -> None:
    page = place(open_page, server, width=width)
    ask(page, AXE.read_text("utf-8") + "; 0")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = ask(page, "axe.run().then((all) => all.violations)")
        told = [
            f"{scheme}: {one['impact']} {one['id']}: {node['html'][:120]} {node['any'][:1]}"
            for one in found
            for node in one["nodes"]
        ]
        assert told == []
        assert ask(page, WIDER) <= 0, f"the page scrolls sideways in its {scheme} scheme"
        assert ask(page, TARGETS) == []


def test_a_shot_is_filmed_by_keys_alone(open_page: Open, server: StandIn) -> None:
    page = open_page()
    expect(page.get_by_label("What the shot shows")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="To the page")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("What the shot shows")).to_be_focused()
    page.keyboard.type("a boat on the lake")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.type("1")
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".player")).to_be_visible()
    asked = server.asked[-1][1]
    assert (asked["prompt"], asked["size"]) == ("a boat on the lake", "9:16")


def test_the_focus_is_seen(open_page: Open) -> None:
    page = open_page()
    page.get_by_label("What the shot shows").focus()
    page.keyboard.press("Tab")
    ring = page.locator(".segments input:focus-visible + span")
    expect(ring).to_have_css("outline-style", "solid")
    expect(ring).to_have_css("outline-width", "2px")


def test_news_are_said_to_who_cannot_see_them(open_page: Open, server: StandIn) -> None:
    server.steps = threading.Semaphore(1)
    page = open_page(f"#/shot/{server.add('a boat', seconds=1)}")
    said = page.locator("#said")
    expect(said).to_have_text("Filming chunk 2 of 2")
    server.steps.release()
    expect(said).to_have_text("Filmed")
