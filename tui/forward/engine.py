"""Forwarding: each event of a relay is sent to the app of a developer, as it comes.

The feed is read into lanes, and a few workers take from these: one fetches an event, sends it until the app takes
it or no retry is left, and reports every sending to the relay. A worker keeps its place while it waits to try
again, so that an app in trouble is sent less and not more.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import urlsplit

from relay.contract.events import EventDetail, EventSummary, Forward
from relay.contract.forwards import without_credentials
from tui.client import NoSuchEvent, RelayClient, RelayError, RelayUnreachable, TokenRefused
from tui.feed import (
    AlreadyForwarded,
    Batch,
    Feed,
    FilterRejected,
    Gap,
    Joined,
    Link,
    LinkState,
    NewerProtocol,
    NewLog,
)
from tui.forward.lanes import Lanes
from tui.forward.plan import (
    BacklogRefused,
    Begun,
    LeftOut,
    News,
    PassedOver,
    Plan,
    Sent,
    TargetUnreachable,
    Trouble,
    Unfinished,
    Waiting,
    Why,
)
from tui.forward.request import NoSecret, Outgoing, outgoing
from tui.forward.send import Answer, Sender
from tui.forward.starting import begin_after, waiting_since
from tui.unreachable import why

GRACE_S = 5.0
"""How long what is on its way may take once the forward is to end."""
FIRST_DELAY_S = 1.0
"""The wait before the first retry; each further one waits twice as long."""
LONGEST_DELAY_S = 30.0
"""The longest wait before a retry, whatever the app asks for."""
MOST_WAITING = 10_000
"""Events that are held here at most; the relay keeps the others until there is room."""
MOST_UNVERIFIED = 10_000
"""Events passed over for their verdict that are sent when a better one comes."""

_ASKED_AT_ONCE = 4
"""Workers that ask the relay at the same time: more connections to it cost more than they bring."""
_RELAY_RETRY_S = 1.0
_LOOK_S = 0.25
_SETTLE_S = 0.5
_LAST_WORD_S = 1.0

Ending = (AlreadyForwarded, BacklogRefused, FilterRejected, NewerProtocol, TokenRefused)
"""What ends a forward by itself, once what is on its way was finished."""


class Forwarder:
    """One forward, from one relay to one URL; `tell` hears of everything that happens.

    `secret_of` gives the secret to sign an event with, `holds` tells which events must not be sent. `run` it once.
    """

    def __init__(
        self,
        relay_url: str,
        token: str | None,
        plan: Plan,
        *,
        tell: Callable[[News], None],
        secret_of: Callable[[EventDetail], str | None] = lambda _: None,
        holds: Callable[[EventSummary], bool] = lambda _: False,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        grace: float = GRACE_S,
    ) -> None:
        self.plan = plan
        self.lanes = Lanes()
        self._relay_url, self._token = relay_url, token
        self._tell, self._secret_of, self._holds = tell, secret_of, holds
        self._now, self._sleep, self._grace = now, sleep, grace
        self._shown_url = without_credentials(plan.url)
        self._stopping = asyncio.Event()
        self._asking = asyncio.Semaphore(_ASKED_AT_ONCE)
        self._end: Exception | None = None
        self._begun = False
        self._logs = 0
        """How often the relay turned out to have another log."""
        self._unverified: dict[int, None] = {}
        self._left_out: set[str] = set()
        self._unfinished: deque[EventSummary] = deque()

    def stop(self) -> None:
        """Begin no further sending; `run` ends when those on their way are finished, or given up."""
        self._stopping.set()

    async def run(self) -> None:
        """Forward until `stop`. Raises what `Ending` names, `TargetUnreachable`, and `RelayError` at the start."""
        plan = self.plan
        async with RelayClient(self._relay_url, self._token) as client:
            stats = await client.stats()
            after = await begin_after(client, plan, stats, self._now())
            if not await self._reached():
                return
            async with (
                Sender(plan.url, timeout=plan.timeout, connections=plan.concurrency) as sender,
                Feed(
                    self._relay_url,
                    self._token,
                    after=min(after, stats.last_seq),
                    filter=plan.filter,
                    log=stats.log,
                    forwarding=self._shown_url,
                    force=plan.force,
                    sleep=self._sleep,
                ) as feed,
            ):
                await self._forward(feed, after, _Courier(client, sender))
        if self._end is not None:
            raise self._end

    async def _reached(self) -> bool:
        """Wait until somebody listens there, without a word to them; tells whether to begin."""
        parts = urlsplit(self.plan.url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        began, told = time.monotonic(), False
        while not self._stopping.is_set():
            try:
                async with asyncio.timeout(self.plan.timeout):
                    _, writer = await asyncio.open_connection(parts.hostname, port)
            except (OSError, TimeoutError, UnicodeError) as error:
                if self.plan.patience is not None and time.monotonic() - began >= self.plan.patience:
                    raise TargetUnreachable(self._shown_url, why(error)) from None
                if not told:
                    self._tell(Waiting(why(error)))
                    told = True
                await self._pause(_LOOK_S)
            else:
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()
                return True
        return False

    # From the feed to the lanes

    async def _forward(self, feed: Feed, after: int, courier: _Courier) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                workers = [group.create_task(self._work(courier)) for _ in range(self.plan.concurrency)]
                reading = group.create_task(self._read_on(feed, after, courier.client))
                await self._stopping.wait()
                reading.cancel()
                self.lanes.close()
                _, late = await asyncio.wait(workers, timeout=self._grace)
                for worker in late:
                    worker.cancel()
        except BaseExceptionGroup as group_of:
            raise group_of.exceptions[0] from None
        finally:
            self._tell_unfinished()

    async def _read_on(self, feed: Feed, after: int, client: RelayClient) -> None:
        try:
            try:
                await self._read(feed, after, client)
            except AlreadyForwarded:
                # The one before may just have ended, and the relay not have noticed.
                if self._begun or not await self._pause(_SETTLE_S):
                    raise
                await self._read(feed, after, client)
        except Ending as error:
            self._end = error
            self._stopping.set()

    async def _read(self, feed: Feed, after: int, client: RelayClient) -> None:
        async for item in feed:
            match item:
                case Joined():
                    await self._joined(item, after, client)
                case Batch():
                    for event in item.events:
                        # A seq that is still to come was asked for: what comes before it is not wanted.
                        if event.seq > after:
                            self._arrived(event)
                    self._changed(item.changes)
                    await self.lanes.room(MOST_WAITING)
                case NewLog():
                    # Seqs mean other events now, and nobody asked for those that it already has.
                    feed.seek(item.last_seq)
                    after = 0
                    self._logs += 1
                    self.lanes.clear()
                    self._unverified.clear()
                    self._tell(item)
                case Link(LinkState.REFUSED):
                    raise TokenRefused(self._relay_url, item.reason)
                case Link() | Gap():
                    self._tell(item)

    async def _joined(self, joined: Joined, after: int, client: RelayClient) -> None:
        if joined.last_seq - joined.after > self.plan.backlog:
            found = await waiting_since(client, self.plan, max(joined.after, after))
            if found > self.plan.backlog:
                raise BacklogRefused(found, joined.after, self.plan.backlog)
        if not self._begun:
            self._begun = True
            self._tell(Begun(max(joined.after, after)))

    def _arrived(self, event: EventSummary) -> None:
        reason = self._why_not(event)
        if reason is None:
            self.lanes.put(event)
            return
        if reason is Why.UNVERIFIED and len(self._unverified) < MOST_UNVERIFIED:
            self._unverified[event.seq] = None
        self._tell(PassedOver(event, reason))

    def _why_not(self, event: EventSummary) -> Why | None:
        if event.imported:
            return Why.IMPORTED
        if self._holds(event):
            return Why.PRODUCTION
        if not (self.plan.unverified or event.verdict.authentic):
            return Why.UNVERIFIED
        return None

    def _changed(self, events: tuple[EventSummary, ...]) -> None:
        """Send what turned out to be verified after all."""
        for event in events:
            if event.verdict.authentic and event.seq in self._unverified:
                del self._unverified[event.seq]
                self._arrived(event)

    # From the lanes to the app

    async def _work(self, courier: _Courier) -> None:
        while (event := await self.lanes.take()) is not None:
            try:
                if not await self._deliver(event, courier):
                    self._unfinished.append(event)
            except TokenRefused as error:
                self._unfinished.append(event)
                self._end = error
                self._stopping.set()
            finally:
                self.lanes.done(event)

    async def _deliver(self, event: EventSummary, courier: _Courier) -> bool:
        """Send one event as often as it takes; tells whether that came to an end."""
        log, settled = self._logs, False
        try:
            detail = await self._fetched(event, courier.client)
            if detail is None:
                return not self._stopping.is_set()
            for attempt in range(1, self.plan.retries + 2):
                request = self._request(event, *detail)
                if request is None:
                    return True
                answer = await self._send(event, request, attempt, courier)
                again = self._again(answer, attempt)
                settled = again is None
                self._tell(Sent(event, answer, attempt, again))
                if log == self._logs:
                    await self._report(event, answer, attempt, courier.client)
                if again is not None and not await self._pause(again):
                    return False
                if settled:
                    return True
        except asyncio.CancelledError:
            if not settled:
                self._unfinished.append(event)
            raise
        return True

    async def _fetched(self, event: EventSummary, client: RelayClient) -> tuple[EventDetail, bytes] | None:
        """Read an event in full; None where it is no longer there, or the forward is to end."""
        told = False
        while True:
            try:
                async with self._asking:
                    detail, body = await asyncio.gather(client.event(event.seq), client.body(event.seq))
            except NoSuchEvent:
                self._tell(PassedOver(event, Why.GONE))
                return None
            except TokenRefused:
                raise
            except RelayError as error:
                # Of a relay that is away the feed tells.
                if not (told or isinstance(error, RelayUnreachable)):
                    self._tell(Trouble(event, str(error)))
                    told = True
                if not await self._pause(_RELAY_RETRY_S):
                    return None
            else:
                # Under the same seq another log may have another event.
                return (detail, body) if detail.received_at == event.received_at else None

    def _request(self, event: EventSummary, detail: EventDetail, body: bytes) -> Outgoing | None:
        """Say what is sent now: a fresh signature is made anew for each attempt."""
        plan, now_ms = self.plan, round(self._now().timestamp() * 1_000)
        secret = self._secret_of(detail) if plan.sign.needs_secret else None
        try:
            request = outgoing(plan.url, detail.headers, body, plan.sign, secret=secret, now_ms=now_ms)
        except NoSecret:
            self._tell(PassedOver(event, Why.UNSIGNED))
            return None
        if new := tuple(name for name in request.left_out if name not in self._left_out):
            self._left_out.update(new)
            self._tell(LeftOut(new))
        return request

    async def _send(self, event: EventSummary, request: Outgoing, attempt: int, courier: _Courier) -> Answer:
        began = time.perf_counter()
        try:
            return await courier.sender.send(request)
        except asyncio.CancelledError:
            answer = Answer((time.perf_counter() - began) * 1_000, error="interrupted")
            with suppress(TimeoutError, RelayError):
                async with asyncio.timeout(_LAST_WORD_S):
                    await courier.client.report_forward(event.seq, self._told(answer, attempt))
            raise

    def _again(self, answer: Answer, attempt: int) -> float | None:
        """Give the seconds to wait before the next attempt; None where this was the last."""
        if answer.taken or not answer.passing or attempt > self.plan.retries:
            return None
        asked = answer.retry_after(self._now())
        return min(FIRST_DELAY_S * 2.0 ** min(attempt - 1, 16) if asked is None else asked, LONGEST_DELAY_S)

    async def _report(self, event: EventSummary, answer: Answer, attempt: int, client: RelayClient) -> None:
        """Tell the relay what came of a sending; a report that is on its way is not cut short at once."""
        reporting = asyncio.ensure_future(self._reported(event, answer, attempt, client))
        try:
            await asyncio.shield(reporting)
        except asyncio.CancelledError:
            await asyncio.wait({reporting}, timeout=_LAST_WORD_S)
            reporting.cancel()
            raise

    async def _reported(self, event: EventSummary, answer: Answer, attempt: int, client: RelayClient) -> None:
        while True:
            try:
                async with self._asking:
                    await client.report_forward(event.seq, self._told(answer, attempt))
            except RelayUnreachable:
                if await self._pause(_RELAY_RETRY_S):
                    continue
            except NoSuchEvent:
                pass
            except RelayError as error:
                self._tell(Trouble(event, str(error)))
            return

    def _told(self, answer: Answer, attempt: int) -> Forward:
        return Forward(
            url=self._shown_url,
            sign=self.plan.sign.value,
            status=answer.status,
            ms=answer.ms,
            headers=answer.headers,
            body=answer.body,
            error=answer.error,
            attempt=attempt,
            truncated=answer.truncated,
        )

    # To the end

    async def _pause(self, seconds: float) -> bool:
        """Wait; tells whether to go on, which is at once not when the forward is to end."""
        sleeping = asyncio.ensure_future(self._sleep(seconds))
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({sleeping, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            stopping.cancel()
        return not self._stopping.is_set()

    def _tell_unfinished(self) -> None:
        waiting, first = len(self.lanes), self.lanes.first
        left = [*self._unfinished, *([first] if first is not None else [])]
        if left:
            count = waiting + len(self._unfinished)
            self._tell(Unfinished(count, min(event.seq for event in left)))


class _Courier:
    """The two ends: the relay that events come from, and the app that they go to."""

    def __init__(self, client: RelayClient, sender: Sender) -> None:
        self.client = client
        self.sender = sender
