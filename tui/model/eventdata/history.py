"""The other events of the same message: in order, up to a moment, and what is evidently missing from them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from relay.contract.events import EventSummary
from tui.model.eventdata.related import MESSAGE, Found
from tui.model.eventdata.subject import Subject, order
from tui.model.items import Cell, Item, Note, Row

TRIMMED = "the log began later, or has let them go"
"""Why events that there must have been are not there."""


def of_message(subject: Subject) -> list[EventSummary]:
    """Give the events of the message that were found, and this one, in the order in which Knock made them."""
    found = subject.found(MESSAGE)
    events = {event.seq: event for event in found.events} if found is not None else {}
    events[subject.event.seq] = subject.event
    return sorted(events.values(), key=order)


def before(subject: Subject) -> list[EventSummary]:
    """Give those that Knock made before this one."""
    limit = order(subject.event)
    return [event for event in of_message(subject) if order(event) < limit]


def latest(events: Sequence[EventSummary], type_: str) -> EventSummary | None:
    """Give the last event of a type."""
    return next((event for event in reversed(events) if event.type == type_), None)


def cut_short(found: Found | None, what: str) -> Iterator[Item]:
    """Say so where not everything was read."""
    if found is not None and not found.all:
        yield Note(f"Only the newest {len(found.events):,} {what} were read; there are more.")


def event_row(subject: Subject, event: EventSummary, gap: str, text: str, ink: str = "ink") -> Row:
    """Make a line of a table of events: when, how much later than the line before, and what it says."""
    at = event.created_at or event.received_at
    return Row(
        (Cell(subject.clock.short(at), "quiet"), Cell(gap, "quiet"), Cell(text, ink)),
        event.type,
        event.seq == subject.event.seq,
        copy=text,
        name="reading",
    )
