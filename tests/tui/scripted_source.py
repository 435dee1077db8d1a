"""A source that tests hold in their hands: a log in memory, and what arrives when the test says so."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from relay.contract import jsontext
from relay.contract.api import (
    ForwardItem,
    ForwardsPage,
    Group,
    QuarantineItem,
    QuarantinePage,
    SecretAdded,
    SecretInfo,
    Stored,
)
from relay.contract.canned import CannedAnswer, NewCannedAnswer, Provoking
from relay.contract.events import EventDetail, EventSummary, Forward
from relay.contract.exported import Imported, RefusedLine, line_of
from relay.contract.moments import microseconds
from relay.contract.timeline import (
    Funnel,
    FunnelGroup,
    MessagesPage,
    MessageTimeline,
    RunsPage,
    RunTree,
    Standpoint,
    funnel_of,
    in_list,
    listed,
    run_of,
    timeline_of,
)
from tests.tui.made import RECEIVED, made_canned, made_detail, made_totals
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
    SourceError,
    Totals,
    Values,
)

PAGE = 200
NOW_US = (microseconds(RECEIVED) or 0) + 30_000_000


class ScriptedSource:
    """Keeps the protocol of `tui.model.source.Source`. A filter is a type, or `refused` for one that is.

    One on messages may be an outcome instead.

    `asked` are the filters and `asked_types` the types that the screen asked for; `pages` the filters, types and
    limits of the pages that it read.

    `values` are what the log holds under the name of each field; a relay without them is of an earlier version.
    `counted` are the filters of which the screen asked for a count, `grouped` the fields and filters of values.

    `listed` are the pages of messages that the screen read, `funnels` the filters and groups of funnels; both are
    told by the relay's clock `now_us`, and fail while `messages_fail` says why.

    `held` are the requests in quarantine, newest first, `keys` the secrets that are set, `canned` the answers that
    are provoked; `did` tells what was done to them, `fitting` which of those held a new secret fits.
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
        self.held: list[QuarantineItem] = []
        self.held_bodies: dict[int, bytes] = {}
        self.forwarded: list[tuple[ForwardItem, Forward]] = []
        """Forwards, newest first, each as a list has it and in full."""
        self.keys: list[SecretInfo] = []
        self.fitting: set[int] = set()
        self.canned: list[CannedAnswer] = []
        self.lines: set[bytes] = set()
        """What was imported."""
        self.may_go_on = asyncio.Event()
        """An export or import waits while this is cleared."""
        self.may_go_on.set()
        self.did: list[tuple[str, *tuple[object, ...]]] = []
        self.fails = ""
        """Why whatever is done to requests in quarantine or to secrets fails."""
        self.listed: list[tuple[str, str, str | None, int]] = []
        self.funnels: list[tuple[str, str]] = []
        self.messages_fail = ""
        self.now_us = NOW_US
        self.told: list[tuple[int, Forward]] = []
        """What was told of forwards."""
        self.closed = False
        self.asked: list[str] = []
        self.asked_types: list[tuple[str, ...]] = []
        self.counted: list[str] = []
        self.grouped: list[tuple[str, str]] = []
        self.values: dict[str, Sequence[Any]] | None = None
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

    async def count(self, filter_text: str, types: Sequence[str] = ()) -> int:
        self.counted.append(filter_text)
        return len(self._matching(self.log, filter_text, types))

    async def groups(self, by: str, filter_text: str, *, limit: int, mask: bool = False) -> Sequence[Group]:
        self.grouped.append((by, filter_text))
        if self.values is None:
            raise SourceError("there is nothing at this path")
        counts = Counter(self.values.get(by, ()))
        minutes = [0] * 60
        return [
            Group(value=value, count=count, first_seq=1, last_seq=self.last, per_minute=minutes)
            for value, count in counts.most_common(limit)
        ]

    async def count_values(self, by: str, filter_text: str, *, limit: int) -> Values:
        return Values(await self.groups(by, filter_text, limit=limit), self.last)

    async def messages(
        self, filter_text: str, *, sort: str, before: str | None = None, limit: int = PAGE
    ) -> MessagesPage:
        self.listed.append((filter_text, sort, before, limit))
        if self.messages_fail:
            raise SourceError(self.messages_fail)
        _, of_message, outcome = filter_text.partition("outcome:")
        matching = self._matching(self.log, "" if of_message else filter_text)
        newest = {event.message_id: event.seq for event in matching if event.message_id is not None}
        told = [(seq, self._timeline(message_id)) for message_id, seq in newest.items()]
        told = [one for one in told if not of_message or one[1].outcome == outcome]
        if sort == "slowest":
            told.sort(key=lambda one: -(one[1].took_ms or -1))
        else:
            told.sort(key=lambda one: (sort == "failing" and not one[1].failure, -one[0]))
        start = 0 if before is None else int(before)
        page = [listed(message) for _, message in told[start : start + limit]]
        return MessagesPage(
            items=page, next=str(start + limit) if start + limit < len(told) else None, scanned=len(told)
        )

    def _timeline(self, message_id: str) -> MessageTimeline:
        events = [event for event in self.log if event.message_id == message_id]
        return timeline_of(message_id, events, Standpoint(self.now_us))

    async def message(self, message_id: str) -> MessageTimeline:
        if not any(event.message_id == message_id for event in self.log):
            raise SourceError(f"no event of a message {message_id} is kept")
        return self._timeline(message_id)

    async def funnel(self, filter_text: str, by: str = "") -> Funnel:
        self.funnels.append((filter_text, by))
        page = await self.messages(filter_text, sort="activity", limit=100_000)
        groups: dict[str | None, list[MessageTimeline]] = {}
        for one in page.items:
            value = one.workflow if by == "workflow" else one.channel.type if one.channel is not None else None
            groups.setdefault(value, []).append(one)
        counted = [
            FunnelGroup(value=value, messages=len(items), steps=funnel_of(items))
            for value, items in groups.items()
        ]
        return Funnel(
            upto=self.last,
            messages=len(page.items),
            complete=True,
            steps=funnel_of(page.items),
            groups=counted if by else [],
        )

    async def runs(self, filter_text: str, *, before: str | None = None, limit: int = PAGE) -> RunsPage:
        if self.fails:
            raise SourceError(self.fails)
        matching = self._matching(self.log, filter_text)
        newest = {event.workflow_run_id: event.seq for event in matching if event.workflow_run_id is not None}
        ids = sorted(newest, key=lambda run: -newest[run])
        start = 0 if before is None else int(before)
        trees = [await self.run(run) for run in ids[start : start + limit]]
        following = str(start + limit) if start + limit < len(ids) else None
        return RunsPage(items=[in_list(tree) for tree in trees], next=following, scanned=len(matching))

    async def run(self, workflow_run_id: str) -> RunTree:
        if self.fails:
            raise SourceError(self.fails)
        events = [event for event in self.log if event.workflow_run_id == workflow_run_id]
        return run_of(workflow_run_id, events, Standpoint(NOW_US))

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

    async def report_forward(self, seq: int, forward: Forward) -> None:
        self._may()
        self.told.append((seq, forward))

    async def forwards(self, *, before: int | None = None, limit: int = PAGE) -> ForwardsPage:
        self._may()
        older = [item for item, _ in self.forwarded if before is None or item.entry < before][:limit]
        more = bool(older) and older[-1].entry > self.forwarded[-1][0].entry
        return ForwardsPage(items=older, next=older[-1].entry if more else None)

    async def forward(self, seq: int, n: int) -> Forward:
        self._may()
        for item, forward in self.forwarded:
            if (item.seq, item.n) == (seq, n):
                return forward
        raise SourceError("there is no such forward")

    async def quarantine(self, *, before: int | None = None, limit: int = PAGE) -> QuarantinePage:
        self._may()
        older = [item for item in self.held if before is None or item.id < before]
        size = min(limit, PAGE)
        following = older[size - 1].id if len(older) > size else None
        return QuarantinePage(items=older[:size], next=following, held=len(self.held), limit=1_000)

    async def held_body(self, held_id: int) -> bytes:
        self._one_held(held_id)
        return self.held_bodies.get(held_id, b'{"type": "message.sent", "data": {"id": "message-1"}}')

    async def admit(self, held_id: int) -> Stored:
        self._may()
        self._let_go(self._one_held(held_id))
        self.did.append(("admit", held_id))
        return Stored(seq=self.last + 1, duplicate=False)

    async def discard(self, held_id: int) -> None:
        self._may()
        self._let_go(self._one_held(held_id))
        self.did.append(("discard", held_id))

    async def secrets(self) -> Sequence[SecretInfo]:
        self._may()
        return list(self.keys)

    async def add_secret(self, secret: str, endpoint: str | None = None) -> SecretAdded:
        self._may()
        self.did.append(("add", secret, endpoint))
        added = SecretAdded(id=f"{len(self.keys) + 1:08x}", admitted=len(self.fitting))
        self.keys.append(SecretInfo(id=added.id, endpoint=endpoint))
        self.held = [item for item in self.held if item.id not in self.fitting]
        self._tell()
        return added

    async def remove_secret(self, secret_id: str) -> None:
        self._may()
        self.did.append(("remove", secret_id))
        self.keys = [one for one in self.keys if one.id != secret_id]
        self._tell()

    async def export(self, filter_text: str, types: Sequence[str] = ()) -> AsyncGenerator[bytes, None]:
        self._may()
        self.did.append(("export", filter_text, tuple(types)))
        for event in self._matching(self.log, filter_text, types):
            await self.may_go_on.wait()
            body = await self.body(event.seq)
            yield line_of(jsontext.dumps(event), [("x-knock-event", event.type)], body, None) + b"\n"

    async def import_lines(self, lines: bytes) -> Imported:
        self._may()
        await self.may_go_on.wait()
        self.did.append(("import", lines))
        came = Imported(lines=lines.count(b"\n"))
        for number, line in enumerate(lines.splitlines(), 1):
            if line in self.lines:
                came.duplicates += 1
            elif line.startswith(b"{"):
                came.added += 1
                self.lines.add(line)
            else:
                came.refused_count += 1
                came.refused.append(RefusedLine(line=number, why="it is not JSON"))
        return came

    async def canned_answers(self) -> Sequence[CannedAnswer]:
        self._may()
        return list(self.canned)

    async def provoke(self, answer: NewCannedAnswer) -> CannedAnswer:
        self._may()
        self.did.append(("provoke", answer))
        self.canned = [made_canned(answer, len(self.canned) + 1), *self.canned]
        self._tell()
        return self.canned[0]

    async def end_canned(self, id_: int | None = None) -> Sequence[CannedAnswer]:
        self._may()
        self.did.append(("end", id_))
        ended = [one for one in self.canned if id_ in (None, one.id)]
        self.canned = [one for one in self.canned if one not in ended]
        self._tell()
        return ended

    def hold(self, *items: QuarantineItem) -> None:
        """Put requests into quarantine, or put them there again."""
        ids = {item.id for item in items}
        kept = [one for one in self.held if one.id not in ids]
        self.held = sorted([*items, *kept], key=lambda one: one.id, reverse=True)
        self._tell()

    def _may(self) -> None:
        if self.fails:
            raise SourceError(self.fails)

    def _one_held(self, held_id: int) -> QuarantineItem:
        for item in self.held:
            if item.id == held_id:
                return item
        raise SourceError(f"no request in quarantine has id {held_id}")

    def _let_go(self, item: QuarantineItem) -> None:
        self.held.remove(item)
        self._tell()

    def _tell(self) -> None:
        first = next(iter(self.canned), None)
        provoking = None
        if first is not None:
            provoking = Provoking(rules=len(self.canned), answer=first.answer, until=first.until)
        pulse = self.pulse(quarantined=len(self.held), secrets=len(self.keys))
        self.put(replace(pulse, provoking=provoking))

    async def close(self) -> None:
        self.closed = True
