"""What all tests share, and which of them stay together when several processes run them."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import settings

from laterna.engines.fake import FakeEngine

# Machines differ in speed, and a slow one is no failure. The same tree draws the same examples, so
# that a red run is about the change at hand; --hypothesis-profile=search looks for new ones.
settings.register_profile("laterna", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, print_blob=True, max_examples=5000)
settings.load_profile("laterna")

# Tests of a file stay in one process, and so do those of folders and files that share what is dear
# to make: a server, a judge, exported weights, machine code of the world.
TOGETHER = {
    "server/api": "api",
    "evaluation": "judge",
    "engines/remote": "remote",
    "engines/diffusers": "diffusers",
    "engines/test_native.py": "weights",
    "engines/test_native_torch.py": "weights",
    "model/networks/test_transformer.py": "weights",
    "training/test_export.py": "weights",
    "world": "world",
    "engines/test_previs.py": "world",
    "engines/test_previs_control.py": "world",
}
# What takes longest begins first, so that no process is left alone with it at the end.
LONG = ("training/test_ray.py", "weights", "api", "diffusers", "world", "judge", "remote")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):  # this is one of several processes
        order = {group: place for place, group in enumerate(LONG)}
        items.sort(key=lambda item: order.get(_group(item.nodeid), len(LONG)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from xdist.scheduler import LoadScopeScheduling

    class Groups(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return _group(nodeid)

    config.option.loadscopereorder = False  # the order is that of LONG
    return Groups(config, log)


def _group(nodeid: str) -> str:
    """The tests it stays together with."""
    path = PurePosixPath(nodeid.partition("::")[0].removeprefix("tests/"))
    for name in (path, *path.parents):
        if name.as_posix() in TOGETHER:
            return TOGETHER[name.as_posix()]
    return path.as_posix()


@pytest.fixture
def fake() -> FakeEngine:
    """The engine that films gradients and honours every field."""
    return FakeEngine()
