"""Logs of hostile events for tests of searching: what each filter should find is asked of the predicate."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path as File
from typing import Any

import pytest
from hypothesis import strategies as st
from msgspec.structs import replace

from relay.contract import jsontext
from relay.contract.events import Verdict
from relay.contract.filter import Digits, Equals, Exists, Filter, Like, Literal, Name, Node, Path, Term, Text
from relay.contract.filter.evaluate import predicate_of
from relay.contract.filter.terms import TERMS, Kind
from relay.contract.filter.values import NUMBER
from relay.contract.readings import EarlierMessages
from relay.contract.signature import check
from relay.draft import Request, draft_of, envelope
from relay.log import schema
from relay.log.base import Draft, Retention
from relay.log.marks import BLOCK
from relay.log.rows import FULL, event_of
from relay.log.sqlite import SqliteLog
from relay.log.stored import StoredEvent
from tests.relay.contract.filter.trees import bodies, texts

MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
"""Where files take no time to be durable, if there is such a place."""
NOW_US = 1_795_430_520_000_000
KEEP_ALL = Retention(0, 0, 0)


@dataclass(frozen=True)
class Arrival:
    """One POST: its body, and what is said of it. One with the key of an earlier one is a delivery of the same."""

    body: bytes
    key: int
    verdict: Verdict
    headers: tuple[tuple[bytes, bytes], ...] = ()
    endpoint: str | None = None
    received_us: int = NOW_US

    def draft(self) -> Draft:
        request = Request(self.endpoint, self.headers, self.body, None, self.received_us)
        payload = envelope(self.body)
        made = draft_of(request, payload, check(None, self.body, [], 0), EarlierMessages(10))
        return replace(made, identity=b"%d" % self.key, verdict=self.verdict)


def _escaped(body: dict[str, Any]) -> bytes:
    """Every character of every text as an escape, also in keys."""
    text = json.dumps(body, ensure_ascii=True)
    out, inside, skip = [], False, 0
    for at, character in enumerate(text):
        if skip:
            skip -= 1
            out.append(character)
        elif inside and character == "\\":
            skip = 5 if text[at + 1] == "u" else 1
            out.append(character)
        elif character == '"':
            inside = not inside
            out.append(character)
        else:
            out.append(f"\\u{ord(character):04x}" if inside else character)
    return "".join(out).encode()


def _repeated(body: dict[str, Any]) -> bytes:
    """Each key of the root and of `data` comes twice, first with another value."""
    data = ",".join(
        f"{json.dumps(key)}:0,{json.dumps(key)}:{json.dumps(value)}" for key, value in body["data"].items()
    )
    rest = {key: value for key, value in body.items() if key != "data"}
    return f'{{"type":"other","data":{{"x":1}},"data":{{{data}}},{json.dumps(rest)[1:]}'.encode()


_EDGES = [
    b"1e400",
    b"-0",
    b"5.0",
    b"0.5e1",
    b"18446744073709551617",
    b'"\\ud800"',
    b'"\\ud83d\\ude00"',
    b'"\\u0000a"',
    b'"a\\/b"',
    b"true",
    b"[[],[{}],[5]]",
    b'{"":{"a":[{"b":null}]}}',
    '"K\u017f\u00e9"'.encode(),
    '"\ufffe"'.encode(),
]
_edged = st.lists(st.sampled_from(_EDGES), min_size=2, max_size=2).map(
    lambda two: b'{"type":"message.sent","data":{"x": %b ,"id":%b,"x y":[%b,{"x":%b}]}}' % (*two, *two)
)
raw_bodies = (
    st.one_of(
        bodies.map(jsontext.dumps),
        bodies.map(json.dumps).map(str.encode),
        bodies.map(_escaped),
        bodies.map(_repeated),
    )
    | _edged
)

_headers = st.sampled_from([(), ((b"x-knock-environment-id", b"env-1"),), ((b"X-A", b"a"), (b"x-a", b"\xe9"))])
arrivals = st.lists(
    st.builds(
        Arrival,
        raw_bodies,
        st.integers(0, 9),
        st.sampled_from(Verdict),
        _headers,
        st.sampled_from([None, "a", "staging"]),
        st.integers(NOW_US - 3_600_000_000, NOW_US),
    ),
    min_size=1,
    max_size=10,
)


def _leaves(value: Any, keys: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _leaves(each, (*keys, key))
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each, keys)
    else:
        yield keys, value


_NAMES = [name for name, term in TERMS.items() if term.kind in (Kind.TEXT, Kind.NUMBER)]


@st.composite
def aimed(draw: st.DrawFn, events: Sequence[StoredEvent]) -> Node:
    """A term that at least one of the events is likely to match."""
    event = draw(st.sampled_from(events))
    if draw(st.booleans()):
        name = draw(
            st.sampled_from([name for name, term in TERMS.items() if term.kind in (Kind.TEXT, Kind.NUMBER)])
        )
        value = TERMS[name].read(event)
        if isinstance(value, list):
            value = draw(st.sampled_from(value)) if value else None
        return Term(Name(name), (_test(draw, value),))
    keys, value = draw(st.sampled_from(list(_leaves(event.payload))))
    if draw(st.integers(0, 4)) == 0:
        return Exists(Path(keys))
    if isinstance(value, str) and draw(st.integers(0, 4)) == 0:
        return Text(value.swapcase())
    return Term(Path(keys), (_test(draw, value),))


def _test(draw: st.DrawFn, value: Any) -> Equals | Like | Digits | Literal:
    if value is None or isinstance(value, bool):
        return Literal(value)
    text = str(value)
    if NUMBER.fullmatch(text):
        return Digits(text)
    if draw(st.booleans()):
        return Like((text[: draw(st.integers(0, 3))], draw(texts) if draw(st.booleans()) else ""))
    return Equals(text)


@contextmanager
def portions_of(events: int) -> Iterator[None]:
    """Search so many events first, where it would be hundreds: a small log then has several portions, too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("relay.log.search._FIRST", events)
        yield


