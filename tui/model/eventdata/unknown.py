"""A type that Knock's catalogue does not have: everything, as it came."""

from __future__ import annotations

from collections.abc import Iterator

from tui.model.eventdata.fields import fields
from tui.model.eventdata.subject import Subject
from tui.model.items import Heading, Item, Note


def unknown(subject: Subject) -> Iterator[Item]:
    """EventData and the entity in full, marked as not in the catalogue."""
    yield Note("This type is not in the catalogue of this version: what follows is as it came.", "warn")
    yield None
    yield Heading("EventData")
    if subject.event_data is None:
        yield Note("Knock sent none with this event.")
    else:
        yield from fields(subject.event_data, ("event_data",))
    yield None
    yield Heading("Data")
    if not subject.whole:
        yield from subject.body_unread()
    elif not subject.data:
        yield Note("There is nothing in it.")
    else:
        yield from fields(subject.data, ("data",))
