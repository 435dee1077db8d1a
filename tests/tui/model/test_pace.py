from __future__ import annotations

from tui.model.pace import LONGEST, SHORTEST, Pace


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
