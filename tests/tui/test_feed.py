"""The feed against a real server that speaks by script: nothing twice, nothing lost, no false claim to be live."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.contract import frames
from relay.contract.api import Problem
from tests.tui.scripted_relay import (
    AT,
    TOKEN,
    Book,
    Refusal,
    ScriptedRelay,
    Visit,
    Wire,
    a_heartbeat,
    a_hello,
    an_event,
    some_events,
    speaking,
)
from tui.feed import (
    LONGEST_DELAY,
    Batch,
    Beat,
    Feed,
    Filtered,
    FilterRefused,
    FilterRejected,
    Gap,
    Item,
    Joined,
    Link,
    LinkState,
    NewerProtocol,
    NewLog,
)

T = TypeVar("T", bound=Item)
BOUND = 10.0


class Time:
    """A clock that only moves when something waits for it, and a random number that is always the highest."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waits: list[float] = []

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    def random(self) -> float:
        return 1.0


class Deadlines:
    """Timeouts that pass when the test says so."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self._current: asyncio.Timeout | None = None

    def __call__(self, seconds: float) -> asyncio.Timeout:
        self.asked.append(seconds)
        self._current = asyncio.timeout(None)
        return self._current

    def pass_(self) -> None:
        assert self._current is not None
        self._current.reschedule(asyncio.get_running_loop().time())


@asynccontextmanager
async def feeding(relay: ScriptedRelay, **options: Any) -> AsyncIterator[Feed]:
    time: Time = options.pop("time", None) or Time()
    async with (
        asyncio.timeout(BOUND),
        Feed(
            relay.url,
            options.pop("token", TOKEN),
            clock=time.clock,
            sleep=time.sleep,
            random=time.random,
            **options,
        ) as feed,
    ):
        yield feed


async def until(feed: Feed, done: Callable[[Item], bool]) -> list[Item]:
    """Read up to and including the first item that is `done`."""
    items: list[Item] = []
    async for item in feed:
        items.append(item)
        if done(item):
            break
    return items


async def next_of(feed: Feed, kind: type[T]) -> T:
    items = await until(feed, lambda item: isinstance(item, kind))
    assert isinstance(items[-1], kind)
    return items[-1]


def is_live(item: Item) -> bool:
    return isinstance(item, Link) and item.state is LinkState.LIVE


def seqs(items: Sequence[Item]) -> list[int]:
    return [event.seq for item in items if isinstance(item, Batch) for event in item.events]


def states(items: Sequence[Item]) -> list[LinkState]:
    return [item.state for item in items if isinstance(item, Link)]


def cut_after(book: Book, count: int, *, politely: bool) -> Visit:
    """Serve the book as it is then, but end after `count` frames."""

    async def visit(wire: Wire) -> None:
        await wire.send(*book.frames_after(wire.query)[:count])
        if politely:
            await wire.close()
        else:
            wire.cut()

    return visit


# Exactly once


@pytest.mark.parametrize("politely", [True, False])
async def test_each_event_comes_once_wherever_the_connection_ends(politely: bool) -> None:
    book = Book(some_events(*range(1, 12)))
    whole = len(book.frames_after({"after": "0"}))
    for count in range(whole + 1):
        async with (
            ScriptedRelay(cut_after(book, count, politely=politely), book.visit, book=book) as relay,
            feeding(relay, after=0) as feed,
        ):
            items: list[Item] = []
            while feed.upto != 11 or relay.dialled < 2:
                items.append(await anext(feed))
            assert seqs(items) == list(range(1, 12)), f"cut after {count} frames"


@settings(max_examples=60, deadline=None)
@given(
    visits=st.lists(st.tuples(st.integers(0, 14), st.booleans(), st.integers(0, 4)), max_size=6),
    start=st.integers(0, 6),
)
async def test_each_event_comes_once_under_any_cuts_while_more_arrive(
    visits: list[tuple[int, bool, int]], start: int
) -> None:
    book = Book(some_events(*range(1, 7)))

    def cut(count: int, politely: bool, more: int) -> Visit:
        async def visit(wire: Wire) -> None:
            sent = book.frames_after(wire.query, chunk=2)[:count]
            book.append(*some_events(*range(book.last_seq + 1, book.last_seq + 1 + more)))
            await wire.send(*sent)
            if politely:
                await wire.close()
            else:
                wire.cut()

        return visit

    async with (
        ScriptedRelay(*[cut(*visit) for visit in visits], book.visit, book=book) as relay,
        feeding(relay, after=start) as feed,
    ):
        items: list[Item] = []
        while relay.dialled <= len(visits) or feed.upto != book.last_seq:
            items.append(await anext(feed))
    assert seqs(items) == list(range(start + 1, book.last_seq + 1))


async def test_the_next_connection_begins_after_the_last_upto() -> None:
    first = speaking(a_hello(9), frames.Events(items=some_events(4, 5), upto=7), close=1001)
    async with ScriptedRelay(first, speaking(a_hello(9))) as relay, feeding(relay, after=3) as feed:
        await next_of(feed, Joined)
        await next_of(feed, Joined)
        assert [wire.query["after"] for wire in relay.wires] == ["3", "7"]


async def test_a_relay_that_sends_an_event_again_does_not_make_it_come_twice() -> None:
    sent = [frames.Events(items=some_events(*range(1, upto + 1)), upto=upto) for upto in (2, 3, 3)]
    async with (
        ScriptedRelay(speaking(a_hello(3), *sent, a_heartbeat(3))) as relay,
        feeding(relay, after=0) as feed,
    ):
        assert seqs(await until(feed, lambda item: isinstance(item, Beat))) == [1, 2, 3]


async def test_without_a_seq_the_feed_begins_at_the_newest_and_resumes_there() -> None:
    async with (
        ScriptedRelay(speaking(a_hello(40), close=1001), speaking(a_hello(41))) as relay,
        feeding(relay) as feed,
    ):
        assert (await next_of(feed, Joined)).after == 40
        await next_of(feed, Joined)
        assert ["after" in wire.query for wire in relay.wires] == [False, True]
        assert relay.wires[1].query["after"] == "40"


async def test_changes_keep_their_old_seq_and_counts_come_along() -> None:
    changed = an_event(2, delivery_count=3)
    sent: list[frames.ServerFrame | bytes] = [
        frames.Changes(items=[changed], upto=8),
        frames.Counts(upto=9, added={"message.read": 4}),
    ]
    async with ScriptedRelay(speaking(a_hello(9), *sent)) as relay, feeding(relay, after=7) as feed:
        assert await next_of(feed, Batch) == Batch(8, changes=(changed,))
        assert await next_of(feed, Batch) == Batch(9, counts={"message.read": 4})


async def test_lone_surrogates_of_an_event_survive() -> None:
    event = an_event(1, reading="\ud800 torn")
    async with (
        ScriptedRelay(speaking(a_hello(1), frames.Events(items=[event], upto=1))) as relay,
        feeding(relay, after=0) as feed,
    ):
        assert (await next_of(feed, Batch)).events == (event,)


async def test_reading_may_be_cancelled_at_any_time_without_a_loss() -> None:
    book = Book(some_events(*range(1, 60)))
    wanted = asyncio.Semaphore(1)

    async def on_demand(wire: Wire) -> None:
        for frame in book.frames_after(wire.query, chunk=1):
            await wanted.acquire()
            await wire.send(frame)
        await wire.gone()

    async with ScriptedRelay(on_demand, book=book) as relay, feeding(relay, after=0) as feed:
        items: list[Item] = [await next_of(feed, Joined)]
        cancelled = 0
        while not is_live(items[-1]):
            reading = asyncio.ensure_future(anext(feed))
            for _ in range(1 + cancelled % 5):
                await asyncio.sleep(0)
            reading.cancel()
            await asyncio.wait([reading])
            if reading.cancelled():
                cancelled += 1
                wanted.release()
            else:
                items.append(reading.result())
        assert seqs(items) == list(range(1, 60))
        assert cancelled > 50
        assert relay.dialled == 1


async def test_connecting_may_be_cancelled_and_is_done_anew() -> None:
    async with ScriptedRelay(book=Book(some_events(1, 2))) as relay, feeding(relay, after=0) as feed:
        for patience in range(30):
            reading = asyncio.ensure_future(anext(feed))
            for _ in range(patience):
                await asyncio.sleep(0)
            reading.cancel()
            await asyncio.wait([reading])
            if not reading.cancelled() and isinstance(reading.result(), Joined):
                break
        assert seqs(await until(feed, is_live)) == [1, 2]


# The truth about the link


async def test_live_is_claimed_exactly_when_all_that_the_relay_has_was_given() -> None:
    sent: list[frames.ServerFrame | bytes] = [
        frames.Events(items=some_events(1, 2), upto=2),
        frames.Events(items=some_events(3), upto=3),
        a_heartbeat(3, last_seq=5),
        frames.Events(items=some_events(4, 5), upto=5),
        frames.Events(items=some_events(6), upto=6),
        a_heartbeat(6),
    ]
    async with ScriptedRelay(speaking(a_hello(3), *sent)) as relay, feeding(relay, after=0) as feed:
        said: list[tuple[int, LinkState]] = []
        async for item in feed:
            if isinstance(item, Link):
                said.append((feed.upto or 0, item.state))
            if isinstance(item, Beat) and item.upto == 6:
                break
        assert said == [
            (0, LinkState.CONNECTING),
            (0, LinkState.CATCHING_UP),
            (3, LinkState.LIVE),
            (3, LinkState.CATCHING_UP),
            (5, LinkState.LIVE),
        ]


async def test_a_silent_relay_is_called_stalled_and_then_left_for_a_new_connection() -> None:
    deadlines = Deadlines()
    async with (
        ScriptedRelay(speaking(a_hello(0), a_heartbeat(0)), speaking(a_hello(0))) as relay,
        feeding(relay, timeout=deadlines) as feed,
    ):
        await next_of(feed, Beat)
        reading = asyncio.ensure_future(until(feed, lambda item: isinstance(item, Joined)))
        await asyncio.sleep(0)
        deadlines.pass_()
        assert states(await reading) == [LinkState.STALLED, LinkState.RECONNECTING, LinkState.CONNECTING]
        assert set(deadlines.asked) == {15.0}


async def test_the_link_says_when_the_next_attempt_will_be_and_why() -> None:
    time = Time()
    async with (
        ScriptedRelay(speaking(a_hello(0), a_heartbeat(0), close=1011)) as relay,
        feeding(relay, time=time) as feed,
    ):
        link = (await until(feed, lambda item: isinstance(item, Link) and item.retry_at is not None))[-1]
        assert link == Link(LinkState.RECONNECTING, "closed by the relay (1011)", 1000.25)


async def test_nobody_listening_is_a_link_trouble_and_not_an_error() -> None:
    async with ScriptedRelay() as relay:
        await relay.stop()
        async with feeding(relay) as feed:
            await anext(feed)
            link = await next_of(feed, Link)
            assert (link.state, link.reason) == (LinkState.RECONNECTING, "connection refused")


async def test_a_relay_that_stops_says_so() -> None:
    stopping = frames.Error(code="stopping", message="the relay is stopping")
    async with (
        ScriptedRelay(speaking(a_hello(0), a_heartbeat(0), stopping, close=1001)) as relay,
        feeding(relay) as feed,
    ):
        link = (await until(feed, lambda item: isinstance(item, Link) and item.retry_at is not None))[-1]
        assert isinstance(link, Link)
        assert link.reason == "the relay is stopping"


async def test_what_the_relay_says_of_itself_reaches_the_reader() -> None:
    async with ScriptedRelay(speaking(a_hello(4), a_heartbeat(4))) as relay, feeding(relay) as feed:
        joined = await next_of(feed, Joined)
        assert (joined.log, joined.first_seq, joined.last_seq, joined.relay.secrets) == ("log-1", 1, 4, 1)
        assert await next_of(feed, Beat) == Beat(upto=4, last_seq=4, at=AT, quarantined=2, secrets=1)


# Backing off


def growing(count: int) -> list[float]:
    return [min(0.25 * 2**attempt, 15.0) for attempt in range(count)]


@pytest.mark.parametrize(
    "visit",
    [
        pytest.param(speaking(close=1000), id="accepts and closes"),
        pytest.param(speaking(a_hello(0), close=1000), id="greets and closes"),
        pytest.param(
            speaking(a_hello(0), frames.Error(code="stopping", message="no"), close=1001), id="greets to say no"
        ),
        pytest.param(speaking(b"[]"), id="sends no frame"),
        pytest.param(speaking(a_heartbeat(0)), id="does not greet"),
        pytest.param(Refusal(503), id="is not ready"),
        pytest.param(speaking(a_hello(0), a_heartbeat(0), close=1000), id="is of use for a moment alone"),
    ],
)
async def test_a_server_that_is_of_no_use_is_asked_ever_more_rarely(visit: Visit) -> None:
    time = Time()
    async with ScriptedRelay(visit) as relay, feeding(relay, time=time) as feed:
        while relay.dialled < 9:
            await anext(feed)
        assert time.waits == pytest.approx(growing(8))


async def test_the_waits_start_anew_once_a_relay_has_been_of_use_for_some_seconds() -> None:
    time = Time()
    useless = speaking(a_hello(0), close=1000)
    useful = speaking(a_hello(0), a_heartbeat(0), close=1000)
    async with (
        ScriptedRelay(useless, useless, useful, useless, useless, useless) as relay,
        feeding(relay, time=time) as feed,
    ):
        while relay.dialled < 6:
            if isinstance(await anext(feed), Joined) and relay.dialled == 3:
                time.now += 5
        assert time.waits == pytest.approx([0.25, 0.5, 0.25, 0.5, 1.0])


async def test_the_wait_is_spread_by_chance_over_its_whole_length() -> None:
    time = Time()
    chances = iter([0.0, 0.5, 0.9])
    async with ScriptedRelay(speaking(close=1000)) as relay:
        feed = Feed(relay.url, TOKEN, clock=time.clock, sleep=time.sleep, random=lambda: next(chances))
        async with asyncio.timeout(BOUND), feed:
            while len(time.waits) < 3:
                await anext(feed)
    assert time.waits == pytest.approx([0.0, 0.25, 0.9])


@pytest.mark.parametrize(("status", "reason"), [(401, "token refused"), (403, "the token is ␛[31mnot␛[0m right")])
async def test_a_refused_token_is_said_and_tried_again_slowly(status: int, reason: str) -> None:
    time = Time()
    refusal = Refusal(status, Problem(title="no", status=status, detail="the token is \x1b[31mnot\x1b[0m right"))
    async with ScriptedRelay(refusal, refusal, speaking(a_hello(0))) as relay, feeding(relay, time=time) as feed:
        links = await until(feed, is_live)
        refused = [item for item in links if isinstance(item, Link) and item.state is LinkState.REFUSED]
        assert time.waits == [LONGEST_DELAY, LONGEST_DELAY]
        assert refused[0].reason == reason


async def test_a_token_that_is_refused_midway_is_said_and_nothing_is_lost_once_it_is_taken_again() -> None:
    book = Book(some_events(1, 2, 3, 4))
    refusal = Refusal(401, Problem(title="token refused", status=401))
    async with (
        ScriptedRelay(cut_after(book, 2, politely=True), refusal, book.visit) as relay,
        feeding(relay, after=0) as feed,
    ):
        items = await until(feed, is_live)
        assert states(items) == [
            LinkState.CONNECTING,
            LinkState.CATCHING_UP,
            LinkState.RECONNECTING,
            LinkState.CONNECTING,
            LinkState.REFUSED,
            LinkState.CONNECTING,
            LinkState.CATCHING_UP,
            LinkState.LIVE,
        ]
        assert seqs(items) == [1, 2, 3, 4]


async def test_a_new_token_is_used_from_the_next_attempt_on() -> None:
    async with ScriptedRelay(speaking(a_hello(0))) as relay, feeding(relay, token="wrong") as feed:
        await until(feed, lambda item: isinstance(item, Link) and item.state is LinkState.REFUSED)
        feed.token = TOKEN
        await until(feed, is_live)
        assert relay.wires[0].headers["Authorization"] == f"Bearer {TOKEN}"


async def test_something_that_is_no_relay_is_named_as_that() -> None:
    async with ScriptedRelay(Refusal(404)) as relay, feeding(relay) as feed:
        link = (await until(feed, lambda item: isinstance(item, Link) and item.retry_at is not None))[-1]
        assert isinstance(link, Link)
        assert link == Link(LinkState.RECONNECTING, "not a relay: HTTP 404", 1000 + LONGEST_DELAY)


PAGE = b"<!doctype html><title>Sign in</title><p>\x1b[31mGuest network</p>"


@pytest.mark.parametrize(
    ("status", "reason", "wait"),
    [
        (200, "not a relay: HTTP 200", LONGEST_DELAY),
        (400, "not a relay: HTTP 400", LONGEST_DELAY),
        (401, "token refused", LONGEST_DELAY),
        (403, "forbidden", LONGEST_DELAY),
        (429, "HTTP 429", 0.25),
        (502, "HTTP 502", 0.25),
        (504, "HTTP 504", 0.25),
    ],
)
async def test_a_page_of_a_proxy_in_between_is_named_by_its_status(status: int, reason: str, wait: float) -> None:
    time = Time()
    async with (
        ScriptedRelay(Refusal(status, page=PAGE), speaking(a_hello(0))) as relay,
        feeding(relay, time=time) as feed,
    ):
        items = await until(feed, is_live)
        assert [item.reason for item in items if isinstance(item, Link) and item.reason] == [reason]
        assert time.waits == [wait]


async def test_a_page_that_comes_over_the_stream_is_no_frame() -> None:
    async with ScriptedRelay(speaking(PAGE), speaking(a_hello(0))) as relay, feeding(relay) as feed:
        items = await until(feed, is_live)
        assert [item.reason for item in items if isinstance(item, Link) and item.reason] == [
            "the relay sent something that is no frame of the stream"
        ]


@pytest.mark.parametrize(
    "said",
    [b"SSH-2.0-OpenSSH_9.9\r\n", b"", b"\x15\x03\x01\x00\x02\x02\x46", b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 999],
)
async def test_what_does_not_speak_http_is_a_trouble_of_the_link(said: bytes) -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        writer.close()

    time = Time()
    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        feed = Feed(url, TOKEN, clock=time.clock, sleep=time.sleep, random=time.random)
        async with asyncio.timeout(BOUND), feed:
            while len(time.waits) < 4:
                item = await anext(feed)
                assert isinstance(item, Link)
                assert item.state in (LinkState.CONNECTING, LinkState.RECONNECTING)
                assert "\x1b" not in item.reason
        assert time.waits == pytest.approx(growing(4))


async def test_a_redirect_is_not_followed() -> None:
    async with ScriptedRelay(speaking(a_hello(0))) as elsewhere:
        away = Refusal(307, headers={"Location": f"{elsewhere.url.replace('http', 'ws')}/v1/stream"})
        async with ScriptedRelay(away) as relay, feeding(relay) as feed:
            link = (await until(feed, lambda item: isinstance(item, Link) and item.retry_at is not None))[-1]
            assert isinstance(link, Link)
            assert link.reason == "not a relay: HTTP 307"


# Sleep


async def test_a_connection_that_the_machine_slept_over_is_made_again_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tui.feed._LOOK_SECONDS", 0.001)
    time, slept = Time(), 7_000.0
    book = Book(some_events(1, 2))
    async with ScriptedRelay(book=book) as relay, feeding(relay, after=0, time=time, asleep=lambda: slept) as feed:
        await next_of(feed, Beat)
        book.append(*some_events(3, 4))
        slept += 3_600
        items = await until(feed, is_live)
        assert items[0] == Link(LinkState.RECONNECTING, "this machine was asleep", time.now)
        assert seqs(items) == [3, 4]
        assert time.waits == [0.25]


async def test_a_moment_of_sleep_does_not_break_the_link(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.feed._LOOK_SECONDS", 0.001)
    looks = 0
    looked = asyncio.Event()

    def asleep() -> float:
        nonlocal looks
        looks += 1
        if looks == 10:
            looked.set()
        return 2.0 if looks > 1 else 0.0

    async with ScriptedRelay() as relay, feeding(relay, asleep=asleep) as feed:
        await next_of(feed, Beat)
        reading = asyncio.ensure_future(anext(feed))
        await looked.wait()
        assert not reading.done()
        reading.cancel()
        assert relay.dialled == 1


async def test_a_clock_that_leaps_over_the_silence_loses_nothing() -> None:
    """Where the clock goes on during sleep, the deadline passes in the moment of waking, whatever has arrived."""
    deadlines, time = Deadlines(), Time()
    book = Book(some_events(1))
    async with ScriptedRelay(book=book) as relay, feeding(relay, after=0, time=time, timeout=deadlines) as feed:
        await next_of(feed, Beat)
        book.append(*some_events(2, 3))
        reading = asyncio.ensure_future(until(feed, lambda item: 3 in seqs([item])))
        await asyncio.sleep(0)
        time.now += 3_600
        await relay.wires[0].send(frames.Events(items=some_events(2, 3), upto=3))
        deadlines.pass_()
        assert seqs(await reading) == [2, 3]


# Another log, and what is gone


async def test_another_log_is_announced_and_read_from_its_oldest() -> None:
    old, new = Book(some_events(1, 2, 3)), Book(some_events(1, 2, 3, 4), log="log-2")
    first = cut_after(old, len(old.frames_after({"after": "0"})), politely=True)
    async with ScriptedRelay(first, new.visit, new.visit) as relay, feeding(relay, after=0) as feed:
        await until(feed, is_live)
        items = await until(feed, is_live)
        news = next(item for item in items if isinstance(item, NewLog))
        assert news == NewLog("log-1", "log-2", first_seq=1, last_seq=4)
        assert seqs(items) == [1, 2, 3, 4]
        assert [wire.query["after"] for wire in relay.wires] == ["0", "3", "0"]


async def test_a_log_that_ends_before_what_was_seen_is_announced_too() -> None:
    async with (
        ScriptedRelay(speaking(a_hello(5)), book=Book()) as relay,
        feeding(relay, after=9, log="log-1") as feed,
    ):
        assert await next_of(feed, NewLog) == NewLog("log-1", "log-1", first_seq=1, last_seq=5)
        assert (await next_of(feed, Joined)).after == 0


async def test_the_reader_of_a_new_log_may_choose_where_to_begin() -> None:
    async with (
        ScriptedRelay(speaking(a_hello(500, log="log-2"))) as relay,
        feeding(relay, after=9, log="x") as feed,
    ):
        news = await next_of(feed, NewLog)
        feed.seek(news.last_seq)
        assert (await next_of(feed, Joined)).after == 500
        assert [wire.query["after"] for wire in relay.wires] == ["9", "500"]


async def test_a_relay_that_is_never_the_same_is_asked_ever_more_rarely() -> None:
    time = Time()

    async def visit(wire: Wire) -> None:
        await wire.send(a_hello(9, log=f"log-{relay.dialled}"))
        await wire.gone()

    async with ScriptedRelay(visit) as relay, feeding(relay, time=time, after=7, log="log-0") as feed:
        while relay.dialled < 5:
            item = await anext(feed)
            if isinstance(item, NewLog):
                feed.seek(item.last_seq - relay.dialled)
        assert time.waits == pytest.approx(growing(4))


async def test_a_gap_is_told_once_although_the_connection_breaks_behind_it() -> None:
    book = Book(some_events(6, 7), first_seq=6)
    async with (
        ScriptedRelay(cut_after(book, 2, politely=True), book.visit) as relay,
        feeding(relay, after=2) as feed,
    ):
        items = await until(feed, is_live)
        assert [item for item in items if isinstance(item, Gap)] == [Gap(3, 5, "retention")]
        assert seqs(items) == [6, 7]
        assert relay.wires[1].query["after"] == "5"


# Filters


async def test_a_filter_is_asked_for_with_the_connection() -> None:
    async with ScriptedRelay(speaking(a_hello(0))) as relay:
        async with feeding(relay, filter="type:a b&c", types=["x.y", "z"], view="full") as feed:
            await next_of(feed, Joined)
        assert relay.wires[0].query == {"filter": "type:a b&c", "types": "x.y,z", "view": "full"}


async def test_another_filter_holds_from_where_the_relay_says() -> None:
    async def visit(wire: Wire) -> None:
        await wire.send(a_hello(5), frames.Events(items=some_events(1, 2), upto=2))
        asked = await wire.receive()
        await wire.send(frames.Filtered(id=asked.id, from_=5), frames.Events(items=some_events(9), upto=9))
        await wire.gone()

    async with ScriptedRelay(visit) as relay, feeding(relay, after=0) as feed:
        await next_of(feed, Batch)
        id_ = await feed.set_filter("type:message.read", ["message.read"])
        assert await next_of(feed, Filtered) == Filtered(id_, after=5)
        assert seqs([await next_of(feed, Batch)]) == [9]
        assert relay.wires[0].heard == [
            frames.SetFilter(id=id_, filter="type:message.read", types=["message.read"])
        ]


async def test_a_filter_that_was_not_answered_before_the_cut_goes_with_the_next_connection() -> None:
    async def deaf(wire: Wire) -> None:
        await wire.send(a_hello(4), frames.Events(items=some_events(1, 2, 3, 4), upto=4))
        await wire.receive()
        wire.cut()

    async with ScriptedRelay(deaf, speaking(a_hello(4))) as relay, feeding(relay, after=0) as feed:
        await next_of(feed, Batch)
        id_ = await feed.set_filter("type:message.read")
        assert await next_of(feed, Filtered) == Filtered(id_, after=4)
        assert relay.wires[1].query == {"after": "4", "filter": "type:message.read"}


async def test_a_filter_set_while_there_is_no_connection_is_asked_for_by_the_next_one() -> None:
    async with ScriptedRelay(speaking(a_hello(4))) as relay, feeding(relay) as feed:
        id_ = await feed.set_filter("type:a")
        assert await next_of(feed, Filtered) == Filtered(id_, after=4)
        assert relay.wires[0].query == {"filter": "type:a"}


async def test_a_filter_set_during_the_greeting_is_sent_after_it() -> None:
    async def visit(wire: Wire) -> None:
        await wire.send(a_hello(0, log="new"))
        asked = await wire.receive()
        await wire.send(frames.Filtered(id=asked.id, from_=0))
        await wire.gone()

    async with ScriptedRelay(visit) as relay, feeding(relay, log="old") as feed:
        await next_of(feed, NewLog)
        id_ = await feed.set_filter("type:a")
        assert await next_of(feed, Filtered) == Filtered(id_, after=0)


@pytest.mark.parametrize("with_id", [True, False])
async def test_a_filter_that_does_not_parse_is_told_and_the_one_before_stays(with_id: bool) -> None:
    async def visit(wire: Wire) -> None:
        await wire.send(a_hello(0))
        asked = await wire.receive()
        id_ = asked.id if with_id else None
        await wire.send(frames.Error(code="bad-filter", message="no\nsuch name", column=3, id=id_))
        await wire.close()

    async with ScriptedRelay(visit, speaking(a_hello(0))) as relay, feeding(relay, filter="type:a") as feed:
        await until(feed, is_live)
        id_ = await feed.set_filter("type:(")
        assert await next_of(feed, FilterRefused) == FilterRefused(id_, "no↵such name", 3)
        await next_of(feed, Joined)
        assert relay.wires[1].query["filter"] == "type:a"


async def test_a_filter_refused_at_the_door_of_a_later_connection_leaves_the_one_before() -> None:
    async def deaf(wire: Wire) -> None:
        await wire.send(a_hello(0))
        await wire.receive()
        wire.cut()

    refusal = Refusal(400, Problem(title="bad filter", status=400, detail="a value is missing", column=6))
    async with (
        ScriptedRelay(deaf, refusal, speaking(a_hello(0))) as relay,
        feeding(relay, filter="type:a") as feed,
    ):
        await until(feed, is_live)
        id_ = await feed.set_filter("type:")
        assert await next_of(feed, FilterRefused) == FilterRefused(id_, "a value is missing", 6)
        await next_of(feed, Joined)
        assert relay.wires[-1].query["filter"] == "type:a"


async def test_a_first_filter_that_does_not_parse_ends_the_iteration_until_there_is_a_better_one() -> None:
    refusal = Refusal(400, Problem(title="bad filter", status=400, detail="a value is missing", column=6))
    async with ScriptedRelay(refusal, speaking(a_hello(0))) as relay, feeding(relay, filter="type:") as feed:
        with pytest.raises(FilterRejected, match="a value is missing") as caught:
            await until(feed, is_live)
        assert caught.value.column == 6
        await feed.set_filter("type:a")
        await until(feed, is_live)
        assert relay.wires[0].query["filter"] == "type:a"


# Strange relays, addresses and ends


async def test_a_newer_protocol_ends_the_iteration() -> None:
    async with ScriptedRelay(speaking(a_hello(0, protocol=2))) as relay, feeding(relay) as feed:
        with pytest.raises(NewerProtocol, match="protocol 2"):
            await until(feed, is_live)


async def test_frames_of_a_kind_that_is_not_known_are_passed_over() -> None:
    sent: list[frames.ServerFrame | bytes] = [b'{"op":"fireworks","colour":"red"}', a_heartbeat(0)]
    async with ScriptedRelay(speaking(a_hello(0), *sent)) as relay, feeding(relay) as feed:
        await next_of(feed, Beat)
        assert relay.dialled == 1


@pytest.mark.parametrize("url", ["", "127.0.0.1:4747", "ftp://host", "http://", "http://[::1"])
def test_an_address_that_is_none_is_refused_at_once(url: str) -> None:
    with pytest.raises(ValueError, match=r"not the address|Invalid"):
        Feed(url, TOKEN)


async def test_a_base_address_may_have_a_path() -> None:
    feed = Feed("https://user@relay.example/knock/", None)
    assert feed._address() == "wss://relay.example/knock/v1/stream?"


async def test_a_filter_with_half_a_surrogate_pair_does_not_break_the_address() -> None:
    assert "filter=%3F" in Feed("http://h", None, filter="\udce9")._address()


async def test_a_reader_that_is_cancelled_leaves_nothing_behind() -> None:
    async with ScriptedRelay(speaking(a_hello(0), a_heartbeat(0))) as relay:

        async def read() -> None:
            async with Feed(relay.url, TOKEN) as feed:
                await until(feed, lambda item: False)

        before = asyncio.all_tasks()
        reading = asyncio.create_task(read())
        async with asyncio.timeout(BOUND):
            await relay.met.wait()
            reading.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reading
            await relay.wires[0].gone()
        left = [task for task in asyncio.all_tasks() - before if "Server" not in repr(task) and not task.done()]
        assert left == []


async def test_a_feed_that_was_closed_ends() -> None:
    async with ScriptedRelay(speaking(a_hello(0))) as relay, feeding(relay) as feed:
        await until(feed, is_live)
        await feed.aclose()
        assert [item async for item in feed] == []
        await relay.wires[0].gone()


async def test_a_slow_reader_makes_the_relay_wait() -> None:
    big = frames.Events(items=[an_event(1, reading="x" * 900_000)], upto=1)
    sent = 0

    async def visit(wire: Wire) -> None:
        nonlocal sent
        await wire.send(a_hello(100))
        for _ in range(100):
            await wire.send(big)
            sent += 1

    async with ScriptedRelay(visit) as relay, feeding(relay, after=0) as feed:
        await next_of(feed, Batch)
        before = -1
        while sent != before:
            before = sent
            for _ in range(200):
                await asyncio.sleep(0)
        assert sent < 40


async def test_the_token_never_reaches_a_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with ScriptedRelay(speaking(a_hello(0))) as relay, feeding(relay, token=TOKEN) as feed:
        await until(feed, is_live)
        ours = [record for record in caplog.records if not record.name.startswith("websockets.server")]
        assert TOKEN not in "".join(record.getMessage() for record in ours)
