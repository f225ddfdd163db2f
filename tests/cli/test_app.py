"""The verbs as a whole: quick to start, one line when it fails, nothing left when interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from laterna.cli import app
from tests.cli.conftest import Said

Call = Callable[..., Said]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
LATERNA = [sys.executable, "-m", "laterna.cli"]


def test_help_lists_every_verb_and_loads_none(tmp_path: Path) -> None:
    code = (
        "import sys; from laterna.cli.app import run; code = run(['--help']); "
        "print([m for m in ('numpy', 'av', 'onnxruntime', 'torch', 'laterna.cli.film') "
        "if m in sys.modules]); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=ENVIRONMENT, check=True
    )
    assert all(verb in done.stdout for verb in app.VERBS)
    assert done.stdout.splitlines()[-1] == "[]"


def test_no_word_at_all_gets_the_help(laterna: Call) -> None:
    said = laterna()
    assert (said.code, said.err) == (2, "")
    assert "film" in said.out


def test_the_version_is_told(laterna: Call) -> None:
    assert laterna("--version").out.startswith("laterna 0.")


@pytest.mark.parametrize("words", [("fly",), ("--fast",), ("film", "--engine")])
def test_a_wrong_word_is_one_line(laterna: Call, words: tuple[str, ...]) -> None:
    said = laterna(*words)
    assert said.code == 2
    assert said.complaint.startswith("error: ")


def test_a_verb_whose_extra_is_missing_says_how_to_get_it(
    laterna: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "laterna.cli.world", None)
    said = laterna("world")
    assert said.code == 1
    assert said.complaint.endswith("pip install 'laterna[world]'")


@pytest.mark.parametrize(
    ("trouble", "code", "says"),
    [
        (MemoryError(), 1, "out of memory"),
        (ValueError("two\nlines"), 1, "unexpected ValueError: two lines"),
        (ModuleNotFoundError("no torch", name="torch"), 1, "laterna[train]"),
        (ModuleNotFoundError("no zlib", name="zlib"), 1, "reinstall"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_whatever_breaks_is_one_line_without_a_traceback(
    laterna: Call, monkeypatch: pytest.MonkeyPatch, trouble: BaseException, code: int, says: str
) -> None:
    def fail(arguments: list[str]) -> None:
        raise trouble

    monkeypatch.setattr(app, "_call", fail)
    said = laterna("film", "x")
    assert said.code == code
    assert said.complaint.startswith("error: ")
    assert says in said.complaint


def test_asked_for_the_traceback_is_shown(laterna: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LATERNA_DEBUG", "1")
    said = laterna("film", "", "--engine", "fake")
    assert "Traceback" in said.err
    assert said.err.splitlines()[-1].startswith("error: prompt")


def test_engines_are_listed_with_what_they_do(laterna: Call) -> None:
    said = laterna("engines")
    assert said.code == 0
    assert "native (default)" in said.out
    assert "fake" in said.out


def test_the_doctor_finds_a_whole_installation_well(laterna: Call) -> None:
    said = laterna("doctor", "--engine", "fake")
    assert said.code == 0, said.out
    assert all(line.startswith("ok ") for line in said.out.splitlines())
    assert "for a second of film" in said.out


def test_the_doctor_says_what_is_wrong(laterna: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    from laterna.engines.fake import FakeEngine
    from laterna.errors import WeightsError

    def broken(self: object) -> None:
        raise WeightsError("weights: native.safetensors is cut short; install laterna again")

    monkeypatch.setattr(FakeEngine, "capabilities", property(broken))
    said = laterna("doctor", "--engine", "fake")
    assert said.code == 1
    assert "BAD weights" in said.out
    assert "install laterna again" in said.out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("name", ["x.mp4", "take/"])
def test_interrupted_in_mid_film_it_leaves_nothing(
    tmp_path: Path, number: signal.Signals, name: str
) -> None:
    words = ["film", "x", "--seconds", "60", "--size", "1280x720", "--engine", "fake", "-o", name]
    with subprocess.Popen(
        [*LATERNA, *words], cwd=tmp_path, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True
    ) as process:
        give_up = time.monotonic() + 30
        while not any(tmp_path.iterdir()) and time.monotonic() < give_up:
            time.sleep(0.05)
        time.sleep(0.3)
        assert process.poll() is None, "it was done before it could be interrupted"
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err == "error: interrupted; nothing half-written is left\n"
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000)); "
        "from laterna.cli.app import run; "
        "sys.exit(run(['film', 'x', '--seconds', '1', '--engine', 'fake', '-o', 'x.mp4']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("error: output: no space left for x.mp4")
    assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []
