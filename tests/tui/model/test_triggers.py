from __future__ import annotations

import pytest

from tui.model.triggers import NAMES, Sent, is_type, meaning, offered, outcome, rounds


def test_everything_is_offered_until_something_is_typed_and_each_has_a_meaning() -> None:
    assert offered(" ") == list(NAMES)
    assert all(map(meaning, NAMES))
    assert (is_type("message.sent"), is_type("bounce")) == (True, False)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("bounce", "bounce"),
        ("Message.B", "message.bounced"),
        ("retry_storm", "retry-storm"),
        ("link", "message.link_clicked"),
        ("zzz", None),
    ],
)
def test_what_begins_as_typed_comes_first(typed: str, first: str | None) -> None:
    assert next(iter(offered(typed)), None) == first


@pytest.mark.parametrize(
    ("typed", "number"),
    [("1", 1), (" 1000 ", 1000), ("0", None), ("1001", None), ("-1", None), ("x", None), ("", None), ("²", None)],
)
def test_how_many_times_is_a_number_that_makes_sense(typed: str, number: int | None) -> None:
    assert rounds(typed) == number


@pytest.mark.parametrize(
    ("sent", "line"),
    [
        ([Sent("a", "200 seq 4", True, 4)], "Sent 1 event: seq 4"),
        ([Sent("a", "", True, 1_005), Sent("a", "", True, 9)], "Sent 2 events: seq 9 to 1,005"),
        ([Sent("a", "200 OK", True)], "Sent 1 event"),
        ([Sent("a", "", True, 4), Sent("a", "500", False)], "Sent 2 events, of which 1 was taken"),
    ],
)
def test_what_came_of_it_is_one_line(sent: list[Sent], line: str) -> None:
    assert outcome(sent) == line
