from __future__ import annotations

from datetime import UTC, timedelta, timezone

import pytest

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
