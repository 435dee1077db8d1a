from __future__ import annotations

import pytest

from tui.model.matched import matched, spans


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
