from __future__ import annotations

import pytest

from tui.model.rate import Rate, rate_text


def test_a_rate_is_the_mean_over_its_span() -> None:
    rate = Rate(10)
    for second in range(20):
        rate.add(5, 100.0 + second)
    assert rate.per_second(119.0) == 5.0


def test_a_rate_over_a_short_time_is_not_made_small_by_the_span() -> None:
    rate = Rate(60)
    rate.add(4, 100.0)
    rate.add(4, 101.5)
    assert rate.per_second(102.0) == 4.0


def test_a_rate_falls_to_nothing_when_nothing_comes() -> None:
    rate = Rate(10)
    rate.add(50, 100.0)
    assert rate.per_second(111.0) == 0.0


def test_what_comes_seldom_is_measured_over_the_time_in_which_it_did_not_come() -> None:
    rate = Rate(30, since=100.0)
    rate.add(1, 120.0)
    assert rate.per_second(120.0) == 1 / 20


def test_a_restart_forgets_what_was_measured() -> None:
    rate = Rate(10)
    rate.add(50, 100.0)
    rate.restart()
    assert rate.per_second(100.5) == 0.0


@pytest.mark.parametrize(
    ("per_second", "text"),
    [
        (0.0, ""),
        (0.001, "1/min"),
        (0.05, "3/min"),
        (0.1, "0.1/s"),
        (12.44, "12.4/s"),
        (99.94, "99.9/s"),
        (99.96, "100/s"),
        (3_400, "3400/s"),
        (12_345, "12k/s"),
    ],
)
def test_a_rate_is_written_in_six_cells(per_second: float, text: str) -> None:
    assert rate_text(per_second) == text
    assert len(text) <= 6
