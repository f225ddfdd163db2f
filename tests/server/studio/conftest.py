"""A browser, and a server for it to look at."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

pytest.importorskip("fastapi")
sync_api = pytest.importorskip("playwright.sync_api")

import uvicorn  # noqa: E402

from tests.server.studio.stand_in import KEY, StandIn  # noqa: E402

AXE = Path(__file__).parent / "vendor/axe.min.js"
WIDTHS = {"desktop": (1280, 800), "phone": (390, 844)}


class Server(uvicorn.Server):
    """uvicorn on a thread."""

    def __init__(self, app: Any, lifespan: str = "off") -> None:
        super().__init__(uvicorn.Config(app, log_level="error", lifespan=lifespan))
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self.run, args=([self.socket],), daemon=True)

    def __enter__(self) -> str:
        self.thread.start()
        while not self.started:
            time.sleep(0.01)
        return f"http://127.0.0.1:{self.socket.getsockname()[1]}"

    def __exit__(self, *_: object) -> None:
        self.should_exit = self.force_exit = True
        self.thread.join(20)
        self.socket.close()


@pytest.fixture
def server() -> Iterator[StandIn]:
    """What answers the page."""
    made = StandIn()
    yield made
    made.close()


@pytest.fixture
def address(server: StandIn) -> Iterator[str]:
    """Where it answers."""
    with Server(server.app) as url:
        yield url


Open = Callable[..., Any]


@pytest.fixture
def open_page(browser: Any, address: str) -> Iterator[Open]:
    """Opens the studio, signed in: open_page("#/boards", width="phone", scheme="dark")."""
    contexts = []

    def open_page(
        where: str = "#/",
        *,
        width: str = "desktop",
        scheme: str = "light",
        signed_in: bool = True,
        **more: Any,
    ) -> Any:
        wide, high = WIDTHS[width]
        view = {"width": wide, "height": high}
        context = browser.new_context(viewport=view, color_scheme=scheme, **more)
        context.set_default_timeout(20_000)
        contexts.append(context)
        if signed_in:
            context.request.post(f"{address}/session", data={"key": KEY})
        page = context.new_page()
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.on("console", lambda said: _note(page, said))
        page.goto(f"{address}/{where}")
        return page

    yield open_page
    errors = [error for context in contexts for page in context.pages for error in page.errors]
    for context in contexts:
        context.close()
    assert errors == []


def _note(page: Any, said: Any) -> None:
    """Errors that the page makes; refusals by the server are part of what tests ask for."""
    if said.type == "error" and "Failed to load resource" not in said.text:
        page.errors.append(said.text)


@pytest.fixture
def picture(tmp_path: Path) -> Callable[[int, int], str]:
    """Makes a picture file: picture(width, height)."""

    def picture(width: int, height: int) -> str:
        path = tmp_path / f"{width}x{height}.png"
        Image.new("RGB", (width, height), (40, 90, 140)).save(path)
        return str(path)

    return picture
