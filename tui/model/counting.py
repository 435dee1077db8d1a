"""Asks the relay why things fail: counts by reason and details, by workflow, by link."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

from relay.contract.api import Group
from relay.contract.events import EventSummary
from tui.model.alike import term_of
from tui.model.byvalue import joined, term, terms
from tui.model.failures import Cause, Kind, Reading
from tui.model.source import Source

NEWEST = 2**53
"""Above every seq."""
MOST_REASONS = 12
"""Reasons whose details are counted; those of others are not told apart."""
MOST_GROUPS = 60
"""Details of one reason, workflows, links."""
MOST_PAGES = 8
"""Pages that are read for the newest events of a kind."""

REASON = ("event_data", "failure_reason")
DETAILS = ("event_data", "failure_details")
URL = ("event_data", "url")
CHANNEL = ("data", "channel", "type")
NO_REASON = "no reason given"


async def read_causes(source: Source, applied: str, minute: int) -> AsyncIterator[Reading]:
    """Count the causes of what a filter shows, in this minute: gives those that are counted after each question.

    The last reading is whole. Raises `SourceError`.
    """
    causes: list[Cause] = []
    for counting in (
        _failed(source, applied),
        _plain(source, applied, Kind.COMPLAINT, "type", None),
        _plain(source, applied, Kind.RUN, "workflow", "workflow"),
        _plain(source, applied, Kind.LINK, ".".join(URL), URL),
    ):
        async for some in counting:
            causes += some
            yield Reading(tuple(causes), minute, whole=False)
    yield Reading(tuple(causes), minute)


async def newest(source: Source, filter_text: str, most: int, before: int = NEWEST) -> list[EventSummary]:
    """Read the newest events that match, oldest first. Raises `SourceError`."""
    events: list[EventSummary] = []
    below: int | None = before
    for _ in range(MOST_PAGES):
        page = await source.page(filter_text, before=below, limit=most)
        events = [*page.events, *events]
        below = page.next
        if below is None or len(events) >= most:
            break
    return events[-most:]


async def above(source: Source, filter_text: str, seq: int) -> list[EventSummary]:
    """Read the events above a seq that match, oldest first. Raises `SourceError`."""
    events: list[EventSummary] = []
    after: int | None = seq
    while after is not None:
        page = await source.page(filter_text, after=after)
        events += page.events
        after = page.next
    return events


async def read_ends(source: Source, seqs: Sequence[int]) -> Sequence[EventSummary | None]:
    """Read events together; None for each one that is gone. Raises `SourceError`."""
    pages = await asyncio.gather(*(source.page("", before=seq + 1, limit=1) for seq in seqs))
    return [
        page.events[0] if page.events and page.events[0].seq == seq else None
        for seq, page in zip(seqs, pages, strict=True)
    ]


class About(NamedTuple):
    """Which workflows, channels and providers the events of a cause are of, and the newest of them."""

    workflows: list[Group]
    channels: list[Group]
    providers: list[Group]
    newest: list[EventSummary]


async def read_about(source: Source, applied: str, cause: Cause, most: int) -> About:
    """Read what the events of a cause have in common. Raises `SourceError`."""
    if cause.term is None:
        return About([], [], [], [])
    text = joined(applied, cause.term)
    workflows, channels, providers = [
        list(await source.groups(name, text, limit=5)) for name in ("workflow", ".".join(CHANNEL), "provider")
    ]
    return About(workflows, channels, providers, await newest(source, text, most))


async def _failed(source: Source, applied: str) -> AsyncIterator[list[Cause]]:
    """Count what failed by its reason, and under each reason by what it says in detail."""
    types = terms("type", Kind.FAILED.types) or ""
    of_failed = joined(applied, types)
    reasons = await source.groups(".".join(REASON), of_failed, limit=MOST_GROUPS)
    for number, group in enumerate(reasons):
        reason = str(group.value)
        of_reason = term(REASON, group.value)
        if of_reason is None or number >= MOST_REASONS:
            yield [_cause(Kind.FAILED, reason, "", _both(types, of_reason), group)]
            continue
        text = joined(of_failed, of_reason)
        some = []
        for each in await source.groups(".".join(DETAILS), text, limit=MOST_GROUPS, mask=True):
            details = str(each.value)
            found = term_of(DETAILS, details) if isinstance(each.value, str) else term(DETAILS, each.value)
            some.append(_cause(Kind.FAILED, reason, details, _both(types, of_reason, found), each))
        yield some
        silent = "event_data.failure_details:null"
        yield [
            _cause(Kind.FAILED, reason, "", _both(types, of_reason, silent), each)
            for each in await source.groups(".".join(REASON), joined(text, silent), limit=1)
        ]
    unsaid = "event_data.failure_reason:null"
    yield [
        _cause(Kind.FAILED, NO_REASON, str(each.value), _both(terms("type", [str(each.value)]), unsaid), each)
        for each in await source.groups("type", joined(of_failed, unsaid), limit=MOST_GROUPS)
    ]


async def _plain(
    source: Source, applied: str, kind: Kind, by: str, place: tuple[str, ...] | str | None
) -> AsyncIterator[list[Cause]]:
    """Count the events of a kind by one field; without a `place` the types alone find them."""
    types = terms("type", kind.types) or ""
    some = []
    for group in await source.groups(by, joined(applied, types), limit=MOST_GROUPS):
        found = None if place is None else term(place, group.value)
        whole = types if place is None else _both(types, found)
        some.append(_cause(kind, str(group.value), "", whole, group))
    yield some


def _both(*parts: str | None) -> str | None:
    """Give the filter of all parts; None where one of them cannot be said."""
    return None if any(part is None for part in parts) else " ".join(part for part in parts if part)


def _cause(kind: Kind, what: str, details: str, found: str | None, group: Group) -> Cause:
    counts = tuple(group.per_minute)
    return Cause(kind, what, details, found, group.count, group.first_seq, group.last_seq, counts)
