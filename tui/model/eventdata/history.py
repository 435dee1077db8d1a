"""The other events of the same message: in order, up to a moment, and what is evidently missing from them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from relay.contract.events import EventSummary
from tui.model.eventdata.related import MESSAGE, Found
from tui.model.eventdata.subject import Subject, moment, order, took
from tui.model.items import Cell, Item, Note, Row

TRIMMED = "the log began later, or has let them go"
"""Why events that there must have been are not there."""

ATTEMPTED = "message.delivery_attempted"


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


def course(subject: Subject, events: Sequence[EventSummary]) -> Iterator[Row]:
    """Give a line for each event: when it was, how long after the one before, what it says; this one marked."""
    earlier: int | None = None
    for event in events:
        at = moment(event.created_at)
        gap = took(earlier, at)
        when = event.created_at or event.received_at
        here = event.seq == subject.event.seq
        cells = (
            Cell(subject.clock.short(when), "quiet"),
            Cell(f"+{gap}" if gap and not gap.startswith("-") else gap, "quiet"),
            Cell(said(event), "ink strong" if here else "ink"),
        )
        yield Row(cells, event.type, here, when, "time")
        earlier = at if at is not None else earlier


def said(event: EventSummary) -> str:
    """Say what an event of a list is, and what it says, without repeating itself."""
    verb = event.type.rpartition(".")[2].replace("_", " ")
    if event.type == ATTEMPTED or event.reading.startswith(verb):
        return event.reading
    return f"{verb}: {event.reading}" if event.reading else verb
