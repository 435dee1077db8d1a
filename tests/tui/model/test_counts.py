from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.tui.made import made, made_totals
from tui.model.counts import MAX_TYPES, OTHERS, TypeCounts
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
