"""A source that tests hold in their hands: a log in memory, and what arrives when the test says so."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence

import msgspec

from relay.contract.events import EventDetail, EventSummary
from tests.tui.made import made_detail, made_totals
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
    """Keeps the protocol of `tui.model.source.Source`. A filter is a type, or `refused` for one that is.

    `asked` are the filters and `asked_types` the types that the screen asked for; `pages` the filters, types and
    limits of the pages that it read.
    """

    def __init__(self, events: Sequence[EventSummary] = (), *, secrets: int = 1, live: bool = True) -> None:
        self.log = list(events)
        self.filter = ""
        self.types: tuple[str, ...] = ()
        self.address = "127.0.0.1:4747"
        self.log_id = "log-1"
        self.webhook_url = "http://127.0.0.1:4747/webhooks/knock"
        self.bodies: dict[int, bytes] = {}
        self.details: dict[int, EventDetail] = {}
        self.delivery_bodies: dict[tuple[int, int], bytes] = {}
        self.closed = False
        self.asked: list[str] = []
        self.asked_types: list[tuple[str, ...]] = []
        self.pages: list[tuple[str, tuple[str, ...], int]] = []
        self._queue: asyncio.Queue[Item] = asyncio.Queue()
        if live:
            self.begin()
            self.put(
                LinkChange(LinkState.LIVE),
                Pulse(upto=self.last, last_seq=self.last, quarantined=0, secrets=secrets),
            )

    def ingest_url(self, endpoint: str | None = None) -> str:
        return "http://127.0.0.1:4747/webhooks/knock" + (f"/{endpoint}" if endpoint else "")

    @property
    def last(self) -> int:
        return self.log[-1].seq if self.log else 0

    def pulse(self, *, quarantined: int = 0, secrets: int = 1) -> Pulse:
        return Pulse(upto=self.last, last_seq=self.last, quarantined=quarantined, secrets=secrets)

    def begin(self) -> None:
        self.put(Began(self.last, self.filter, types=self.types))

    def put(self, *items: Item) -> None:
        for item in items:
            self._queue.put_nowait(item)

    def arrive(self, *events: EventSummary) -> None:
        since = self.last
        self.log.extend(events)
        found = self._matching(events, self.filter)
        given = self._matching(events, self.filter, self.types)
        counts = Counter(event.type for event in found) if self.types else None
        self.put(Arrivals(given, [], self.last, counts, since))

    def change(self, event: EventSummary) -> None:
        self.log = [event if event.seq == one.seq else one for one in self.log]
        self.put(Arrivals([], [event], self.last))

    def _matching(
        self, events: Sequence[EventSummary], filter_text: str, types: Sequence[str] = ()
    ) -> list[EventSummary]:
        return [
            event for event in events if filter_text in ("", event.type) and (not types or event.type in types)
        ]

    async def items(self) -> AsyncIterator[Item]:
        while True:
            yield await self._queue.get()

    async def set_filter(self, text: str, types: Sequence[str] = ()) -> None:
        self.asked.append(text)
        self.asked_types.append(tuple(types))
        if text == "refused":
            raise FilterRefused("no such name", 1, 7, "did you mean type?")
        self.filter, self.types = text, tuple(types)
        self.put(Began(self.last, text, "filter", self.types))

    async def page(
        self,
        filter_text: str,
        *,
        before: int | None = None,
        after: int | None = None,
        types: Sequence[str] = (),
        limit: int = PAGE,
    ) -> Page:
        self.pages.append((filter_text, tuple(types), limit))
        size = min(limit, PAGE)
        found = self._matching(self.log, filter_text, types)
        if before is not None:
            older = [event for event in found if event.seq < before]
            items = older[-size:]
            return Page(items, items[0].seq if len(older) > size else None)
        newer = [event for event in found if event.seq > (after or 0)]
        return Page(newer[:size], newer[size - 1].seq if len(newer) > size else None)

    async def totals(self, filter_text: str) -> Totals:
        found = self._matching(self.log, filter_text)
        last = {event.type: event for event in found}
        return made_totals(self.last, Counter(event.type for event in found), last)

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

    async def delivery_body(self, seq: int, n: int) -> bytes:
        return self.delivery_bodies.get((seq, n)) or await self.body(seq)

    async def close(self) -> None:
        self.closed = True
