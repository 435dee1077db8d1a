from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.tui.made import made, made_totals
from tui.model.counts import MAX_TYPES, OTHERS, TypeCounts
from tui.model.minutes import Minutes, Span
from tui.model.source import Arrivals, Totals


def arrivals(first: int, last: int, type_: str = "message.sent") -> Arrivals:
    return Arrivals([made(seq, type_) for seq in range(first, last + 1)], [], last)


def test_arrivals_count_by_type() -> None:
    counts = TypeCounts()
    counts.base(Totals(0))
    counts.take(arrivals(1, 3))
    counts.take(arrivals(4, 4, "message.read"))
    assert counts.by_type == {"message.sent": 3, "message.read": 1}


def test_counts_of_what_types_narrowed_win_over_the_events_given() -> None:
    counts = TypeCounts()
    counts.base(Totals(0))
    counts.take(Arrivals([made(1)], [], 5, {"message.sent": 1, "message.read": 4}))
    assert counts.total == 5


@given(st.integers(0, 20), st.lists(st.integers(1, 6), max_size=6), st.integers(0, 6))
def test_totals_that_come_late_never_count_an_event_twice(stored: int, batches: list[int], answered: int) -> None:
    counts = TypeCounts()
    upto = stored
    for index, size in enumerate(batches):
        if index == answered:
            counts.base(made_totals(upto, {"message.sent": upto}))
        counts.take(arrivals(upto + 1, upto + size))
        upto += size
    if answered >= len(batches):
        counts.base(made_totals(min(stored + 2, upto), {"message.sent": min(stored + 2, upto)}))
    assert counts.total == upto


def test_totals_that_come_before_what_they_hold_never_count_an_event_twice() -> None:
    counts = TypeCounts()
    counts.base(made_totals(5, {"message.sent": 5}))
    counts.take(arrivals(4, 4))
    counts.take(arrivals(5, 7))
    assert counts.total == 7


def test_a_restart_counts_what_arrives_whatever_its_seq() -> None:
    counts = TypeCounts()
    counts.base(made_totals(9, {"message.sent": 9}))
    counts.restart()
    counts.take(arrivals(1, 2))
    assert counts.total == 2


def test_a_recount_keeps_showing_what_was_known() -> None:
    counts = TypeCounts()
    counts.base(made_totals(9, {"message.sent": 9}))
    counts.recount()
    assert (counts.total, counts.known, counts.wanted) == (9, True, True)


def test_a_restart_forgets() -> None:
    counts = TypeCounts()
    counts.base(made_totals(9, {"message.sent": 9}))
    counts.restart()
    assert (counts.total, counts.known, counts.wanted) == (0, False, True)


def test_types_that_someone_makes_up_without_end_are_counted_as_one() -> None:
    counts = TypeCounts()
    counts.base(Totals(0))
    counts.take(Arrivals([made(seq, f"made.up_{seq}") for seq in range(1, 2_001)], [], 2_000))
    assert len(counts.by_type) == MAX_TYPES + 1
    assert counts.by_type[OTHERS] == 2_000 - MAX_TYPES
    assert counts.total == 2_000


def narrowed(since: int, upto: int, **by_type: int) -> Arrivals:
    return Arrivals([], [], upto, {f"message.{name}": count for name, count in by_type.items()}, since)


def test_counts_that_come_apart_from_their_events_count_once() -> None:
    counts = TypeCounts()
    counts.base(Totals(0))
    counts.take(Arrivals([made(1), made(2)], [], 2, {}, 0))
    counts.take(narrowed(0, 2, sent=2, read=3))
    assert counts.by_type == {"message.sent": 2, "message.read": 3}


def test_counts_that_the_log_told_only_in_part_are_asked_for_again() -> None:
    counts = TypeCounts()
    counts.base(made_totals(5, {"message.sent": 5}))
    counts.take(narrowed(4, 8, sent=4))
    assert counts.wanted
    counts.base(made_totals(8, {"message.sent": 8}))
    assert (counts.wanted, counts.total) == (False, 8)


def test_counts_above_what_the_log_told_are_added_without_asking() -> None:
    counts = TypeCounts()
    counts.base(made_totals(5, {"message.sent": 5}))
    counts.take(narrowed(5, 8, sent=3))
    assert (counts.wanted, counts.total) == (False, 8)


MINUTE = 29_923_842
"""The minute of `RECEIVED`."""


def test_minutes_begin_with_what_the_log_says_and_go_on_with_what_arrives() -> None:
    counts = TypeCounts()
    counts.base(made_totals(5, {"message.sent": 5}), MINUTE)
    counts.take(arrivals(6, 8), MINUTE)
    assert counts.per_minute("message.sent", MINUTE)[-2:] == [0, 8]
    assert counts.per_minute("message.sent", MINUTE + 2)[-3:] == [8, 0, 0]
    assert sum(counts.per_minute("message.sent", MINUTE + 60)) == 0


def test_an_event_counts_in_the_minute_in_which_it_was_received() -> None:
    counts = TypeCounts()
    counts.base(Totals(0), MINUTE)
    late = made(1, received_at="2026-11-23T10:40:59.9Z")
    counts.take(Arrivals([late], [], 1), MINUTE)
    assert counts.per_minute("message.sent", MINUTE)[-3:] == [1, 0, 0]


def test_minutes_that_are_long_past_are_forgotten() -> None:
    minutes = Minutes()
    for minute in range(1_000):
        minutes.add(minute, 1)
    assert minutes.until(999) == [1] * 60
    assert len(minutes._counts) <= 2 * 60


def test_the_spans_follow_each_other_in_a_ring() -> None:
    spans = [Span.ALL]
    for _ in range(4):
        spans.append(spans[-1].next)
    assert [span.minutes for span in spans] == [None, 1, 15, 60, None]
