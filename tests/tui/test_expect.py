"""`knocktop expect` against a scripted relay: what counts, when it ends, what it says and with which code."""

from __future__ import annotations

import asyncio
import io
from typing import Any, NamedTuple

import pytest

from relay.contract.api import Problem
from relay.contract.filter import parse
from relay.contract.frames import Changes, Events
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
from tui.cli.expect import expect, seconds_of
from tui.cli.report import Failure
from tui.expectation import Sleep, Wanted
from tui.since import BEGINNING, NOW, Since

BOUND = 10.0


class Told(NamedTuple):
    code: int
    seqs: list[int]
    lines: list[str]


async def never(_: float) -> None:
    await asyncio.Event().wait()


async def soon(seconds: float) -> None:
    """Time is up as soon as nothing more is to be read; what had arrived is waited for."""
    await asyncio.sleep(0.05 if seconds == 30 else seconds)


async def run(
    relay: ScriptedRelay,
    filter_: str = "type:message.sent",
    *,
    count: int = 1,
    since: Since = NOW,
    sleep: Sleep = never,
) -> Told:
    out, err = io.BytesIO(), io.StringIO()
    async with asyncio.timeout(BOUND):
        code = await expect(
            relay.url,
            TOKEN,
            Wanted(parse(filter_), filter_, count),
            since=since,
            out=out,
            err=err,
            sleep=sleep,
        )
    return Told(code, [event["seq"] for event in lines_of(out.getvalue())], err.getvalue().splitlines())


def with_log(*seqs: int) -> Book:
    return Book(some_events(*seqs))


def then(hello: int, *sent: Any) -> Visit:
    return speaking(a_hello(hello), *sent)


async def test_it_ends_with_the_first_match_and_says_that_it_waited() -> None:
    visit = then(2, a_heartbeat(2), Events(items=some_events(3, 4), upto=4))
    async with ScriptedRelay(visit, book=with_log(1, 2)) as relay:
        assert await run(relay) == Told(0, [3], ["waiting for an event that matches type:message.sent within 30s"])
        assert relay.wires[0].query["after"] == "2"


async def test_so_many_are_waited_for_as_are_wanted() -> None:
    frames = [Events(items=some_events(3), upto=3), Events(items=some_events(4, 5, 6), upto=6)]
    async with ScriptedRelay(then(2, *frames), book=with_log(1, 2)) as relay:
        told = await run(relay, count=3)
        assert (told.code, told.seqs) == (0, [3, 4, 5])


async def test_out_of_time_is_told_with_what_came() -> None:
    visit = then(2, Events(items=some_events(3), upto=3), a_heartbeat(3))
    async with ScriptedRelay(visit, book=with_log(1, 2)) as relay:
        told = await run(relay, count=2, sleep=soon)
        assert (told.code, told.seqs) == (4, [3])
        assert told.lines[1:] == [
            "error: expected 2 events that match type:message.sent, and only 1 came within 30s",
            "  no other event came in that time",
        ]


async def test_what_arrived_in_time_counts_although_the_stream_brings_it_later() -> None:
    book, over = with_log(1), asyncio.Event()

    async def visit(wire: Wire) -> None:
        await wire.send(a_hello(1))
        await over.wait()
        await wire.send(Events(items=some_events(2), upto=2))
        await wire.gone()

    async def at_once(seconds: float) -> None:
        if over.is_set():
            await never(seconds)
        book.append(an_event(2))
        over.set()

    async with ScriptedRelay(visit, book=book) as relay:
        assert (await run(relay, sleep=at_once)).seqs == [2]


async def test_none_is_expected_and_none_comes() -> None:
    async with ScriptedRelay(then(2, a_heartbeat(2)), book=with_log(1, 2)) as relay:
        told = await run(relay, count=0, sleep=soon)
        assert told == Told(0, [], ["waiting for no event that matches type:message.sent within 30s"])


async def test_one_that_was_not_to_come_ends_it_at_once() -> None:
    async with ScriptedRelay(then(2, Events(items=some_events(3), upto=3)), book=with_log(1, 2)) as relay:
        told = await run(relay, count=0)
        assert (told.code, told.seqs) == (3, [3])
        assert told.lines[1].endswith("and there is seq 3 message.sent via sendgrid")


