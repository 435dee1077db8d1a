"""`knocktop tail` against a scripted relay: every event once, in order, in the form that was asked for."""

from __future__ import annotations

import asyncio
import io
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest

from relay.contract import frames, jsontext
from relay.contract.api import Problem
from relay.contract.events import EventSummary
from tests.tui.scripted_relay import (
    TOKEN,
    Book,
    Refusal,
    ScriptedRelay,
    Visit,
    Wire,
    a_heartbeat,
    a_hello,
    an_event,
    lines_of,
    some_events,
    speaking,
)
from tui.cli.report import Failure, ended
from tui.cli.tail import tail
from tui.since import BEGINNING, NOW, Since

BOUND = 10.0
CLOCK = datetime(2026, 11, 23, 10, 42, tzinfo=UTC)


class Output(io.BytesIO):
    """Standard output that can be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self._flushed = asyncio.Event()

    def flush(self) -> None:
        super().flush()
        self._flushed.set()

    async def lines(self, count: int) -> list[bytes]:
        """Wait until so many lines were flushed, and give all that were."""
        while self.getvalue().count(b"\n") < count:
            self._flushed.clear()
            await self._flushed.wait()
        return self.getvalue().splitlines()


class Narration(io.StringIO):
    """Standard error that can be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self._flushed = asyncio.Event()

    def flush(self) -> None:
        self._flushed.set()

    async def saying(self, text: str) -> str:
        while text not in self.getvalue():
            self._flushed.clear()
            await self._flushed.wait()
        return self.getvalue()


async def at_once(_: float) -> None:
    await asyncio.sleep(0)


class Run:
    """One run of the command, and what it wrote."""

    def __init__(self, relay: ScriptedRelay, **options: Any) -> None:
        self.out = Output()
        self.err = Narration()
        given: dict[str, Any] = {"is_tty": False, "sleep": at_once, "now": lambda: CLOCK, "utc": True}
        self._body = tail(relay.url, options.pop("token", TOKEN), out=self.out, err=self.err, **(given | options))

    def __await__(self) -> Any:
        return asyncio.wait_for(self._body, BOUND).__await__()


@asynccontextmanager
async def following(relay: ScriptedRelay, **options: Any) -> AsyncIterator[Run]:
    run = Run(relay, **options)
    async with asyncio.timeout(BOUND):
        task = asyncio.ensure_future(run)
        try:
            yield run
        finally:
            task.cancel()
            await asyncio.wait([task])
    if not task.cancelled():
        task.result()


def seqs(out: bytes) -> list[int]:
    return [line["seq"] for line in lines_of(out)]


def finished(relay: ScriptedRelay, **options: Any) -> Run:
    return Run(relay, follow=False, **options)


# What it begins with


@pytest.mark.parametrize(("n", "first"), [(0, 13), (3, 10), (12, 1), (50, 1)])
async def test_it_begins_with_the_newest_events_oldest_first(n: int, first: int) -> None:
    async with ScriptedRelay(book=Book(some_events(*range(1, 13)))) as relay:
        run = finished(relay, n=n)
        assert await run == 0
        assert seqs(run.out.getvalue()) == list(range(first, 13))


async def test_more_than_a_page_of_the_newest_is_read_in_pages() -> None:
    async with ScriptedRelay(book=Book(some_events(*range(1, 1300)))) as relay:
        run = finished(relay, n=1200)
        await run
        assert seqs(run.out.getvalue()) == list(range(100, 1300))


async def test_an_empty_log_is_no_output() -> None:
    async with ScriptedRelay() as relay:
        run = finished(relay)
        assert await run == 0
        assert (run.out.getvalue(), run.err.getvalue()) == (b"", "")


async def test_only_matches_are_written() -> None:
    book = Book([an_event(1), an_event(2, "message.read"), an_event(3)])
    async with ScriptedRelay(book=book) as relay:
        run = finished(relay, filter="type:message.read")
        await run
        assert seqs(run.out.getvalue()) == [2]


