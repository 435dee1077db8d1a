from __future__ import annotations

from datetime import UTC, datetime

from tests.tui.made import made, made_totals
from tui.model.clock import Clock
from tui.model.dashboard import Dashboard
from tui.model.history import LEAST_MINUTES, History
from tui.model.minutes import Span
from tui.model.source import Arrivals, Began

NOW = datetime(2026, 11, 23, 10, 42, 40, tzinfo=UTC).timestamp()
SENT = "message.sent"


def standing(count: int = 0) -> tuple[Dashboard, History]:
    board = Dashboard(Clock(utc=True, now=lambda: NOW))
    board.apply([Began(0, "")])
    board.take_totals(made_totals(0, {SENT: count} if count else {}))
    return board, History(board)


def arrive(board: Dashboard, history: History, *seconds: int) -> None:
    events = [made(seq, received_at=f"2026-11-23T10:42:{second:02}Z") for seq, second in enumerate(seconds, 1)]
    board.apply([Arrivals(events, [], len(events))])
    history.note(events)


def test_events_that_were_seen_to_come_stand_in_their_quarter() -> None:
    board, history = standing()
    arrive(board, history, 3, 4, 20)
    assert history.of(SENT, 1) == (8, 4, 0)


def test_the_quarters_that_are_to_come_are_left_out() -> None:
    _, history = standing()
    assert len(history.of(SENT, 2)) == 4 + 3


def test_a_minute_that_was_not_seen_whole_is_spread_evenly() -> None:
    board, history = standing(5)
    arrive(board, history, 3)
    assert history.of(SENT, 1) == (6, 6, 6)


def test_all_goes_as_far_back_as_there_is_anything_and_no_less_than_a_few_minutes() -> None:
    board, history = standing()
    assert history.minutes([SENT]) == LEAST_MINUTES
    board.counts.take(Arrivals([made(1, received_at="2026-11-23T10:30:00Z")], [], 1), board.minute)
    assert history.minutes([SENT]) == 13


def test_a_span_is_as_long_as_it_says() -> None:
    board, history = standing()
    board.span = Span.QUARTER
    assert history.minutes([SENT]) == 15
