"""The event that a view tells of, and how its body is read: by hand, since anything may stand anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from relay.contract.events import EventDetail, EventSummary
from relay.contract.knock import object_of, text_of
from relay.contract.moments import microseconds
from relay.contract.readings import duration_text
from tui.model.clock import Clock
from tui.model.eventdata.related import BODY, Found, Related
from tui.model.items import Fact, Item, Keys, Note


def inside(value: Any, *keys: str) -> Any:
    """Give what stands at a path of keys, or None where the path ends before."""
    for key in keys:
        value = object_of(value).get(key)
    return value


def moment(value: Any) -> int | None:
    """Read an ISO 8601 time as microseconds since the epoch."""
    return microseconds(value) if isinstance(value, str) else None


def took(since_us: int | None, until_us: int | None) -> str:
    """Write the time between two moments; empty where one is unknown."""
    return "" if since_us is None or until_us is None else duration_text((until_us - since_us) / 1_000)


def order(event: EventSummary) -> tuple[int, int]:
    """Sort events by when Knock made them, then as they came; without a time they are as old as their arrival."""
    at = moment(event.created_at)
    return (at if at is not None else moment(event.received_at) or 0, event.seq)


@dataclass(frozen=True, slots=True)
class Subject:
    """An event, as much of its body as is known by now, and what was found of others."""

    event: EventSummary
    related: Related | None
    clock: Clock

    @property
    def whole(self) -> bool:
        """The body was read."""
        return isinstance(self.event, EventDetail)

    @property
    def data(self) -> dict[str, Any]:
        """The entity; empty while the body was not read."""
        return object_of(inside(self.event.payload, "data")) if isinstance(self.event, EventDetail) else {}

    @property
    def event_data(self) -> Any:
        """EventData, as it came."""
        return self.event.event_data

    @property
    def created_us(self) -> int | None:
        """When Knock made the event."""
        return moment(self.event.created_at)

    def found(self, name: str) -> Found | None:
        """Give what was found of other events; None while they are read."""
        return self.related.of(name) if self.related is not None else None

    def text(self, *keys: str) -> str:
        """Give a text or number of the entity; empty where there is none."""
        return text_of(inside(self.data, *keys)) or ""

    def fact(self, name: str, *keys: str, ink: str = "ink", note: str = "") -> Iterator[Fact]:
        """Say what stands at a path of the entity, if it is a scalar that says something."""
        yield from scalar(name, inside(self.data, *keys), ("data", *keys), ink=ink, note=note)

    def when(self, name: str, *keys: str) -> Iterator[Fact]:
        """Say when something was, as the entity tells it, and how long before the event that is."""
        value = inside(self.data, *keys)
        if isinstance(value, str) and value:
            at = moment(value)
            ago = took(at, self.created_us)
            note = ""
            if ago:
                note = (
                    f"{ago[1:]} after this"
                    if ago.startswith("-")
                    else f"{ago} before this"
                    if at != self.created_us
                    else ""
                )
            yield Fact(name, self.clock.full(value), note=note, copy=value, path=("data", *keys), raw=value)

    def body_unread(self) -> Iterator[Item]:
        """Say why the entity is not shown yet."""
        if not self.whole:
            trouble = self.found(BODY)
            yield Note(f"Could not read it: {trouble.trouble}", "warn") if trouble else Note("Reading the body…")

    def unread(self, found: Found | None, what: str) -> Iterator[Item]:
        """Say why others are not shown: they are being read, could not be, or were too many."""
        if found is None:
            yield Note(f"Reading {what}…")
        elif found.trouble:
            yield Note(f"Could not read {what}: {found.trouble}", "warn")


def scalar(name: str, value: Any, path: Keys, *, ink: str = "ink", note: str = "") -> Iterator[Fact]:
    """Say a text, a number, true or false; nothing where there is none of these."""
    if isinstance(value, bool):
        yield Fact(name, "true" if value else "false", "json-word", note, path=path, raw=value)
        return
    text = text_of(value)
    if text:
        number = not isinstance(value, str)
        yield Fact(name, text, "json-number" if number else ink, note, path=path, raw=value)
