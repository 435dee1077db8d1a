"""Timelines made up for tests of what is shown of messages: types and the seconds at which they were made."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from relay.contract.events import EventSummary
from relay.contract.timeline import MessageTimeline, Standpoint, timeline_of
from tests.tui.made import RECEIVED, made
from tests.tui.scripted_source import NOW_US

BEGAN = datetime.fromisoformat(RECEIVED)


def at(seconds: float) -> str:
    """A moment so long after the first one."""
    return (BEGAN + timedelta(seconds=seconds)).isoformat(timespec="microseconds").replace("+00:00", "Z")


def happened(message_id: str, *steps: tuple[str, float], first_seq: int = 1, **facts: Any) -> list[EventSummary]:
    """The events of a message, by their types without `message.` and the seconds at which they were made."""
    return [
        made(
            first_seq + place,
            f"message.{verb}",
            message_id=message_id,
            created_at=at(seconds),
            received_at=at(seconds + 0.3),
            **facts,
        )
        for place, (verb, seconds) in enumerate(steps)
    ]


def told(message_id: str, *steps: tuple[str, float], now_us: int = NOW_US, **facts: Any) -> MessageTimeline:
    """The timeline of these events."""
    return timeline_of(message_id, happened(message_id, *steps, **facts), Standpoint(now_us))
