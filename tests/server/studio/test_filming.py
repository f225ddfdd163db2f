"""From the key at the door to a film that plays: what the page shows on the way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from laterna.server.errors import ApiError
from tests.server.studio.conftest import Open, sync_api
from tests.server.studio.stand_in import KEY, StandIn

expect = sync_api.expect


def write(page: Any, prompt: str, seconds: str = "1") -> None:
    page.get_by_label("What the shot shows").fill(prompt)
    page.get_by_label("Length", exact=True).fill(seconds)
    page.get_by_role("button", name="Film", exact=True).click()


def test_a_key_opens_the_door_and_a_wrong_one_says_so(open_page: Open) -> None:
    page = open_page(signed_in=False)
    page.get_by_label("Key").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("not one of this server")
    page.get_by_label("Key").fill(KEY)
    page.keyboard.press("Enter")
    expect(page.get_by_label("What the shot shows")).to_be_visible()
    assert KEY not in str(page.context.storage_state()["origins"])
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Key")).to_be_visible()


def test_frames_appear_while_they_are_made(open_page: Open, server: StandIn) -> None:
    server.steps = threading.Semaphore(0)
    page = open_page()
    write(page, "A red balloon over the hills", "2")
    told = page.locator(".waiting")
    expect(told).to_have_text("Starting to film")
    server.steps.release(2)
    expect(told).to_have_text("Filming chunk 3 of 4")
    expect(page.locator(".strip img")).to_have_count(2)
    assert page.locator(".live .screen img").get_attribute("src").startswith("data:image/jpeg")
    server.steps.release(2)
    expect(page.locator(".player video")).to_be_visible()
    assert server.asked[-1] == (
        "create",
        {"prompt": "A red balloon over the hills", "size": "16:9", "seconds": "2"},
    )


def test_it_says_what_a_shot_waits_for(open_page: Open, server: StandIn) -> None:
    server.steps = threading.Semaphore(0)
    server.add("the one that is filmed")
    server.add("the one before")
    page = open_page()
    write(page, "the one that waits")
    expect(page.locator(".waiting")).to_have_text("Waiting in the queue, 1 before it")
    page.get_by_role("link", name="laterna").click()
    expect(page.locator(".tile").first).to_contain_text("Waiting in the queue, 1 before it")


def test_a_shot_can_be_cancelled_while_it_is_filmed(open_page: Open, server: StandIn) -> None:
    server.steps = threading.Semaphore(0)
    page = open_page()
    write(page, "never finished", "4")
    expect(page.locator(".waiting")).to_have_text("Starting to film")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", name="Cancelled")).to_be_visible()


def test_a_shot_that_failed_says_why(open_page: Open, server: StandIn) -> None:
    page = open_page(f"#/shot/{server.add('fail', wait=True)}")
    expect(page.get_by_role("alert").first).to_contain_text("ran out of memory")


def test_a_refusal_stands_at_the_field_it_is_about(open_page: Open, server: StandIn) -> None:
    message = "seconds: 90 is too long; the engine films at most 60 seconds"
    server.refuse = ApiError(400, message, param="seconds")
    page = open_page()
    write(page, "too long", "90")
    expect(page.get_by_role("alert")).to_have_text(message)
    length = page.get_by_label("Length", exact=True)
    expect(length).to_have_attribute("aria-invalid", "true")
    expect(length).to_be_focused()
    length.fill("1")
    page.keyboard.press("Enter")
    expect(page.locator(".player")).to_be_visible()


def test_a_full_queue_says_when_to_come_back(open_page: Open, server: StandIn) -> None:
    server.refuse = ApiError(429, "The queue is full.", headers={"Retry-After": "30"})
    page = open_page()
    write(page, "later")
    expect(page.get_by_role("alert")).to_have_text("The queue is full. Try again in 30 s.")


def test_pictures_are_cut_to_the_frame_before_they_are_sent(
    open_page: Open, server: StandIn, picture: Callable[[int, int], str]
) -> None:
    page = open_page()
    page.get_by_text("More", exact=True).click()
    page.get_by_label("First frame").set_input_files(picture(400, 400))
    write(page, "from a picture")
    expect(page.locator(".player")).to_be_visible()
    high, wide = server.asked[-1][1]["input_reference"]["shape"]
    assert wide / high == pytest.approx(16 / 9, rel=0.01)


def test_pointing_at_a_shot_plays_it_and_looking_away_stops_it(
    open_page: Open, server: StandIn
) -> None:
    server.add("a boat on the lake", wait=True, seconds=1)
    page = open_page()
    tile = page.get_by_role("link", name="a boat on the lake")
    expect(tile.locator("video")).to_have_count(0)
    tile.hover()
    expect(tile.locator("video")).to_have_class("on")
    page.mouse.move(0, 0)
    expect(tile.locator("video")).to_have_count(0)


def test_nothing_moves_by_itself_for_those_who_asked_for_that(
    open_page: Open, server: StandIn
) -> None:
    name = server.add("a boat on the lake", wait=True, seconds=1)
    page = open_page(reduced_motion="reduce")
    tile = page.get_by_role("link", name="a boat on the lake")
    tile.hover()
    tile.focus()
    expect(tile.locator("video")).to_have_count(0)
    page.goto(page.url.partition("#")[0] + f"#/shot/{name}")
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_older_shots_come_on_request(open_page: Open, server: StandIn) -> None:
    server.go.clear()
    for number in range(33):
        server.add(f"shot {number}")
    page = open_page()
    expect(page.locator(".tile")).to_have_count(30)
    page.get_by_role("button", name="Older shots").click()
    expect(page.locator(".tile")).to_have_count(33)
    expect(page.get_by_role("button", name="Older shots")).to_be_hidden()


def test_only_what_the_engine_can_do_is_offered(open_page: Open, server: StandIn) -> None:
    server.capabilities |= {"fields": ["loop"], "passes": [], "qualities": ["quick"]}
    name = server.add("a boat", wait=True, seconds=1)
    page = open_page()
    page.get_by_text("More", exact=True).click()
    expect(page.get_by_text("Loop without a seam")).to_be_visible()
    for name_ in ("First frame", "Guidance", "Keep away from", "Finish", "Depth", "Dolly"):
        expect(page.get_by_text(name_, exact=True)).to_have_count(0)
    page.goto(page.url.partition("#")[0] + f"#/shot/{name}")
    expect(page.locator(".player")).to_be_visible()
    expect(page.get_by_role("tab")).to_have_count(0)
    expect(page.locator("main")).not_to_contain_text("null")


def move(page: Any, name: str, start: str, end: str) -> None:
    """Says where one of the camera's moves begins and where it ends."""
    one = page.get_by_role("group", name=name)
    one.get_by_label("from").fill(start)
    one.get_by_label("to", exact=True).fill(end)


