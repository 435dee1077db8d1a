from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo

import pytest

from tui.model.clock import Clock
from tui.model.offsets import with_offsets

EAST = timezone(timedelta(hours=2))


def test_a_time_without_an_offset_is_of_the_zone_on_screen() -> None:
    assert with_offsets("created:>2026-11-23T10:00", EAST) == "created:>2026-11-23T08:00Z"


def test_a_day_is_the_day_on_screen() -> None:
    found = with_offsets("received:2026-11-23", EAST)
    assert found == "received:2026-11-22T22:00Z..2026-11-23T21:59:59.999999Z"


@pytest.mark.parametrize(
    "text", ["NOT  failed", "created:>2026-11-23T10:00Z", '"2026-11-23"', "created:2026-11-23 (", "age:<10m"]
)
def test_what_needs_no_offset_stays_as_it_was_typed(text: str) -> None:
    assert with_offsets(text, EAST) == text


def test_in_utc_nothing_changes() -> None:
    assert with_offsets("created:2026-11-23", UTC) == "created:2026-11-23"


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[tzinfo]:
    """The zone of this machine, which has summer and winter."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield Clock(now=lambda: datetime(2026, 11, 23, tzinfo=UTC).timestamp()).zone
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("there", "in_utc"),
    [
        ("created:>2026-11-23T10:00", "created:>2026-11-23T09:00Z"),
        ("created:>2026-07-01T10:00", "created:>2026-07-01T08:00Z"),
        ("received:2026-07-01", "received:2026-06-30T22:00Z..2026-07-01T21:59:59.999999Z"),
        ("received:2026-10-25", "received:2026-10-24T22:00Z..2026-10-25T22:59:59.999999Z"),
        ("age:<1h failed", "age:<1h failed"),
    ],
)
def test_a_time_has_the_offset_of_its_own_season_not_that_of_today(
    berlin: tzinfo, there: str, in_utc: str
) -> None:
    assert with_offsets(there, berlin) == in_utc
