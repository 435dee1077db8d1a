"""A source that tests hold in their hands: a log in memory, and what arrives when the test says so."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence

import msgspec

from relay.contract.events import EventDetail, EventSummary
from tests.tui.made import made_detail
from tui.model.source import (
    Arrivals,
    Began,
    FilterRefused,
    Item,
    LinkChange,
    LinkState,
    NoSuchEvent,
    Page,
    Pulse,
    Totals,
)

PAGE = 200


class ScriptedSource:
    """Keeps the protocol of `tui.model.source.Source`. A filter is a type, or `refused` for one that is."""

    def __init__(self, events: Sequence[EventSummary] = (), *, secrets: int = 1, live: bool = True) -> None:
        self.log = list(events)
        self.filter = ""
        self.address = "127.0.0.1:4747"
        self.webhook_url = "http://127.0.0.1:4747/webhooks/knock"
        self.bodies: dict[int, bytes] = {}
        self.details: dict[int, EventDetail] = {}
        self.closed = False
        self.asked: list[str] = []
        self._queue: asyncio.Queue[Item] = asyncio.Queue()
        if live:
            self.begin()
            self.put(
                LinkChange(LinkState.LIVE),
                Pulse(upto=self.last, last_seq=self.last, quarantined=0, secrets=secrets),
            )

    @property
    def last(self) -> int:
        return self.log[-1].seq if self.log else 0

    def pulse(self, *, quarantined: int = 0, secrets: int = 1) -> Pulse:
        return Pulse(upto=self.last, last_seq=self.last, quarantined=quarantined, secrets=secrets)

    def begin(self) -> None:
        self.put(Began(self.last, self.filter))

    def put(self, *items: Item) -> None:
        for item in items:
            self._queue.put_nowait(item)

    def arrive(self, *events: EventSummary) -> None:
        self.log.extend(events)
        self.put(Arrivals([event for event in events if self._matches(event, self.filter)], [], self.last))

    def change(self, event: EventSummary) -> None:
        self.log = [event if event.seq == one.seq else one for one in self.log]
        self.put(Arrivals([], [event], self.last))

    def _matches(self, event: EventSummary, filter_text: str) -> bool:
        return not filter_text or filter_text == event.type

    async def items(self) -> AsyncIterator[Item]:
        while True:
            yield await self._queue.get()

    async def set_filter(self, text: str) -> None:
        self.asked.append(text)
        if text == "refused":
            raise FilterRefused("no such name", 1, 7, "did you mean type?")
        self.filter = text
        self.put(Began(self.last, text, "filter"))

    async def page(self, filter_text: str, *, before: int | None = None, after: int | None = None) -> Page:
        found = [event for event in self.log if self._matches(event, filter_text)]
        if before is not None:
            older = [event for event in found if event.seq < before]
            items = older[-PAGE:]
            return Page(items, items[0].seq if len(older) > PAGE else None)
        newer = [event for event in found if event.seq > (after or 0)]
        return Page(newer[:PAGE], newer[PAGE - 1].seq if len(newer) > PAGE else None)

    async def totals(self, filter_text: str) -> Totals:
        return Totals(self.last, Counter(event.type for event in self.log if self._matches(event, filter_text)))

    async def detail(self, seq: int) -> EventDetail:
        if seq in self.details:
            return self.details[seq]
        for event in self.log:
            if event.seq == seq:
                return made_detail(seq, event.type, **self._facts(event))
        raise NoSuchEvent(f"event {seq} is no longer kept")

    def _facts(self, event: EventSummary) -> dict[str, object]:
        return {
            name: getattr(event, name) for name in msgspec.structs.asdict(event) if name not in ("seq", "type")
        }

    async def body(self, seq: int) -> bytes:
        return self.bodies.get(seq, b'{"type": "message.sent", "data": {"id": "message-1"}}')

    async def close(self) -> None:
        self.closed = True
