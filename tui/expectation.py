"""Wait for events: what is expected, from where on, and how it ended.

All that arrived from the start until time was up is looked at, also what the stream had not brought by then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from relay.contract.api import Stats
from relay.contract.events import EventSummary
from relay.contract.filter import Above, Filter, Instant, Name, Term
from relay.contract.moments import microseconds
from relay.contract.quantities import format_duration
from relay.contract.text import plain
from tui.client import RelayClient, RelayUnreachable, TokenRefused
from tui.feed import LONGEST_DELAY, Batch, Beat, Feed, Gap, Item, Joined, Link, LinkState, NewLog
from tui.since import Since

STALLED_SECONDS = LONGEST_DELAY + 5.0
"""How long a search through what had arrived in time may stand still before it is given up."""
_FILTER_LIMIT = 200

Sleep = Callable[[float], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is expected: at least `count` events that match within so many seconds, or with 0 none at all.

    `text` is the filter as the relay is to read it, `filter` the same with its tree.
    """

    filter: Filter
    text: str
    count: int = 1
    within: float = 30.0

    @property
    def name(self) -> str:
        """What is waited for, in words."""
        shown = plain(self.filter.text, _FILTER_LIMIT)
        if self.count > 1:
            return f"{self.count:,} events {f'that match {shown}' if shown else 'of any kind'}"
        what = f"that matches {shown}" if shown else "of any kind"
        return f"{'an' if self.count else 'no'} event {what}"

    @property
    def span(self) -> str:
        """How long it is waited for, in words; empty where it only looks at what is there."""
        return f"within {format_duration(timedelta(seconds=self.within))}" if self.within else ""

    @property
    def task(self) -> str:
        """What is being done, in words."""
        return f"waiting for {self.name} {self.span}" if self.within else f"looking for {self.name}"


@dataclass(frozen=True, slots=True)
class Start:
    """Where it begins: after seq `after`, not before seq `first`, nor with what arrived before `earliest`.

    `quarantined` is how many requests were in quarantine then.
    """

    after: int
    log: str | None = None
    first: int = 0
    earliest: int | None = None
    quarantined: int = 0

    def holds(self, event: EventSummary) -> bool:
        """Tell whether an event lies behind the start."""
        if event.seq <= self.after or event.seq < self.first:
            return False
        return self.earliest is None or (microseconds(event.received_at) or 0) >= self.earliest


class End(Enum):
    """How it ended."""

    SATISFIED = "satisfied"
    OUT_OF_TIME = "out of time"
    UNWELCOME = "one came, and none was to"


@dataclass(slots=True)
class Outcome:
    """How it ended, the first matches of those that were wanted, and what was to be noted on the way.

    `repeated` are events from before the start that match and of which more became known meanwhile, with how often
    they were delivered by then. `unread` says that not all could be looked at that had arrived in time.
    """

    wanted: Wanted
    start: Start
    end: End = End.OUT_OF_TIME
    events: list[EventSummary] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    repeated: dict[int, int] = field(default_factory=dict)
    quarantined: int = 0
    unread: bool = False

    @property
    def headline(self) -> str:
        """Say in one line how it ended."""
        wanted = self.wanted
        came, span = ("came", f" {wanted.span}") if wanted.within else ("is there", "")
        if self.end is End.UNWELCOME:
            event = self.events[0]
            return f"expected {wanted.name}, and there is {plain(_named(event), _FILTER_LIMIT)}"
        if self.end is End.SATISFIED:
            return f"expected {wanted.name}, and so it {'was' if wanted.within else 'is'}"
        if self.unread:
            return f"expected {wanted.name}, and could not look at all that {came}{span}"
        found = len(self.events)
        return f"expected {wanted.name}, and {f'only {found}' if found else 'none'} {came}{span}"


def _named(event: EventSummary) -> str:
    return f"seq {event.seq} {event.type} {event.reading}".rstrip()


async def begin(client: RelayClient, since: Since, now: datetime) -> Start:
    """Find where `since` is in the log. Raises `RelayError`."""
    stats = await client.stats()
    if since.age is not None:
        return await _since(client, stats, now - since.age)
    after = stats.last_seq if since.seq is None else min(max(since.seq - 1, 0), stats.last_seq)
    return Start(after, stats.log, since.seq or 0, quarantined=stats.quarantine)


