"""Times, days, ranges of them, zones and ages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.contract.filter import FilterError, parse
from relay.contract.filter.times import time_us
from relay.contract.moments import microseconds, rfc3339
from tests.relay.contract.filter.subjects import NOW_US, data, event, matches


class Autumn(tzinfo):
    """A zone whose clocks go back by an hour when they show `at`, so that the hour before comes twice."""

    def __init__(self, hours: int, at: str) -> None:
        self._summer = timedelta(hours=hours)
        self._winter = timedelta(hours=hours - 1)
        self._at = datetime.fromisoformat(at)

    def utcoffset(self, when: datetime | None) -> timedelta:
        assert when is not None
        shown = when.replace(tzinfo=None)
        twice = self._at - timedelta(hours=1) <= shown < self._at
        return self._winter if shown >= self._at or (twice and when.fold) else self._summer

    def dst(self, when: datetime | None) -> None:
        return None

    def tzname(self, when: datetime | None) -> None:
        return None


BERLIN = Autumn(2, "2026-10-25T03:00")
ASUNCION = Autumn(-3, "2023-03-26T00:00")


def at(text: str) -> dict[str, str]:
    return {"created_at": text}


@pytest.mark.parametrize(
    ("test", "created_at"),
    [
        (":2026-11-23", "2026-11-23T00:00:00Z"),
        (":2026-11-23", "2026-11-23T23:59:59.999999Z"),
        (":2026-11-23T10:00", "2026-11-23T10:00:00.000000Z"),
        (":2026-11-23T10:00", "2026-11-23T11:00+01:00"),
        (":>2026-11-23T10:00", "2026-11-23T10:00:00.000001Z"),
        (":>=2026-11-23T10:00", "2026-11-23T10:00Z"),
        (":<2026-11-23T10:00", "2026-11-23T09:59:59.999999Z"),
        (":<=2026-11-23T10:00Z", "2026-11-23T10:00Z"),
        (":>2026-11-23", "2026-11-24T00:00Z"),
        (":>=2026-11-23", "2026-11-23T00:00Z"),
        (":<2026-11-23", "2026-11-22T23:59:59Z"),
        (":<=2026-11-23", "2026-11-23T23:59:59Z"),
        (":2026-11-22..2026-11-23", "2026-11-23T23:59:59.999999Z"),
        (":2026-11-23T10:00..2026-11-23", "2026-11-23T23:59:59Z"),
        (":2026-11-22,2026-11-24", "2026-11-24T10:00Z"),
        (':>"2026-11-23 10:00"', "2026-11-23T10:01Z"),
        (":>2026-11-23t10:00:00.5z", "2026-11-23t10:00:00.6z"),
        (":>2026-11-23T10:00-0100", "2026-11-23T11:01Z"),
        (":2026-11-23T10:00:00.123456", "2026-11-23T10:00:00.123456999Z"),
    ],
)
def test_when_a_time_passes(test: str, created_at: str) -> None:
    assert matches(f"created{test}", at(created_at))


@pytest.mark.parametrize(
    ("test", "created_at"),
    [
        (":2026-11-23", "2026-11-24T00:00:00Z"),
        (":2026-11-23", "2026-11-23T00:30:00+01:00"),
        (":2026-11-23T10:00", "2026-11-23T10:00:00.000001Z"),
        (":>2026-11-23T10:00", "2026-11-23T10:00:00Z"),
        (":>2026-11-23", "2026-11-23T23:59:59.999999Z"),
        (":<2026-11-23", "2026-11-23T00:00Z"),
        (":2026-11-22..2026-11-23", "2026-11-24T00:00Z"),
        (":>2026-11-23", "later"),
        (":>2026-11-23", ""),
        (":null", "later"),
    ],
)
def test_when_a_time_does_not_pass(test: str, created_at: str) -> None:
    assert not matches(f"created{test}", at(created_at))
    assert matches(f"-created{test}", at(created_at))


def test_an_event_without_a_time_of_creation() -> None:
    for filter_ in ("created:null", "-exists(created)", "-created:>2020-01-01", "-age:<10000d"):
        assert matches(filter_, {})


@pytest.mark.parametrize("created_at", [5, ["2026-11-24"], {}, True])
def test_a_time_of_creation_of_another_type_is_no_time(created_at: object) -> None:
    assert not matches("created:>2020-01-01", {"created_at": created_at})


def test_when_an_event_was_received() -> None:
    received_us = microseconds("2026-11-23T10:00:00.5Z")
    assert received_us is not None
    for true in ("received:2026-11-23", "received:>2026-11-23T10:00", "received:2026-11-23T10:00:00.5"):
        assert matches(true, received_us=received_us)
    for false in ("received:>2026-11-23", "received:<2026-11-23T10:00", "received:null"):
        assert not matches(false, received_us=received_us)


@pytest.mark.parametrize(
    ("age", "test", "passes"),
    [
        (timedelta(minutes=9), ":<10m", True),
        (timedelta(minutes=10), ":<10m", False),
        (timedelta(minutes=10), ":<=10m", True),
        (timedelta(minutes=10), ":>10m", False),
        (timedelta(minutes=10), ":>=10m", True),
        (timedelta(minutes=11), ":>10m", True),
        (timedelta(minutes=75), ":1h..1h30m", True),
        (timedelta(minutes=60), ":1h..1h30m", True),
        (timedelta(minutes=91), ":1h..1h30m", False),
        (timedelta(days=8), ":>1w", True),
        (timedelta(seconds=-30), ":<10m", True),
        (timedelta(minutes=3), ":<1m,2m..4m", True),
    ],
)
def test_an_age_counts_from_the_time_of_creation(age: timedelta, test: str, passes: bool) -> None:
    created_at = rfc3339(NOW_US - age // timedelta(microseconds=1))
    assert parse(f"age{test}", NOW_US).matches(event(at(created_at))) == passes


def test_an_age_is_fixed_when_the_filter_is_parsed() -> None:
    filter_ = parse("age:<10m", NOW_US)
    assert filter_.now_us == NOW_US
    assert filter_.matches(event(at(rfc3339(NOW_US + 3_600_000_000))))
    assert not filter_.matches(event(at(rfc3339(NOW_US - 600_000_000))))


def test_without_a_moment_ages_count_from_now() -> None:
    now = datetime.now(UTC)
    filter_ = parse("age:<1m")
    assert filter_.matches(event(at(now.isoformat())))
    assert not filter_.matches(event(at((now - timedelta(minutes=2)).isoformat())))


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("created:>2026-11-23T10:00", "created:>2026-11-23T09:00Z"),
        ("created:>2026-11-23T10:00Z", "created:>2026-11-23T10:00Z"),
        ("data.x:>2026-11-23T10:00", "data.x:>2026-11-23T09:00Z"),
        ("created:>2026-11-23", "created:>2026-11-23T22:59:59.999999Z"),
        ("created:>=2026-11-23", "created:>=2026-11-22T23:00Z"),
        ("created:<2026-11-23", "created:<2026-11-22T23:00Z"),
        ("created:<=2026-11-23", "created:<=2026-11-23T22:59:59.999999Z"),
        ("created:2026-11-23", "created:2026-11-22T23:00Z..2026-11-23T22:59:59.999999Z"),
        ("created:2026-10-25", "created:2026-10-24T22:00Z..2026-10-25T22:59:59.999999Z"),
        ("created:2026-11-23..2026-11-24", "created:2026-11-22T23:00Z..2026-11-24T22:59:59.999999Z"),
        ("data.x:2026-11-23", "data.x:2026-11-23"),
        ("age:<10m", "age:<10m"),
    ],
)
def test_the_normal_form_has_the_offset_of_the_zone_written_in(written: str, normal: str) -> None:
    assert str(parse(written, NOW_US, zone=BERLIN)) == normal


def test_a_day_that_ends_twice_ends_with_the_second() -> None:
    filter_ = parse("created:2023-03-25", zone=ASUNCION)
    assert str(filter_) == "created:2023-03-25T03:00Z..2023-03-26T03:59:59.999999Z"


@given(
    st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1)),  # noqa: DTZ001 - the zone is what is tested
    st.integers(-23 * 60, 23 * 60),
)
def test_a_local_day_holds_exactly_its_moments(when: datetime, minutes: int) -> None:
    zone = timezone(timedelta(minutes=minutes))
    subject = event(at(when.replace(tzinfo=zone).isoformat()))
    day = when.date()
    assert parse(f"created:{day}", zone=zone).matches(subject)
    assert not parse(f"created:>{day}", zone=zone).matches(subject)
    assert not parse(f"created:<{day}", zone=zone).matches(subject)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23T10",
        "20261123",
        "2026-11-23T1000",
        "2026-W47-1",
        "2026-327",
        "10:00",
        "2026-11-23x10:00",
        "२०२६-11-23",
    ],
)
def test_what_is_no_time_in_a_filter_nor_in_a_body(text: str) -> None:
    assert time_us(text) is None
    with pytest.raises(FilterError):
        parse(f"created:>{text}")
    assert not matches("data.x:>0001-01-01", data(text))


@pytest.mark.parametrize("text", ["0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00"])
def test_a_time_outside_the_calendar_is_refused_in_a_filter_and_harmless_in_a_body(text: str) -> None:
    with pytest.raises(FilterError):
        parse(f"created:>{text}")
    assert matches("data.x:<0001-01-01,>9999-12-31", data(text))


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("hours", [-12, 0, 14])
def test_the_first_and_the_last_day_are_days_in_every_zone(day: str, hours: int) -> None:
    filter_ = parse(f"created:{day}", zone=timezone(timedelta(hours=hours)))
    assert parse(str(filter_)).tree == filter_.tree
