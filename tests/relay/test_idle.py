"""When a relay that nobody looks at ends."""

from __future__ import annotations

from relay.idle import Idle

TWELVE_HOURS = 12 * 3_600.0


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_it_ends_after_twelve_hours_alone() -> None:
    clock = Clock()
    idle = Idle(TWELVE_HOURS, clock)
    clock.now += TWELVE_HOURS - 1
    assert not idle.is_over(0)
    clock.now += 1
    assert idle.is_over(0)


def test_a_viewer_begins_the_time_anew() -> None:
    clock = Clock()
    idle = Idle(TWELVE_HOURS, clock)
    clock.now += TWELVE_HOURS - 1
    assert not idle.is_over(1)
    clock.now += TWELVE_HOURS - 1
    assert not idle.is_over(0)


def test_a_relay_of_its_own_never_ends() -> None:
    clock = Clock()
    idle = Idle(None, clock)
    clock.now += 100 * TWELVE_HOURS
    assert not idle.is_over(0)
