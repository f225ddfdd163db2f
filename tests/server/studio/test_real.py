"""The same page on the real server: keys, jobs, the API and the fake engine, nothing stood in."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from laterna.server.accounts import keys
from laterna.server.app import create_app
from laterna.server.settings import Settings
from laterna.server.store import Store
from tests.server.studio.conftest import Server, sync_api

expect = sync_api.expect
LONG = 120_000  # milliseconds; real jobs start real processes
COMPILED = 600_000  # previs becomes machine code the first time it films


@pytest.fixture
def studio(browser: Any, tmp_path: Path) -> Iterator[Any]:
    """A page that is signed in to a server of its own."""
    settings = Settings(data=tmp_path, engine="fake")
    store = Store(settings)
    key = keys.first_key(store)
    with Server(create_app(settings, store), lifespan="on") as url:
        view = {"width": 1280, "height": 800}
        context = browser.new_context(viewport=view, base_url=url)
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(url)
        page.get_by_label("Key").fill(key)
        page.get_by_role("button", name="Sign in", exact=True).click()
        yield page
        context.close()
    store.close()
    assert errors == []


def test_a_shot_and_what_is_made_of_it(studio: Any) -> None:
    page = studio
    page.get_by_label("What the shot shows").fill("a boat on the lake")
    page.get_by_label("Length", exact=True).fill("1")
    page.get_by_role("radio", name="Draft").check(force=True)
    page.get_by_role("button", name="Film", exact=True).click()
    expect(page.locator(".live")).to_be_visible()
    expect(page.locator(".player")).to_be_visible(timeout=LONG)
    expect(page.locator("dl.facts")).to_contain_text("256 × 144")

    page.get_by_label("What it shows now").fill("the boat in snow")
    page.get_by_role("button", name="Film the remix").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("the boat in snow", timeout=LONG)
    expect(page.locator(".player")).to_be_visible(timeout=LONG)
    expect(page.locator(".family li")).to_have_count(2)

    page.get_by_role("tab", name="Extend").click()
    page.get_by_role("radio", name="What came before").check(force=True)
    page.get_by_label("New seconds").fill("0.5")
    page.get_by_role("button", name="Film the extension").click()
    expect(page.locator(".player")).to_be_visible(timeout=LONG)
    expect(page.locator("dl.facts")).to_contain_text("1.5 s")

    page.get_by_role("tab", name="Region").click()
    page.get_by_label("What the painted part shows").fill("a bird")
    page.get_by_role("button", name="Mark all").click()
    page.get_by_role("button", name="Film the region").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("a bird", timeout=LONG)
    expect(page.locator(".player")).to_be_visible(timeout=LONG)

    page.get_by_role("tab", name="Reframe").click()
    page.get_by_role("radio", name="1:1").check(force=True)
    page.get_by_role("button", name="Film the new frame").click()
    expect(page.locator("dl.facts")).to_contain_text("160 × 160", timeout=LONG)
    expect(page.locator(".player")).to_be_visible(timeout=LONG)
    page.get_by_role("link", name="laterna").click()
    expect(page.locator(".tile")).to_have_count(5)


def test_frames_appear_while_they_are_made(studio: Any) -> None:
    page = studio
    page.get_by_label("What the shot shows").fill("a boat on the lake")
    page.get_by_label("Length", exact=True).fill("20")
    page.get_by_role("radio", name="Draft").check(force=True)
    page.get_by_role("button", name="Film", exact=True).click()
    picture = page.locator(".live img[src^='data:image/jpeg']").first
    expect(picture).to_be_visible(timeout=LONG)
    wide = picture.evaluate("image => image.decode().then(() => image.naturalWidth)")
    assert wide == 256
    expect(page.locator(".player")).to_be_visible(timeout=LONG)


def test_a_camera_set_on_the_page_is_seen_in_the_film(studio: Any) -> None:
    pytest.importorskip("numba")
    page = studio
    page.get_by_text("More", exact=True).click()
    expect(page.get_by_role("group", name="Pan")).to_have_count(0)  # the fake engine takes none
    page.get_by_label("Engine", exact=True).select_option("previs")
    page.get_by_label("What the shot shows").fill("the mountains at noon")
    page.get_by_label("Length", exact=True).fill("0.5")
    page.get_by_role("radio", name="Draft").check(force=True)
    page.get_by_role("group", name="Pan").get_by_label("to", exact=True).fill("8")
    page.get_by_role("button", name="Film", exact=True).click()
    expect(page.locator(".player")).to_be_visible(timeout=COMPILED)
    assert shift(page) < -8  # the camera pans right: what it sees goes left
    expect(page.locator("main")).not_to_contain_text("null")

    page.get_by_role("group", name="Pan").get_by_label("to", exact=True).fill("-8")
    page.get_by_role("button", name="Film with this camera").click()
    expect(page.locator(".live")).to_be_visible(timeout=LONG)
    expect(page.locator(".player")).to_be_visible(timeout=LONG)
    assert shift(page) > 8


def shift(page: Any) -> int:
    """Pixels that the picture of the shot on the page goes to the right, from first to last."""
    name = page.url.rpartition("/")[2]
    sent = page.request.get(f"/v1/videos/{name}/content?variant=draft")
    assert sent.ok, sent.text()
    with av.open(io.BytesIO(sent.body())) as film:
        frames = [frame.to_ndarray(format="gray") for frame in film.decode(video=0)]
    first, last = (np.fft.rfft2(one - one.mean()) for one in (frames[0], frames[-1]))
    like = np.fft.irfft2(last * first.conj() / np.maximum(np.abs(last * first.conj()), 1e-9))
    across = int(np.unravel_index(like.argmax(), like.shape)[1])
    return across if across <= like.shape[1] // 2 else across - like.shape[1]


def test_what_the_server_refuses_is_said_at_the_field(studio: Any) -> None:
    page = studio
    page.get_by_label("What the shot shows").fill("too long")
    page.get_by_label("Length", exact=True).fill("61")
    page.get_by_role("button", name="Film", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("seconds")
    expect(page.get_by_label("Length", exact=True)).to_be_focused()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Key")).to_be_visible()
