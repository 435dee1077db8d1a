from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.contract.filter import Name, Path, Term, parse
from tests.hostile import HOSTILE
from tui.model.cellvalue import NONE, Kind, Value, value_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (None, Kind.NONE),
        (True, Kind.FLAG),
        (3, Kind.NUMBER),
        (0.5, Kind.NUMBER),
        ("3", Kind.TEXT),
        ([1], Kind.JSON),
        ({"a": 1}, Kind.JSON),
    ],
)
def test_a_value_is_of_the_kind_that_json_says(raw: Any, kind: Kind) -> None:
    assert value_of(raw).kind is kind


def test_one_and_true_are_two_values() -> None:
    assert len({value_of(1), value_of(True), value_of("1")}) == 3


@given(st.lists(JSON, max_size=8), st.booleans())
def test_values_of_any_kind_can_be_sorted_together(raws: list[Any], none_first: bool) -> None:
    keys = sorted(value_of(raw).sort_key(none_first=none_first) for raw in raws)
    gone = [key[0] for key in keys if key[0] != 1]
    assert [key[0] for key in keys] == (
        [*gone, *[1] * (len(keys) - len(gone))] if none_first else sorted(k[0] for k in keys)
    )


@given(JSON)
def test_the_test_of_a_value_parses_back_to_itself(raw: Any) -> None:
    test = value_of(raw).test()
    if test is not None:
        term = Term(Path(("event_data", "key")), (test,))
        assert parse(str(term)).tree == term


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_can_be_filtered_by(text: str) -> None:
    test = value_of(text).test()
    assert test is not None
    term = Term(Path(("event_data", "key")), (test,))
    assert parse(str(term)).tree == term


def test_a_long_text_is_looked_for_by_its_beginning() -> None:
    test = value_of("x" * 600).test()
    assert str(test) == "x" * 512 + "*"


def test_a_text_that_a_summary_may_have_cut_is_looked_for_by_its_beginning() -> None:
    assert str(value_of("x" * 300, truncated=True).test()) == "x" * 300 + "*"
    assert str(value_of("short", truncated=True).test()) == "short"


def test_a_time_is_filtered_by_its_minute() -> None:
    test = Value(Kind.TIME, 1_795_430_523_000_000).test()
    assert test is not None
    term = Term(Name("received"), (test,))
    assert str(parse(str(term))) == "received:2026-11-23T10:42Z..2026-11-23T10:42:59.999999Z"


def test_what_is_nested_cannot_be_filtered_by() -> None:
    assert value_of({"a": 1}).test() is None


def test_what_is_not_there_is_filtered_as_null() -> None:
    assert str(NONE.test()) == "null"


def test_a_number_with_too_many_digits_for_python_is_shown_all_the_same() -> None:
    assert value_of(10**5_000).text == "?"
    assert value_of(10**5_000).test() is None
