from __future__ import annotations

from typing import Any

from relay.contract.moments import microseconds
from tests.tui.made import RECEIVED, made
from tui.model.commits import Commits
from tui.model.failures import Cause, Failures, Kind, Reading, Section
from tui.model.minutes import MINUTE_US, Span

MINUTE = (microseconds(RECEIVED) or 0) // MINUTE_US


def cause(details: str, count: int, *, kind: Kind = Kind.FAILED, what: str = "bounced", **facts: Any) -> Cause:
    given = {"term": details, "first_seq": 1, "last_seq": count, "per_minute": (0,) * 59 + (count,)}
    return Cause(kind, what, details, count=count, **{**given, **facts})


def failures(*causes: Cause) -> Failures:
    model = Failures(Commits())
    model.renew(Reading(causes, MINUTE))
    model.choose(Span.ALL, MINUTE)
    return model


def said(model: Failures) -> list[str]:
    return [row.reason or row.kind.value if isinstance(row, Section) else row.details for row in model.rows]


def test_causes_stand_under_their_reasons_and_kinds_the_most_frequent_first() -> None:
    model = failures(
        cause("seldom", 1, what="fatal"),
        cause("link", 9, kind=Kind.LINK),
        cause("few", 2),
        cause("many", 3),
    )
    assert said(model) == ["bounced", "many", "few", "fatal", "seldom", "link", "link"]


def test_the_cursor_begins_on_the_first_cause_and_passes_over_headings() -> None:
    model = failures(cause("a", 2), cause("b", 1, what="fatal"))
    seen = [model.cursor]
    for place in (2, 0, -5, 99):
        model.move_to(place)
        seen.append(model.cursor)
    assert seen == [1, 3, 1, 1, 3]


def test_the_cursor_stays_on_its_cause_when_another_becomes_more_frequent() -> None:
    model = failures(cause("a", 2), cause("b", 1))
    model.renew(Reading([cause("a", 2), cause("b", 5)], MINUTE))
    assert said(model) == ["bounced", "b", "a"]
    assert model.selected == cause("a", 2)


def test_a_cause_that_is_gone_leaves_the_cursor_on_the_one_in_its_place() -> None:
    model = failures(cause("a", 3), cause("b", 2), cause("c", 1))
    model.move_to(2)
    model.renew(Reading([cause("a", 3), cause("c", 1)], MINUTE))
    assert model.selected == cause("c", 1)


def test_a_span_counts_its_minutes_alone_and_orders_by_them() -> None:
    old = cause("old", 9, per_minute=(0,) * 40 + (9,) + (0,) * 19)
    model = failures(old, cause("new", 1))
    model.choose(Span.QUARTER, MINUTE)
    assert said(model) == ["bounced", "new", "old"]
    assert [model.count(row) for row in model.rows[1:] if isinstance(row, Cause)] == [1, 0]


def test_bars_go_on_with_the_time_although_nothing_is_counted_anew() -> None:
    one = cause("a", 3)
    model = failures(one)
    model.choose(Span.HOUR, MINUTE + 2)
    assert model.bars(one)[-4:] == (0, 3, 0, 0)


def test_bars_go_over_as_few_minutes_as_hold_what_came() -> None:
    young = failures(cause("a", 3))
    older = failures(cause("a", 3, per_minute=(0,) * 35 + (3,) + (0,) * 24))
    oldest = failures(cause("a", 1, per_minute=(1,) + (0,) * 59))
    assert [model.minutes for model in (young, older, oldest)] == [15, 30, 60]


def test_commits_stand_at_the_minutes_in_which_they_came() -> None:
    commit = made(4, "workflow.committed", received_at="2026-11-23T10:39:59.9Z")
    long_ago = made(1, "workflow.committed", received_at="2026-11-22T10:39:59.9Z")
    model = failures(cause("a", 3))
    model.commits.take([long_ago, commit], 4, 0.0)
    assert model.marks == {11}


def test_the_first_and_last_events_that_are_not_known_are_to_be_read() -> None:
    model = failures(cause("a", 3))
    model.ends[3] = made(3)
    assert model.lacking(model.rows) == [1]