@pytest.mark.parametrize(
    ("since", "expected"),
    [(BEGINNING, range(1, 1201)), (Since(seq=700), range(700, 1201)), (Since(seq=1200), [1200]), (NOW, [])],
)
async def test_since_a_seq_begins_with_that_seq(since: Since, expected: range) -> None:
    async with ScriptedRelay(book=Book(some_events(*range(1, 1201)))) as relay:
        run = finished(relay, since=since)
        await run
        assert seqs(run.out.getvalue()) == list(expected)


def arrived(seq: int, minutes_ago: int, **facts: Any) -> EventSummary:
    at = (CLOCK - timedelta(minutes=minutes_ago)).isoformat().replace("+00:00", "Z")
    return an_event(seq, received_at=at, **facts)


async def test_since_an_age_begins_with_the_first_that_is_young_enough() -> None:
    book = Book([arrived(seq, 1300 - seq) for seq in range(1, 1300)])
    async with ScriptedRelay(book=book) as relay:
        run = finished(relay, since=Since(age=timedelta(minutes=700)))
        await run
        assert seqs(run.out.getvalue()) == list(range(600, 1300))


async def test_since_an_age_reads_no_further_back_than_it_must() -> None:
    book = Book([arrived(seq, 5000 - seq) for seq in range(1, 5000)])
    async with ScriptedRelay(book=book) as relay:
        await finished(relay, since=Since(age=timedelta(minutes=3)))
        assert sum(path == "/v1/events" for path, _ in relay.requests) == 2


async def test_imported_events_with_their_old_times_do_not_hide_young_ones_below() -> None:
    book = Book([arrived(1, 60), arrived(2, 5), arrived(3, 600, imported=True), arrived(4, 1)])
    async with ScriptedRelay(book=book) as relay:
        run = finished(relay, since=Since(age=timedelta(minutes=10)))
        await run
        assert seqs(run.out.getvalue()) == [2, 4]


async def test_what_was_asked_for_and_is_no_longer_kept_is_said() -> None:
    async with ScriptedRelay(book=Book(some_events(8, 9), first_seq=8)) as relay:
        run = finished(relay, since=Since(seq=3))
        await run
        assert seqs(run.out.getvalue()) == [8, 9]
        assert run.err.getvalue() == "seqs 3 to 7 are no longer kept\n"


async def test_since_with_a_number_begins_with_the_newest_of_that_span() -> None:
    async with ScriptedRelay(book=Book(some_events(*range(1, 31)))) as relay:
        run = Run(relay, since=Since(seq=11), n=4, follow=False)
        assert await run == 0
    assert seqs(run.out.getvalue()) == [27, 28, 29, 30]


@pytest.mark.parametrize(("options", "code"), [({}, 17), ({"n": 20}, 0), ({"is_tty": False}, 0)])
async def test_a_backlog_that_nobody_can_read_is_refused_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], code: int
) -> None:
    monkeypatch.setattr("tui.cli.tail.BACKLOG", 20)
    async with ScriptedRelay(book=Book(some_events(*range(1, 31)))) as relay:
        run = Run(relay, **({"since": BEGINNING, "follow": False, "is_tty": True} | options))
        if code:
            with pytest.raises(Failure, match="more than 20 events") as refused:
                await run
            assert refused.value.code == code
            assert run.out.getvalue() == b""
        else:
            assert await run == code


async def test_a_seq_that_is_still_to_come_is_waited_for() -> None:
    book = Book(some_events(1, 2))

    async def visit(wire: Wire) -> None:
        await wire.send(a_hello(2), frames.Events(items=some_events(3, 4, 5, 6), upto=6), a_heartbeat(6))
        await wire.gone()

    async with ScriptedRelay(visit, book=book) as relay, following(relay, since=Since(seq=5)) as run:
        assert [jsontext.loads(line)["seq"] for line in await run.out.lines(2)] == [5, 6]


# Following


