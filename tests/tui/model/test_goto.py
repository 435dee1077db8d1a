from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.contract.events import EventSummary
from relay.contract.moments import microseconds, rfc3339
from tests.tui.made import made
from tests.tui.scripted_source import ScriptedSource
from tui.model.clock import Clock
from tui.model.filtering import EVERYTHING, Choice
from tui.model.goto import NoTime, first_since, read_time

NOW = datetime(2026, 11, 23, 10, 42, 30, tzinfo=UTC)
UTC_CLOCK = Clock(utc=True, now=NOW.timestamp)
EAST = Clock(zone=timezone(timedelta(hours=2)), now=NOW.timestamp)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10:05", "2026-11-23T10:05:00.000000Z"),
        ("14:05", "2026-11-22T14:05:00.000000Z"),
        ("9:05:06.5", "2026-11-23T09:05:06.500000Z"),
        ("2026-11-20", "2026-11-20T00:00:00.000000Z"),
        ("2026-11-20 14:05", "2026-11-20T14:05:00.000000Z"),
        ("2026-11-20T14:05", "2026-11-20T14:05:00.000000Z"),
        ("11-20 14:05", "2026-11-20T14:05:00.000000Z"),
        ("12-20", "2025-12-20T00:00:00.000000Z"),
        ("yesterday", "2026-11-22T00:00:00.000000Z"),
        ("yesterday 7:30", "2026-11-22T07:30:00.000000Z"),
        ("2026-11-23T12:00:00+02:00", "2026-11-23T10:00:00.000000Z"),
        ("2026-11-23 10:00:00.958652Z", "2026-11-23T10:00:00.958652Z"),
        ("-10m", "2026-11-23T10:32:30.000000Z"),
        ("1h30m", "2026-11-23T09:12:30.000000Z"),
        ("  now ", "2026-11-23T10:42:30.000000Z"),
    ],
)
def test_a_time_is_read(text: str, expected: str) -> None:
    assert rfc3339(read_time(text, UTC_CLOCK)) == expected


def test_a_time_without_an_offset_is_in_the_zone_of_the_screen() -> None:
    assert rfc3339(read_time("12:05", EAST)) == "2026-11-23T10:05:00.000000Z"
    assert rfc3339(read_time("2026-11-23T12:05Z", EAST)) == "2026-11-23T12:05:00.000000Z"


def test_a_day_in_summer_has_the_offset_of_summer() -> None:
    clock = Clock(zone=ZoneInfo("Europe/Berlin"), now=NOW.timestamp)
    assert rfc3339(read_time("2026-07-01 12:00", clock)) == "2026-07-01T10:00:00.000000Z"


@pytest.mark.parametrize(
    "text", ["", "soon", "25:00", "10:60", "2026-13-01", "02-30", "2026-11-20 noon", "-", "9999999999d", "\x1b[2J"]
)
def test_what_is_no_time_is_refused_with_examples(text: str) -> None:
    with pytest.raises(NoTime, match="-10m") as refusal:
        read_time(text, UTC_CLOCK)
    assert "\x1b" not in str(refusal.value)


@given(st.text(alphabet="0123456789:-.TZ +nowyesterday", max_size=30))
def test_any_text_is_a_time_or_refused(text: str) -> None:
    for clock in (UTC_CLOCK, EAST, Clock(now=NOW.timestamp)):
        with suppress(NoTime):
            assert isinstance(read_time(text, clock), int)


def at(seq: int, seconds: float, **facts: Any) -> EventSummary:
    return made(seq, received_at=rfc3339(int((NOW.timestamp() + seconds) * 1_000_000)), **facts)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=60), st.integers(-5, 70))
async def test_the_first_event_at_or_after_a_time_is_found(steps: list[int], seconds: int) -> None:
    seqs = [sum(steps[: place + 1]) for place in range(len(steps))]
    source = ScriptedSource([at(seq, place) for place, seq in enumerate(seqs)])
    us = int((NOW.timestamp() + seconds) * 1_000_000)
    expected = next((event.seq for event in source.log if (microseconds(event.received_at) or 0) >= us), None)
    assert await first_since(source, EVERYTHING, us, source.last) == expected


async def test_only_events_of_the_stream_are_found() -> None:
    source = ScriptedSource([at(1, 0), at(2, 1), at(3, 2, type_="message.read")])
    us = int((NOW.timestamp() + 1) * 1_000_000)
    assert await first_since(source, Choice("message.read"), us, 3) == 3
    assert await first_since(source, Choice("", ("message.read",)), us, 3) == 3


async def test_imported_events_mislead_nobody() -> None:
    old = [at(seq, -90_000, imported=True) for seq in range(3, 200)]
    source = ScriptedSource([at(1, -20), at(2, -10), *old, at(200, 0)])
    us = int((NOW.timestamp() - 15) * 1_000_000)
    assert await first_since(source, EVERYTHING, us, 200) == 2


async def test_a_long_log_takes_few_questions() -> None:
    source = ScriptedSource([at(seq, seq) for seq in range(1, 5_001)])
    await first_since(source, EVERYTHING, int((NOW.timestamp() + 2_500) * 1_000_000), source.last)
    assert len(source.pages) <= 16
