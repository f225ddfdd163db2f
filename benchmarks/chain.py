"""A chain of laternas whose middle is killed: `python benchmarks/chain.py [--engine native]`.

A client asks a server, which has another one film. The one in the middle is killed (-9) in
mid-shot, as often as asked, at random moments, and started again. Prints a markdown table.
"""

from __future__ import annotations

import argparse
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from laterna.engines.registry import load_engine
from laterna.media.read import read_strip
from laterna.shot import Shot, resolved

KEY = "sk-laterna-of-the-figures-0123456789"
PROMPT = "a boat on the lake at dawn"
ENDED = ("completed", "failed")


class Server:
    """`laterna serve` in a process of its own."""

    def __init__(self, folder: Path, engine: str) -> None:
        folder.mkdir()
        self.folder, self.engine = folder, engine
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        code = "import sys; from laterna.cli.app import run; sys.exit(run())"
        words = ["serve", "--engine", self.engine, "--port", str(self.port)]
        told = {"LATERNA_KEY": KEY, "LATERNA_REMOTE_KEY": KEY, "LATERNA_HOME": str(self.folder)}
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", code, *words, "--data", str(self.folder / "data")],
                env={**os.environ, **told},
                stdout=log,
                stderr=log,
            )
        while True:
            if self.process.poll() is not None:
                raise SystemExit((self.folder / "log").read_text())
            try:
                httpx.get(f"{self.url}/health", trust_env=False)
                return
            except httpx.HTTPError:
                time.sleep(0.05)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def http(self) -> httpx.Client:
        headers = {"Authorization": f"Bearer {KEY}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60, trust_env=False)

    def ask(self, seconds: float, seed: int) -> str:
        asked = {"prompt": PROMPT, "seconds": seconds, "size": "16:9", "seed": seed, "draft": True}
        with self.http() as http:
            answer = http.post("/v1/videos", json=asked)
            if answer.status_code != 200:
                raise SystemExit(answer.text)
            return str(answer.json()["id"])

    def look(self, video: str) -> dict[str, Any]:
        with self.http() as http:
            told: dict[str, Any] = http.get(f"/v1/videos/{video}").json()
            return told

    def ended(self, video: str) -> dict[str, Any]:
        while (told := self.look(video))["status"] not in ENDED:
            time.sleep(0.05)
        return told

    def frames(self, video: str) -> np.ndarray[Any, Any]:
        path = self.folder / "draft.mkv"
        with self.http() as http:
            path.write_bytes(http.get(f"/v1/videos/{video}/content?variant=draft").content)
        frames = read_strip(path).frames
        assert frames is not None
        return frames


def row(name: str, figure: str) -> None:
    print(f"| {name} | {figure} |", flush=True)


def through(server: Server, seconds: float, seed: int) -> float:
    began = time.perf_counter()
    told = server.ended(server.ask(seconds, seed))
    if told["status"] != "completed":
        raise SystemExit(str(told["error"]))
    return time.perf_counter() - began


def killed(middle: Server, seconds: float, seed: int, times: int) -> tuple[str, float]:
    """The video, and seconds from the last start to its end."""
    chance, began = random.Random(seed), time.perf_counter()
    video = middle.ask(seconds, seed)
    for _ in range(times):
        while (told := middle.look(video))["progress"] < 1 and told["status"] not in ENDED:
            time.sleep(0.05)
        time.sleep(chance.uniform(0, 0.5))
        middle.kill()
        began = time.perf_counter()
        middle.start()
    middle.ended(video)
    return video, time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", default="native")
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    seconds, seed = options.seconds, options.seed
    shot = resolved(Shot(PROMPT, seconds=seconds, seed=seed + 2, quality="draft"))
    whole = np.concatenate([c.frames for c in load_engine(options.engine).film(shot)])
    print("| what | figure |\n|---|---|")
    with tempfile.TemporaryDirectory() as name:
        servers = [Server(Path(name) / "far", options.engine)]
        try:
            far = servers[0]
            servers.append(Server(Path(name) / "middle", f"remote:{far.url}"))
            middle = servers[1]
            through(far, 0.125, seed)  # loads the engine
            through(middle, 0.125, seed + 9)
            alone, chain = through(far, seconds, seed), through(middle, seconds, seed + 1)
            row(f"a {seconds:g} s draft by {options.engine}, asked directly", f"{alone:.1f} s")
            row("the same through a laterna in between", f"{chain:.1f} s")
            video, back = killed(middle, seconds, seed + 2, options.kills)
            row(f"after {options.kills} kills of the middle: status", middle.look(video)["status"])
            row("from its last start to the end", f"{back:.1f} s")
            with far.http() as http:
                films = http.get("/v1/videos?limit=100").json()["data"]
            count = sum(one["seed"] == seed + 2 for one in films)
            row("films made far away", f"{count}")
            row("frames identical", f"{np.array_equal(middle.frames(video), whole)}")
        finally:
            for server in servers:
                server.kill()


if __name__ == "__main__":
    main()