async def everything(log: SqliteLog) -> list[StoredEvent]:
    """Every event that is kept, in full, newest first: all of them, however slow the machine is."""

    def run(connection: sqlite3.Connection) -> list[StoredEvent]:
        query = f"SELECT {FULL} FROM events e ORDER BY e.seq DESC"
        return [event_of(row) for row in connection.execute(query)]

    return await log.run_in_reader(run)


def expected(events: Sequence[StoredEvent], tree: Node) -> list[int]:
    """The seqs that the predicate finds, in the order of the events."""
    matches = predicate_of(tree, NOW_US)
    return [event.seq for event in events if matches(event)]


def filter_of(tree: Node) -> Filter:
    """The tree as a filter: not every tree has a text within a filter's limits."""
    return Filter("a tree", tree, NOW_US)


NEAR = BLOCK - 90
"""A log that begins after this seq soon has a block full, yet with enough events for the index to keep bits."""


@cache
def filling(number: int) -> Draft:
    """An event that only takes its place."""
    body = b'{"type":"message.sent","data":{"id":"m%d","workflow":"filling"}}' % number
    return Arrival(body, 1_000 + number, Verdict.VERIFIED).draft()


async def until(holds: Callable[[], bool]) -> None:
    """Wait for what another thread does, which tells nobody."""
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110 - see above
            await asyncio.sleep(0.002)


async def fill(log: SqliteLog) -> int:
    """Append what its block lacks, and wait until the index knows it; returns how many that were."""
    last_seq = log.last_seq
    lacking = BLOCK - last_seq % BLOCK + 3
    await asyncio.gather(*(log.append(filling(last_seq + number)) for number in range(lacking)))
    await until(lambda: log.facets.reach >= last_seq)
    return lacking


@asynccontextmanager
async def log_of(directory: File, came: Sequence[Arrival], *, after: int = 0) -> AsyncIterator[SqliteLog]:
    """A log of these arrivals, in their order; retention took all up to a seq."""
    path = directory / "events.sqlite3"
    if after:
        with closing(schema.connect(path)) as connection:
            schema.prepare(connection, path)
            connection.execute("UPDATE meta SET value = ? WHERE name = 'trimmed_upto'", (after,))
    log = SqliteLog.open(path, retention=KEEP_ALL, clock=lambda: NOW_US)
    try:
        for arrival in came:
            await log.append(arrival.draft())
        yield log
    finally:
        await log.close()


async def paged(log: SqliteLog, tree: Node, *, limit: int, oldest_first: bool = False) -> list[int]:
    """The seqs of every page, one after the other."""
    cursor: int | None = 0 if oldest_first else None
    seqs: list[int] = []
    while True:
        before, after = (None, cursor) if oldest_first else (cursor, None)
        page = await log.page(filter_=filter_of(tree), limit=limit, before=before, after=after)
        assert len(page.events) <= limit
        seqs += [event.seq for event in page.events]
        if page.next is None:
            return seqs
        cursor = page.next
