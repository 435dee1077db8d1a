"""What came closest to an expectation that was not met, asked of the relay."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import islice

from relay.contract.filter import Filter
from tui.client import ApiProblem, NoSuchEvent, RelayClient, RelayError
from tui.expectation import End, Outcome, Start
from tui.model.nearmiss import Whole, all_but_one, any_of, looks_at_bodies, misses, told

CLOSEST = 3
"""Groups of near misses that are told."""
LOOKED_AT = 50
"""Events of the window that are read in full to say what they lack."""
_EXPLAIN_SECONDS = 10.0
_TERMS = 20
_AT_ONCE = 8
_COUNTED = 500


async def explained(client: RelayClient, outcome: Outcome) -> list[str]:
    """Say, a plain line each, what came closest and what else may be why; empty where nothing can be said."""
    if outcome.end is not End.OUT_OF_TIME:
        return list(outcome.notes)
    lines: list[str] = []
    try:
        async with asyncio.timeout(_EXPLAIN_SECONDS):
            async for line in _near_misses(client, outcome):
                lines.append(line)  # noqa: PERF401 - those that were found when time is up are told, too
    except (RelayError, TimeoutError) as error:
        lines.append(f"what came closest could not be found out: {str(error) or 'no answer in time'}")
    lines += [
        f"seq {seq} matches, but came before this began (it was delivered {times:,} times by now)"
        if times > 1
        else f"seq {seq} matches, but came before this began"
        for seq, times in islice(outcome.repeated.items(), CLOSEST)
    ]
    return [*lines, *_of_quarantine(outcome), *outcome.notes]


def _of_quarantine(outcome: Outcome) -> Iterator[str]:
    """Tell of requests that nothing matches until they are admitted."""
    new = outcome.quarantined - outcome.start.quarantined
    number = new if new > 0 else outcome.quarantined
    if number:
        many = "1 request" if number == 1 else f"{number:,} requests"
        state = (
            "went into quarantine meanwhile" if new > 0 else "in quarantine, which may have come again meanwhile"
        )
        yield f"{many} {state}: see 6 in the dashboard, or knocktop doctor"


async def _near_misses(client: RelayClient, outcome: Outcome) -> AsyncIterator[str]:
    filter_, start = outcome.wanted.filter, outcome.start
    number, known = 0, {event.seq for event in outcome.events}
    for text in islice(all_but_one(filter_), _TERMS):
        found = await _unknown(client, text, start, known)
        known.update(found)
        for miss in misses(filter_, await _wholes(client, found, filter_)):
            yield told(miss, len(found) if len(miss.events) == LOOKED_AT else None)
            number += 1
            if number == CLOSEST:
                return
    if number:
        return
    text = any_of(filter_)
    how, came = "matched some of it", await _unknown(client, text, start, known) if text else []
    if not came:
        how, came = "came", await _unknown(client, "", start, known)
    if not came:
        yield "no other event came in that time" if known else "no event came in that time"
    if len(came) > LOOKED_AT:
        least = "at least " if len(came) >= _COUNTED else ""
        yield f"{least}{len(came):,} events {how}, of which these are the newest {LOOKED_AT}"
    for miss in misses(filter_, await _wholes(client, came, filter_))[:CLOSEST]:
        yield told(miss)


async def _unknown(client: RelayClient, text: str, start: Start, known: set[int]) -> list[int]:
    try:
        return [seq for seq in await _newest(client, text, start) if seq not in known]
    except ApiProblem:
        # To write a filter in another way can take more than a filter may have.
        return []


async def _newest(client: RelayClient, text: str, start: Start) -> list[int]:
    """Give the seqs of what matches behind the start, the newest first, as far as they need counting."""
    found: list[int] = []
    bound: int | None = None
    while len(found) < _COUNTED:
        page = await client.events(text, after=start.after, before=bound or (1 << 62) - 1, limit=_COUNTED)
        found += [event.seq for event in page.items if start.holds(event)]
        bound = page.next
        if bound is None:
            break
    return found


async def _wholes(client: RelayClient, seqs: list[int], filter_: Filter) -> list[Whole]:
    with_bodies = looks_at_bodies(filter_)
    gate = asyncio.Semaphore(_AT_ONCE)

    async def whole(seq: int) -> Whole | None:
        async with gate:
            try:
                return Whole(await client.event(seq), await client.body(seq) if with_bodies else b"")
            except NoSuchEvent:
                return None

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(whole(seq)) for seq in seqs[:LOOKED_AT]]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [found for task in tasks if (found := task.result()) is not None]
