"""The time zone of whoever purges is written into what the relay is asked."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from relay.contract.moments import rfc3339
from tui.cli.purge import moment, with_offsets
from tui.model.clock import Clock

NOW = 1_795_183_400.0
TOKYO = Clock(zone=ZoneInfo("Asia/Tokyo"), now=lambda: NOW)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-11-23T10:42", "2026-11-23T01:42:00.000000Z"),
        ("2026-11-23 10:42:05", "2026-11-23T01:42:05.000000Z"),
        ("2026-11-23", "2026-11-22T15:00:00.000000Z"),
        ("2026-11-23T10:42Z", "2026-11-23T10:42:00.000000Z"),
        ("2026-11-23T10:42+02:00", "2026-11-23T08:42:00.000000Z"),
        ("30d", rfc3339(int(NOW * 1_000_000) - 30 * 86_400_000_000)),
    ],
)
def test_a_time_without_an_offset_is_in_the_zone_of_the_screen(text: str, meant: str) -> None:
    assert rfc3339(moment(text, TOKYO)) == meant


def test_a_time_in_a_filter_is_meant_there_too() -> None:
    assert with_offsets("received:<2026-11-23T10:42", TOKYO) == "received:<2026-11-23T01:42Z"
