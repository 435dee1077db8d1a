"""How long the machine has slept."""

from __future__ import annotations

import time

from tui.slumber import seconds_asleep


def test_nobody_slept_between_two_readings() -> None:
    assert abs(seconds_asleep() - seconds_asleep()) < 1


def test_time_that_passes_awake_is_no_sleep() -> None:
    before, begun = seconds_asleep(), time.monotonic()
    while time.monotonic() - begun < 0.02:
        pass
    assert abs(seconds_asleep() - before) < 0.015
