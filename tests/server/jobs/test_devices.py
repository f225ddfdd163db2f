"""Which GPU a filming process sees, and which worker may film a job."""

from __future__ import annotations

import os
import signal
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from laterna.cli.app import run
from laterna.errors import InputError
from laterna.server.jobs import Jobs
from laterna.server.jobs.pool import Filming, Pool
from laterna.server.settings import Settings
from laterna.shot import Shot
from tests.server.jobs.conftest import PATIENCE, House


def film(pause: float = 0.0) -> Shot:
    return Shot("a boat", seconds=1, seed=5, quality="draft", extra={"pause": pause})


def seen(filming: Filming) -> str:
    """The devices that a process was told of."""
    told = Path(f"/proc/{filming.pid}/environ").read_bytes().split(b"\0")
    return dict(line.split(b"=", 1) for line in told if line)[b"CUDA_VISIBLE_DEVICES"].decode()


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
def test_every_filming_process_sees_a_device_of_its_own() -> None:
    pool = Pool(("3", "GPU-8c"))
    try:
        with ExitStack() as lent:
            one, two = (lent.enter_context(pool.lend()) for _ in range(2))
            assert {seen(one), seen(two)} == {"3", "GPU-8c"}
            lost = one.device
            os.kill(one.pid, signal.SIGKILL)
            while one.alive:
                time.sleep(0.01)
        with ExitStack() as lent:
            again = [lent.enter_context(pool.lend()) for _ in range(2)]
            assert two in again
            fresh = next(filming for filming in again if filming is not two)
            assert seen(fresh) == fresh.device == lost
    finally:
        pool.close()


def test_a_job_waits_for_a_worker_that_has_its_engine(shared_house: House) -> None:
    house = shared_house
    alien, ours = house.add(film(), engine="stateless"), house.add(film(), engine="moody")
    jobs = Jobs(replace(house.settings, films=("moody",)), house.store)
    jobs.start(film=True)
    try:
        for video in (alien, ours):
            jobs.submit(video)
        assert house.wait(ours).status == "completed"
        assert house.row(alien).status == "queued"
    finally:
        jobs.stop()
    jobs = Jobs(replace(house.settings, films=("stateless", "moody")), house.store)
    jobs.start(film=True)
    try:
        assert house.wait(alien).status == "completed"
    finally:
        jobs.stop()


def test_the_jobs_of_all_engines_share_the_width_of_a_worker(shared_house: House) -> None:
    house = shared_house
    videos = [house.add(film(0.3), engine=name) for name in ("moody", "stateless", "moody")]
    jobs = Jobs(replace(house.settings, devices=("0",), workers=9), house.store)
    jobs.start(film=True)
    most, deadline = 0, time.monotonic() + PATIENCE
    try:
        for video in videos:
            jobs.submit(video)
        while (states := [house.row(video).status for video in videos]).count("completed") < 3:
            most = max(most, states.count("in_progress"))
            assert "failed" not in states
            assert time.monotonic() < deadline, states
            time.sleep(0.02)
    finally:
        jobs.stop()
    assert most == 1


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (["--devices", "0,0"], "devices"),
        (["--devices", "0,1", "--workers", "2"], "workers"),
        (["--engines", "native,"], "engines"),
        (["--engines", "nobody"], "engine"),
    ],
)
def test_a_worker_that_is_told_nonsense_does_not_start(
    words: list[str], field: str, capsys: pytest.CaptureFixture[str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("LATERNA_DATABASE_URL", "postgresql://nobody@localhost/none")
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    assert run(["worker", "--data", str(tmp_path), *words]) == 2
    for number, handler in kept.items():
        signal.signal(number, handler)
    assert capsys.readouterr().err.startswith(f"error: {field}: ")


def test_devices_and_engines_come_from_the_environment_as_well() -> None:
    told = {"LATERNA_DEVICES": "0, 1", "LATERNA_FILMS": "native,diffusers:wan"}
    settings = Settings.of(told, data=Path("films"))
    assert settings.devices == ("0", "1")
    assert settings.at_once == 2
    assert settings.films == ("native", "diffusers:wan")
    with pytest.raises(InputError):
        Settings.of({"LATERNA_WORKERS": "two"})
