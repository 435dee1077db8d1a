"""A source that keeps the filter language and counts by value, for the screens that ask the log in many ways."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from relay.contract.api import Group
from relay.contract.events import EventSummary
from relay.contract.filter import parse
from relay.contract.filter.names import field_of
from relay.contract.filter.subject import Subject
from relay.contract.masking import masked
from relay.contract.moments import microseconds
from tests.tui.on_screen import NOW
from tests.tui.scripted_source import ScriptedSource
from tui.model.source import SourceError

MINUTE_US = 60_000_000


@dataclass
class Stored:
    """A summary as the filter language looks at it."""

    summary: EventSummary

    @property
    def seq(self) -> int:
        return self.summary.seq

    @property
    def type(self) -> str:
        return self.summary.type

    @property
    def payload(self) -> Any:
        channel = self.summary.channel
        data = {"channel": None if channel is None else {"type": channel.type}}
        return {"type": self.type, "event_data": self.summary.event_data, "data": data}

    @property
    def headers(self) -> Sequence[tuple[str, str]]:
        return []

    @property
    def body(self) -> bytes:
        return json.dumps(self.payload).encode()

    @property
    def received_us(self) -> int:
        return microseconds(self.summary.received_at) or 0


class FilteringSource(ScriptedSource):
    """Pages, totals and groups of the events that match."""

    def _matching(
        self, events: Sequence[EventSummary], filter_text: str, types: Sequence[str] = ()
    ) -> list[EventSummary]:
        matches = parse(filter_text, int(NOW * 1_000_000)).matches
        return [event for event in events if (not types or event.type in types) and matches(_subject(event))]

    async def groups(self, by: str, filter_text: str, *, limit: int, mask: bool = False) -> Sequence[Group]:
        if self.fails:
            raise SourceError(self.fails)
        self.grouped.append((by, filter_text))
        found: dict[Any, list[EventSummary]] = {}
        for event in self._matching(self.log, filter_text):
            for value in _values(by, event):
                found.setdefault(masked(value) if mask and isinstance(value, str) else value, []).append(event)
        groups = [_group(value, events) for value, events in found.items()]
        return sorted(groups, key=lambda group: (-group.count, -group.last_seq))[:limit]


def _subject(event: EventSummary) -> Subject:
    return Stored(event)


def _values(by: str, event: EventSummary) -> Iterator[Any]:
    field = str(field_of(by))
    value: Any = Stored(event).payload
    if field in ("type", "workflow"):
        value = getattr(event, field)
    elif field == "provider":
        value = None if event.channel is None else event.channel.provider
    else:
        for key in field.split("."):
            value = value.get(key) if isinstance(value, Mapping) else None
    if value is not None and not isinstance(value, (dict, list)):
        yield value


def _group(value: Any, events: Sequence[EventSummary]) -> Group:
    counts = [0] * 60
    for event in events:
        place = 59 - (int(NOW * 1_000_000) // MINUTE_US - Stored(event).received_us // MINUTE_US)
        if 0 <= place < 60:
            counts[place] += 1
    seqs = [event.seq for event in events]
    return Group(value=value, count=len(events), first_seq=min(seqs), last_seq=max(seqs), per_minute=counts)
