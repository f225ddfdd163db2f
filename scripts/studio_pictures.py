"""Photographs the studio at work, with the engine that ships: the pictures of docs/studio.md.

    python scripts/studio_pictures.py docs/pictures

It needs the extra `server`, playwright and a Chromium; it starts a server of its own, films six
shots and a board, and takes some three minutes.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from PIL import Image
from playwright.sync_api import sync_playwright

KEY = "sk-laterna-pictures-0123456789abcdef"
SHOTS = (
    "a sailing ship on the sea at dusk",
    "the mountains at dawn, fog, the camera rises",
    "dunes in the desert at noon",
    "green hills at dawn, clouds drift",
    "the lake at dusk, calm water",
    "a red balloon over the hills at dawn",
)
BOARD = ("The coast at dusk, fog", "The fog lifts over the sea", "Night, the moon on the water")
SECONDS = 150_000  # milliseconds to wait on a busy machine


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """`laterna serve` in a process of its own; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "laterna.cli", "serve", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--data", str(folder)],
        env={**os.environ, "LATERNA_KEY": KEY},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(lambda: httpx.get(f"{address}/ready").status_code == 200)
        yield address
    finally:
        process.terminate()
        process.wait(60)


def _wait(done: Any, seconds: float = 600) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if done():
                return
        except httpx.TransportError:
            pass
        time.sleep(0.3)
    raise SystemExit("error: the server did not get there in time")


def film(address: str) -> None:
    """Six shots, one after the other."""
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {KEY}"}) as client:
        for seed, prompt in enumerate(SHOTS, 21):
            asked = {"prompt": prompt, "seconds": "4", "size": "512x288", "seed": seed}
            made = client.post("/v1/videos", json=asked).raise_for_status().json()["id"]

            def ended(made: str = made) -> bool:
                told = client.get(f"/v1/videos/{made}").json()
                return told["status"] in ("completed", "failed")

            _wait(ended)


class Studio:
    """A signed-in page and where its pictures go."""

    def __init__(self, browser: Any, address: str, target: Path) -> None:
        self.browser, self.address, self.target = browser, address, target

    def open(self, where: str, size: tuple[int, int], scheme: str) -> Any:
        view = {"width": size[0], "height": size[1]}
        context = self.browser.new_context(viewport=view, color_scheme=scheme)
        context.set_default_timeout(SECONDS)
        context.request.post(f"{self.address}/session", data={"key": KEY})
        page = context.new_page()
        page.goto(f"{self.address}/{where}")
        return page

    def take(self, page: Any, name: str, full: bool = False) -> None:
        """One picture, with 256 colours: what a page needs."""
        path = self.target / f"studio-{name}.png"
        page.screenshot(path=path, full_page=full)
        picture = Image.open(path).convert("RGB")
        picture.quantize(256, method=Image.Quantize.MEDIANCUT).save(path, optimize=True)
        page.context.close()

    def gallery(self) -> None:
        page = self.open("#/", (1000, 625), "light")
        page.wait_for_function("[...document.images].every(image => image.complete)")
        page.locator(".gallery, main").first.wait_for()
        page.wait_for_timeout(1500)
        self.take(page, "gallery")

    def filming(self) -> None:
        page = self.open("#/", (1000, 625), "dark")
        page.get_by_label("What the shot shows").fill(SHOTS[-1] + ", the camera pans left")
        page.get_by_label("Length", exact=True).fill("8")
        page.get_by_role("button", name="Film", exact=True).click()
        page.get_by_text(re.compile(r"Filming chunk ([6-9]|1\d) of")).first.wait_for()
        page.wait_for_timeout(300)
        self.take(page, "filming")

    def region(self, name: str, size: tuple[int, int], where: str) -> None:
        page = self.open(where, size, "light")
        page.locator(".player").wait_for()
        page.get_by_role("tab", name="Region").click()
        button = page.get_by_role("button", name="Film the region")
        page.get_by_label("What the painted part shows").fill("a red balloon")
        button.scroll_into_view_if_needed()
        box = page.locator("canvas.easel").bounding_box()
        page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.3)
        page.mouse.down()
        for step in range(12):
            across = 0.3 + 0.02 * step
            page.mouse.move(box["x"] + box["width"] * across, box["y"] + box["height"] * 0.33)
        page.mouse.up()
        self.take(page, name)

    def board(self) -> None:
        page = self.open("#/boards", (920, 844), "light")
        page.get_by_role("button", name="New board").click()
        for text in BOARD:
            page.get_by_role("button", name="Add text").click()
            page.get_by_label("What it shows").fill(text)
        page.get_by_role("button", name=re.compile(r"^Film \d+ card")).click()
        page.get_by_role("button", name="All filmed").wait_for()
        page.evaluate("scrollTo(0, 0)")
        page.wait_for_timeout(1500)
        self.take(page, "board", full=True)


def main() -> None:
    """Everything, in order."""
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/pictures")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as address:
        film(address)
        newest = httpx.get(
            f"{address}/v1/videos?limit=2", headers={"Authorization": f"Bearer {KEY}"}
        ).json()["data"][1]["id"]
        with sync_playwright() as play:
            flags = ["--no-sandbox"] if os.geteuid() == 0 else []
            browser = play.chromium.launch(executable_path=chromium, args=flags)
            studio = Studio(browser, address, target)
            studio.gallery()
            studio.region("region", (1000, 625), f"#/shot/{newest}")
            studio.region("phone", (390, 844), f"#/shot/{newest}")
            studio.board()
            studio.filming()
            browser.close()


if __name__ == "__main__":
    main()
