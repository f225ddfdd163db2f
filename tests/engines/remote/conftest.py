"""Servers to film with: stand-ins of other houses, and laternas as processes of their own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

httpx = pytest.importorskip("httpx")
uvicorn = pytest.importorskip("uvicorn")
pytest.importorskip("dbos")

from laterna.engines.remote import Patience, RemoteEngine  # noqa: E402
from tests.engines.remote.stand_in import StandIn  # noqa: E402

ROOT = Path(__file__).parents[3]
KEY = "sk-laterna-of-the-tests-0123456789abcdef"
WAIT = 120  # seconds; only what hangs takes that long
QUICK = Patience(first=0.01, most=0.05, outage=3.0)


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data root for each test, and no key of the one who runs them."""
    for name in [name for name in os.environ if name.startswith("LATERNA_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LATERNA_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


class Serving:
    """An application on a port of its own."""

    def __init__(self, app: Any) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        config = uvicorn.Config(app, log_level="critical", lifespan="off")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, args=([self.socket],), daemon=True)
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)

    def close(self) -> None:
        self.server.should_exit = self.server.force_exit = True
        self.thread.join(20)
        self.socket.close()


@pytest.fixture
def serve() -> Iterator[Callable[[Any], str]]:
    """Serve an application; its address."""
    running: list[Serving] = []

    def start(app: Any) -> str:
        running.append(Serving(app))
        return running[-1].url

    yield start
    for one in running:
        one.close()


@pytest.fixture
def other(serve: Callable[[Any], str], tmp_path: Path) -> Callable[..., Any]:
    """other("sglang"): a stand-in, and an engine that films with it."""

    def make(kind: str, behind: str = "") -> tuple[StandIn, RemoteEngine]:
        stand_in = StandIn(kind, tmp_path)
        return stand_in, RemoteEngine(serve(stand_in.app) + behind, QUICK)

    return make


SLOW = '''"""The fake engine, with time to be killed in."""

import time

from laterna.engines.fake import FakeEngine


class Unhurried(FakeEngine):
    name = "unhurried"

    def film(self, shot, resume=None):
        for chunk in super().film(shot, resume):
            if "slow" in shot.prompt:
                time.sleep(0.4)
            yield chunk
'''


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that brings the engine `unhurried`, as a package would."""
    site = tmp_path_factory.mktemp("site")
    (site / "unhurried_engine.py").write_text(SLOW)
    facts = site / "unhurried-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: unhurried\nVersion: 1.0\n")
    point = "[laterna.engines]\nunhurried = unhurried_engine:Unhurried\n"
    (facts / "entry_points.txt").write_text(point)
    return site


class Laterna:
    """`laterna serve` in a process of its own; `start` again after `kill`."""

    def __init__(self, folder: Path, site: Path, engine: str, **environment: str) -> None:
        self.folder, self.engine = folder, engine
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        paths = [str(site), str(ROOT / "src")]
        kept = {k: v for k, v in os.environ.items() if not k.startswith("LATERNA_")}
        self.environment = {
            **kept, "PYTHONPATH": os.pathsep.join(paths), "LATERNA_KEY": KEY,
            "LATERNA_HOME": str(folder / "home"), **environment,
        }  # fmt: skip
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        code = "import sys; from laterna.cli.app import run; sys.exit(run())"
        words = ["serve", "--engine", self.engine, "--port", str(self.port)]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", code, *words, "--data", str(self.folder / "data")],
                env=self.environment, stdout=log, stderr=log, cwd=self.folder,
            )  # fmt: skip
        deadline = time.monotonic() + WAIT
        while True:
            assert self.process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < deadline
            try:
                httpx.get(f"{self.url}/health", trust_env=False)
                return
            except httpx.HTTPError:
                time.sleep(0.05)

    def kill(self, number: int = signal.SIGKILL) -> None:
        assert self.process is not None
        self.process.send_signal(number)
        self.process.wait(30)

    def http(self) -> Any:
        headers = {"Authorization": f"Bearer {KEY}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60, trust_env=False)

    def videos(self) -> list[dict[str, Any]]:
        with self.http() as http:
            told: list[dict[str, Any]] = http.get("/v1/videos?limit=100").json()["data"]
            return told

    def until(self, video: str, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        deadline = time.monotonic() + WAIT
        with self.http() as http:
            while not wanted(told := http.get(f"/v1/videos/{video}").json()):
                assert time.monotonic() < deadline, told
                time.sleep(0.05)
        found: dict[str, Any] = told
        return found


@pytest.fixture(scope="session")
def far(tmp_path_factory: pytest.TempPathFactory, site: Path) -> Iterator[Laterna]:
    """A laterna far away."""
    server = Laterna(tmp_path_factory.mktemp("far"), site, "unhurried")
    server.start()
    yield server
    server.kill(signal.SIGTERM)


@pytest.fixture
def remote(far: Laterna, monkeypatch: pytest.MonkeyPatch) -> RemoteEngine:
    """An engine that films there."""
    monkeypatch.setenv("LATERNA_REMOTE_KEY", KEY)
    return RemoteEngine(far.url, QUICK)


@pytest.fixture
def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
