"""The names of forms, in every order that clients send them in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laterna.server.brackets import grow
from laterna.server.errors import ApiError

CLIENT = openai.OpenAI(api_key="sk", base_url="http://localhost/v1")
names = st.text(st.characters(codec="ascii", categories=["Ll"]), min_size=1, max_size=6)
# The client's forms lose an empty text that stands first, and this server reads one as null.
leaves = st.one_of(st.text(min_size=1), st.integers(), st.floats(allow_nan=False), st.booleans())


@st.composite
def objects(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A list of objects that have the same fields, one of which may be an object itself."""
    flat = draw(st.sets(names, min_size=1, max_size=4))
    nested = draw(st.dictionaries(names, st.sets(names, min_size=1, max_size=2), max_size=2))
    fields = dict.fromkeys(flat, leaves)
    inner = {
        name: st.fixed_dictionaries(dict.fromkeys(among, leaves)) for name, among in nested.items()
    }
    return draw(st.lists(st.fixed_dictionaries({**fields, **inner}), min_size=1, max_size=6))


def text(value: Any) -> Any:
    """`value` with its leaves as a form carries them."""
    if isinstance(value, Mapping):
        return {name: text(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [text(inner) for inner in value]
    return str(value).lower() if isinstance(value, bool) else str(value)


def by_name(form: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """The parts of a form as the client sends it."""
    for name, value in form.items():
        for one in value if isinstance(value, list) else [value]:
            yield name, one


@given(entries=objects(), data=st.data())
def test_any_list_of_uniform_objects_comes_back_whole(
    entries: list[dict[str, Any]], data: st.DataObject
) -> None:
    told = {"list": entries}
    assert grow(by_name(CLIENT._serialize_multipartform(told))) == text(told)

    by_entry = CLIENT.qs.stringify_items(told, array_format="brackets")
    assert grow(by_entry) == text(told)
    assert grow(CLIENT.qs.stringify_items(told, array_format="indices")) == text(told)

    # Any other order too, as long as each name's own occurrences keep theirs.
    values = {name: [v for n, v in by_entry if n == name] for name in Counter(dict(by_entry))}
    order = data.draw(st.permutations([name for name, _ in by_entry]))
    assert grow((name, values[name].pop(0)) for name in order) == text(told)


@pytest.mark.parametrize(
    ("fields", "tree"),
    [
        ([("a", 1)], {"a": 1}),
        ([("video[id]", "v")], {"video": {"id": "v"}}),
        (
            [("characters[][id]", "a"), ("characters[][id]", "b")],
            {"characters": [{"id": "a"}, {"id": "b"}]},
        ),
        (
            [("cues[][second]", "0"), ("cues[][second]", "1"),
             ("cues[][prompt]", "x"), ("cues[][prompt]", "y")],
            {"cues": [{"second": "0", "prompt": "x"}, {"second": "1", "prompt": "y"}]},
        ),
        (
            [("cues[][second]", ""), ("cues[][prompt]", "x"),
             ("cues[][second]", "1"), ("cues[][prompt]", "y")],
            {"cues": [{"prompt": "x"}, {"second": "1", "prompt": "y"}]},
        ),
        (
            [("keyframes[][image][image_url]", "u"), ("keyframes[][second]", "0"),
             ("keyframes[][image][image_url]", "v"), ("keyframes[][second]", "1")],
            {"keyframes": [{"second": "0", "image": {"image_url": "u"}},
                           {"second": "1", "image": {"image_url": "v"}}]},
        ),
        (
            [("keyframes[0][second]", "0"), ("keyframes[0][image][image_url]", "u")],
            {"keyframes": [{"second": "0", "image": {"image_url": "u"}}]},
        ),
        ([("passes[]", "depth"), ("passes[]", "matte")], {"passes": ["depth", "matte"]}),
        ([("passes[0]", "depth"), ("passes[1]", "matte")], {"passes": ["depth", "matte"]}),
        ([("passes", "depth"), ("passes", "matte")], {"passes": ["depth", "matte"]}),
        ([("seed", ""), ("video[id]", ""), ("passes[]", "")], {}),
    ],
)  # fmt: skip
def test_brackets_nest(fields: list[tuple[str, object]], tree: dict[str, object]) -> None:
    assert grow(fields) == tree


@pytest.mark.parametrize(
    "names",
    [
        ["a[b", "x"], ["[a]"], ["a[b][c][d][e]"], ["a", "a[b]"], ["a[b]", "a"], ["a[b]", "a[]"],
        ["a[7][b]"], ["a]"], ["a[][b][]"], ["a[0]", "a[0]"],
    ],
)  # fmt: skip
def test_brackets_that_make_no_tree_are_refused(names: list[str]) -> None:
    with pytest.raises(ApiError) as error:
        grow((name, "1") for name in names)
    assert error.value.status == 400


def test_entries_that_cannot_be_told_apart_are_refused() -> None:
    sent = ["cues[][second]", "cues[][prompt]", "cues[][second]"]
    with pytest.raises(ApiError, match="2 of cues") as error:
        grow((name, "1") for name in sent)
    assert error.value.param == "cues"
