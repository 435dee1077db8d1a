from __future__ import annotations

import pytest

from tui.model.bodytree import Keys
from tui.model.matched import figures, matched, spans


@pytest.mark.parametrize(
    ("filter_text", "texts"),
    [
        ("", []),
        ('timeout "mailbox full"', ["timeout", "mailbox full"]),
        ("recipient:ann,bob -tenant:acme NOT late", ["ann", "bob"]),
        ("(workflow:welcome-* OR seq:5) failed x", ["welcome-"]),
        ("recipent:ann", []),
    ],
)
def test_what_a_filter_asks_for_is_marked_and_what_it_leaves_out_is_not(
    filter_text: str, texts: list[str]
) -> None:
    assert [needle.text for needle in matched(filter_text)] == texts


def test_marks_that_touch_are_one() -> None:
    assert spans(matched("abc bcd zz"), "xABCD abc") == [(1, 5), (6, 9)]


@pytest.mark.parametrize(
    ("text", "place", "marked"),
    [
        ('"attempt": 3,', ("event_data", "attempt"), [(11, 12)]),
        ('"attempt": 30,', ("event_data", "attempt"), []),
        ('"attempt": 3.5', ("event_data", "attempt"), []),
        ('"attempt": 3', ("event_data", 0, "attempt"), [(11, 12)]),
        ('"total": 3', ("data", "total"), []),
    ],
)
def test_a_number_is_marked_as_a_whole_where_its_path_leads(
    text: str, place: Keys, marked: list[tuple[int, int]]
) -> None:
    asked = figures("failed event_data.attempt:3 -data.total:3 seq:3")
    assert [span for number in asked for span in number.spans(text, place)] == marked
