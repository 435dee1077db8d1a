from __future__ import annotations

from datetime import UTC, datetime

from tests.tui.made import made, made_totals
from tui.model.clock import Clock
from tui.model.dashboard import Changed, Dashboard
from tui.model.filtering import Choice, Filtering
from tui.model.minutes import Span
from tui.model.source import (
    Arrivals,
    Began,
    LinkChange,
    LinkState,
    Missing,
    Pulse,
    Recount,
    Totals,
)

NOW = datetime(2026, 11, 23, 10, 42, 30, tzinfo=UTC).timestamp()


def dashboard() -> Dashboard:
    board = Dashboard(Clock(utc=True, now=lambda: NOW), monotonic=lambda: 100.0)
    board.apply([Began(0, ""), LinkChange(LinkState.LIVE)])
    return board


def test_arrivals_change_rows_counts_and_header() -> None:
    board = dashboard()
    board.counts.base(Totals(0))
    changed = board.apply([Arrivals([made(1), made(2, "message.read")], [], 2)])
    assert changed == Changed.ROWS | Changed.COUNTS | Changed.HEADER
    assert board.total == 2


def test_changes_alone_touch_the_rows_alone() -> None:
    board = dashboard()
    board.apply([Arrivals([made(1)], [], 1)])
    assert board.apply([Arrivals([], [made(1, delivery_count=2)], 2)]) == Changed.ROWS


def test_the_age_is_that_of_the_newest_event() -> None:
    board = dashboard()
    board.apply([Arrivals([made(1, received_at="2026-11-23T10:42:20Z")], [], 1)])
    board.apply([Arrivals([made(2, received_at="2026-11-23T10:42:10Z")], [], 2)])
    assert board.last_event_age == 10.0


def test_a_page_around_an_older_event_says_nothing_of_what_came_last() -> None:
    board = dashboard()
    board.browse.below = 7
    board.note_page([made(1, received_at="2026-11-23T10:42:20Z")])
    assert board.last_event_age is None


def test_the_log_says_what_came_last_where_it_is_not_in_the_window() -> None:
    board = dashboard()
    board.browse.below = 7
    last = made(9, received_at="2026-11-23T10:42:20Z")
    board.take_totals(made_totals(9, {"message.sent": 2}, {"message.sent": last}))
    assert board.last_event_age == 10.0


def test_the_age_is_measured_by_the_relays_clock() -> None:
    board = dashboard()
    board.apply([Arrivals([made(1, received_at="2026-11-23T10:42:20Z")], [], 1)])
    board.apply([Pulse(upto=1, last_seq=1, at_us=int((NOW + 60) * 1_000_000))])
    assert board.last_event_age == 70.0


def test_an_imported_event_is_no_sign_of_life() -> None:
    board = dashboard()
    board.apply([Arrivals([made(1, imported=True)], [], 1)])
    assert board.last_event_age is None


def test_what_is_caught_up_on_is_no_rate() -> None:
    board = dashboard()
    board.apply([LinkChange(LinkState.CATCHING_UP), Arrivals([made(seq) for seq in range(1, 400)], [], 399)])
    assert board.rate.per_second(101.0) == 0.0


def test_what_arrives_live_is_a_rate() -> None:
    board = dashboard()
    board.apply([Arrivals([made(1), made(2)], [], 2)])
    assert board.rate.per_second(101.0) == 2.0


def test_what_is_imported_is_no_rate() -> None:
    board = dashboard()
    board.apply([Arrivals([made(1, imported=True), made(2), made(3, imported=True)], [], 3)])
    board.apply([Arrivals([made(4, imported=True)], [], 4, {"message.sent": 2}, 3)])
    assert board.rate.per_second(101.0) == 2.0


def test_the_rate_of_a_type_is_over_the_time_in_which_others_came() -> None:
    now = 100.0
    board = Dashboard(Clock(utc=True, now=lambda: NOW), monotonic=lambda: now)
    board.apply([Began(0, ""), LinkChange(LinkState.LIVE)])
    board.apply([Arrivals([made(1)], [], 1)])
    now = 110.0
    board.apply([Arrivals([made(2, "message.read")], [], 2)])
    assert board.type_rates["message.read"].per_second(now) == 0.1


