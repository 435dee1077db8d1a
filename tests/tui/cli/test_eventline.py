"""One event as one line: readable on a terminal, complete elsewhere, harmless everywhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.contract.events import Channel, Verdict
from relay.contract.text import plain
from tests.tui.scripted_relay import an_event
from tui.cli.eventline import EventLine


@pytest.fixture
def vienna(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "CET-1")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def in_full(*, utc: bool = True, short: bool = False, colour: bool = False) -> EventLine:
    return EventLine(utc=utc, short=short, colour=colour)


def test_a_line_says_when_what_to_whom_by_which_channel_and_workflow_and_the_reading() -> None:
    assert in_full()(an_event(1)) == (
        "2026-11-23T10:42:00.000Z  message.sent                dr_grant          my-sendgrid-channel"
        "  security-breach-alert  via sendgrid"
    )


def test_columns_stand_below_each_other_also_where_characters_are_wide() -> None:
    narrow, wide = (in_full()(an_event(1, recipient=who, channel=None)) for who in ("anna", "안나"))
    assert wide.index("-  ") == narrow.index("-  ") - 2


def test_what_an_event_does_not_have_is_a_dash() -> None:
    bare = an_event(1, "commits.promoted", recipient=None, channel=None, workflow=None, reading="")
    assert in_full()(bare).split() == ["2026-11-23T10:42:00.000Z", "commits.promoted", "-", "-", "-"]


@pytest.mark.parametrize(
    ("channel", "shown"),
    [
        (Channel(id="c1", type="email", key="my-key"), "my-key"),
        (Channel(id="c1", type="email"), "email"),
        (Channel(id="c1"), "c1"),
    ],
)
def test_a_channel_goes_by_the_best_name_that_it_has(channel: Channel, shown: str) -> None:
    assert in_full()(an_event(1, channel=channel)).split()[3] == shown


@pytest.mark.parametrize(
    ("facts", "badges"),
    [
        ({}, ""),
        ({"verdict": Verdict.STALE}, "[stale]"),
        ({"verdict": Verdict.UNVERIFIED, "delivery_count": 3}, "[unverified]  [x3]"),
        (
            {"body_differs": True, "imported": True, "forwarded": 500},
            "[body differs]  [imported]  [forwarded 500]",
        ),
    ],
)
def test_what_is_out_of_the_ordinary_is_a_badge_at_the_end(facts: dict[str, Any], badges: str) -> None:
    assert in_full()(an_event(1, **facts)).partition("via sendgrid")[2].strip() == badges


@pytest.mark.usefixtures("vienna")
def test_local_times_have_their_offset() -> None:
    assert in_full(utc=False)(an_event(1)).startswith("2026-11-23T11:42:00.000+01:00  ")


@pytest.mark.usefixtures("vienna")
def test_short_times_leave_day_and_zone_to_a_heading_that_comes_once_a_day() -> None:
    line = in_full(utc=False, short=True)
    late, later = an_event(1, received_at="2026-11-23T22:59:59Z"), an_event(2, received_at="2026-11-23T23:00:01Z")
    assert line.heading(late) == "2026-11-23, times in UTC+01:00"
    assert line(late).startswith("23:59:59.000  ")
    assert line.heading(late) is None
    assert line.heading(later) == "2026-11-24, times in UTC+01:00"


def test_full_times_need_no_heading() -> None:
    assert in_full().heading(an_event(1)) is None


@pytest.mark.parametrize("received_at", ["", "yesterday", "0001-01-01T00:00:00+23:00", "\x1b[2J"])
def test_a_time_that_cannot_be_read_is_shown_as_it_is(received_at: str) -> None:
    assert in_full(short=True)(an_event(1, received_at=received_at)).startswith(plain(received_at) + "  ")


def test_the_type_has_the_colour_of_its_kind_and_badges_stand_out() -> None:
    bounced = an_event(1, "message.bounced", verdict=Verdict.STALE)
    line = in_full(colour=True)(bounced)
    assert "\x1b[1;31mmessage.bounced" in line
    assert "\x1b[33m[stale]\x1b[0m" in line


def test_without_colour_there_is_no_escape_sequence() -> None:
    assert "\x1b" not in in_full()(an_event(1, "message.bounced", verdict=Verdict.STALE))


@given(
    type_=st.text(min_size=1),
    recipient=st.text(),
    key=st.text(),
    workflow=st.text(),
    reading=st.text(),
    received_at=st.text(),
)
def test_nothing_that_an_event_brings_can_act_on_a_terminal(
    type_: str, recipient: str, key: str, workflow: str, reading: str, received_at: str
) -> None:
    event = an_event(
        1,
        type_,
        recipient=recipient,
        channel=Channel(key=key),
        workflow=workflow,
        reading=reading,
        received_at=received_at,
    )
    line = in_full()(event)
    assert plain(line) == line


def test_on_a_terminal_no_character_is_written_whose_width_is_disputed() -> None:
    event = an_event(1, recipient="\u0939\u093f\u0928\u094d\u0926\u0940 🇨🇭", reading="❤\ufe0f")
    assert "\u0939\u0907\u0928\u094d\u0926\u0908 CH" in in_full(short=True)(event)
    assert in_full(short=True)(event).endswith("❤")
    assert in_full()(event).endswith("❤\ufe0f")
