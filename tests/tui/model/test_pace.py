from __future__ import annotations

from tui.model.pace import KEYS_FIRST, LONGEST, SHORTEST, Pace


def test_the_first_flush_is_at_once() -> None:
    assert Pace().delay(100.0) == 0.0


def test_a_flush_after_a_quiet_time_is_at_once() -> None:
    pace = Pace()
    pace.flushed(100.0)
    assert pace.delay(100.5) == 0.0


def test_the_next_flush_waits_for_the_shortest_gap() -> None:
    pace = Pace()
    pace.flushed(100.0)
    assert abs(pace.delay(100.0) - SHORTEST) < 1e-9


def test_slow_flushes_become_rarer_up_to_a_limit() -> None:
    pace = Pace()
    for _ in range(20):
        pace.painted(0.020)
    assert pace.gap == LONGEST


def test_quick_flushes_become_frequent_again() -> None:
    pace = Pace()
    for _ in range(20):
        pace.painted(0.020)
    for _ in range(20):
        pace.painted(0.001)
    assert pace.gap == SHORTEST


def test_a_flush_waits_for_a_key_that_came_just_before_it() -> None:
    pace = Pace()
    pace.flushed(100.0)
    pace.key(100.025)
    assert abs(pace.delay(100.030) - (KEYS_FIRST - 0.005)) < 1e-9


def test_keys_in_a_row_do_not_put_a_flush_off_for_ever() -> None:
    pace = Pace()
    pace.flushed(100.0)
    for tenth in range(11):
        pace.key(100.0 + tenth / 100)
    assert pace.delay(100.0 + LONGEST) == 0.0
