"""The names of forms: brackets nest, and together they make the tree that JSON would have been.

A list of objects is sent as `cues[][second]` and `cues[][prompt]`: by some clients entry by entry,
by others (OpenAI's for Python) first every second, then every prompt. Either way the n-th time that
a name occurs it is about entry n, and that is the rule here; names that occur unequally often leave
open whose they are, and are refused. `cues[0][prompt]` names its entry itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from laterna.server.errors import bad_request

__all__ = ["grow"]

MAX_DEPTH = 4
NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
NUMBER = re.compile(r"\d{1,4}", re.ASCII)

Step = str | int  # a field's name, or the place in a list


def grow(fields: Iterable[tuple[str, object]]) -> dict[str, Any]:
    """The tree of a form's fields, in the order they came. Raises ApiError 400.

    An empty text is how clients write null: the field is left out, its entry of a list is not.
    """
    tree: dict[str, Any] = {}
    times: Counter[tuple[str, ...]] = Counter()
    for name, value in fields:
        steps = _steps(name)
        if value == "" and "" not in steps[:-1]:
            continue
        path = _numbered(steps, times)
        try:
            if value == "":
                _node(tree, path[: steps.index("") + 2])
            else:
                _hang(_node(tree, path), path[-1], value)
        except TypeError as error:
            raise bad_request(steps[0], f"{steps[0]}: it is given in two forms at once") from error
    _check(times)
    return tree


def _steps(name: str) -> tuple[str, ...]:
    match = NAME.fullmatch(name)
    steps = () if match is None else (match[1], *re.findall(r"\[([^\[\]]*)\]", match[2]))
    if not 1 <= len(steps) <= MAX_DEPTH:
        raise bad_request(name[:60], f"{name[:60]!r} is not a field's name")
    if steps.count("") > 1:
        message = f"{steps[0]}: {name[:60]!r} is a list in a list; number its entries, as in [0]"
        raise bad_request(steps[0], message)
    return steps


def _numbered(steps: tuple[str, ...], times: Counter[tuple[str, ...]]) -> list[Step]:
    """`steps` with places for what is in brackets: the n-th `cues[][second]` is of entry n."""
    path: list[Step] = [steps[0]]
    for step in steps[1:]:
        if step == "":
            path.append(times[steps])
            times[steps] += 1
        else:
            path.append(int(step) if NUMBER.fullmatch(step) else step)
    return path


def _node(tree: Any, path: list[Step]) -> Any:
    """What the last step of `path` hangs on; what is not there yet is made."""
    for step, following in pairwise(path):
        new: Any = [] if isinstance(following, int) else {}
        if isinstance(step, str) and isinstance(tree, dict):
            tree = tree.setdefault(step, new)
        elif isinstance(step, int) and isinstance(tree, list) and step <= len(tree):
            if step == len(tree):
                tree.append(new)
            tree = tree[step]
        else:
            raise TypeError
    return tree


def _hang(node: Any, step: Step, value: object) -> None:
    """Raises TypeError where something of another form is."""
    if isinstance(node, list) and step == len(node):
        node.append(value)
    elif not isinstance(node, dict) or isinstance(step, int):
        raise TypeError
    elif step not in node:
        node[step] = value
    else:  # passes=depth&passes=motion
        known = node[step]
        if isinstance(known, dict):
            raise TypeError
        node[step] = [*known, value] if isinstance(known, list) else [known, value]


def _check(times: Counter[tuple[str, ...]]) -> None:
    """Raise ApiError when the entries of a list cannot be told apart."""
    first: dict[tuple[str, ...], tuple[str, ...]] = {}
    for steps, count in times.items():
        other = first.setdefault(steps[: steps.index("") + 1], steps)
        if times[other] != count:
            field = steps[0]
            told = f"{times[other]} of {_name(other)} came, but {count} of {_name(steps)}"
            remedy = (
                f"send both for each entry, number them ({field}[0]), or send {field} as JSON text"
            )
            raise bad_request(field, f"{field}: {told}; {remedy}")


def _name(steps: tuple[str, ...]) -> str:
    return steps[0] + "".join(f"[{step}]" for step in steps[1:])
