from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.contract import jsontext
from tests.hostile import HOSTILE
from tests.relay.contract.samples import any_json
from tests.tui.told import changes, notes
from tui.model.diff import MAX_CHANGES, MAX_LINES, Compared, compare, items
from tui.model.items import Change


def differ(before: object, after: object) -> dict[str, tuple[tuple[str, ...] | None, tuple[str, ...] | None]]:
    return changes(items(compare(json.dumps(before).encode(), json.dumps(after).encode())))


def test_only_paths_that_differ_are_named_as_a_filter_names_them() -> None:
    before = {"data": {"status": "sent", "id": "m1", "data": {"order.total": 1}}}
    after = {"data": {"status": "delivered", "id": "m1", "data": {"order.total": 2}}}
    assert differ(before, after) == {
        "data.status": (('"sent"',), ('"delivered"',)),
        'data.data."order.total"': (("1",), ("2",)),
    }


def test_what_came_and_what_went_has_one_side() -> None:
    assert differ({"a": 1, "b": {"c": 1}}, {"a": 1, "d": None}) == {
        ".b": (("{", '  "c": 1', "}"), None),
        ".d": (None, ("null",)),
    }


def test_an_element_put_in_before_others_is_the_only_difference() -> None:
    assert differ([1, 2, 3], [0, 1, 2, 3]) == {".0": (None, ("0",))}
    assert differ(["a", "b", "c", "d"], ["a", "c", "d"]) == {".1": (('"b"',), None)}


def test_objects_in_an_array_are_the_same_where_they_have_the_same_name() -> None:
    before = [{"ref": "email_1", "subject": "Hi"}, {"ref": "delay_1", "n": 1}]
    after = [{"ref": "feed_1"}, {"ref": "delay_1", "n": 1}, {"ref": "email_1", "subject": "Hello"}]
    assert differ(before, after) == {
        ".0": (None, ("{", '  "ref": "feed_1"', "}")),
        ".2.subject": (('"Hi"',), ('"Hello"',)),
    }


@pytest.mark.parametrize(
    ("one", "other"), [(b"1", b"1.0"), (b"100", b"1e2"), (b"0", b"-0"), (b"1E400", b"10e399")]
)
def test_a_number_that_is_written_differently_is_a_difference_and_said_to_be_no_other_number(
    one: bytes, other: bytes
) -> None:
    (change,) = [*items(compare(one, other))]
    assert isinstance(change, Change)
    assert (change.before, change.after) == ((one.decode(),), (other.decode(),))
    assert change.note == "the same number, written differently"


@pytest.mark.parametrize(("one", "other"), [(b"1", b"true"), (b"0", b"false"), (b'"1"', b"1"), (b"null", b"[]")])
def test_values_of_different_kinds_are_never_equal(one: bytes, other: bytes) -> None:
    (change,) = [*items(compare(one, other))]
    assert isinstance(change, Change)
    assert ", then " in change.note


def test_a_key_that_comes_twice_is_there_twice() -> None:
    found = changes(items(compare(b'{"a": 1, "a": 2}', b'{"a": 1, "a": 3}')))
    assert found == {".a (a, 2nd time)": (("2",), ("3",))}
    assert changes(items(compare(b'{"a": 1}', b'{"a": 1, "a": 1}'))) == {".a (a, 2nd time)": (None, ("1",))}


def test_halves_of_surrogate_pairs_are_told_apart_and_stay_escaped() -> None:
    found = changes(items(compare(rb'{"a": "\ud800"}', rb'{"a": "\ud801"}')))
    assert found == {".a": (('"\\ud800"',), ('"\\ud801"',))}


@pytest.mark.parametrize(
    ("before", "after", "note"),
    [
        (b'{"a":1}', b'{"a":1}', "The two are the same, byte for byte."),
        (b'{"a":1}', b'{ "a": 1 }', "Every value is the same; only white space between them differs."),
        (
            b'{"a":1,"b":2}',
            b'{"b":2,"a":1}',
            "Every value is the same; they differ in the order of keys or in how characters are escaped.",
        ),
        (
            b'"\\u00e9"',
            '"é"'.encode(),
            "Every value is the same; they differ in the order of keys or in how characters are escaped.",
        ),
    ],
)
def test_bodies_without_a_difference_say_why(before: bytes, after: bytes, note: str) -> None:
    assert notes(items(compare(before, after))) == [note]


def test_of_long_texts_what_differs_is_shown_with_what_is_around_it() -> None:
    before, after = "x" * 5_000 + "old" + "y" * 5_000, "x" * 5_000 + "new" + "y" * 5_000
    (sides,) = differ({"html": before}, {"html": after}).values()
    assert sides == ((f"…{'x' * 24}old{'y' * 24}…",), (f"…{'x' * 24}new{'y' * 24}…",))


def test_of_texts_of_many_lines_the_lines_that_differ_are_shown() -> None:
    lines = [f"line {number} of the template" for number in range(40)]
    before, after = "\n".join(lines), "\n".join([*lines[:7], "another line", *lines[8:]])
    (sides,) = differ([before], [after]).values()
    assert sides == (("line 8: line 7 of the template",), ("line 8: another line",))


def test_the_whole_value_is_what_y_takes() -> None:
    before, after = "x" * 5_000, "x" * 4_000
    (change,) = [*items(compare(json.dumps([before]).encode(), json.dumps([after]).encode()))]
    assert isinstance(change, Change)
    assert (change.copy_before, change.copy_after) == (before, after)


def test_a_value_of_many_lines_is_cut_and_copied_whole() -> None:
    (change,) = [*items(compare(b"{}", json.dumps({"a": list(range(100))}).encode()))]
    assert isinstance(change, Change)
    assert change.after is not None
    assert len(change.after) == MAX_LINES + 1
    assert change.after[-1] == "…"
    assert json.loads(change.copy_after) == list(range(100))


def test_differences_without_end_are_counted() -> None:
    before = {f"key_{number}": number for number in range(MAX_CHANGES + 30)}
    compared = compare(json.dumps(before).encode(), b"{}")
    assert compared.paths == MAX_CHANGES + 30
    assert notes(items(compared)) == ["… and 30 more paths differ"]


def test_bodies_nested_as_deep_as_the_relay_takes_are_compared() -> None:
    deep = b"[" * 500 + b"%d" + b"]" * 500
    compared = compare(deep % 1, deep % 2)
    assert compared.paths == 1
    assert list(items(compared))


def test_what_is_no_json_is_compared_as_text() -> None:
    assert compare(b"not json", b"not json either").paths == 1
    assert compare(b"\xff", b"\xfe").paths in (0, 1)


@given(any_json, any_json)
def test_any_two_values_can_be_compared(one: Any, other: Any) -> None:
    compared = compare(jsontext.dumps(one), jsontext.dumps(other))
    assert list(items(compared))
    assert (compared.paths == 0) == (compared.note != "")


@given(any_json)
def test_a_value_does_not_differ_from_itself(value: Any) -> None:
    spaced = b" " + jsontext.dumps(value)
    assert compare(spaced, jsontext.dumps(value)).paths == 0


@given(st.binary(), st.binary())
def test_any_bytes_can_be_compared(one: bytes, other: bytes) -> None:
    assert isinstance(compare(one, other), Compared)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_are_compared(text: str) -> None:
    body = json.dumps({text[:100]: text}).encode()
    assert list(items(compare(body, json.dumps({text[:100]: text + "!"}).encode())))