class Growing(Book):
    """A log to which an event is added whenever anything is asked of it."""

    def answer(self, path: str, query: dict[str, str]) -> tuple[int, bytes]:
        answered = super().answer(path, query)
        self.append(an_event(self.last_seq + 1))
        return answered


@pytest.mark.parametrize("since", [None, BEGINNING, Since(age=timedelta(minutes=10))])
async def test_between_history_and_stream_there_is_no_hole_and_no_overlap(since: Since | None) -> None:
    book = Growing(some_events(*range(1, 8)))
    async with ScriptedRelay(book=book) as relay, following(relay, since=since, n=100) as run:
        written = await run.out.lines(9)
        assert [jsontext.loads(line)["seq"] for line in written] == list(range(1, len(written) + 1))


async def test_each_event_is_written_once_while_the_link_keeps_breaking() -> None:
    book = Book(some_events(1, 2, 3))

    def breaking(count: int) -> Visit:
        async def visit(wire: Wire) -> None:
            sent = book.frames_after(wire.query, chunk=1)[:count]
            book.append(an_event(book.last_seq + 1))
            await wire.send(*sent)
            wire.cut()

        return visit

    async with (
        ScriptedRelay(*[breaking(count) for count in range(8)], book.visit, book=book) as relay,
        following(relay) as run,
    ):
        written = await run.out.lines(11)
        assert [jsontext.loads(line)["seq"] for line in written] == list(range(1, 12))


async def test_a_changed_event_is_not_written_again() -> None:
    sent: list[frames.ServerFrame | bytes] = [
        frames.Changes(items=[an_event(1, delivery_count=2)], upto=2),
        frames.Events(items=some_events(3), upto=3),
    ]
    async with (
        ScriptedRelay(speaking(a_hello(1), *sent), book=Book(some_events(1))) as relay,
        following(relay) as run,
    ):
        assert [jsontext.loads(line)["seq"] for line in await run.out.lines(2)] == [1, 3]


async def test_a_lost_link_is_told_once_and_its_return_once() -> None:
    book = Book(some_events(1))
    cut = speaking(a_hello(1), a_heartbeat(1), close=1011)
    back = speaking(a_hello(1), frames.Events(items=some_events(2), upto=2))
    async with (
        ScriptedRelay(cut, Refusal(503), Refusal(503), back, book=book) as relay,
        following(relay) as run,
    ):
        await run.out.lines(2)
        assert run.err.getvalue().splitlines() == [
            f"the link to {relay.url} is lost: closed by the relay (1011)",
            "hint: it is tried again until it works, and goes on where it was",
            f"the link to {relay.url} is back",
        ]


async def test_while_nothing_is_wrong_nothing_is_told() -> None:
    async with ScriptedRelay(book=Book(some_events(1, 2))) as relay, following(relay) as run:
        await run.out.lines(2)
        await relay.met.wait()
        assert run.err.getvalue() == ""


async def test_a_gap_is_told() -> None:
    gap = frames.Gap(from_=2, to=9, reason="retention")
    visit = speaking(a_hello(10), gap, frames.Events(items=some_events(10), upto=10))
    async with ScriptedRelay(visit, book=Book(some_events(1))) as relay, following(relay) as run:
        await run.out.lines(2)
        assert run.err.getvalue() == "seqs 2 to 9 are gone (retention), they are missing here\n"


async def test_another_log_is_told_and_written_from_its_oldest_event() -> None:
    book = Book(some_events(*range(1, 6)))
    new = Book([an_event(1, recipient="new"), an_event(2, recipient="new")], log="log-2")
    async with ScriptedRelay(new.visit, book=book) as relay, following(relay, n=1, since=Since(seq=5)) as run:
        written = [jsontext.loads(line) for line in await run.out.lines(3)]
        assert [(line["seq"], line["recipient"]) for line in written] == [(5, "dr_grant"), (1, "new"), (2, "new")]
        assert "the relay has another log than before, going on from its oldest event" in run.err.getvalue()


# Forms


async def test_on_a_terminal_it_writes_lines_with_the_day_on_stderr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    async with ScriptedRelay(book=Book(some_events(1))) as relay:
        run = finished(relay, is_tty=True)
        await run
        assert run.out.getvalue().startswith(b"10:42:00.000  \x1b[34mmessage.sent")
        assert run.err.getvalue() == "2026-11-23, times in UTC\n"


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
async def test_a_terminal_without_colours_gets_none(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv(name, value)
    async with ScriptedRelay(book=Book(some_events(1))) as relay:
        run = finished(relay, is_tty=True)
        await run
        assert b"\x1b" not in run.out.getvalue()


async def test_lines_that_go_elsewhere_have_the_whole_time_and_no_colour() -> None:
    async with ScriptedRelay(book=Book(some_events(1))) as relay:
        run = finished(relay, format="line")
        await run
        assert run.out.getvalue().startswith(b"2026-11-23T10:42:00.000Z  message.sent ")
        assert run.err.getvalue() == ""


async def test_a_terminal_that_lacks_a_character_gets_its_escape() -> None:
    async with ScriptedRelay(book=Book([an_event(1, recipient="안나")])) as relay:
        run = finished(relay, format="line", encoding="ascii")
        await run
        assert b"\\uc548\\ub098" in run.out.getvalue()


async def test_elsewhere_it_writes_the_summaries_as_ndjson() -> None:
    event = an_event(1, reading="two\nlines, \ud800 torn", event_data={"a": [1]})
    async with ScriptedRelay(book=Book([event])) as relay:
        run = finished(relay)
        await run
        (line,) = lines_of(run.out.getvalue())
        assert (line["seq"], line["reading"], line["event_data"], line["tenant"]) == (
            1,
            "two\nlines, \ud800 torn",
            {"a": [1]},
            None,
        )


def with_bodies(*seqs: int) -> Book:
    book = Book(some_events(*seqs))
    book.bodies = {seq: b'{"seq": %d,\r\n "byte": "\xff"} ' % seq for seq in seqs}
    return book


async def test_raw_writes_the_exact_bodies_in_order() -> None:
    book = with_bodies(*range(1, 20))
    async with ScriptedRelay(book=book) as relay:
        run = finished(relay, format="raw", n=100)
        await run
        assert run.out.getvalue() == b"".join(body + b"\n" for body in book.bodies.values())


async def test_a_body_that_was_trimmed_meanwhile_is_told_and_the_rest_goes_on() -> None:
    book = with_bodies(1, 2, 3)
    del book.bodies[2]
    async with ScriptedRelay(book=book) as relay:
        run = finished(relay, format="raw")
        await run
        assert run.out.getvalue() == book.bodies[1] + b"\n" + book.bodies[3] + b"\n"
        assert run.err.getvalue() == "the body of event 2 is no longer kept\n"


async def test_who_follows_raw_bodies_waits_for_one_that_cannot_be_fetched_now() -> None:
    book = with_bodies(1, 2)
    stream = speaking(a_hello(3), frames.Events(items=some_events(3), upto=3))
    async with ScriptedRelay(stream, book=book) as relay:
        relay.deaf_to = {"/v1/events/3/body"}
        async with following(relay, format="raw") as run:
            await run.err.saying("it is waited for")
            book.bodies[3] = b"late"
            relay.deaf_to = set()
            assert (await run.out.lines(5))[-1] == b"late"
            assert run.err.getvalue().count("\n") == 1


async def test_who_does_not_follow_raw_bodies_is_told_that_the_relay_left() -> None:
    async with ScriptedRelay(book=with_bodies(1, 2)) as relay:
        relay.deaf_to = {"/v1/events/2/body"}
        assert (await failure_of(relay, format="raw", follow=False)).code == 16


# How it ends


async def failure_of(relay: ScriptedRelay, **options: Any) -> Failure:
    with pytest.raises(Failure) as caught:
        await Run(relay, **options)
    return caught.value


async def test_a_filter_that_does_not_parse_is_a_usage_error_with_its_column() -> None:
    async with ScriptedRelay() as relay:
        failure = await failure_of(relay, filter="bad(")
        assert (failure.code, str(failure)) == (2, "the filter does not parse at column 5: an operand is missing")


async def test_a_filter_that_only_the_stream_refuses_is_one_too() -> None:
    refusal = Refusal(400, Problem(title="t", status=400, detail="no", column=2, suggestion="type:x"))
    async with ScriptedRelay(refusal) as relay:
        failure = await failure_of(relay, n=0, filter="x")
        assert (failure.code, failure.hint) == (2, "did you mean type:x")


@pytest.mark.parametrize("token", ["wrong", None])
async def test_a_refused_token_ends_with_10(token: str | None) -> None:
    async with ScriptedRelay() as relay:
        assert (await failure_of(relay, token=token)).code == 10


async def test_a_token_that_is_refused_later_ends_it_too() -> None:
    refusal = Refusal(401, Problem(title="t", status=401, detail="the token is not right"))
    async with ScriptedRelay(refusal) as relay:
        failure = await failure_of(relay)
        assert (failure.code, str(failure)) == (10, f"no access to {relay.url}: token refused")


@pytest.mark.parametrize("follow", [True, False])
async def test_a_relay_that_is_not_there_ends_with_16(follow: bool) -> None:
    async with ScriptedRelay() as relay:
        await relay.stop()
        failure = await failure_of(relay, follow=follow)
        assert (failure.code, str(failure)) == (16, f"{relay.url} is not reachable: connection refused")
        assert failure.hint is not None


async def test_a_relay_of_a_newer_protocol_ends_with_1() -> None:
    async with ScriptedRelay(speaking(a_hello(0, protocol=2))) as relay:
        assert (await failure_of(relay)).code == 1


def code_of(body: Callable[[ScriptedRelay], Awaitable[int]], *visits: Visit) -> int:
    """Run the command as a process would, around a relay in the same loop."""

    async def main() -> int:
        async with ScriptedRelay(*visits, book=Book(some_events(1, 2, 3))) as relay, asyncio.timeout(BOUND):
            return await body(relay)

    return ended(lambda: asyncio.run(main()))


@pytest.mark.parametrize("follow", [True, False])
def test_a_reader_that_closed_the_pipe_is_no_error(
    follow: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb", buffering=0) as out, (tmp_path / "stdout").open("w") as stdout:
        # The command's end gives stdout to nobody; that must not be the stdout of the tests.
        monkeypatch.setattr("sys.stdout", stdout)
        code = code_of(
            lambda relay: tail(
                relay.url, TOKEN, out=cast("BinaryIO", out), err=io.StringIO(), is_tty=False, follow=follow
            )
        )
    assert code == 0


def test_a_reader_that_leaves_while_nothing_happens_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, writing = os.pipe()

    async def leaves(wire: Wire) -> None:
        await wire.send(a_hello(3), a_heartbeat(3))
        os.close(reading)
        await wire.gone()

    with os.fdopen(writing, "wb") as out, (tmp_path / "stdout").open("w") as stdout:
        monkeypatch.setattr("sys.stdout", stdout)
        code = code_of(lambda relay: tail(relay.url, TOKEN, n=0, out=out, err=io.StringIO(), is_tty=False), leaves)
    assert code == 0


def test_an_interrupt_ends_it_with_130_and_says_nothing() -> None:
    err = io.StringIO()

    async def interrupted(wire: Wire) -> None:
        await wire.send(a_hello(3), a_heartbeat(3))
        signal.raise_signal(signal.SIGINT)
        await wire.gone()

    code = code_of(lambda relay: tail(relay.url, TOKEN, out=io.BytesIO(), err=err, is_tty=False), interrupted)
    assert (code, err.getvalue()) == (130, "")
