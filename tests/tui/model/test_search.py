from __future__ import annotations

from datetime import UTC, datetime

from tui.model.clock import Clock
from tui.model.search import Search

CLOCK = Clock(utc=True, now=lambda: datetime(2026, 11, 23, 10, 42, tzinfo=UTC).timestamp())


def searched(place: int, *, newer: bool = False, at: str | None = "2026-11-20T14:02:03Z") -> Search:
    search = Search()
    search.come_to(place, at, first_seq=1, last_seq=1_000, newer=newer)
    return search


def said(search: Search) -> str:
    return ". ".join(search.sentence(CLOCK) or ())


def test_what_never_had_to_look_far_says_nothing() -> None:
    assert said(Search()) == ""


def test_it_tells_how_far_it_came_in_time_and_in_percent_of_the_log() -> None:
    assert said(searched(630)) == "Searched back to 11-20 14:02, 37 %. Esc stops"


def test_the_first_steps_through_a_long_log_are_told_apart() -> None:
    assert said(searched(996)) == "Searched back to 11-20 14:02, 0.4 %. Esc stops"


def test_towards_the_present_it_counts_from_the_beginning_of_the_log() -> None:
    assert said(searched(501, newer=True)) == "Searched on to 11-20 14:02, 50 %. Esc stops"


def test_a_time_of_today_is_told_in_whole_seconds() -> None:
    assert "back to 09:10:11, " in said(searched(630, at="2026-11-23T09:10:11.5Z"))


def test_without_a_time_the_percent_is_told_alone() -> None:
    assert said(searched(630, at=None)) == "Searched back, 37 %. Esc stops"


def test_stopped_it_says_so_and_holds_back_its_own_direction_alone() -> None:
    search = searched(630)
    assert search.stop()
    assert said(search) == "Searched back to 11-20 14:02, stopped. g searches on"
    assert search.holds_back(newer=False)
    assert not search.holds_back(newer=True)


def test_only_what_is_going_can_be_stopped_and_only_what_was_stopped_goes_on() -> None:
    search = Search()
    assert not search.stop()
    assert not search.go_on()
    search = searched(630)
    search.stop()
    assert search.go_on()
    assert search.going


def test_a_page_that_comes_after_it_was_stopped_does_not_set_it_going() -> None:
    search = searched(630)
    search.stop()
    search.come_to(600, None, first_seq=1, last_seq=1_000, newer=False)
    assert not search.going
    assert search.stopped


def test_at_its_end_it_says_nothing_more() -> None:
    search = searched(630)
    search.rest()
    assert said(search) == ""
