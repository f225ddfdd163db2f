"""A real Chromium and a real PostgreSQL for the tests that need one, and tables that are ready."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from laterna.server.ids import new_id
from laterna.server.settings import Settings
from laterna.server.store import Store

INSTALL = "PostgreSQL is missing; install it with: apt-get install postgresql"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A Chromium, no longer than a module needs it: meanwhile it holds the thread's event loop."""
    sync_api = pytest.importorskip("playwright.sync_api")
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("no Chromium here; on Debian: apt-get install chromium")
    with sync_api.sync_playwright() as play:
        # Root, as in containers, has no sandbox to offer.
        flags = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        chromium = play.chromium.launch(executable_path=found, args=flags)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file that is migrated already: a copy of it opens at once."""
    settings = Settings(tmp_path_factory.mktemp("tables"))
    Store(settings).close()
    return settings.data / "laterna.db"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a server of this test run alone, without a database's name."""
    psycopg = pytest.importorskip(
        "psycopg", reason="install it with: pip install 'psycopg[binary]'"
    )
    programs = _programs()
    if programs is None:
        pytest.skip(INSTALL)
    home = Path(tempfile.mkdtemp(prefix="laterna-pg-"))
    who = _unprivileged()
    if who:
        shutil.chown(home, who["user"])
    data = home / "data"
    initialise = [programs / "initdb", "-D", data, "-U", "laterna", "-A", "trust", "--no-sync"]
    subprocess.run(initialise, check=True, capture_output=True, cwd=home, **who)
    options = ["-c", "listen_addresses=", "-c", "max_connections=200", "-F", "-k", home]
    with (home / "log").open("w") as log:
        process = subprocess.Popen(
            [programs / "postgres", "-D", data, *options],
            stdout=log, stderr=log, cwd=home, preexec_fn=_die_with_us, **who,
        )  # fmt: skip
    try:
        _wait_for(psycopg, f"host={home} user=laterna dbname=postgres", process)
        yield f"postgresql://laterna@/{{}}?host={home}"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def postgres(postgres_server: str) -> Iterator[str]:
    """The URL of an empty database."""
    import psycopg

    name = new_id("test")
    address = postgres_server.format("postgres")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield postgres_server.format(name)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _programs() -> Path | None:
    """Where initdb and postgres are; Debian keeps them off the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version)
    if found:
        return found[-1].parent
    there = shutil.which("initdb")
    return Path(there).resolve().parent if there else None


def _version(path: Path) -> float:
    try:
        return float(path.parts[-3])
    except ValueError:
        return 0.0


def _unprivileged() -> dict[str, Any]:
    """PostgreSQL does not run as root."""
    if os.name != "posix" or os.geteuid() != 0:
        return {}
    return {"user": "nobody", "group": "nogroup", "extra_groups": []}


def _die_with_us() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGINT)


def _wait_for(psycopg: Any, address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert process.poll() is None, "PostgreSQL ended at its start"
        try:
            psycopg.connect(address).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.1)
    pytest.fail("PostgreSQL did not start within 30 s")