async def _since(client: RelayClient, stats: Stats, moment: datetime) -> Start:
    earliest = microseconds(moment.isoformat()) or 0
    term = str(Term(Name("received"), (Above(Instant(earliest), inclusive=True),)))
    bound: int | None = 0
    after = stats.last_seq
    while bound is not None:
        page = await client.events(term, after=bound, limit=1)
        if page.items:
            after = min(page.items[-1].seq - 1, after)
            break
        bound = page.next
    return Start(after, stats.log, earliest=earliest, quarantined=stats.quarantine)


class Wait:
    """One wait. `attached` is called once the stream is there, `matched` with each match that counts."""

    def __init__(
        self,
        client: RelayClient,
        wanted: Wanted,
        start: Start,
        *,
        attached: Callable[[], object] = lambda: None,
        matched: Callable[[EventSummary], object] = lambda _: None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._client = client
        self._wanted = wanted
        self._attached = attached
        self._matched = matched
        self._sleep = sleep
        self._outcome = Outcome(wanted, start, quarantined=start.quarantined)
        self._feed = Feed(client.url, client.token, after=start.after, filter=wanted.text, log=start.log)
        self._is_attached = False
        self._seen: set[int] = set()
        self._lost = ""

    async def run(self) -> Outcome:
        """Wait, and tell how it ended. Raises `RelayError`, `FilterRejected` and `NewerProtocol`."""
        async with self._feed:
            if not await self._reads_until(lambda: self._enough, self._wanted.within):
                await self._catch_up()
        outcome = self._outcome
        if self._wanted.count == 0:
            if outcome.events:
                outcome.end = End.UNWELCOME
            elif not outcome.unread:
                outcome.end = End.SATISFIED
        elif self._enough:
            outcome.end = End.SATISFIED
        return outcome

    @property
    def _enough(self) -> bool:
        return len(self._outcome.events) >= max(self._wanted.count, 1)

    async def _catch_up(self) -> None:
        """Look at what had arrived when time was up."""
        stats = await self._client.stats()
        self._outcome.quarantined = stats.quarantine

        def seen() -> bool:
            return self._enough or (self._feed.log == stats.log and (self._feed.upto or 0) >= stats.last_seq)

        def moved(since: int | None) -> Callable[[], bool]:
            return lambda: seen() or self._feed.upto != since

        while not seen():
            if not await self._reads_until(moved(self._feed.upto), STALLED_SECONDS):
                if not self._is_attached:
                    raise RelayUnreachable(self._client.url, self._lost or "the stream does not begin")
                self._outcome.unread = True
                return

    async def _reads_until(self, reached: Callable[[], bool], seconds: float) -> bool:
        """Read the stream until something is so, and tell whether it came to that in time."""
        timer = asyncio.ensure_future(self._sleep(seconds))
        step: asyncio.Task[Item] | None = None
        try:
            while not reached():
                step = asyncio.ensure_future(anext(self._feed))
                await asyncio.wait((step, timer), return_when=asyncio.FIRST_COMPLETED)
                if not step.done():
                    return False
                self._take(step.result())
            return True
        finally:
            for task in (timer, step):
                if task is not None:
                    task.cancel()
                    await asyncio.wait((task,))

    def _take(self, item: Item) -> None:
        match item:
            case Joined():
                if not self._is_attached:
                    self._is_attached = True
                    self._attached()
            case Batch():
                for event in (*item.events, *item.changes):
                    self._consider(event)
            case Beat():
                self._outcome.quarantined = item.quarantined
            case NewLog():
                # Everything in it is new to us.
                self._outcome.start = Start(0, item.new, quarantined=self._outcome.start.quarantined)
                self._outcome.notes.append("the relay has another log than before, which was read from its start")
            case Gap() if item.first > 1:
                self._outcome.notes.append(f"seqs {item.first} to {item.last} are gone ({item.reason})")
            case Link(LinkState.REFUSED):
                raise TokenRefused(self._client.url, item.reason)
            case Link(LinkState.RECONNECTING):
                self._lost = item.reason

    def _consider(self, event: EventSummary) -> None:
        outcome = self._outcome
        if event.seq <= outcome.start.after:
            outcome.repeated[event.seq] = event.delivery_count
        elif outcome.start.holds(event) and not self._enough and event.seq not in self._seen:
            self._seen.add(event.seq)
            outcome.events.append(event)
            self._matched(event)
