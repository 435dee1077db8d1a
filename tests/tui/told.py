"""Events with bodies, as the relay would tell of them, for tests of what is shown of a body."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from relay.contract import jsontext
from relay.contract.events import EventDetail, EventSummary, Verdict
from relay.contract.facts import facts_of
from tests.relay.contract.samples import sample
from tests.tui.made import delivery
from tui.model.clock import Clock
from tui.model.eventdata.related import Found, Related
from tui.model.eventdata.view import eventdata
from tui.model.items import Change, Fact, Heading, Item, Note, Row, Table

START = datetime(2026, 11, 20, 14, 3, 7, 958652, UTC)
CLOCK = Clock(utc=True, now=lambda: datetime(2026, 11, 20, 15, tzinfo=UTC).timestamp())


def told(payload: dict[str, Any], seq: int = 1, **facts: Any) -> EventDetail:
    """Make what the relay tells of a body."""
    body = jsontext.dumps(payload)
    known = facts_of(
        payload,
        received_at="2026-11-20T14:10:00.000000Z",
        environment_id="env-1",
        endpoint=None,
        size=len(body),
        cut=False,
    )
    more: dict[str, Any] = {
        "seq": seq,
        "verdict": Verdict.VERIFIED,
        "delivery_count": 1,
        "headers": [("content-type", "application/json")],
        "payload": payload,
        "deliveries": [delivery(1)],
        "forwards": [],
    }
    fields = {name: getattr(known, name) for name in known.__struct_fields__}
    return EventDetail(**{**fields, **more, **facts})


def message(
    type_: str,
    after: float = 0,
    seq: int = 1,
    *,
    event_data: Any = None,
    like: str = "message.sent",
    **data: Any,
) -> EventDetail:
    """Make an event of the sample message, `after` so many seconds."""
    payload = sample(like)
    at = (START + timedelta(seconds=after)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    payload |= {"type": type_, "created_at": at, "event_data": event_data}
    payload["data"] = {**payload["data"], "id": "message-1", **data}
    return told(payload, seq)


def found(name: str, events: Sequence[EventSummary], **facts: Any) -> Related:
    """Say that these events were found for a want."""
    return Related({name: Found(events, **facts)})


def view(event: EventSummary, related: Related | None = None) -> list[Item]:
    """Give what the EventData tab shows of an event."""
    return list(eventdata(event, related, CLOCK))


def facts(items: Iterable[Item]) -> dict[str, str]:
    """Give the facts by name."""
    return {item.name: item.value for item in items if isinstance(item, Fact)}


def fact(items: Iterable[Item], name: str) -> Fact:
    """Give one fact."""
    return next(item for item in items if isinstance(item, Fact) and item.name == name)


def notes(items: Iterable[Item]) -> list[str]:
    """Give the sentences."""
    return [item.text for item in items if isinstance(item, Note)]


def headings(items: Iterable[Item]) -> list[str]:
    """Give the headings."""
    return [item.text for item in items if isinstance(item, Heading)]


def rows(items: Iterable[Item]) -> list[Row]:
    """Give the rows of all tables."""
    return [row for item in items if isinstance(item, Table) for row in item.rows]


def cells(items: Iterable[Item]) -> list[tuple[str, ...]]:
    """Give the texts of the rows of all tables."""
    return [tuple(cell.text for cell in row.cells) for row in rows(items)]


def changes(items: Iterable[Item]) -> dict[str, tuple[tuple[str, ...] | None, tuple[str, ...] | None]]:
    """Give what differs, by path."""
    return {item.label: (item.before, item.after) for item in items if isinstance(item, Change)}


def cut(event: EventDetail) -> EventSummary:
    """Give the summary alone."""
    given = msgspec.structs.asdict(event)
    return EventSummary(**{name: given[name] for name in EventSummary.__struct_fields__})
