from __future__ import annotations

from datetime import UTC, datetime

import pytest

from relay.contract.events import EventSummary
from tests.tui.made import made, made_totals
from tui.model.clock import Clock
from tui.model.dashboard import Dashboard
from tui.model.history import BUCKETS, LEAST_MINUTES, YOUNG_MINUTES, History, together
from tui.model.minutes import Span
from tui.model.source import Arrivals, Began

NOW = datetime(2026, 11, 23, 10, 42, 40, tzinfo=UTC).timestamp()
SENT = "message.sent"


def standing(count: int = 0) -> tuple[Dashboard, History]:
    board = Dashboard(Clock(utc=True, now=lambda: NOW))
    board.apply([Began(0, "")])
    board.take_totals(made_totals(0, {SENT: count} if count else {}))
    return board, board.history


def came(*stamps: str) -> list[EventSummary]:
    return [made(seq, received_at=f"2026-11-23T10:{stamp}Z") for seq, stamp in enumerate(stamps, 1)]


def arrive(board: Dashboard, *stamps: str) -> None:
    events = came(*stamps)
    board.apply([Arrivals(events, [], len(events))])


def test_events_that_were_seen_to_come_stand_in_their_quarter() -> None:
    board, history = standing()
    arrive(board, "42:03", "42:04", "42:20")
    assert history.of(SENT, 2) == (0, 0, 0, 0, 8, 4, 0)


def test_the_quarters_that_are_to_come_are_left_out() -> None:
    _, history = standing()
    assert len(history.of(SENT, 2)) == 4 + 3


def test_a_minute_that_was_not_seen_whole_is_spread_evenly() -> None:
    board, history = standing(5)
    arrive(board, "42:03")
    assert history.of(SENT, 2) == (0, 0, 0, 0, 6, 6, 6)


def test_one_minute_is_told_by_seconds_up_to_the_present_one() -> None:
    board, history = standing()
    arrive(board, "41:40", "41:43", "41:43", "42:38", "42:40", "42:40")
    bars = history.of(SENT, 1)
    assert len(bars) == BUCKETS
    assert (bars[:3], sum(bars[3:-2]), bars[-2:]) == ((2, 0, 0), 0, (1, 2))


def test_what_is_narrowed_away_is_counted_in_the_second_in_which_it_is_heard_of() -> None:
    board, history = standing()
    board.apply([Arrivals([], [], 3, counts={SENT: 3}, since=0)])
    assert history.of(SENT, 1)[-1] == 3
    assert history.within_a_minute(SENT) == 3


def test_the_pages_that_go_on_below_the_arrivals_are_part_of_it_and_no_others() -> None:
    board, history = standing()
    board.apply([Began(10, "failed", "filter")])
    newest, older, elsewhere = came("42:30"), came("42:20", "42:10"), came("42:25")
    board.note_older(11, [made(10, received_at=newest[0].received_at)])
    board.note_older(10, older)
    board.note_older(400, elsewhere)
    assert history.within_a_minute(SENT) == 3


def test_the_span_of_a_minute_counts_what_came_within_sixty_seconds() -> None:
    board, _ = standing(100)
    arrive(board, "41:40", "41:41", "42:40")
    board.span = Span.MINUTE
    assert board.count(SENT) == 2


def test_another_filter_begins_anew() -> None:
    board, history = standing()
    arrive(board, "42:40")
    board.apply([Began(1, "failed", "filter")])
    assert history.within_a_minute(SENT) == 0


def test_however_long_it_goes_on_little_is_kept() -> None:
    _, history = standing()
    history.note(came(*(f"{second // 60:02}:{second % 60:02}" for second in range(1_800))))
    assert len(history._seconds[SENT]) <= 180


def test_pages_of_the_past_that_are_read_on_and_on_may_bring_any_minute_and_leave_what_is_shown() -> None:
    board, history = standing()
    arrive(board, "42:03")
    for hour in range(9, -1, -1):
        stamps = [f"2026-11-23T{hour:02d}:{minute:02d}:00Z" for minute in range(59, -1, -1)]
        history.note([made(1, received_at=stamp) for stamp in stamps])
    assert history.of(SENT, 2) == (0, 0, 0, 0, 4, 0, 0)


def test_however_many_types_a_stranger_makes_up_few_are_kept() -> None:
    _, history = standing()
    history.note([made(seq, f"x.{seq}") for seq in range(1_000)])
    assert len(history._seconds) == len(history._seen) == 128


@pytest.mark.parametrize(("began", "minutes"), [("42", 1), ("40", 1), ("39", LEAST_MINUTES), ("30", 13)])
def test_all_is_the_last_minute_of_a_young_log_and_then_as_long_as_there_is_anything(
    began: str, minutes: int
) -> None:
    board, history = standing()
    arrive(board, f"{began}:01", "42:40")
    assert history.minutes([SENT]) == minutes
    assert YOUNG_MINUTES < LEAST_MINUTES


def test_a_young_log_in_which_nothing_came_lately_is_shown_over_a_few_minutes() -> None:
    board, history = standing()
    arrive(board, "41:01")
    assert history.minutes([SENT]) == LEAST_MINUTES
    assert any(history.of(SENT, LEAST_MINUTES))


def test_a_span_is_as_long_as_it_says() -> None:
    board, history = standing()
    board.span = Span.QUARTER
    assert history.minutes([SENT]) == 15


def test_types_that_share_a_line_are_added_up() -> None:
    assert together([(1, 2), (3, 4)]) == (4, 6)


def test_a_commit_has_its_place_among_the_counts_of_its_time() -> None:
    board, history = standing()
    commits = ("10:42:39", "10:42:20", "10:30:07", "09:00:00")
    board.commits.take(
        [made(seq, "workflow.committed", received_at=f"2026-11-23T{at}Z") for seq, at in enumerate(commits, 1)],
        4,
        0.0,
    )
    arrive(board, "42:39", "42:20", "30:07")
    for minutes in (1, 15):
        counts = history.of(SENT, minutes)
        places = {place for place, count in enumerate(counts) if count}
        assert history.marks(minutes) == places
