"""The guides keep their word: every example in README.md and docs/ runs, from top to bottom.

Python, bash and console blocks of a document run in one folder, in order, with the fake engine
as the default one. In a console block what stands under a `$ command` is what it must say, `...`
matching anything; in Python what stands behind `print(...)  #` is what it must print. A comment
right above a block changes that:

    <!-- read only: REASON -->   not run (weights, hours, network); still parsed, so that a verb or
                                 an option that is gone fails here all the same
    <!-- file: NAME -->          written into the folder under this name
"""

from __future__ import annotations

import re
import shlex
import signal
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

# The verbs take the default engine's name when they are imported: before it is another here.
import laterna.cli.shoot  # noqa: F401
from laterna.cli.app import VERBS, _load, run
from laterna.engines import registry
from laterna.media import finish
from laterna.media.scale import cover
from laterna.media.write import open_writer

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
GUIDES = [path for path in DOCUMENTS if path.name not in ("decisions.md", "model-card.md")]
LATER = {"docs/strip.png", "docs/model-card.md"}  # made with the shipped weights

BLOCK = re.compile(
    r"(?:^<!-- (?P<mark>[^\n]*?) -->\n)?^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.M | re.S
)
PRINTS = re.compile(r"^\s*print\(.*\)  # (?P<told>.+)$", re.M)
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")


@dataclass(frozen=True)
class Block:
    kind: str
    text: str
    mark: str
    line: int

    @property
    def read_only(self) -> bool:
        return self.mark.startswith("read only: ")

    @property
    def commands(self) -> list[list[str]]:
        """The words of every command in it."""
        lines = self.text.splitlines()
        if self.kind == "console":
            lines = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
        return [words for line in lines if (words := shlex.split(line, comments=True))]


def blocks(path: Path) -> list[Block]:
    text = path.read_text("utf-8")
    found = [
        Block(m["kind"], m["text"], m["mark"] or "", text.count("\n", 0, m.start("text")) + 1)
        for m in BLOCK.finditer(text)
    ]
    assert len(found) == len(re.findall(r"^```\w", text, re.M)), f"{path}: a block is not closed"
    return found


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where a document's examples run: the files they start from, the fake engine, no long work."""
    slope = np.add.outer(np.arange(144), np.arange(256))[None, ..., None]
    pictures = ((slope + np.arange(17)[:, None, None, None]) // np.array([2, 3, 4])).astype(
        np.uint8
    )
    Image.fromarray(pictures[0]).save(tmp_path / "photo.png")
    Image.fromarray(pictures[1]).save(tmp_path / "ending.png")
    sky = np.zeros((144, 256), np.uint8)
    sky[:60] = 255
    Image.fromarray(sky).save(tmp_path / "sky.png")
    with open_writer(tmp_path / "lake.mp4", size=(256, 144), fps=8) as writer:
        writer.write(pictures[:16])

    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(registry, "DEFAULT", "fake")
    # The finish has tests of its own; here every pair of frames is a cut, which is held.
    still = np.zeros((2, 1, 1), np.float32)
    monkeypatch.setattr(finish, "motion_between", lambda one, two: (still, 255.0))
    monkeypatch.setattr(finish, "enlarge", cover)
    if find_spec("torch"):
        import laterna.cli.train

        monkeypatch.setattr(laterna.cli.train, "settle", lambda: None)
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    modules = set(sys.modules)
    yield tmp_path
    for number, handler in kept.items():
        signal.signal(number, handler)
    for name in set(sys.modules) - modules:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.stem)
def test_every_example_runs(path: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {"__name__": "example"}
    for block in blocks(path):
        where = f"{path.name}:{block.line}"
        if block.mark.startswith("file: "):
            (folder / block.mark.removeprefix("file: ")).write_text(block.text, "utf-8")
        elif block.read_only or block.kind not in ("python", "bash", "console"):
            continue
        elif block.kind == "python":
            capsys.readouterr()
            exec(compile("\n" * (block.line - 1) + block.text, path.name, "exec"), names)
            told = [m["told"] for m in PRINTS.finditer(block.text)]
            assert capsys.readouterr().out.splitlines() == told, where
        elif block.kind == "bash":
            for words in block.commands:
                assert _run(words) == 0, (where, words, capsys.readouterr().err)
        else:
            _converse(block.text, where, capsys)


def _run(words: list[str]) -> int:
    """Run one command line as the reader would."""
    if words[:3] == ["pip", "install", "."]:
        return _install(Path())
    if words[0].startswith("scripts/"):
        assert (ROOT / words[0]).stat().st_mode & 0o100, f"{words[0]} cannot be run"
        words = ["laterna", words[0].removeprefix("scripts/"), *words[1:]]
    assert words[0] == "laterna", f"mark what cannot be run: {words}"
    return run(words[1:])


def _install(project: Path) -> int:
    """What pip does as far as engines are concerned: the entry points are there."""
    told = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["project"]
    lines = [f"[{group}]" for group in told["entry-points"]]
    assert lines == [f"[{registry.GROUP}]"]
    lines += [f"{name} = {value}" for name, value in told["entry-points"][registry.GROUP].items()]
    beside = project / f"{told['name'].replace('-', '_')}-{told['version']}.dist-info"
    beside.mkdir()
    (beside / "METADATA").write_text(f"Name: {told['name']}\nVersion: {told['version']}\n")
    (beside / "entry_points.txt").write_text("\n".join(lines) + "\n")
    return 0


def _converse(text: str, where: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Run a console block and compare what is said."""
    code = 0
    for exchange in re.split(r"^\$ ", text, flags=re.M)[1:]:
        line, _, told = exchange.partition("\n")
        capsys.readouterr()
        if line == "echo $?":
            assert told.strip() == str(code), where
            continue
        code = _run(shlex.split(line))
        said = capsys.readouterr()
        pattern = re.escape(told.strip()).replace(r"\.\.\.", ".*")
        assert re.fullmatch(pattern, (said.err + said.out).strip()), (where, said.err, said.out)
        assert (code == 0) != told.startswith("error:"), (where, code)


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.stem)
def test_examples_that_are_not_run_are_at_least_right_in_form(path: Path) -> None:
    for block in blocks(path):
        if block.kind == "python":
            compile(block.text, f"{path.name}:{block.line}", "exec")
        assert not block.mark or re.match(r"(read only|file): .+", block.mark), block.mark
        if block.kind in ("bash", "console") and block.read_only:
            for words in block.commands:
                if words[0] == "laterna":
                    _parse(words[1:])


def _parse(words: list[str]) -> None:
    """Have the command line read `words` without doing what they say; raises for a usage error."""
    command = _load(words[0], VERBS[words[0]][1])
    while getattr(command, "commands", None):
        words = words[1:]
        command = command.commands[words[0]]
    command.make_context(words[0], words[1:])


def _commands(verb: str) -> Iterator[Any]:
    """The verb, and every verb below it."""
    rest = [_load(verb, VERBS[verb][1])]
    while rest:
        command = rest.pop()
        yield command
        rest.extend(getattr(command, "commands", {}).values())


@pytest.mark.parametrize(
    ("guide", "verb"),
    [
        ("filming", "film"),
        ("filming", "extend"),
        ("filming", "engines"),
        ("filming", "doctor"),
        ("api", "serve"),
        ("jobs", "worker"),
        ("world", "world"),
        ("training", "train"),
        ("evaluation", "evaluate"),
        ("accounts", "admin"),
        ("models", "models"),
    ],
)
def test_every_option_is_in_the_guide(guide: str, verb: str) -> None:
    told = set(OPTION.findall((ROOT / f"docs/{guide}.md").read_text("utf-8")))
    for command in _commands(verb):
        there = {option for item in command.params for option in item.opts if option[:2] == "--"}
        there -= {"--install-completion", "--show-completion"}  # typer's, for the shell
        assert there <= told, f"{guide}.md does not say what {sorted(there - told)} mean"


def test_no_guide_tells_of_an_option_that_is_gone() -> None:
    there = {"--version", "--help", "--extra-index-url"}
    there |= {"--head", "--address", "--include-dashboard"}  # of `ray start`
    there |= {"--measure"}  # of benchmarks/scale.py
    for verb in VERBS:
        for command in _commands(verb):
            there |= {o for item in command.params for o in [*item.opts, *item.secondary_opts]}
    for path in GUIDES:
        gone = set(OPTION.findall(path.read_text("utf-8"))) - there
        assert not gone, f"{path.name}: {sorted(gone)}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text("utf-8")):
        if not target.startswith("http"):
            goal = (path.parent / target).resolve()
            later = goal.relative_to(ROOT).as_posix() in LATER
            assert goal.exists() or later, f"{path.name}: {target}"


def test_the_file_map_names_every_package() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    there = {p.parent.name for p in (ROOT / "src/laterna").glob("*/__init__.py")}
    assert {name for name in there if f"  {name}/" not in text} == set()
