"""Forwarding from a real relay to a real app: what reaches it, how often, in which order, and what is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest

from relay.contract.events import EventDetail
from tests.localapp import LocalApp, held, local_app, raw, status
from tests.relay_process import SECRET, TOKEN, RelayProcess, running, signed
from tui.client import RelayClient
from tui.feed import AlreadyForwarded, NewLog
from tui.forward.engine import Forwarder
from tui.forward.plan import (
    BacklogRefused,
    Begun,
    News,
    PassedOver,
    Plan,
    Sent,
    TargetUnreachable,
    Unfinished,
    Waiting,
    Why,
)
from tui.forward.request import Sign, end_to_end
from tui.since import BEGINNING, Since

BOUND = 20.0
T = TypeVar("T")


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RelayProcess]:
    with running(tmp_path_factory.mktemp("relay"), "--verify", "off") as relay:
        yield relay


def body_of(key: str, at: int = 0, type_: str = "message.sent", workflow: str = "all") -> bytes:
    data = {"id": key, "workflow": workflow, "name": "Zoë", "n": 10.0}
    text = json.dumps(
        {"type": type_, "created_at": f"2026-11-20T14:03:{at:02}.1Z", "data": data}, ensure_ascii=False
    )
    return text.replace('", "', '",  "').encode()


def post(relay: RelayProcess, *keys: str, at: int = 0) -> list[int]:
    return [int(relay.post_signed(body_of(key, at)).json()["seq"]) for key in keys]


class Heard:
    """All that a forward told, and the waits that it asked for, none of which is waited for."""

    def __init__(self) -> None:
        self.news: list[News] = []
        self.waits: list[float] = []
        self._grown = asyncio.Event()

    def __call__(self, news: News) -> None:
        self.news.append(news)
        self._grown.set()

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        await asyncio.sleep(0.01)

    def of(self, kind: type[T]) -> list[T]:
        return [one for one in self.news if isinstance(one, kind)]

    async def until(self, kind: type[T], count: int = 1) -> list[T]:
        async with asyncio.timeout(BOUND):
            while len(self.of(kind)) < count:
                self._grown.clear()
                await self._grown.wait()
        return self.of(kind)


class Running:
    """A forward that has begun."""

    def __init__(self, forwarder: Forwarder, heard: Heard) -> None:
        self.forwarder = forwarder
        self.heard = heard
        self.task = asyncio.create_task(forwarder.run())

    async def end(self) -> None:
        """Wait for it to end, and raise what ended it."""
        async with asyncio.timeout(BOUND):
            await self.task

    async def stop(self) -> None:
        self.forwarder.stop()
        await self.end()


def forward_to(
    relay: RelayProcess | Line, app: LocalApp, options: dict[str, Any] | None = None, **plan: Any
) -> Running:
    heard = Heard()
    told = {"sleep": heard.sleep, "tell": heard, **(options or {})}
    return Running(Forwarder(relay.url, TOKEN, Plan(url=app.url, **plan), **told), heard)


class Line:
    """The network between a forward and its relay, which can be cut."""

    def __init__(self, relay: RelayProcess) -> None:
        self._to = int(relay.url.rpartition(":")[2])
        self._port = 0
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def mend(self, relay: RelayProcess | None = None) -> None:
        self._to = self._to if relay is None else int(relay.url.rpartition(":")[2])
        self._server = await asyncio.start_server(self._join, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._open:
            writer.transport.abort()
        await self._server.wait_closed()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._to)
        self._open |= {writer, back}
        await asyncio.gather(_pump(reader, back), _pump(there, writer))
        self._open -= {writer, back}


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def line_to(relay: RelayProcess) -> AsyncIterator[Line]:
    line = Line(relay)
    await line.mend()
    try:
        yield line
    finally:
        await line.cut()


@asynccontextmanager
async def forwarding(relay: RelayProcess, app: LocalApp, **plan: Any) -> AsyncIterator[Heard]:
    """Forward what comes from now on, and stop when the block is left."""
    run = forward_to(relay, app, **plan)
    await run.heard.until(Begun)
    try:
        yield run.heard
    finally:
        await run.stop()


async def detail_of(relay: RelayProcess, seq: int) -> EventDetail:
    async with RelayClient(relay.url, TOKEN) as client:
        return await client.event(seq)


async def test_an_event_arrives_as_it_came_verifies_as_knock_documents_it_and_is_reported(
    relay: RelayProcess,
) -> None:
    post(relay, "before")
    async with local_app(secret=SECRET) as app, forwarding(relay, app) as heard:
        body = body_of("exact")
        (seq,) = post(relay, "exact")
        assert relay.post_signed(body).json()["duplicate"]
        post(relay, "after")
        await heard.until(Sent, 2)

    first, _ = app.received
    detail = await detail_of(relay, seq)
    sent = end_to_end(detail.headers)
    assert first.body == body
    assert [(name.decode("latin-1"), value.decode("latin-1")) for name, value in first.headers[2:]] == sent
    assert [name for name, _ in first.headers[:2]] == [b"Host", b"Content-Length"]
    assert {"content-type", "x-knock-event", "x-knock-signature"} <= {name.lower() for name, _ in sent}
    (forward,) = detail.forwards
    assert (detail.forwarded, forward.status, forward.body, forward.url) == (200, 200, '{"ok":true}', app.url)
    assert (forward.kind, forward.sign, forward.attempt, forward.error) == ("forward", "as-received", 1, None)


async def test_signed_anew_an_old_event_verifies_and_tampered_it_does_not(relay: RelayProcess) -> None:
    signing = {"secret_of": lambda _: "of-the-developer"}
    async with local_app(secret="of-the-developer") as app:
        for how, answer in ((Sign.FRESH, 200), (Sign.TAMPERED, 401), (Sign.STALE, 401)):
            run = forward_to(relay, app, signing, sign=how)
            await run.heard.until(Begun)
            post(relay, f"signed-{how}")
            assert [sent.answer.status for sent in await run.heard.until(Sent)] == [answer]
            await run.stop()


async def test_of_one_message_events_go_one_by_one_while_others_overtake(relay: RelayProcess) -> None:
    go = asyncio.Event()
    async with local_app(held(go, status(200))) as app, forwarding(relay, app) as heard:
        slow, _ = post(relay, "slow", at=1) + post(relay, "slow", at=2)
        await app.until(1)
        (other,) = post(relay, "quick")
        await heard.until(Sent)
        assert len(app.received) == 2
        go.set()
        sent = await heard.until(Sent, 3)

    assert [one.event.seq for one in sent] == [other, slow, slow + 1]


async def test_no_more_are_on_their_way_at_once_than_may_be(relay: RelayProcess) -> None:
    go = asyncio.Event()
    answers = [held(go, status(200)) for _ in range(6)]
    async with local_app(*answers) as app, forwarding(relay, app, concurrency=2) as heard:
        post(relay, *(f"many-{number}" for number in range(6)))
        await app.until(2)
        await asyncio.sleep(0.05)
        assert len(app.received) == 2
        go.set()
        await heard.until(Sent, 6)


async def test_a_failing_app_is_tried_again_and_each_attempt_reported(relay: RelayProcess) -> None:
    answers = [status(500), raw(b""), status(429, b"", "Retry-After: 7"), status(200)]
    async with local_app(*answers) as app, forwarding(relay, app) as heard:
        (seq,) = post(relay, "again")
        sent = await heard.until(Sent, 4)

    assert [one.retry_in for one in sent] == [1.0, 2.0, 7.0, None]
    assert [wait for wait in heard.waits if wait >= 1] == [1.0, 2.0, 7.0]
    detail = await detail_of(relay, seq)
    assert [(one.attempt, one.status) for one in detail.forwards] == [(1, 500), (2, None), (3, 429), (4, 200)]
    assert detail.forwarded == 200


async def test_what_is_not_taken_is_given_up_for_all_to_see_and_the_next_goes_out(relay: RelayProcess) -> None:
    answers = [status(503), status(503), status(404), status(302, b"", "Location: /elsewhere"), status(204)]
    async with local_app(*answers) as app, forwarding(relay, app, retries=1, concurrency=1) as heard:
        post(relay, "fails", "unknown", "moved", "fine")
        sent = await heard.until(Sent, 5)

    assert [(one.answer.status, one.attempt, one.given_up) for one in sent] == [
        (503, 1, False),
        (503, 2, True),
        (404, 1, True),
        (302, 1, True),
        (204, 1, False),
    ]


async def test_what_does_not_verify_is_passed_over_until_a_delivery_of_it_does(relay: RelayProcess) -> None:
    async with local_app() as app, forwarding(relay, app) as heard:
        body = body_of("unsure")
        assert relay.post_signed(body, secret="another").status_code == 200
        (passed,) = await heard.until(PassedOver)
        assert (passed.why, app.received) == (Why.UNVERIFIED, [])
        assert relay.post_signed(body).json()["duplicate"]
        await heard.until(Sent)
        assert [one.body for one in app.received] == [body]


async def test_told_to_it_forwards_what_does_not_verify(relay: RelayProcess) -> None:
    async with local_app() as app, forwarding(relay, app, unverified=True) as heard:
        relay.post(body_of("anyhow"))
        await heard.until(Sent)
        assert len(app.received) == 1


async def test_what_is_imported_is_not_sent(relay: RelayProcess) -> None:
    body = body_of("carried")
    line = {"received_at": "2026-11-20T14:03:09Z", "headers": list(signed(body, "message.sent").items())}
    async with local_app() as app, forwarding(relay, app) as heard:
        with relay.client() as client:
            answer = client.post("/v1/import", content=json.dumps(line | {"body": body.decode()}).encode())
            assert answer.json()["added"] == 1
        assert [one.why for one in await heard.until(PassedOver)] == [Why.IMPORTED]
        assert app.received == []


async def test_a_seq_that_is_still_to_come_is_waited_for(relay: RelayProcess) -> None:
    (last,) = post(relay, "before-it")
    async with local_app() as app, forwarding(relay, app, since=Since(seq=last + 2)) as heard:
        post(relay, "too-early", "the-one")
        await heard.until(Sent)
        assert [b"the-one" in one.body for one in app.received] == [True]


async def test_what_is_held_back_is_not_sent(relay: RelayProcess) -> None:
    async with local_app() as app:
        run = forward_to(relay, app, {"holds": lambda event: event.message_id == "from-production"})
        await run.heard.until(Begun)
        post(relay, "from-production", "from-elsewhere")
        await run.heard.until(Sent)
        await run.stop()

    assert [one.why for one in run.heard.of(PassedOver)] == [Why.PRODUCTION]
    assert [b"from-elsewhere" in one.body for one in app.received] == [True]


async def test_the_past_is_sent_where_it_was_asked_for_and_refused_where_it_is_more_than_meant(
    relay: RelayProcess,
) -> None:
    first, _, third = post(relay, "past-1", "past-2", "past-3")
    now = datetime.now(UTC)
    age = now - datetime.fromisoformat((await detail_of(relay, third)).received_at)

    async def sent(since: Since, backlog: int = 10) -> list[str | None]:
        async with local_app() as app:
            plan = {"filter": "message:past-*", "concurrency": 1, "since": since, "backlog": backlog}
            run = forward_to(relay, app, {"now": lambda: now}, **plan)
            try:
                await run.heard.until(Begun)
                await run.heard.until(Sent, 3 if since == BEGINNING else third - (since.seq or third) + 1)
            finally:
                await run.stop()
                assert len(app.received) == len(run.heard.of(Sent))
            return [one.event.message_id for one in run.heard.of(Sent)]

    assert await sent(BEGINNING, 3) == ["past-1", "past-2", "past-3"]
    assert await sent(Since(seq=first + 1)) == ["past-2", "past-3"]
    assert await sent(Since(age=age)) == ["past-3"]
    async with local_app() as app:
        with pytest.raises(BacklogRefused, match="3 events match"):
            await forward_to(relay, app, filter="message:past-*", since=BEGINNING, backlog=2).end()
        assert app.received == []


async def test_a_second_forward_to_the_same_app_is_refused_unless_told(relay: RelayProcess) -> None:
    async with local_app() as app, forwarding(relay, app):
        with pytest.raises(AlreadyForwarded):
            await forward_to(relay, app).end()
        async with forwarding(relay, app, force=True) as heard:
            post(relay, "to-both")
            await heard.until(Sent)
            await app.until(2)


async def test_at_its_end_what_is_on_its_way_is_finished_and_what_is_cut_short_is_reported(
    relay: RelayProcess,
) -> None:
    go, never = asyncio.Event(), asyncio.Event()
    async with local_app(held(go, status(201)), held(never, status(200))) as app:
        run = forward_to(relay, app, concurrency=2)
        await run.heard.until(Begun)
        finished, stuck, unsent = post(relay, "finishes", "sticks", "waits")
        await app.until(2)
        run.forwarder.stop()
        go.set()
        await run.heard.until(Sent)
        run.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run.end()

    assert (await detail_of(relay, stuck)).forwards[0].error == "interrupted"
    assert (await detail_of(relay, unsent)).forwards == []
    assert [one.event.seq for one in run.heard.of(Sent)] == [finished]
    assert run.heard.of(Unfinished) == [Unfinished(2, stuck)]


async def test_at_its_end_what_is_on_its_way_is_not_waited_for_for_ever(relay: RelayProcess) -> None:
    never = asyncio.Event()
    async with local_app(held(never, status(200))) as app:
        run = forward_to(relay, app, {"grace": 0.01})
        await run.heard.until(Begun)
        (stuck,) = post(relay, "never-ends")
        await app.until(1)
        await run.stop()

    assert [(one.status, one.error) for one in (await detail_of(relay, stuck)).forwards] == [(None, "interrupted")]


async def test_an_app_that_is_not_there_yet_is_waited_for_as_long_as_it_may_take(relay: RelayProcess) -> None:
    async with local_app() as app:
        pass
    port = int(app.url.split(":")[2].split("/")[0])
    with pytest.raises(TargetUnreachable, match="connection refused"):
        await forward_to(relay, app, patience=0.5).end()
    run = forward_to(relay, app)
    await run.heard.until(Waiting)
    post(relay, "while-away")
    async with local_app(port=port) as app:
        assert [one.event.message_id for one in await run.heard.until(Sent)] == ["while-away"]
        await run.stop()


async def test_after_the_relay_was_away_it_goes_on_with_the_next_event_and_refuses_too_many(
    relay: RelayProcess,
) -> None:
    async with local_app() as app, line_to(relay) as line:
        run = forward_to(line, app, filter="message:line-*", backlog=3)
        await run.heard.until(Begun)
        post(relay, "line-1", "line-2")
        await run.heard.until(Sent, 2)
        await line.cut()
        post(relay, "line-3", "line-4", "line-5")
        await line.mend()
        await run.heard.until(Sent, 5)
        await line.cut()
        post(relay, "line-6", "line-7", "line-8", "line-9")
        await line.mend()
        with pytest.raises(BacklogRefused, match="4 events match"):
            await run.end()

    arrived = [json.loads(one.body)["data"]["id"] for one in app.received]
    assert sorted(arrived) == [f"line-{number}" for number in range(1, 6)]


async def test_what_was_read_before_the_relay_was_away_is_sent_and_reported_once_it_is_back(
    relay: RelayProcess,
) -> None:
    go = asyncio.Event()
    async with local_app(held(go, status(200))) as app, line_to(relay) as line:
        run = forward_to(line, app)
        await run.heard.until(Begun)
        (seq,) = post(relay, "across")
        await app.until(1)
        await line.cut()
        go.set()
        await run.heard.until(Sent)
        await line.mend()
        (later,) = post(relay, "afterwards")
        await run.heard.until(Sent, 2)
        await run.stop()

    assert [len((await detail_of(relay, each)).forwards) for each in (seq, later)] == [1, 1]


async def test_of_another_log_it_forwards_what_comes_from_then_on_and_nothing_that_waited(
    relay: RelayProcess, tmp_path: Path
) -> None:
    go = asyncio.Event()
    with running(tmp_path) as other:
        async with local_app(held(go, status(200))) as app, line_to(relay) as line:
            run = forward_to(line, app, filter="message:log-*", concurrency=1)
            await run.heard.until(Begun)
            post(relay, "log-1", "log-2")
            await app.until(1)
            await line.cut()
            post(other, *(f"log-past-{number}" for number in range(3)))
            await line.mend(other)
            await run.heard.until(NewLog)
            go.set()
            await run.heard.until(Sent)
            post(other, "log-new")
            await run.heard.until(Sent, 2)
            await run.stop()

    assert [json.loads(one.body)["data"]["id"] for one in app.received] == ["log-1", "log-new"]
