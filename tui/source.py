"""A real relay as the dashboard's source: the feed for what happens, the viewer API for what it asks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Iterator, Sequence
from contextlib import aclosing
from typing import Literal, NamedTuple, TypeVar
from urllib.parse import urlsplit

from relay.contract.api import ForwardsPage, Group, QuarantinePage, SecretAdded, SecretInfo, Stored
from relay.contract.canned import CannedAnswer, NewCannedAnswer
from relay.contract.events import EventDetail, Forward
from relay.contract.exported import Imported
from relay.contract.moments import microseconds
from relay.contract.text import plain
from relay.contract.timeline.model import MessageTimeline
from relay.contract.timeline.pages import Funnel, MessagesPage, RunsPage, RunTree
from tui import client, feed
from tui.exitcodes import ExitCode
from tui.intake import FilterRejected, NewerProtocol
from tui.model.source import (
    FORWARDS_LIMIT,
    HELD_LIMIT,
    MESSAGES_LIMIT,
    PAGE_LIMIT,
    RUNS_LIMIT,
    Arrivals,
    Began,
    FilterRefused,
    Item,
    LinkChange,
    LinkState,
    Missing,
    NoSuchEvent,
    Page,
    Pulse,
    Recount,
    SourceError,
    StartFailed,
    Totals,
    Values,
)

T = TypeVar("T")

INGEST_PATH = "/webhooks/knock"

_STATES = {
    feed.LinkState.CONNECTING: LinkState.CONNECTING,
    feed.LinkState.CATCHING_UP: LinkState.CATCHING_UP,
    feed.LinkState.LIVE: LinkState.LIVE,
    feed.LinkState.STALLED: LinkState.STALLED,
    feed.LinkState.RECONNECTING: LinkState.RECONNECTING,
    feed.LinkState.REFUSED: LinkState.REFUSED,
}


class _Wanted(NamedTuple):
    """The events that the screen asked for."""

    filter: str = ""
    types: tuple[str, ...] = ()


class RelaySource:
    """Keeps the protocol of `tui.model.source.Source` with the relay at `url`.

    `public_url` is the address that Knock reaches the relay at, as long as the relay itself does not say which.
    Close it from the task that reads `items`, or after that task has ended.
    """

    def __init__(self, url: str, token: str, *, filter_text: str = "", public_url: str | None = None) -> None:
        self._url = url
        self._configured_url = public_url
        self._announced_url: str | None = None
        self._feed = feed.Feed(url, token, filter=filter_text)
        self._client = client.RelayClient(url, token)
        self._wanted = _Wanted(filter_text)
        self._why_next: Literal["start", "log"] | None = "start"
        self._asked: dict[int, tuple[_Wanted, asyncio.Future[None]]] = {}
        self._first_seq = 1
        self._counted = 0
        """Seq up to which counts by type were given."""

    @property
    def address(self) -> str:
        """Where the relay is, as short as it can be said."""
        parts = urlsplit(self._url)
        return plain(parts.netloc + parts.path)

    @property
    def webhook_url(self) -> str:
        """What to paste into Knock."""
        return (self._public_url or self._url).rstrip("/") + INGEST_PATH

    @property
    def _public_url(self) -> str | None:
        return self._announced_url or self._configured_url

    def ingest_url(self, endpoint: str | None = None) -> str:
        """Give the address of this relay itself that takes events, without what may be secret in it."""
        parts = urlsplit(self._url)
        base = parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
        return base.rstrip("/") + INGEST_PATH + (f"/{endpoint}" if endpoint else "")

    @property
    def log_id(self) -> str | None:
        """The name of the relay's log."""
        return self._feed.log

    async def items(self) -> AsyncGenerator[Item, None]:
        """Give what happens as it happens. Raises `StartFailed` for what no further try can change."""
        try:
            async for item in self._feed:
                for known in self._translated(item):
                    yield known
        except FilterRejected as error:
            where = "" if error.column is None else f" at column {error.column}"
            raise StartFailed(ExitCode.USAGE, f"the filter does not parse{where}: {error}") from None
        except NewerProtocol as error:
            raise StartFailed(ExitCode.FAILED, str(error)) from None

    def _translated(self, item: feed.Item) -> Iterator[Item]:
        match item:
            case feed.Link():
                retry_in = None if item.retry_at is None else max(item.retry_at - time.monotonic(), 0.0)
                yield LinkChange(_STATES[item.state], retry_in, item.reason)
            case feed.Joined():
                yield from self._joined(item)
            case feed.Batch():
                yield from self._arrived(item)
            case feed.Gap():
                yield Missing(item.first, item.last, item.reason)
            case feed.NewLog():
                # What is older than now is read by pages, as at the start.
                self._feed.seek(None)
                self._why_next = "log"
            case feed.Filtered():
                yield from self._filtered(item)
            case feed.FilterRefused():
                self._refused(item)
            case feed.Beat():
                self._counted = max(self._counted, item.upto)
                if item.public_url is not None:
                    self._announced_url = item.public_url
                yield Pulse(
                    upto=item.upto,
                    last_seq=item.last_seq,
                    at_us=microseconds(item.at),
                    quarantined=item.quarantined,
                    secrets=item.secrets,
                    public_url=self._public_url or "",
                    provoking=item.provoking,
                    forwarding=item.forwarding,
                )

    def _arrived(self, item: feed.Batch) -> Iterator[Arrivals]:
        if not self._wanted.types:
            # Nothing is narrowed: the events themselves are what there is to count.
            if item.events or item.changes or not item.counts:
                yield Arrivals(item.events, item.changes, item.upto, left=item.left)
            return
        yield Arrivals(item.events, item.changes, item.upto, item.counts, self._counted, item.left)
        if item.counts:
            self._counted = item.upto

    def _joined(self, item: feed.Joined) -> Iterator[Item]:
        self._announced_url = item.relay.public_url
        self._first_seq = item.first_seq
        self._counted = item.after
        why, self._why_next = self._why_next, None
        if why is None:
            yield Recount()
        else:
            yield Began(item.after, self._wanted.filter, why, self._wanted.types, self._first_seq)
        yield Pulse(
            upto=item.after,
            last_seq=item.last_seq,
            secrets=item.relay.secrets,
            public_url=self._public_url or "",
            provoking=item.relay.provoking,
        )

    def _filtered(self, item: feed.Filtered) -> Iterator[Item]:
        # Answers of filters asked for before this one will never come.
        for id_ in [id_ for id_ in self._asked if id_ <= item.id]:
            wanted, answer = self._asked.pop(id_)
            if id_ == item.id:
                self._wanted = wanted
                self._counted = item.after
                yield Began(item.after, wanted.filter, "filter", wanted.types, self._first_seq)
            if not answer.done():
                answer.set_result(None)

    def _refused(self, item: feed.FilterRefused) -> None:
        wanted, answer = self._asked.pop(item.id, (_Wanted(), None))
        if answer is not None and not answer.done():
            answer.set_exception(_refusal(wanted.filter, item.message, item.column))

    async def set_filter(self, text: str, types: Sequence[str] = ()) -> None:
        """Ask for another filter and for some types alone, and await the answer. Raises `FilterRefused`."""
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        wanted = _Wanted(text, tuple(types))
        # The answer may be read while the question is still being sent: it has to be waited for by then.
        self._asked[self._feed.want(*wanted)] = (wanted, answer)
        await self._feed.tell()
        await answer

    async def page(
        self,
        filter_text: str,
        *,
        before: int | None = None,
        after: int | None = None,
        types: Sequence[str] = (),
        limit: int = PAGE_LIMIT,
    ) -> Page:
        """Read events next to a seq, ascending."""
        asking = self._client.events(filter_text, types, before=before, after=after, limit=limit)
        page = await _answered(asking, filter_text)
        return Page(page.items[::-1], page.next)

    async def totals(self, filter_text: str) -> Totals:
        """Count by type what the log holds."""
        page = await _answered(self._client.types(filter_text), filter_text)
        return Totals(page.upto, page.items)

    async def count(self, filter_text: str, types: Sequence[str] = ()) -> int:
        """Count what the log holds."""
        return (await _answered(self._client.count(filter_text, types), filter_text)).count

    async def groups(self, by: str, filter_text: str, *, limit: int, mask: bool = False) -> Sequence[Group]:
        """Count by the values of a field what the log holds."""
        asking = self._client.groups(by, filter_text, limit=limit, mask=mask)
        return (await _answered(asking, filter_text)).items

    async def count_values(self, by: str, filter_text: str, *, limit: int) -> Values:
        """Count by the values of a field what the log holds, and say up to where."""
        page = await _answered(self._client.groups(by, filter_text, limit=limit), filter_text)
        return Values(page.items, page.upto)

    async def messages(
        self, filter_text: str, *, sort: str, before: str | None = None, limit: int = MESSAGES_LIMIT
    ) -> MessagesPage:
        """Read messages with their newest steps."""
        asking = self._client.messages(filter_text, sort=sort, before=before, limit=limit)
        return await _answered(asking, filter_text)

    async def message(self, message_id: str) -> MessageTimeline:
        """Read one message with all of its steps."""
        return await _answered(self._client.message(message_id))

    async def funnel(self, filter_text: str, by: str = "") -> Funnel:
        """Count how far messages came."""
        return await _answered(self._client.funnel(filter_text, by), filter_text)

    async def runs(self, filter_text: str, *, before: str | None = None, limit: int = RUNS_LIMIT) -> RunsPage:
        """Read runs, those with the newest activity first."""
        return await _answered(self._client.runs(filter_text, before=before, limit=limit), filter_text)

    async def run(self, workflow_run_id: str) -> RunTree:
        """Read one run as a tree."""
        return await _answered(self._client.run(workflow_run_id))

    async def detail(self, seq: int) -> EventDetail:
        """Read one event in full."""
        return await _answered(self._client.event(seq))

    async def body(self, seq: int) -> bytes:
        """Read the exact bytes of one event."""
        return await _answered(self._client.body(seq))

    async def delivery_body(self, seq: int, n: int) -> bytes:
        """Read the exact bytes that came with one delivery."""
        return await _answered(self._client.delivery_body(seq, n))

    async def report_forward(self, seq: int, forward: Forward) -> None:
        """Have the relay note what came of sending an event."""
        await _answered(self._client.report_forward(seq, forward))

    async def forwards(self, *, before: int | None = None, limit: int = FORWARDS_LIMIT) -> ForwardsPage:
        """Read forwards of all events, the newest first."""
        return await _answered(self._client.forwards(before=before, limit=limit))

    async def forward(self, seq: int, n: int) -> Forward:
        """Read one forward of an event, with what was answered."""
        return await _answered(self._client.forward(seq, n))

    async def quarantine(self, *, before: int | None = None, limit: int = HELD_LIMIT) -> QuarantinePage:
        """Read the requests that did not verify, newest first."""
        return await _answered(self._client.quarantine(before=before, limit=limit))

    async def held_body(self, held_id: int) -> bytes:
        """Read the exact bytes of a request in quarantine."""
        return await _answered(self._client.held_body(held_id))

    async def admit(self, held_id: int) -> Stored:
        """Make an event of a request in quarantine."""
        return await _answered(self._client.admit(held_id))

    async def discard(self, held_id: int) -> None:
        """Drop a request in quarantine for good."""
        await _answered(self._client.discard(held_id))

    async def export(self, filter_text: str, types: Sequence[str] = ()) -> AsyncGenerator[bytes, None]:
        """Give what matches as lines of NDJSON."""
        async with aclosing(self._client.export(filter_text, types)) as lines:
            while True:
                try:
                    some = await _answered(anext(lines), filter_text)
                except StopAsyncIteration:
                    return
                yield some

    async def import_lines(self, lines: bytes) -> Imported:
        """Have the relay take some lines of an export."""
        return await _answered(self._client.import_lines(lines))

    async def secrets(self) -> Sequence[SecretInfo]:
        """Read which signing secrets the relay checks with."""
        return await _answered(self._client.secrets())

    async def add_secret(self, secret: str, endpoint: str | None = None) -> SecretAdded:
        """Have the relay check with one more secret."""
        return await _answered(self._client.add_secret(secret, endpoint))

    async def remove_secret(self, secret_id: str) -> None:
        """Have the relay forget a secret that was added."""
        await _answered(self._client.remove_secret(secret_id))

    async def canned_answers(self) -> Sequence[CannedAnswer]:
        """Give the canned answers in force."""
        return await _answered(self._client.answers())

    async def provoke(self, answer: NewCannedAnswer) -> CannedAnswer:
        """Have deliveries of what matches answered as scripted."""
        return await _answered(self._client.provoke(answer), answer.filter)

    async def end_canned(self, id_: int | None = None) -> Sequence[CannedAnswer]:
        """End the canned answers, or one of them; give what ended."""
        return await _answered(self._client.end_answers(id_))

    async def close(self) -> None:
        """Let go of the relay; whoever still awaits a filter is told that there will be no answer."""
        for _, answer in self._asked.values():
            answer.cancel()
        self._asked.clear()
        try:
            await self._feed.aclose()
        finally:
            await self._client.aclose()


async def _answered(asking: Awaitable[T], filter_text: str = "") -> T:
    """Await an answer of the relay. Raises the screen's own errors."""
    try:
        return await asking
    except client.NoSuchEvent as error:
        raise NoSuchEvent(str(error)) from None
    except client.ApiProblem as error:
        if error.column is None:
            raise SourceError(str(error)) from None
        raise _refusal(filter_text, str(error), error.column) from None
    except client.RelayError as error:
        raise SourceError(str(error)) from None


def _refusal(text: str, message: str, column: int | None) -> FilterRefused:
    """Return the refusal of the relay, with how much is at fault and what was meant, as far as we know it."""
    from relay.contract import filter as language

    try:
        language.parse(text)
    except language.FilterError as error:
        if error.column == column:
            meant = f"did you mean {plain(error.suggestion)}?" if error.suggestion else ""
            return FilterRefused(message, column, error.length, meant)
    return FilterRefused(message, column)