async def test_a_log_that_cannot_be_read_to_its_end_does_not_show_that_none_came() -> None:
    async def hasty(_: float) -> None:
        await asyncio.sleep(0.05)

    book = with_log(1, 2, 3)
    async with ScriptedRelay(then(3), book=book) as relay:
        told = await run(relay, count=0, since=BEGINNING, sleep=hasty)
        assert told.code == 4
        assert "could not look at all that came" in told.lines[1]


@pytest.mark.parametrize(
    ("since", "found"),
    [(BEGINNING, [1, 2]), (Since(seq=2), [2, 3]), (Since(seq=3), [3, 4]), (Since(seq=4), [4, 5])],
)
async def test_it_begins_where_it_is_told_to(since: Since, found: list[int]) -> None:
    book = with_log(1, 2, 3)

    async def visit(wire: Wire) -> None:
        await wire.send(*book.frames_after(wire.query), Events(items=some_events(4, 5), upto=5))
        await wire.gone()

    async with ScriptedRelay(visit, book=book) as relay:
        assert (await run(relay, count=2, since=since)).seqs == found


async def test_a_seq_that_is_still_to_come_leaves_out_what_comes_before_it() -> None:
    visit = then(2, Events(items=some_events(3, 4, 5, 6), upto=6))
    async with ScriptedRelay(visit, book=with_log(1, 2)) as relay:
        assert (await run(relay, since=Since(seq=5))).seqs == [5]


async def test_an_event_from_before_is_no_match_when_it_is_delivered_again_and_this_is_told() -> None:
    again = Changes(items=[an_event(2, delivery_count=3)], upto=3)
    async with ScriptedRelay(then(2, again, a_heartbeat(3)), book=with_log(1, 2)) as relay:
        told = await run(relay, sleep=soon)
        assert (told.code, told.seqs) == (4, [])
        assert told.lines[-1] == "  seq 2 matches, but came before this began (it was delivered 3 times by now)"


async def test_an_event_counts_once_however_often_it_changes() -> None:
    frames = [
        Events(items=some_events(3), upto=3),
        Changes(items=[an_event(3, delivery_count=2)], upto=4),
        Changes(items=[an_event(5, delivery_count=2)], upto=6),
    ]
    async with ScriptedRelay(then(2, *frames), book=with_log(1, 2)) as relay:
        assert (await run(relay, count=2)).seqs == [3, 5]


async def test_all_of_another_log_is_new() -> None:
    old = speaking(a_hello(9), a_heartbeat(9), close=1001)
    new = speaking(a_hello(1, log="log-2"), Events(items=some_events(1), upto=1))
    async with ScriptedRelay(old, new, book=Book(some_events(9))) as relay:
        assert (await run(relay)).seqs == [1]


async def test_a_relay_that_is_gone_when_time_is_up_is_told_as_such() -> None:
    async def visit(wire: Wire) -> None:
        await wire.send(a_hello(1))
        relay.deaf_to.add("/v1/stats")
        await wire.gone()

    async with ScriptedRelay(visit, book=with_log(1)) as relay:
        with pytest.raises(Failure) as failed:
            await run(relay, sleep=soon)
        assert failed.value.code == 16


async def test_a_relay_that_is_not_there_a_token_and_a_filter_that_it_refuses() -> None:
    refused = Problem(title="bad filter", status=400, detail="unknown name", column=3)
    denied = Problem(title="no", status=401)
    codes, relay = [], ScriptedRelay()
    for visit in (Refusal(400, refused), Refusal(401, denied)):
        relay = ScriptedRelay(visit)
        async with relay:
            with pytest.raises(Failure) as failed:
                await run(relay)
            codes.append(failed.value.code)
    with pytest.raises(Failure) as failed:
        await run(relay)
    assert [*codes, failed.value.code] == [2, 10, 16]


@pytest.mark.parametrize(("text", "seconds"), [("30s", 30), ("1m30s", 90), ("30", 30), ("0", 0), ("250ms", 0.25)])
def test_a_number_alone_is_in_seconds(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds
