"""What is made of a shot: each tool asks the server for what it says on the page."""

from __future__ import annotations

from typing import Any

import pytest

from laterna.server.errors import ApiError
from tests.server.studio.conftest import Open, sync_api
from tests.server.studio.stand_in import StandIn

expect = sync_api.expect


@pytest.fixture
def shot(open_page: Open, server: StandIn) -> tuple[Any, str]:
    """A page with a finished shot, and its id."""
    name = server.add("a boat on the lake", wait=True, seconds=1)
    page = open_page(f"#/shot/{name}")
    expect(page.get_by_role("tab", name="Remix")).to_be_visible()
    return page, name


def use(page: Any, tool: str, button: str) -> Any:
    page.get_by_role("tab", name=tool).click()
    return page.get_by_role("button", name=button)


def test_remix_with_a_strength(shot: Any, server: StandIn) -> None:
    page, _ = shot
    page.get_by_label("What it shows now").fill("the boat at night")
    strength = page.get_by_label("Strength")
    expect(page.get_by_text("mild, 0.60")).to_be_visible()
    for _ in range(6):
        strength.press("ArrowRight")
    expect(
        page.get_by_text("strong, 0.90").or_(page.get_by_text("nearly all, 0.90"))
    ).to_be_visible()
    page.get_by_role("button", name="Film the remix").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("the boat at night")
    assert server.asked[-1] == ("remix", {"prompt": "the boat at night", "strength": 0.9})
    expect(page.locator(".family li")).to_have_count(2)


@pytest.mark.parametrize(
    ("label", "side"), [("What happens next", "end"), ("What came before", "start")]
)
def test_extend_on_either_side(shot: Any, server: StandIn, label: str, side: str) -> None:
    page, name = shot
    button = use(page, "Extend", "Film the extension")
    page.get_by_role("radio", name=label).check(force=True)
    page.get_by_label("New seconds").fill("2")
    button.click()
    expect(page.locator(".live, .player")).to_be_visible()
    expect(page.get_by_text("Extend", exact=False).first).to_be_visible()
    kind, asked = server.asked[-1]
    assert kind == "extension"
    assert (asked["side"], asked["seconds"], asked["video"]) == (side, "2", {"id": name})


def test_loop(shot: Any, server: StandIn) -> None:
    page, name = shot
    use(page, "Loop", "Film the loop").click()
    expect(page.locator(".live, .player")).to_be_visible()
    assert server.asked[-1][1]["loop"] is True
    assert server.asked[-1][1]["video"] == {"id": name}


def test_blend_into_another_shot(open_page: Open, server: StandIn) -> None:
    first = server.add("a boat", wait=True, seconds=1)
    other = server.add("a lighthouse", wait=True, seconds=1)
    page = open_page(f"#/shot/{first}")
    button = use(page, "Blend", "Film the blend")
    button.click()
    expect(page.get_by_role("alert")).to_have_text("Choose the shot it leads into.")
    page.get_by_role("radio", name="a lighthouse").check(force=True)
    button.click()
    expect(page.locator(".family li")).to_have_count(2)
    assert server.asked[-1][1]["into"] == {"id": other}


def test_blend_offers_what_can_be_joined_and_nothing_else(open_page: Open, server: StandIn) -> None:
    first = server.add("a boat", wait=True, seconds=1)
    server.add("upright", wait=True, seconds=1, size="9:16")
    gone = server.add("no longer kept", wait=True, seconds=1)
    server.films[gone].told["expires_at"] = 1
    long = server.add("two minutes of sea", wait=True, seconds=1)
    server.films[long].told["seconds"] = "119"
    page = open_page(f"#/shot/{first}")
    use(page, "Blend", "Film the blend")
    expect(page.get_by_text("no other finished shot with a frame of this size")).to_be_visible()
    server.add("a lighthouse", wait=True, seconds=1, size="512x288")
    page.reload()
    use(page, "Blend", "Film the blend")
    expect(page.get_by_role("radio", name="a lighthouse")).to_have_count(1)
    expect(page.locator(".shelf input")).to_have_count(1)


def test_a_film_of_two_minutes_grows_no_further(open_page: Open, server: StandIn) -> None:
    name = server.add("two minutes of sea", wait=True, seconds=1)
    server.films[name].told["seconds"] = "120"
    page = open_page(f"#/shot/{name}")
    expect(page.get_by_role("tab", name="Region")).to_be_visible()
    for tool in ("Extend", "Loop", "Blend"):
        expect(page.get_by_role("tab", name=tool)).to_have_count(0)


def test_a_film_that_is_no_longer_kept_offers_nothing(open_page: Open, server: StandIn) -> None:
    name = server.add("a boat", wait=True, seconds=1)
    server.films[name].told["expires_at"] = 1
    page = open_page(f"#/shot/{name}")
    expect(page.get_by_role("heading", name="No longer kept")).to_be_visible()
    expect(page.get_by_role("tab")).to_have_count(0)
    expect(page.get_by_role("link", name="Download MP4")).to_have_count(0)


def test_lists_say_which_films_are_no_longer_kept(open_page: Open, server: StandIn) -> None:
    name = server.add("a boat", wait=True, seconds=1)
    later = server.add("a boat at dusk", wait=True, seconds=1)
    server.films[later].told["remixed_from_video_id"] = name
    server.films[name].told["expires_at"] = 1
    page = open_page("#/")
    tiles = page.locator("a.tile")
    expect(tiles).to_have_count(2)
    expect(tiles.filter(has=page.locator("img"))).to_have_count(1)
    expect(tiles.filter(has_text="No longer kept")).to_have_count(1)
    page = open_page(f"#/shot/{later}")
    gone = page.locator(".family li").filter(has_text="No longer kept")
    expect(gone).to_have_count(1)
    expect(gone.locator("img")).to_have_count(0)
    expect(page.get_by_role("button", name="Side by side")).to_have_count(0)


def test_a_shot_of_an_engine_that_left_offers_no_tools(open_page: Open, server: StandIn) -> None:
    name = server.add("a boat", wait=True, seconds=1)
    server.films[name].told["engine"] = "gone"
    page = open_page(f"#/shot/{name}")
    expect(page.locator(".player")).to_be_visible()
    expect(page.get_by_role("tab")).to_have_count(0)


def test_the_same_shot_with_another_camera(open_page: Open, server: StandIn) -> None:
    server.capabilities |= {"fields": [], "options": ["camera"]}
    name = server.add("a boat", wait=True, seconds=1, seed=7, size="2.39:1")
    page = open_page(f"#/shot/{name}")
    button = use(page, "Camera", "Film with this camera")
    button.click()
    expect(page.get_by_role("alert")).to_have_text("Say where the camera begins or ends.")
    page.get_by_role("group", name="Truck").get_by_label("to", exact=True).fill("3")
    button.click()
    expect(page.locator(".live, .player")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    kind, asked = server.asked[-1]
    assert (kind, asked["engine"], asked["seed"], asked["seconds"]) == ("create", "fake", 7, "1")
    assert (asked["prompt"], asked["size"]) == ("a boat", "2.39:1")
    assert asked["camera"] == [{"second": 0}, {"second": 1, "x": 3}]


def test_another_frame_is_never_the_one_there_is(open_page: Open, server: StandIn) -> None:
    for size in ("16:9", "2.39:1"):
        page = open_page(f"#/shot/{server.add(size, wait=True, seconds=0.5, size=size)}")
        use(page, "Reframe", "Film the new frame")
        expect(page.get_by_role("radio", name="1:1")).to_have_count(1)
        expect(page.get_by_role("radio", name=size)).to_have_count(0)


def test_a_region_painted_with_the_pointer_becomes_a_mask(shot: Any, server: StandIn) -> None:
    page, _ = shot
    button = use(page, "Region", "Film the region")
    button.click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing is painted yet")
    page.get_by_label("What the painted part shows").fill("a yellow balloon")
    box = page.locator("canvas.easel").bounding_box()
    for x in (0.2, 0.4):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + 0.5 * box["height"])
        page.mouse.down()
        page.mouse.move(box["x"] + (x + 0.1) * box["width"], box["y"] + 0.5 * box["height"])
        page.mouse.up()
    button.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("a yellow balloon")
    mask = server.asked[-1][1]["mask"]
    assert mask["shape"] == (144, 256)
    assert 0.02 < mask["white"] < 0.2


def test_a_region_can_be_painted_with_keys_alone(shot: Any, server: StandIn) -> None:
    page, _ = shot
    button = use(page, "Region", "Film the region")
    easel = page.get_by_role("application")
    easel.focus()
    easel.press("Enter")
    for _ in range(5):
        easel.press("ArrowRight")
    easel.press("Enter")
    page.get_by_label("What the painted part shows").fill("a bird")
    button.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("a bird")
    assert 0.005 < server.asked[-1][1]["mask"]["white"] < 0.1


def test_all_can_be_marked_and_some_erased(shot: Any, server: StandIn) -> None:
    page, _ = shot
    button = use(page, "Region", "Film the region")
    page.get_by_role("button", name="Mark all").click()
    page.get_by_role("radio", name="Erase").check(force=True)
    box = page.locator("canvas.easel").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.get_by_label("What the painted part shows").fill("the sea")
    button.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("the sea")
    assert 0.9 < server.asked[-1][1]["mask"]["white"] < 1