def test_camera_and_passes_are_asked_for_where_the_engine_has_them(
    open_page: Open, server: StandIn
) -> None:
    server.capabilities["options"] = ["camera"]
    page = open_page()
    page.get_by_text("More", exact=True).click()
    page.get_by_label("Depth").check()
    move(page, "Dolly", "", "2.5")
    move(page, "Pan", "0", "10")
    move(page, "Zoom", "28", "")
    page.get_by_role("radio", name="Draft").check(force=True)
    write(page, "towards the house", "2")
    expect(page.get_by_role("link", name="Depth pass")).to_be_visible()
    asked = server.asked[-1][1]
    assert asked["camera"] == [
        {"second": 0, "pan": 0, "focal": 28},
        {"second": 2, "pan": -10, "z": -2.5},
    ]
    assert (asked["passes"], asked["draft"]) == (["depth"], True)


def test_a_move_that_is_refused_is_marked_where_it_was_written(
    open_page: Open, server: StandIn
) -> None:
    server.capabilities["options"] = ["camera"]
    message = "camera[1].tilt: 40 is no good; use -25 to 25"
    server.refuse = ApiError(400, message, param="camera[1].tilt")
    page = open_page()
    page.get_by_text("More", exact=True).click()
    move(page, "Tilt", "0", "40")
    write(page, "up into the sky")
    expect(page.get_by_role("alert")).to_have_text(message)
    end = page.get_by_role("group", name="Tilt").get_by_label("to", exact=True)
    expect(end).to_be_focused()
    expect(end).to_have_attribute("aria-invalid", "true")
    move(page, "Tilt", "0", "20")
    page.keyboard.press("Enter")
    expect(page.locator(".player")).to_be_visible()
    assert server.asked[-1][1]["camera"][1] == {"second": 1, "tilt": 20}


def test_words_of_a_prompt_never_become_markup(open_page: Open, server: StandIn) -> None:
    name = server.add("<img src=x onerror=alert(1)> & <b>boat</b>", wait=True, seconds=1)
    page = open_page(f"#/shot/{name}")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("<img src=x onerror=alert(1)> & <b>boat</b>")


def test_the_choice_of_light_or_dark_is_kept(open_page: Open) -> None:
    page = open_page(scheme="light")
    page.get_by_label("Light or dark").select_option("dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("html")).to_have_css("background-color", "rgb(26, 26, 26)")
