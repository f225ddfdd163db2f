"""A storyboard: cards on a time line, where spacing is timing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.server.studio.conftest import Open, sync_api
from tests.server.studio.stand_in import StandIn

expect = sync_api.expect


@pytest.fixture
def board(open_page: Open) -> Any:
    """A new board, open."""
    page = open_page("#/boards")
    page.get_by_role("button", name="New board").click()
    expect(page.get_by_role("button", name="Add text")).to_be_visible()
    return page


def add(page: Any, text: str) -> None:
    page.get_by_role("button", name="Add text").click()
    page.get_by_label("What it shows").fill(text)


def card(page: Any, text: str) -> Any:
    return page.locator(".card").filter(has_text=text)


def says(text: str) -> re.Pattern[str]:
    return re.compile(re.escape(text))


def film(page: Any) -> None:
    page.get_by_role("button", name=re.compile(r"^Film \d+ card")).click()
    expect(page.get_by_role("button", name="All filmed")).to_be_visible(timeout=60_000)


def test_a_card_lasts_until_the_next_one(board: Any) -> None:
    add(board, "dawn")
    add(board, "noon")
    expect(card(board, "dawn")).to_have_accessible_name(says("at 0 s, lasts 4 s"))
    expect(card(board, "noon")).to_have_accessible_name(says("at 4 s, lasts 4 s"))
    card(board, "noon").focus()
    board.keyboard.press("Shift+ArrowLeft")
    board.keyboard.press("ArrowLeft")
    expect(card(board, "noon")).to_be_focused()
    expect(card(board, "noon")).to_have_accessible_name(says("at 2.88 s"))
    expect(card(board, "dawn")).to_have_accessible_name(says("lasts 2.88 s"))


def test_cards_are_dragged_and_change_places(board: Any) -> None:
    add(board, "dawn")
    add(board, "noon")
    place = card(board, "dawn").bounding_box()
    lane = board.locator(".lane").bounding_box()
    board.mouse.move(place["x"] + 20, place["y"] + 20)
    board.mouse.down()
    board.mouse.move(place["x"] + 20 + lane["width"] * 0.75, place["y"] + 20, steps=6)
    board.mouse.up()
    expect(card(board, "dawn")).to_have_accessible_name(says("at 6 s, lasts 2 s"))
    expect(card(board, "noon")).to_have_accessible_name(says("card 1, at 4 s"))


def test_cards_are_filmed_as_long_as_they_last(board: Any, server: StandIn) -> None:
    add(board, "dawn")
    add(board, "noon")
    board.get_by_label("Length", exact=True).fill("5")
    board.get_by_label("Length", exact=True).press("Tab")
    board.get_by_label("Finish").select_option("draft")
    film(board)
    asked = [(one["prompt"], one["seconds"], one["draft"]) for _, one in server.asked]
    assert asked == [("dawn", "4", True), ("noon", "1", True)]


def test_a_card_goes_on_from_the_one_before_it(board: Any, server: StandIn) -> None:
    add(board, "dawn")
    add(board, "noon")
    board.get_by_role("radio", name="Goes on from the card before").check(force=True)
    film(board)
    first, second = server.asked
    assert (first[0], second[0]) == ("create", "extension")
    assert second[1]["video"]["id"] in server.films


def test_a_picture_card_films_from_its_picture(
    board: Any, server: StandIn, picture: Callable[[int, int], str]
) -> None:
    board.get_by_role("button", name="Add picture").click()
    expect(board.get_by_role("button", name="Nothing to film", exact=True)).to_be_disabled()
    board.get_by_label("Picture", exact=True).set_input_files(picture(300, 200))
    board.get_by_label("What it shows").fill("the lake")
    expect(board.locator(".card img")).to_be_visible()
    film(board)
    high, wide = server.asked[-1][1]["input_reference"]["shape"]
    assert wide / high == pytest.approx(16 / 9, rel=0.01)


def test_splitting_keeps_both_parts_of_a_take_and_one_can_be_retaken(
    board: Any, server: StandIn
) -> None:
    add(board, "the lake")
    film(board)
    board.get_by_label("Playhead").fill("1.5")
    board.get_by_role("button", name="Split at playhead").click()
    expect(board.locator(".card[data-state=filmed]")).to_have_count(2)
    board.get_by_label("What it shows").fill("the lake, a boat comes in")
    last = board.locator(".card").last
    expect(last).to_have_accessible_name(says("changed since its take"))
    board.get_by_role("button", name="Retake").click()
    expect(last).to_have_attribute("data-state", "filmed", timeout=30_000)
    assert server.asked[-1][1] == {
        "prompt": "the lake, a boat comes in",
        "seconds": "2.5",
        "size": "16:9",
    }
    board.get_by_label("Take", exact=True).select_option(label="Take 1")
    expect(last).to_have_attribute("data-state", "filmed")


def test_a_split_too_near_an_edge_is_refused_in_words(board: Any) -> None:
    add(board, "the lake")
    board.locator(".card").focus()
    board.keyboard.press("s")
    expect(board.locator(".add .note")).to_contain_text("half a second or more inside")
    expect(board.locator(".card")).to_have_count(1)


def test_a_finished_shot_becomes_a_clip_card_and_plays(board: Any, server: StandIn) -> None:
    name = server.add("a boat on the lake", wait=True, seconds=1)
    board.get_by_role("button", name="Add clip").click()
    board.get_by_role("radio", name="a boat on the lake").check(force=True)
    expect(board.locator(".card")).to_contain_text("a boat on the lake")
    board.get_by_role("button", name="Play", exact=True).click()
    expect(board.locator(".monitor video:visible")).to_have_attribute(
        "src", f"/v1/videos/{name}/content"
    )
    expect(board.get_by_role("button", name="Play", exact=True)).to_be_visible()  # at the end
    expect(board.locator(".code")).to_have_text("0:04:00 / 0:04:00")


def test_a_board_is_there_again_after_a_reload(board: Any) -> None:
    add(board, "the lake")
    board.get_by_label("Name of the board").fill("Trailer")
    board.get_by_label("Name of the board").press("Enter")
    board.get_by_role("link", name="Storyboards").click()
    expect(board.get_by_role("link", name=re.compile("Trailer 1 card"))).to_be_visible()
    board.reload()
    board.get_by_role("link", name=re.compile("Trailer 1 card")).click()
    expect(card(board, "the lake")).to_be_visible()


def test_a_card_goes_on_from_a_clip_only_where_its_engine_can(board: Any, server: StandIn) -> None:
    name = server.add("the lake", wait=True, seconds=4)
    server.films[name].told["engine"] = "gone"
    server.add("the sea", wait=True, seconds=4)
    board.get_by_role("button", name="Add clip").click()
    board.get_by_role("radio", name="the sea").check(force=True)
    add(board, "night")
    expect(board.get_by_role("radio", name="Goes on from the card before")).to_have_count(1)
    card(board, "the sea").click()
    board.get_by_role("radio", name="the lake").check(force=True)
    card(board, "night").click()
    expect(board.get_by_role("radio", name="Goes on from the card before")).to_have_count(0)


def test_a_card_has_a_camera_that_lasts_as_long_as_it_does(
    open_page: Open, server: StandIn
) -> None:
    server.capabilities["options"] = ["camera"]
    page = open_page("#/boards")
    page.get_by_role("button", name="New board").click()
    add(page, "dawn")
    page.get_by_text("Camera", exact=True).click()
    page.get_by_role("group", name="Pan").get_by_label("to", exact=True).fill("-20")
    page.get_by_label("Length", exact=True).fill("3")
    page.get_by_label("Length", exact=True).press("Tab")
    film(page)
    assert server.asked[-1][1]["camera"] == [{"second": 0}, {"second": 3, "pan": 20}]
    page.get_by_role("group", name="Pan").get_by_label("to", exact=True).fill("-30")
    expect(card(page, "dawn")).to_have_attribute("data-state", "changed")
    page.reload()
    end = page.get_by_role("group", name="Pan").get_by_label("to", exact=True)
    expect(end).to_have_value("-30")


def test_a_take_that_fails_says_why_on_its_card(board: Any) -> None:
    add(board, "fail")
    board.get_by_role("button", name=re.compile("^Film 1 card")).click()
    expect(board.get_by_role("alert")).to_contain_text("ran out of memory")
    expect(card(board, "fail")).to_have_attribute("data-state", "missing")


def test_a_card_is_removed_by_key_and_the_one_before_lasts_longer(board: Any) -> None:
    add(board, "dawn")
    add(board, "noon")
    card(board, "noon").focus()
    board.keyboard.press("Delete")
    expect(board.locator(".card")).to_have_count(1)
    expect(card(board, "dawn")).to_have_accessible_name(says("lasts 8 s"))
    expect(card(board, "dawn")).to_be_focused()


def test_what_is_written_stays_while_another_card_is_filmed(board: Any) -> None:
    add(board, "dawn")
    board.get_by_role("button", name=re.compile("^Film 1 card")).click()
    add(board, "noon, and ")
    field = board.get_by_label("What it shows")
    field.press("End")
    field.press_sequentially("then more", delay=250)
    expect(card(board, "dawn")).to_have_attribute("data-state", "filmed", timeout=30_000)
    expect(field).to_be_focused()
    expect(field).to_have_value("noon, and then more")


def test_on_a_phone_a_new_card_is_brought_into_sight(open_page: Open) -> None:
    page = open_page("#/boards", width="phone")
    page.get_by_role("button", name="New board").click()
    for words in ("dawn", "noon", "dusk"):
        add(page, words)
    expect(card(page, "dusk")).to_be_in_viewport(ratio=0.5)
