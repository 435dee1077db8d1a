from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from tui.model.clock import Clock, age, span

NOW = datetime(2026, 11, 23, 10, 42, tzinfo=timezone.utc).timestamp()  # noqa: UP017 - timezone is used below as well


def test_a_time_of_today_shows_tenths() -> None:
    assert Clock(utc=True, now=lambda: NOW).short("2026-11-23T10:42:00.958652Z") == "10:42:00.9"


def test_a_time_of_another_day_shows_the_day() -> None:
    assert Clock(utc=True, now=lambda: NOW).short("2026-11-20T10:42:00.958652Z") == "11-20 10:42"


def test_local_times_name_their_zone() -> None:
    clock = Clock(zone=timezone(timedelta(hours=5, minutes=30)), now=lambda: NOW)
    assert clock.full("2026-11-23T10:42:00.958652Z") == "2026-11-23 16:12:00.958 +05:30"
    assert clock.zone_name == "UTC+05:30"


def test_a_zone_of_whole_hours_is_named_short() -> None:
    assert Clock(zone=timezone(timedelta(hours=-3)), now=lambda: NOW).zone_name == "UTC-03"


def test_utc_is_named_utc() -> None:
    clock = Clock(utc=True, now=lambda: NOW)
    assert clock.full("2026-11-23T10:42:00.958652Z") == "2026-11-23 10:42:00.958 UTC"
    assert clock.zone_name == "UTC"


@pytest.mark.parametrize("text", ["", "yesterday", "\x1b[31m", "2026-13-45T99:99:99Z"])
def test_what_is_no_time_is_shown_plain(text: str) -> None:
    clock = Clock(utc=True, now=lambda: NOW)
    assert clock.short(text) == ""
    assert "\x1b" not in clock.full(text)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"])
def test_a_time_at_the_edge_of_the_calendar_does_not_fail(text: str) -> None:
    assert Clock(utc=True, now=lambda: NOW).full(text).endswith("UTC")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-3, "0 s"), (0.9, "0 s"), (59.9, "59 s"), (60, "1 m"), (3_600, "1 h"), (172_799, "47 h"), (172_800, "2 d")],
)
def test_an_age_is_in_whole_units(seconds: float, text: str) -> None:
    assert age(seconds) == text


@pytest.mark.parametrize(
    ("us", "text"),
    [
        (450_000, "0.5 s"),
        (-450_000, "-0.5 s"),
        (12_400_000, "12 s"),
        (200_000_000, "3 m 20 s"),
        (18_000_000_000, "5 h"),
    ],
)
def test_a_time_between_two_moments_is_short(us: int, text: str) -> None:
    assert span(us) == text