def test_another_frame_offers_the_axis_there_is_room_on(shot: Any, server: StandIn) -> None:
    page, _ = shot
    button = use(page, "Reframe", "Film the new frame")
    expect(page.get_by_role("radio", name="16:9")).to_have_count(0)
    page.get_by_role("radio", name="2.39:1").check(force=True)
    slide = page.get_by_role("slider", name="The film lies")
    expect(slide).to_have_count(1)
    slide.press("Home")
    expect(page.get_by_text("towards the left")).to_be_visible()
    button.click()
    expect(page.locator(".family li")).to_have_count(2)
    kind, asked = server.asked[-1]
    assert (kind, asked["size"], asked["across"]) == ("edit", "2.39:1", 0)
    assert "down" not in asked


def test_versions_are_compared_side_by_side(shot: Any, server: StandIn) -> None:
    page, name = shot
    server.accept("remix", {"prompt": "the boat in snow"}, name).told["seed"] = None
    server.add("the one after it", wait=True, seconds=0.5)
    page.reload()
    page.get_by_role("button", name="Side by side").click()
    beside = page.get_by_label("Versions side by side")
    expect(beside).not_to_contain_text("null")
    expect(beside.locator("video")).to_have_count(2)
    expect(beside).to_contain_text("Remix: the boat in snow")
    beside.get_by_role("button", name="Play both").click()
    expect(beside.get_by_role("button", name="Pause both")).to_be_visible()
    beside.get_by_role("button", name="Close").click()
    expect(page.locator(".player")).to_be_visible()


def test_the_film_its_still_and_its_sheet_can_be_downloaded(shot: Any) -> None:
    page, _ = shot
    with page.expect_download() as film:
        page.get_by_role("link", name="Download MP4").click()
    assert film.value.suggested_filename.startswith("a-boat-on-the-lake-")
    assert film.value.suggested_filename.endswith(".mp4")
    for name in ("Still", "Contact sheet"):
        expect(page.get_by_role("link", name=name)).to_be_visible()


def test_deleting_asks_once_more(shot: Any, server: StandIn) -> None:
    page, name = shot
    page.get_by_role("button", name="Delete").click()
    assert name in server.films
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("Nothing filmed yet")).to_be_visible()
    assert name not in server.films


def test_the_player_has_a_cutting_rooms_keys(shot: Any) -> None:
    page, _ = shot
    code = page.locator(".code")
    page.get_by_label("Position").focus()
    page.keyboard.press("k")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.keyboard.press("Home")
    expect(code).to_contain_text("0:00:00 /")
    page.keyboard.press(".")
    page.keyboard.press(".")
    expect(code).to_contain_text("0:00:02 /")
    page.keyboard.press(",")
    expect(code).to_contain_text("0:00:01 /")
    page.keyboard.press("l")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()


def test_tabs_are_walked_with_arrow_keys(shot: Any) -> None:
    page, _ = shot
    page.get_by_role("tab", name="Remix").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Extend")).to_be_focused()
    expect(page.get_by_role("button", name="Film the extension")).to_be_visible()


def test_a_tools_refusal_is_said_in_the_servers_words(shot: Any, server: StandIn) -> None:
    page, _ = shot
    server.refuse = ApiError(400, "prompt: give 1 to 2,000 characters", param="prompt")
    page.get_by_label("What it shows now").fill("")
    page.get_by_role("button", name="Film the remix").click()
    expect(page.get_by_role("alert")).to_have_text("prompt: give 1 to 2,000 characters")
    expect(page.get_by_label("What it shows now")).to_be_focused()


def test_a_shot_that_is_not_there_leads_back(open_page: Open) -> None:
    page = open_page("#/shot/video_0")
    expect(page.get_by_role("alert")).to_contain_text("there is no video")
    page.get_by_role("link", name="All shots").click()
    expect(page.get_by_label("What the shot shows")).to_be_visible()


def test_on_a_phone_the_picture_stays_in_sight_while_it_is_painted(
    open_page: Open, server: StandIn
) -> None:
    name = server.add("a boat on the lake", wait=True, seconds=1)
    page = open_page(f"#/shot/{name}", width="phone")
    use(page, "Region", "Film the region").scroll_into_view_if_needed()
    expect(page.locator("canvas.easel")).to_be_in_viewport(ratio=0.95)
    expect(page.get_by_label("What the painted part shows")).to_be_in_viewport()
