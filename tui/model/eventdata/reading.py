"""Reads the other events that a view wants, and the bodies that differ, from the source."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from relay.contract.events import EventDetail, EventSummary
from tui.model import diff
from tui.model.eventdata.related import Found, Related, Want
from tui.model.facts import MAX_COMPARED, Bodies
from tui.model.source import PAGE_LIMIT, Source, SourceError

MAX_PAGES = 20
"""Pages read for one want; each takes the relay a quarter of a second at most."""

NEWEST = 2**53
"""Above every seq."""


async def read_related(source: Source, event: EventDetail) -> AsyncIterator[Related]:
    """Give what was found, again each time that there is more of it."""
    related = Related({})
    for want in Related.wanted(event):
        try:
            found = await find(source, want)
        except SourceError as error:
            found = Found(trouble=str(error))
        related = Related({**related.found, want.name: found})
        yield related


async def find(source: Source, want: Want) -> Found:
    """Read what is wanted, page by page. Raises `SourceError`."""
    events: list[EventSummary] = []
    before: int | None = want.before or NEWEST
    for _ in range(MAX_PAGES):
        page = await source.page(want.filter, before=before, limit=min(want.limit, PAGE_LIMIT))
        events = [*page.events, *events]
        before = page.next
        if before is None or len(events) >= want.limit:
            break
    whole = await source.detail(events[-1].seq) if want.whole and events else None
    return Found(events, before is None, whole)


async def read_bodies(source: Source, event: EventDetail) -> Bodies:
    """Compare the event's body with those of the deliveries that have another one."""
    differ = [delivery.n for delivery in event.deliveries if delivery.body_differs][:MAX_COMPARED]
    compared: dict[int, diff.Compared | str] = {}
    try:
        body = await source.body(event.seq)
    except SourceError as error:
        return Bodies(dict.fromkeys(differ, str(error)))
    for n in differ:
        try:
            other = await source.delivery_body(event.seq, n)
        except SourceError as error:
            compared[n] = str(error)
        else:
            compared[n] = await asyncio.to_thread(diff.compare, body, other)
    return Bodies(compared)
