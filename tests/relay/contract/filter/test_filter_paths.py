"""Where a path leads: through objects, through arrays, and nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.contract.filter import Path, parse
from relay.contract.filter.walk import leaves
from tests.relay.contract.filter.subjects import data, event, matches
from tests.relay.contract.filter.trees import json_values

DEEP: Any = "a"
for _ in range(450):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    ("filter_", "value"),
    [
        ("data.x:a", ["b", "a"]),
        ("data.x:a", [["b"], [["a"]]]),
        ("data.x:a", DEEP),
        ("data.x.y:a", [{"y": "b"}, {"y": "a"}]),
        ("data.x.y:a", [[{"y": ["b", "a"]}]]),
        ("data.x.y.z:a", {"y": [{"z": "a"}]}),
        ("data.x.0:a", ["a", "b"]),
        ("data.x.1.y:a", ["b", {"y": "a"}]),
        ("data.x.0.1:a", [["b", "a"]]),
        ("data.x.0:a", {"0": "a"}),
        ("data.x.0.0:a", [{"0": "a"}]),
        ('data.x."0":a', [{"0": "a"}]),
        ('data.x."0":a', {"0": "a"}),
        ("data.x.00:a", {"00": "a"}),
        ('data.x."a.b"."c d"."e:f":a', {"a.b": {"c d": {"e:f": "a"}}}),
        ('data.x."":a', {"": "a"}),
        ('data.x."*":a', {"*": "a"}),
        ('data.x."\\ud800":a', {"\ud800": "a"}),
        ("data.x:null", None),
        ("data.x:null", [1, None]),
        ("data.x.y:null", {}),
        ("data.x.y:null", 5),
        ("data.x.y:null", [{"y": 1}, {}]),
        ("data.x.y:null", []),
        ("data.x.0:null", []),
        ("exists(data.x)", 0),
        ("exists(data.x)", False),
        ("exists(data.x)", ""),
        ("exists(data.x)", {}),
        ("exists(data.x)", []),
        ("exists(data.x.y)", [{}, {"y": 1}]),
    ],
)
def test_a_path_that_leads_there(filter_: str, value: object) -> None:
    assert matches(filter_, data(value))


@pytest.mark.parametrize(
    ("filter_", "value"),
    [
        ("data.x.y:a", "a"),
        ("data.x.0:a", ["b", "a"]),
        ("data.x.2:a", ["b", "a"]),
        ("data.x.99999999999999999999999:a", ["a"]),
        ('data.x."0":a', ["a"]),
        ("data.x.0:a", [{"0": "a"}]),
        ("data.x.length:1", ["a"]),
        ("data.x:a", []),
        ("data.x:null", []),
        ("data.x:null", [[], {}]),
        ("data.x.y:null", {"y": []}),
        ("exists(data.x)", None),
        ("exists(data.x.y)", []),
        ("exists(data.x.y)", [{}, {"y": None}]),
        ("exists(data.x.0)", []),
    ],
)
def test_a_path_that_leads_nowhere(filter_: str, value: object) -> None:
    assert not matches(filter_, data(value))
    assert matches(f"-{filter_}", data(value))


def test_paths_begin_at_the_root_of_the_body() -> None:
    body = {
        "created_at": "then",
        "data": {"x": 1},
        "event_data": {"x": 2},
        "x": 3,
        "a.b": {"c": 4},
        "header": {"x": 5},
    }
    assert matches('data.x:1 event_data.x:2 .x:3 ."a.b".c:4 .header.x:5 .created_at:then .data.x:1', body)


@pytest.mark.parametrize("event_data", [None, [], "text", 5])
def test_event_data_that_is_no_object_has_nothing_in_it(event_data: object) -> None:
    body = {"event_data": event_data}
    assert not matches("event_data.attempt:1", body)
    assert matches("event_data.attempt:null", body)
    assert not matches("exists(event_data.attempt)", body)


keys = st.lists(st.sampled_from(["a", "b", "0", 0, 1]), min_size=1, max_size=3)


@given(json_values, keys)
def test_what_a_path_leads_to_is_what_its_definition_says(value: Any, path: list[str | int]) -> None:
    expected = list(defined(value, path))
    found = list(leaves(value, tuple(path)))
    assert sorted(map(repr, found)) == sorted(map(repr, expected))


def defined(value: Any, path: list[str | int]) -> Iterator[Any]:
    """What a path leads to, as it would be explained to someone."""
    if isinstance(value, list) and not (path and isinstance(path[0], int)):
        if not value and path:
            yield None
        for element in value:
            yield from defined(element, path)
    elif not path:
        yield value
    elif isinstance(value, list):
        index = int(path[0])
        yield from defined(value[index] if index < len(value) else None, path[1:])
    else:
        yield from defined(value.get(str(path[0])) if isinstance(value, dict) else None, path[1:])


@given(json_values, keys)
def test_exists_and_null_agree_where_no_array_is_in_the_way(value: Any, path: list[str | int]) -> None:
    steps = tuple(path)
    if any(isinstance(each, list) for each in values_on_the_way(value, path)):
        return
    subject = event(data(value))
    field = Path(("data", "x", *steps))
    assert parse(f"exists({field})").matches(subject) != parse(f"{field}:null").matches(subject)


def values_on_the_way(value: Any, path: list[str | int]) -> Iterator[Any]:
    yield value
    for key in path:
        value = value.get(str(key)) if isinstance(value, dict) else None
        yield value
