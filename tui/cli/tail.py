"""`knocktop tail`: the newest events to stdout, then each one as it comes."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import BinaryIO, Literal, TextIO

from relay.contract import jsontext
from relay.contract.api import MAX_LIMIT, Stats
from relay.contract.events import EventSummary
from relay.contract.moments import microseconds
from tui.cli.audience import while_anyone_reads
from tui.cli.eventline import EventLine
from tui.cli.explain import RelayTrouble, explain
from tui.cli.narration import LinkStory, Narrator
from tui.cli.report import Failure
from tui.client import NoSuchEvent, RelayClient, RelayUnreachable
from tui.exitcodes import ExitCode
from tui.feed import Batch, Feed, NewLog
from tui.since import Since, parse_since

__all__ = ["Format", "Since", "parse_since", "tail"]

Format = Literal["line", "ndjson", "raw"]
Write = Callable[[Sequence[EventSummary]], Awaitable[None]]

NEWEST = 10
"""Events that it begins with where nothing else is said."""
BACKLOG = 10_000
"""Events of the past that a terminal is sent at most without being asked for so many."""
_BODIES_AT_ONCE = 8
_RETRY_SECONDS = 1.0


async def tail(
    url: str,
    token: str | None,
    *,
    filter: str = "",  # noqa: A002 - the word of the interface
    n: int | None = None,
    since: Since | None = None,
    follow: bool = True,
    format: Format | None = None,  # noqa: A002 - as above
    out: BinaryIO,
    err: TextIO,
    utc: bool = False,
    is_tty: bool,
    encoding: str = "utf-8",
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> int:
    """Write events to `out`, oldest first, each once, and give the exit code.

    It begins with the newest `n` (10), or with `since`, of which `n` then leaves the newest. On a terminal `since`
    is refused where over `BACKLOG` events match and no `n` says how many are wanted. `follow` goes on until it is
    interrupted. Without a `format` it is `line` on a terminal and `ndjson` otherwise. `err` is told of a lost link
    and of what is gone. Raises `Failure`, and `BrokenPipeError` when the reader of `out` has left.
    """
    tell = Narrator(err)
    try:
        async with RelayClient(url, token) as client:
            write: Write
            style = format or ("line" if is_tty else "ndjson")
            if style == "line":
                colour = is_tty and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
                write = _lines(out, tell, EventLine(utc=utc, short=is_tty, colour=colour), encoding)
            elif style == "raw":
                write = _Bodies(out, tell, client, patient=follow, sleep=sleep)
            else:
                write = _ndjson(out)
            stats = await client.stats()
            history = _History(client, filter, stats.last_seq)
            beginning = _begin(history, stats, n, since, tell, now)
            if is_tty and since is not None and n is None:
                beginning = _expected(beginning)
            async for events in beginning:
                await write(events)
            if follow:
                first_seq = since.seq if since is not None and since.seq is not None else 0
                async with (
                    Feed(url, token, after=stats.last_seq, filter=filter, log=stats.log, sleep=sleep) as feed,
                    while_anyone_reads(out),
                ):
                    await _follow(feed, first_seq, write, LinkStory(tell, url))
    except RelayTrouble as error:
        raise explain(error) from None
    return 0


class _History:
    """What the log held up to and including seq `upto`, as far as it matches."""

    def __init__(self, client: RelayClient, filter_: str, upto: int) -> None:
        self._client = client
        self._filter = filter_
        self._upto = upto

    async def newest(self, count: int) -> list[EventSummary]:
        """Give the newest `count`, oldest first."""
        found: list[EventSummary] = []
        async for events in self._backwards(min(count, MAX_LIMIT)):
            found += events
            if len(found) >= count:
                break
        return found[:count][::-1]

    async def after(self, seq: int) -> AsyncIterator[list[EventSummary]]:
        """Give all above `seq`, oldest first."""
        bound: int | None = seq
        while bound is not None and bound < self._upto:
            page = await self._client.events(self._filter, after=bound, limit=MAX_LIMIT)
            yield [event for event in reversed(page.items) if event.seq <= self._upto]
            bound = page.next

    async def received_since(self, moment: datetime) -> AsyncIterator[list[EventSummary]]:
        """Give all that arrived at `moment` or later, oldest first."""
        earliest = microseconds(moment.isoformat()) or 0
        # Once back to find where to begin and once forth to write: the span may hold more than fits in memory.
        first = await self._first_since(earliest)
        if first is not None:
            async for events in self.after(first - 1):
                yield [event for event in events if _received(event) >= earliest]

    async def _first_since(self, earliest: int) -> int | None:
        first: int | None = None
        async for events in self._backwards(MAX_LIMIT):
            for event in events:
                if _received(event) >= earliest:
                    first = event.seq
                elif not event.imported:
                    # What was imported kept its old time; of the rest each arrived after the ones below it.
                    return first
        return first

    async def _backwards(self, limit: int) -> AsyncIterator[list[EventSummary]]:
        bound: int | None = self._upto + 1
        while bound is not None and limit > 0:
            page = await self._client.events(self._filter, before=bound, limit=limit)
            yield page.items
            bound = page.next


def _received(event: EventSummary) -> int:
    return microseconds(event.received_at) or 0


async def _expected(beginning: AsyncIterator[list[EventSummary]]) -> AsyncIterator[list[EventSummary]]:
    """Pass on a backlog that someone can have meant to see. Raises `Failure` before any of a larger one."""
    held: list[EventSummary] = []
    async for events in beginning:
        held += events
        if len(held) > BACKLOG:
            raise Failure(
                f"more than {BACKLOG:,} events match since then, which is more than a terminal is good for",
                ExitCode.BACKLOG_REFUSED,
                "say -n 1000 for the newest of them, narrow them with a filter, or send them to a file or a pipe",
            )
    yield held


async def _begin(
    history: _History,
    stats: Stats,
    n: int | None,
    since: Since | None,
    tell: Narrator,
    now: Callable[[], datetime],
) -> AsyncIterator[list[EventSummary]]:
    if since is None:
        yield await history.newest(NEWEST if n is None else n)
        return
    if n is None:
        async for events in _since(history, stats, since, tell, now):
            yield events
        return
    newest: deque[EventSummary] = deque(maxlen=n)
    async for events in _since(history, stats, since, tell, now):
        newest.extend(events)
    yield list(newest)


async def _since(
    history: _History, stats: Stats, since: Since, tell: Narrator, now: Callable[[], datetime]
) -> AsyncIterator[list[EventSummary]]:
    if since.age is not None:
        async for events in history.received_since(now() - since.age):
            yield events
    elif since.seq is not None:
        oldest = stats.first_seq or stats.last_seq + 1
        if 0 < since.seq < oldest:
            tell(f"seqs {since.seq} to {oldest - 1} are no longer kept")
        async for events in history.after(max(since.seq - 1, 0)):
            yield events


async def _follow(feed: Feed, first_seq: int, write: Write, story: LinkStory) -> None:
    async for item in feed:
        if isinstance(item, Batch):
            # A seq that is still to come was asked for: what comes before it is not wanted.
            await write([event for event in item.events if event.seq >= first_seq])
        elif isinstance(item, NewLog):
            first_seq = 0
        story.hear(item)


def _lines(out: BinaryIO, tell: Narrator, line: EventLine, encoding: str) -> Write:
    async def write(events: Sequence[EventSummary]) -> None:
        for event in events:
            if heading := line.heading(event):
                # What was written so far belongs to the day before.
                out.flush()
                tell(heading)
            # A terminal that lacks a character gets its escape, not an error in the middle of a line.
            out.write(f"{line(event)}\n".encode(encoding, "backslashreplace"))
        out.flush()

    return write


def _ndjson(out: BinaryIO) -> Write:
    async def write(events: Sequence[EventSummary]) -> None:
        out.writelines(jsontext.dumps(event) + b"\n" for event in events)
        out.flush()

    return write


class _Bodies:
    """Writes bodies exactly as received, each with a newline behind it."""

    def __init__(
        self,
        out: BinaryIO,
        tell: Narrator,
        client: RelayClient,
        *,
        patient: bool,
        sleep: Callable[[float], Awaitable[object]],
    ) -> None:
        self._out = out
        self._tell = tell
        self._client = client
        self._patient = patient
        self._sleep = sleep
        self._waiting = False

    async def __call__(self, events: Sequence[EventSummary]) -> None:
        for start in range(0, len(events), _BODIES_AT_ONCE):
            try:
                async with asyncio.TaskGroup() as group:
                    some = [
                        group.create_task(self._body(event.seq))
                        for event in events[start : start + _BODIES_AT_ONCE]
                    ]
            except ExceptionGroup as failed:
                raise failed.exceptions[0] from None
            self._out.writelines(found + b"\n" for task in some if (found := task.result()) is not None)
            self._out.flush()

    async def _body(self, seq: int) -> bytes | None:
        while True:
            try:
                body = await self._client.body(seq)
            except NoSuchEvent:
                self._tell(f"the body of event {seq} is no longer kept")
                return None
            except RelayUnreachable as error:
                # Its turn has come and nobody will send it again: who follows waits for it.
                if not self._patient:
                    raise
                if not self._waiting:
                    self._waiting = True
                    self._tell(f"{error}; it is waited for")
                await self._sleep(_RETRY_SECONDS)
            else:
                self._waiting = False
                return body