def test_a_lost_link_ends_the_measuring_of_rates() -> None:
    board = dashboard()
    board.apply([Arrivals([made(1), made(2)], [], 2), LinkChange(LinkState.RECONNECTING, 1.0)])
    assert board.rate.per_second(101.0) == 0.0


def test_beginning_again_forgets_the_rows_and_the_counts() -> None:
    board = dashboard()
    board.apply([Arrivals([made(1)], [], 1)])
    changed = board.apply([Began(1, "failed", "filter")])
    assert Changed.RESTARTED in changed
    assert (len(board.browse.window), board.counts.total, board.filtering.applied) == (0, 0, "failed")


def test_a_gap_becomes_a_row() -> None:
    board = dashboard()
    board.apply([Missing(1, 5, "retention")])
    assert board.browse.window[0] == Missing(1, 5, "retention")


def test_a_pulse_tells_of_the_quarantine_and_the_secrets() -> None:
    board = dashboard()
    board.apply([Pulse(upto=0, last_seq=0, quarantined=2, secrets=0)])
    assert (board.quarantined, board.secrets) == (2, 0)


def test_a_recount_asks_for_the_totals() -> None:
    board = dashboard()
    board.counts.base(Totals(0))
    board.apply([Recount()])
    assert board.counts.wanted


def test_lifting_a_filter_remembers_it() -> None:
    filtering = Filtering()
    filtering.accept("failed")
    assert filtering.toggled == Choice()
    filtering.accept("")
    assert filtering.toggled == Choice("failed")


def test_without_a_filter_there_is_nothing_to_lift_or_restore() -> None:
    assert Filtering().toggled is None


def test_a_choice_of_types_alone_keeps_the_counts() -> None:
    board = dashboard()
    board.take_totals(made_totals(3, {"message.sent": 2, "message.read": 1}))
    board.apply([Began(3, "", "filter", ("message.sent",))])
    assert (board.counts.known, board.counts.total, board.total) == (True, 3, 2)


def test_another_filter_with_the_same_types_forgets_the_counts() -> None:
    board = dashboard()
    board.take_totals(made_totals(3, {"message.sent": 3}))
    board.apply([Began(3, "failed", "filter", ("message.sent",))])
    assert (board.counts.known, board.total) == (False, None)


def test_a_count_is_that_of_the_span() -> None:
    board = dashboard()
    board.take_totals(made_totals(9, {"message.sent": 9}))
    board.apply([Arrivals([made(10, received_at="2026-11-23T10:10:00Z")], [], 10)])
    counts = {}
    for span in Span:
        board.span = span
        counts[span] = board.count("message.sent")
    assert counts == {Span.MINUTE: 0, Span.QUARTER: 9, Span.HOUR: 10, Span.ALL: 10}


def test_another_log_has_no_mark() -> None:
    board = dashboard()
    board.marked = made(1)
    board.apply([Began(0, "", "log")])
    assert board.marked is None


def test_events_that_come_to_match_or_no_longer_do_are_counted_anew_but_not_each_one() -> None:
    now = 100.0
    board = Dashboard(Clock(utc=True, now=lambda: NOW), monotonic=lambda: now)
    board.apply([Began(0, ""), LinkChange(LinkState.LIVE)])
    board.browse.older_from = None
    board.counts.base(Totals(0))
    board.apply([Arrivals([], [made(1)], 2)])
    assert board.counts.wanted
    board.counts.base(Totals(2))
    board.apply([Arrivals([], [], 3, left=[made(1)]), Pulse(upto=3, last_seq=3)])
    assert not board.counts.wanted
    now += 5.0
    assert Changed.COUNTS in board.apply([Pulse(upto=3, last_seq=3)])
    assert board.counts.wanted
    board.counts.base(Totals(3))
    board.apply([Pulse(upto=3, last_seq=3)])
    assert not board.counts.wanted
