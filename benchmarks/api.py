"""How the API answers while a shot is filmed and hundreds wait: latency of polls, memory.

    python benchmarks/api.py --engine native --jobs 500 --clients 50 --seconds 60

Starts a server of its own in a temporary folder, queues the jobs, has the clients poll random ones
as fast as OpenAI's client would with a short interval, and prints percentiles and the server's
memory at the start and at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

KEY = "sk-laterna-benchmark-of-the-videos-api"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", default="native")
    parser.add_argument("--jobs", type=int, default=500)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--interval", type=float, default=1.0)
    asked = parser.parse_args()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        words = ["serve", "--port", str(port), "--data", folder, "--engine", asked.engine]
        environment = {**os.environ, "LATERNA_KEY": KEY}
        with Path(folder, "log").open("w") as log:
            server = subprocess.Popen(
                [sys.executable, "-m", "laterna.cli", *words],
                env=environment, stdout=log, stderr=log,
            )  # fmt: skip
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # the server ends with us
        try:
            asyncio.run(run(asked, f"http://127.0.0.1:{port}", server.pid))
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(60)


async def run(asked: argparse.Namespace, url: str, pid: int) -> None:
    told = {"authorization": f"Bearer {KEY}"}
    limits = httpx.Limits(max_connections=asked.clients)
    async with httpx.AsyncClient(
        base_url=url, headers=told, timeout=60, trust_env=False, limits=limits
    ) as http:
        await started(http)
        begun = time.perf_counter()
        ids = [await queued(http, number) for number in range(asked.jobs)]
        took = time.perf_counter() - begun
        print(f"queued {len(ids)} jobs in {took:.1f} s, {1000 * took / len(ids):.0f} ms each")
        before = memory(pid)
        times: list[float] = []
        until = time.perf_counter() + asked.seconds
        await asyncio.gather(
            *(poll(http, ids, until, asked.interval, times) for _ in range(asked.clients))
        )
        times.sort()
        shares = {
            share: 1000 * times[int(share * (len(times) - 1))] for share in (0.5, 0.9, 0.99, 1)
        }
        print(
            f"{len(times)} polls: "
            + ", ".join(f"p{100 * s:g} {t:.0f} ms" for s, t in shares.items())
        )
        print(f"memory of the server: {before >> 20} MB, then {memory(pid) >> 20} MB")
        states = [(await http.get(f"/v1/videos/{one}")).json()["status"] for one in ids[:20]]
        print("filmed meanwhile:", states.count("completed"), "shots")


async def started(http: httpx.AsyncClient) -> None:
    while True:
        try:
            if (await http.get("/ready")).status_code == 200:
                return
        except httpx.TransportError:
            pass
        await asyncio.sleep(0.2)


async def queued(http: httpx.AsyncClient, number: int) -> str:
    asked = {"prompt": f"a boat on the lake, {number}", "seconds": 8, "size": "16:9"}
    answer = await http.post("/v1/videos", json=asked)
    answer.raise_for_status()
    name: str = answer.json()["id"]
    return name


async def poll(
    http: httpx.AsyncClient, ids: list[str], until: float, interval: float, times: list[float]
) -> None:
    await asyncio.sleep(random.uniform(0, interval))
    while time.perf_counter() < until:
        begun = time.perf_counter()
        answer = await http.get(f"/v1/videos/{random.choice(ids)}")
        times.append(time.perf_counter() - begun)
        answer.raise_for_status()
        await asyncio.sleep(interval)


def memory(pid: int) -> int:
    """Resident bytes of one process (Linux)."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) * 1024


if __name__ == "__main__":
    main()
