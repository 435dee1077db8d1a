"""A relay as the dashboard sees it: a real server by script on one side, the screen's protocol on the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any

import msgspec
import pytest

from relay.contract import frames, jsontext
from relay.contract.api import Problem, TypeCount, TypesPage
from relay.contract.moments import microseconds
from tests.tui.made import made_detail
from tests.tui.scripted_relay import (
    AT,
    TOKEN,
    Book,
    Refusal,
    ScriptedRelay,
    Wire,
    a_heartbeat,
    a_hello,
    an_event,
    some_events,
    speaking,
)
from tui.exitcodes import ExitCode
from tui.model.source import (
    Arrivals,
    Began,
    FilterRefused,
    Item,
    LinkChange,
    LinkState,
    Missing,
    NoSuchEvent,
    Pulse,
    Recount,
    Source,
    SourceError,
    StartFailed,
)
from tui.source import RelaySource

BOUND = 10.0


@asynccontextmanager
async def watching(relay: ScriptedRelay, token: str = TOKEN, **options: Any) -> AsyncIterator[RelaySource]:
    source = RelaySource(relay.url, token, **options)
    try:
        async with asyncio.timeout(BOUND):
            yield source
    finally:
        await source.close()


async def until(source: RelaySource, done: Callable[[Item], bool]) -> list[Item]:
    """Read up to and including the first item that is `done`."""
    items: list[Item] = []
    async with aclosing(source.items()) as happening:
        async for item in happening:
            items.append(item)
            if done(item):
                break
    return items


def is_state(state: LinkState) -> Callable[[Item], bool]:
    return lambda item: isinstance(item, LinkChange) and item.state is state


def without_links(items: list[Item]) -> list[Item]:
    return [item for item in items if not isinstance(item, LinkChange)]


class Served(Book):
    """A book that also answers what only the dashboard asks."""

    def answer(self, path: str, query: dict[str, str]) -> tuple[int, bytes]:
        match path.strip("/").split("/"):
            case ["v1", "types"] if not query.get("filter", "").startswith("bad("):
                item = TypeCount(
                    type="message.sent",
                    family="message",
                    known=True,
                    count=len(self.events),
                    last_seq=self.last_seq,
                    last_at=AT,
                    per_minute=[],
                )
                return 200, jsontext.dumps(TypesPage(upto=self.last_seq, items=[item]))
            case ["v1", "events", seq] if int(seq) <= self.last_seq:
                return 200, jsontext.dumps(made_detail(int(seq)))
            case ["v1", "events", _]:
                return 404, jsontext.dumps(Problem(title="no such event", status=404))
            case ["v1", "stats"]:
                return 500, jsontext.dumps(Problem(title="broken", status=500))
        return super().answer(path, query)


def test_it_keeps_the_protocol_of_the_screen() -> None:
    source: Source = RelaySource("http://127.0.0.1:4747", TOKEN)
    assert source.address == "127.0.0.1:4747"


async def test_it_begins_at_the_newest_and_gives_what_arrives_once() -> None:
    event = an_event(8)
    script = speaking(
        a_hello(7),
        frames.Events(items=[event], upto=8),
        frames.Counts(upto=8, added={"message.sent": 1}),
        frames.Changes(items=[an_event(3)], upto=9),
        frames.Gap(from_=10, to=12, reason="retention"),
        a_heartbeat(12),
    )
    async with ScriptedRelay(script) as relay, watching(relay) as source:
        items = await until(source, lambda item: isinstance(item, Pulse) and item.quarantined is not None)
    assert without_links(items) == [
        Began(7, "", "start"),
        Pulse(upto=7, last_seq=7, secrets=1, public_url=""),
        Arrivals((event,), (), 8),
        Arrivals((), (an_event(3),), 9),
        Missing(10, 12, "retention"),
        Pulse(upto=12, last_seq=12, at_us=microseconds(AT), quarantined=2, secrets=1, public_url=""),
    ]


async def test_a_link_that_came_back_has_the_totals_read_again_and_no_new_beginning() -> None:
    visits = [speaking(a_hello(7), a_heartbeat(7), close=1001), speaking(a_hello(7), a_heartbeat(7))]
    async with ScriptedRelay(*visits) as relay, watching(relay) as source:
        await until(source, is_state(LinkState.RECONNECTING))
        items = await until(source, is_state(LinkState.LIVE))
    assert without_links(items)[0] == Recount()
    assert not [item for item in items if isinstance(item, Began)]


async def test_a_broken_link_says_when_it_is_tried_again() -> None:
    async with ScriptedRelay(Refusal(503)) as relay, watching(relay) as source:
        change = (await until(source, is_state(LinkState.RECONNECTING)))[-1]
    assert isinstance(change, LinkChange)
    assert change.reason == "HTTP 503"
    assert change.retry_in is not None
    assert 0 <= change.retry_in <= 1


async def test_a_refused_token_is_told_as_such() -> None:
    async with ScriptedRelay() as relay, watching(relay, token="wrong") as source:
        await until(source, is_state(LinkState.REFUSED))


async def test_another_log_is_a_new_beginning_at_its_newest() -> None:
    visits = [
        speaking(a_hello(7, log="log-1"), a_heartbeat(7), close=1001),
        speaking(a_hello(3, log="log-2"), close=1001),
        speaking(a_hello(3, log="log-2"), a_heartbeat(3)),
    ]
    async with ScriptedRelay(*visits) as relay, watching(relay) as source:
        await until(source, is_state(LinkState.RECONNECTING))
        items = await until(source, is_state(LinkState.LIVE))
    assert [item for item in items if isinstance(item, Began)] == [Began(3, "", "log")]


async def answering_filters(wire: Wire) -> None:
    """Obey filters, but refuse those that begin with `recipent`."""
    await wire.send(a_hello(7), a_heartbeat(7))
    while True:
        asked = await wire.receive()
        if asked.filter.startswith("recipent"):
            text = "there is no field recipent"
            await wire.send(frames.Error(code="bad-filter", message=text, column=1, id=asked.id))
        else:
            await wire.send(frames.Filtered(id=asked.id, from_=7))


@asynccontextmanager
async def listening(source: RelaySource) -> AsyncIterator[list[Item]]:
    """Read everything in the background, from when the link is live."""
    items: list[Item] = []
    live = asyncio.Event()

    async def listen() -> None:
        async for item in source.items():
            items.append(item)
            if is_state(LinkState.LIVE)(item):
                live.set()

    task = asyncio.create_task(listen())
    await live.wait()
    try:
        yield items
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_filter_holds_once_the_relay_says_so() -> None:
    async with ScriptedRelay(answering_filters) as relay, watching(relay) as source, listening(source) as items:
        await source.set_filter("type:message.read")
        assert items[-1] == Began(7, "type:message.read", "filter")


async def test_types_narrow_the_events_and_counts_of_all_types_come_with_where_they_begin() -> None:
    event = an_event(8)

    async def narrowing(wire: Wire) -> None:
        await wire.send(a_hello(7), a_heartbeat(7))
        asked = await wire.receive()
        assert (asked.filter, asked.types) == ("failed", ["message.sent"])
        await wire.send(
            frames.Filtered(id=asked.id, from_=7),
            frames.Events(items=[event], upto=9),
            frames.Counts(upto=9, added={"message.sent": 1, "message.read": 1}),
            a_heartbeat(9),
            frames.Counts(upto=10, added={"message.read": 1}),
            a_heartbeat(10),
        )
        await wire.gone()

    async with ScriptedRelay(narrowing) as relay, watching(relay) as source, listening(source) as items:
        await source.set_filter("failed", ["message.sent"])
        while not any(isinstance(item, Pulse) and item.upto == 10 for item in items):  # noqa: ASYNC110 - a list cannot be awaited
            await asyncio.sleep(0.01)
        began = items.index(Began(7, "failed", "filter", ("message.sent",)))
        assert [item for item in items[began:] if isinstance(item, Arrivals)] == [
            Arrivals((event,), (), 9, {}, 7),
            Arrivals((), (), 9, {"message.sent": 1, "message.read": 1}, 7),
            Arrivals((), (), 10, {"message.read": 1}, 9),
        ]


async def test_a_page_is_of_the_types_and_as_long_as_asked_for() -> None:
    book = Served([*some_events(1, 2, 3), an_event(4, "message.read")])
    async with ScriptedRelay(book=book) as relay, watching(relay) as source:
        page = await source.page("", before=9, types=["message.sent"], limit=2)
    assert ([event.seq for event in page.events], page.next) == ([2, 3], 2)


async def test_a_refused_filter_says_where_and_what_was_meant() -> None:
    async with ScriptedRelay(answering_filters) as relay, watching(relay) as source, listening(source):
        with pytest.raises(FilterRefused) as caught:
            await source.set_filter("recipent:x")
    refused = caught.value
    assert (str(refused), refused.column, refused.length) == ("there is no field recipent", 1, len("recipent"))
    assert "recipient" in refused.hint


async def test_who_asked_for_a_filter_that_another_replaced_is_not_left_waiting() -> None:
    async def obeying_the_last(wire: Wire) -> None:
        await wire.send(a_hello(7), a_heartbeat(7))
        await wire.receive()
        last = await wire.receive()
        await wire.send(frames.Filtered(id=last.id, from_=7))
        await wire.gone()

    async with ScriptedRelay(obeying_the_last) as relay, watching(relay) as source, listening(source) as items:
        await asyncio.gather(source.set_filter("a"), source.set_filter("b"))
        assert [item.filter for item in items if isinstance(item, Began)] == ["", "b"]


async def test_an_answer_that_is_read_while_the_question_is_still_being_sent_is_not_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def obeying_at_once(wire: Wire) -> None:
        await wire.send(a_hello(7), a_heartbeat(7))
        asked = await wire.receive()
        await wire.send(frames.Filtered(id=asked.id, from_=7), a_heartbeat(8))
        await wire.gone()

    async with ScriptedRelay(obeying_at_once) as relay, watching(relay) as source, listening(source) as items:
        send = source._feed._send_filter

        async def slowly(connection: Any) -> None:
            await send(connection)
            while not any(isinstance(item, Pulse) and item.upto == 8 for item in items):  # noqa: ASYNC110 - a list cannot be awaited
                await asyncio.sleep(0)

        monkeypatch.setattr(source._feed, "_send_filter", slowly)
        await source.set_filter("a")
        assert [item.filter for item in items if isinstance(item, Began)] == ["", "a"]


async def test_nobody_waits_for_a_filter_after_the_end() -> None:
    async with ScriptedRelay(speaking(a_hello(7), a_heartbeat(7))) as relay, watching(relay) as source:
        async with listening(source):
            asking = asyncio.create_task(source.set_filter("a"))
            await asyncio.wait({asking}, timeout=0.05)
        await source.close()
        with pytest.raises(asyncio.CancelledError):
            await asking


async def test_a_filter_from_the_start_that_is_refused_ends_the_dashboard() -> None:
    refusal = Refusal(400, Problem(title="bad filter", status=400, detail="no such field", column=3))
    async with ScriptedRelay(refusal) as relay, watching(relay, filter_text="x y:z") as source:
        with pytest.raises(StartFailed, match="does not parse at column 3: no such field") as caught:
            await until(source, lambda _: False)
    assert caught.value.code == ExitCode.USAGE


async def test_a_newer_relay_ends_the_dashboard() -> None:
    async with ScriptedRelay(speaking(a_hello(7, protocol=99))) as relay, watching(relay) as source:
        with pytest.raises(StartFailed, match="protocol 99") as caught:
            await until(source, lambda _: False)
    assert caught.value.code == ExitCode.FAILED


async def test_a_page_is_ascending_and_says_how_it_goes_on() -> None:
    book = Served(some_events(*range(1, 700)))
    async with ScriptedRelay(book=book) as relay, watching(relay) as source:
        older = await source.page("", before=600)
        newer = await source.page("", after=600)
    assert [event.seq for event in older.events] == list(range(100, 600))
    assert older.next == 100
    assert [event.seq for event in newer.events] == list(range(601, 700))
    assert newer.next is None


async def test_totals_are_counts_by_type() -> None:
    async with ScriptedRelay(book=Served(some_events(1, 2, 3))) as relay, watching(relay) as source:
        totals = await source.totals("")
    assert (totals.upto, totals.by_type) == (3, {"message.sent": 3})
    assert [(item.family, item.known, item.last_at) for item in totals.items] == [("message", True, AT)]


async def test_an_event_is_read_in_full_and_as_it_came() -> None:
    book = Served(some_events(1))
    book.bodies[1] = b'{"type" : 1}'
    async with ScriptedRelay(book=book) as relay, watching(relay) as source:
        assert (await source.detail(1)).payload == made_detail(1).payload
        assert await source.body(1) == b'{"type" : 1}'


async def test_an_event_that_is_gone_is_told_as_such() -> None:
    async with ScriptedRelay(book=Served(some_events(1))) as relay, watching(relay) as source:
        for asking in (source.detail(9), source.body(9)):
            with pytest.raises(NoSuchEvent, match="there is no event 9"):
                await asking


async def test_a_question_with_a_wrong_filter_says_where() -> None:
    async with ScriptedRelay(book=Served()) as relay, watching(relay) as source:
        for asking in (source.page("bad(", before=1), source.totals("bad(")):
            with pytest.raises(FilterRefused) as caught:
                await asking
            assert caught.value.column == 5


async def test_a_question_that_nobody_answers_is_an_error_of_the_source() -> None:
    async with ScriptedRelay(book=Served(some_events(1))) as relay, watching(relay) as source:
        relay.deaf_to = {"/v1/events"}
        with pytest.raises(SourceError, match="not reachable"):
            await source.page("", before=1)


async def test_a_tunnel_that_begins_or_ends_changes_the_address_for_knock_at_once() -> None:
    def told(url: str | None) -> frames.Heartbeat:
        return msgspec.structs.replace(a_heartbeat(7), public_url=url)

    script = speaking(a_hello(7), told("https://a.example"), told(None), a_heartbeat(7))
    async with ScriptedRelay(script) as relay, watching(relay, public_url="https://mine.example") as source:
        seen = []
        async with aclosing(source.items()) as items:
            async for item in items:
                if isinstance(item, Pulse):
                    seen.append((item.public_url, source.webhook_url))
                if len(seen) == 4:
                    break
    mine, theirs = "https://mine.example", "https://a.example"
    assert seen == [(url, f"{url}/webhooks/knock") for url in (mine, theirs, mine, mine)]


@pytest.mark.parametrize(
    ("configured", "told", "url"),
    [
        (None, None, "http://127.0.0.1:4747/webhooks/knock"),
        ("https://mine.example", None, "https://mine.example/webhooks/knock"),
        (None, "https://relays.example/", "https://relays.example/webhooks/knock"),
        ("https://mine.example", "https://relays.example", "https://relays.example/webhooks/knock"),
    ],
)
async def test_the_address_for_knock_is_the_public_one_where_it_is_known(
    configured: str | None, told: str | None, url: str
) -> None:
    facts = frames.RelayFacts(version="0.1.0", backend="sqlite", secrets=1, public_url=told)
    hello = frames.Hello(protocol=1, log="log-1", first_seq=1, last_seq=7, relay=facts)
    script = speaking(hello, a_heartbeat(7))
    async with ScriptedRelay(script) as relay, watching(relay, public_url=configured) as source:
        await until(source, is_state(LinkState.LIVE))
        assert source.webhook_url.replace(relay.url, "http://127.0.0.1:4747") == url
