"""An event beside another: which one it is compared with, and what differs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import NamedTuple

from relay.contract.events import EventSummary
from tui.model import diff
from tui.model.clock import Clock
from tui.model.eventdata.reading import find
from tui.model.items import Cell, Heading, Item, Note, Row, Table
from tui.model.source import Source

NOTHING_BEFORE = "Nothing that the log has was received before it of the same {kind}."
MARK_ONE = "To compare it with any other event, mark that one in the stream first."


class Pair(NamedTuple):
    """Two events, and how their bodies differ. `marked` tells that the first one was chosen."""

    before: EventSummary
    after: EventSummary
    compared: diff.Compared
    marked: bool


async def compare_events(source: Source, event: EventSummary, marked: EventSummary | None) -> Pair | None:
    """Compare an event with the marked one, or without one with what came before of the same message.

    None where nothing did. Raises `SourceError`.
    """
    chosen = marked if marked is not None and marked.seq != event.seq else None
    before = chosen or await _one_before(source, event)
    if before is None:
        return None
    bodies = await asyncio.gather(source.body(before.seq), source.body(event.seq))
    return Pair(before, event, await asyncio.to_thread(diff.compare, *bodies), chosen is not None)


async def _one_before(source: Source, event: EventSummary) -> EventSummary | None:
    from tui.model.eventdata.wants import before

    want = before(await source.detail(event.seq))
    if want is None:
        return None
    events = (await find(source, want)).events
    return events[-1] if events else None


def kind_of(event: EventSummary) -> str:
    """Name what the event before is looked for of."""
    return (event.entity.kind or "kind").replace("_", " ")


def shown(pair: Pair, clock: Clock) -> Iterator[Item]:
    """Say which two events these are, and at which paths their bodies differ."""
    kind = kind_of(pair.after)
    yield Heading(
        "Difference", f"from {'the marked event' if pair.marked else f'the one before of this {kind}'} to this"
    )
    yield Table((_row("-", "bad", pair.before, clock), _row("+", "good", pair.after, clock)))
    yield None
    paths = pair.compared.paths
    if paths:
        many = "path differs" if paths == 1 else "paths differ"
        yield Note(f"{paths:,} {many}; the rest of the two bodies is the same.")
        yield None
    yield from diff.items(pair.compared)


def alone(event: EventSummary) -> Iterator[Item]:
    """Say that there is nothing to compare an event with, and what to do."""
    yield Heading("Difference")
    yield Note(NOTHING_BEFORE.format(kind=kind_of(event)))
    yield Note(MARK_ONE)


def _row(sign: str, ink: str, event: EventSummary, clock: Clock) -> Row:
    cells = (
        Cell(sign, f"{ink} strong"),
        Cell(f"seq {event.seq:,}", "quiet"),
        Cell(clock.short(event.created_at or event.received_at), "quiet"),
        Cell(event.type, "ink strong"),
        Cell(event.reading),
    )
    return Row(cells, copy=str(event.seq), name="seq")
