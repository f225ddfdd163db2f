"""The table of engines in the guide says what the code does."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from laterna.engines.diffusers.presets import PRESETS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "engines_table", ROOT / "scripts/engines_table.py"
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_guide_has_the_table_as_it_is_now(script: ModuleType) -> None:
    guide = (ROOT / "docs/engines.md").read_text("utf-8")
    assert script.rewritten(guide) == guide, "run scripts/engines_table.py"


def test_every_preset_has_its_row(script: ModuleType) -> None:
    rows = script.table().splitlines()
    assert len({row.count("|") for row in rows}) == 1
    for preset in PRESETS:
        (row,) = (row for row in rows if row.startswith(f"| `diffusers:{preset.name}` "))
        assert preset.licence in row
