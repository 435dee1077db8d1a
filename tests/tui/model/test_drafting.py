from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.contract.filter import FilterError, parse
from tui.model.drafting import Standing, judge


@pytest.mark.parametrize(
    "text",
    [
        *("type:", "-type:", "status:sent,", "(a", "(a OR", "a OR", "NOT", "-", '"abc', 'recipient:"a b', "-("),
        *(
            "seq:1..",
            "created:2026-1",
            "created:>2026-11-23T",
            "created:2026-11-23T10:00..2026",
            "age:<",
            "age:<1",
        ),
        *("exists(", "NOT exists(eve", "exists(data.x", "recipient~", "recipient~(", 'event_data."order'),
    ],
)
def test_what_something_typed_on_makes_a_filter_of_is_half_typed(text: str) -> None:
    assert judge(text).standing is Standing.HALF


@pytest.mark.parametrize(
    ("text", "column", "hint"),
    [
        ("recipi:", 1, "did you mean recipient?"),
        ("failed recipent:user_1", 8, "did you mean recipient?"),
        ("type:x (seq:abc", 13, ""),
        ("a)", 2, ""),
        ("exists(foo", 8, ""),
        ("created:>2026-11-2 failed", 10, ""),
        ("age:5", 5, "did you mean <5?"),
    ],
)
def test_what_nothing_mends_is_wrong_and_its_place_and_the_nearest_name_are_told(
    text: str, column: int, hint: str
) -> None:
    draft = judge(text)
    assert draft.standing is Standing.WRONG
    assert draft.fault is not None
    assert (draft.fault.column, draft.fault.hint) == (column, hint)


def test_a_blank_line_is_none_of_these() -> None:
    assert judge("  ").standing is Standing.EMPTY


@settings(max_examples=60)
@given(st.text(alphabet='type:recipient.data"\\,()- x*~<>0', max_size=30))
def test_good_is_what_parses(text: str) -> None:
    draft = judge(text)
    try:
        parse(text)
    except FilterError:
        assert draft.standing in (Standing.HALF, Standing.WRONG)
        assert draft.fault is not None
    else:
        assert draft.standing is (Standing.GOOD if text.strip() else Standing.EMPTY)
