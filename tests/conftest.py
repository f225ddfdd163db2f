"""What all tests share, and which of them stay together when several processes run them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from laterna.engines.fake import FakeEngine

# Machines differ in speed, and a slow one is no failure.
settings.register_profile("laterna", deadline=None, print_blob=True)
settings.load_profile("laterna")

ROOT = Path(__file__).parent
# Tests of a file stay in one process, and so do those of folders and files that share what is dear
# to make: a server, a judge, exported weights, machine code of the world.
TOGETHER = {
    "server/api": "api",
    "evaluation": "judge",
    "engines/remote": "remote",
    "engines/diffusers": "diffusers",
    "engines/test_native.py": "weights",
    "engines/test_native_torch.py": "weights",
    "training/test_export.py": "weights",
    "world": "world",
    "engines/test_previs.py": "world",
    "engines/test_previs_control.py": "world",
}
# What takes longest begins first, so that no process is left alone with it at the end.
LONG = ("training/test_ray.py", "weights", "api", "diffusers", "world", "judge", "remote")


@pytest.hookimpl(tryfirst=True)  # before xdist reads the marks
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not getattr(config.option, "loadgroup", False):  # one process runs all, as they stand
        return
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    items.sort(key=lambda item: LONG.index(_group(item)) if _group(item) in LONG else len(LONG))


def _group(item: pytest.Item) -> str:
    """The tests it stays together with."""
    path = item.path.relative_to(ROOT)
    for name in (path, *path.parents):
        if name.as_posix() in TOGETHER:
            return TOGETHER[name.as_posix()]
    return path.as_posix()


@pytest.fixture
def fake() -> FakeEngine:
    """The engine that films gradients and honours every field."""
    return FakeEngine()
