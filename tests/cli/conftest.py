"""The command line called in this process, in a folder of its own."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from laterna.cli.app import run


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """The one line of standard error; fails when there is not exactly one."""
        (line,) = self.err.splitlines()
        return line


@pytest.fixture
def laterna(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., Said]]:
    """Run `laterna WORD ...` inside `tmp_path`."""
    monkeypatch.chdir(tmp_path)
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def call(*words: str) -> Said:
        capsys.readouterr()
        code = run(words)
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    yield call
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.fixture
def film(laterna: Callable[..., Said]) -> Callable[..., Said]:
    """Run `laterna film WORD ... --engine fake`."""
    return lambda *words: laterna("film", *words, "--engine", "fake")
