"""Forwards are later facts about events: durable, told to viewers, bounded, and gone with their event."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.contract.events import Forward, Verdict
from relay.contract.filter import parse
from relay.contract.filter.evaluate import predicate_of
from relay.log.base import NoSuchEvent, Retention, TrimmedEvent
from relay.log.forwarded import ANSWERS_KEPT, FORWARDS_KEPT
from relay.log.sqlite import SqliteLog
from tests.relay.log.drafts import draft
from tests.relay.log.logged import MEMORY, NOW_US, everything

URL = "http://127.0.0.1:3000/hooks"
EVERYTHING = 1 << 62


def answered(status: int | None = 200, **fields: object) -> Forward:
    error = None if status is not None else "connection refused"
    return Forward(**{"url": URL, "status": status, "error": error, "ms": 1.5} | fields)  # type: ignore[arg-type]


@asynccontextmanager
async def opened(
    path: Path, *, events: int = 0, size: int = 0, processes: bool = False
) -> AsyncIterator[SqliteLog]:
    log = SqliteLog.open(
        path / "events.sqlite3",
        retention=Retention(events, 0, size),
        clock=lambda: NOW_US,
        processes=processes,
    )
    try:
        yield log
    finally:
        await log.close()


@pytest.mark.parametrize("processes", [False, True])
async def test_a_forward_is_an_entry_with_the_event_as_it_is_then(tmp_path: Path, processes: bool) -> None:
    async with opened(tmp_path, processes=processes) as log:
        seq, _ = await log.append(draft("m"))
        assert await log.forwarded(seq, answered(502, headers=[("a", "1")], body="no")) == (2, 1)
        assert await log.forwarded(seq, answered(None)) == (3, 2)
        live = [(entry.seq, entry.event.seq) for entry in (await log.read(1)).entries]
        event = (await log.read(2)).entries[0].event
        stored = await log.get(seq)
        assert (live, log.last_seq) == ([(2, 1), (3, 1)], 3)
        assert [(each.forwarded, each.forward_failed) for each in (event, stored)] == [(502, True)] * 2
        assert (event.body, event.headers) == (stored.body, stored.headers)


async def test_what_a_client_reported_comes_back_also_from_the_next_process(tmp_path: Path) -> None:
    given_ = Forward(
        url=URL,
        sign="stale",
        status=200,
        ms=12.25,
        headers=[("set-cookie", "a=b"), ("authorization", "Bearer x")],
        body="\ud800 \x00 é",
        kind="resend",
        edited=True,
        attempt=3,
        truncated=True,
    )
    async with opened(tmp_path) as log:
        await log.append(draft("m"))
        await log.forwarded(1, given_)
    async with opened(tmp_path) as log:
        found = await log.forward(1, 1)
        detail = (await log.details([1]))[1]
    same = [name for name in Forward.__struct_fields__ if name not in ("at", "n", "headers")]
    assert [getattr(found, name) for name in same] == [getattr(given_, name) for name in same]
    assert (found.n, found.at) == (1, "2026-11-23T10:42:00.000000Z")
    assert found.headers == [("set-cookie", "a=b"), ("authorization", "(masked)")]
    assert b'"forwards":[{"at":' in detail


async def test_only_an_event_that_is_there_can_have_been_forwarded(tmp_path: Path) -> None:
    async with opened(tmp_path, events=1) as log:
        await log.append(draft("a"))
        await log.append(draft("b"))
        await log.trim()
        with pytest.raises(TrimmedEvent):
            await log.forwarded(1, answered())
        with pytest.raises(NoSuchEvent):
            await log.forwarded(3, answered())
        # What failed took no seq, and nothing beside it was lost.
        results = await asyncio.gather(
            log.append(draft("c")),
            log.forwarded(1, answered()),
            log.forwarded(2, answered()),
            return_exceptions=True,
        )
        assert isinstance(results[1], TrimmedEvent)
        assert (results[0], results[2], log.last_seq) == ((3, False), (4, 1), 4)


async def test_an_event_forwarded_again_and_again_stays_bounded(tmp_path: Path) -> None:
    count = FORWARDS_KEPT + 30
    async with opened(tmp_path) as log:
        await log.append(draft("m"))
        for n in range(1, count + 1):
            assert await log.forwarded(1, answered(200, headers=[], body=f"answer {n}")) == (n + 1, n)
        items = await log.forwards(before=EVERYTHING, limit=500)
        whole = [await log.forward(1, item.n) for item in items]
        with pytest.raises(TrimmedEvent):
            await log.forward(1, count - FORWARDS_KEPT)
        with pytest.raises(NoSuchEvent):
            await log.forward(1, count + 1)
        replayed = (await log.read(0)).entries
    assert [item.n for item in items] == list(range(count, count - FORWARDS_KEPT, -1))
    kept = [(each.n, each.body) for each in whole if each.headers is not None]
    assert kept == [(n, f"answer {n}") for n in range(count, count - ANSWERS_KEPT, -1)]
    assert replayed[-1].seq == count + 1


async def test_a_page_of_forwards_goes_on_below_the_one_before(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        for key in "abc":
            await log.append(draft(key))
        for seq in (3, 1, 2, 1):
            await log.forwarded(seq, answered(body="kept", headers=[]))
        first = await log.forwards(before=EVERYTHING, limit=3)
        rest = await log.forwards(before=first[-1].entry, limit=3)
    assert [(item.entry, item.seq, item.n) for item in first] == [(7, 1, 2), (6, 2, 1), (5, 1, 1)]
    assert [(item.entry, item.seq, item.reading) for item in rest] == [(4, 3, "reading of c")]
    assert {(item.headers, item.body) for item in first} == {(None, None)}


@pytest.mark.parametrize("how", ["retention", "purge"])
async def test_forwards_go_with_their_event_and_their_seqs_are_not_used_again(tmp_path: Path, how: str) -> None:
    async with opened(tmp_path, events=2) as log:
        await log.append(draft("a"))
        await log.append(draft("b"))
        await log.forwarded(2, answered())
        await log.append(draft("c"))
        await log.forwarded(1, answered(body="hush-hush", headers=[("x", "hush-hush")], url=f"{URL}/hush-hush"))
        await (log.trim() if how == "retention" else log.purge([1]))
        assert [item.seq for item in await log.forwards(before=EVERYTHING, limit=10)] == [2]
        assert [entry.seq for entry in (await log.read(1)).entries] == [2, 3, 4]
        await log.compact()
    assert b"hush-hush" not in on_disk(tmp_path)
    async with opened(tmp_path) as log:
        assert (await log.append(draft("d"))).seq == 6


def on_disk(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in path.glob("events.sqlite3*"))


async def test_answers_count_where_retention_is_by_size(tmp_path: Path) -> None:
    async with opened(tmp_path, size=1 << 20) as log:
        for n in range(1, 41):
            await log.append(draft(f"m{n}"))
            await log.forwarded(2 * n - 1, answered(headers=[], body="x" * (64 << 10)))
        removed = await log.trim()
        left = await log.forwards(before=EVERYTHING, limit=500)
    assert 20 < removed < 40
    assert len(left) == 40 - removed


_steps = st.lists(
    st.tuples(
        st.integers(1, 5),
        st.sampled_from(["append", "append", "unverified", 200, 404, 500, None]),
    ),
    min_size=1,
    max_size=25,
)
_FILTERS = (
    *("forwarded:200", "forwarded:null", "-forwarded:null", "exists(forwarded)", "forwarded:>=400"),
    *("forwarded:404..500", "-forwarded:200", "forwarded:<300 OR forwarded:null", "forwarded:1000", "forwarded:0"),
)


async def _play(log: SqliteLog, steps: Sequence[tuple[int, str | int | None]]) -> dict[int, list[int | None]]:
    """Carry steps out; gives the statuses that each event was answered with."""
    told: dict[int, list[int | None]] = {}
    seqs: dict[int, int] = {}
    for key, step in steps:
        if step in ("append", "unverified"):
            verdict = Verdict.VERIFIED if step == "append" else Verdict.UNVERIFIED
            seqs[key] = (await log.append(draft(f"m{key}", verdict=verdict))).seq
        elif key in seqs and not isinstance(step, str):
            _, n = await log.forwarded(seqs[key], answered(step))
            told.setdefault(seqs[key], []).append(step)
            assert n == len(told[seqs[key]])
    return told


@given(_steps)
@settings(max_examples=40)
def test_filters_on_forwarded_agree_with_the_predicate_live_and_on_history(
    steps: list[tuple[int, str | int | None]],
) -> None:
    async def check(directory: Path) -> None:
        async with opened(directory) as log:
            told = await _play(log, steps)
            events = await everything(log)
            live = {entry.event.seq: entry.event for entry in (await log.read(0)).entries}
        async with opened(directory) as log:
            replayed = {entry.event.seq: entry.event for entry in (await log.read(0)).entries}
            for event in events:
                statuses = told.get(event.seq, [])
                answers = [status for status in statuses if status is not None]
                expected = answers[-1] if answers else None, statuses[-1:] == [None]
                for each in (event, live[event.seq], replayed[event.seq]):
                    assert (each.summary.forwarded, each.summary.forward_failed) == expected
            for text in _FILTERS:
                tree = parse(text).tree
                assert tree is not None
                found = [event.seq for event in events if predicate_of(tree, NOW_US)(event)]
                assert [event.seq for event in (await log.page(filter_=parse(text))).events] == found, text
                assert (await log.count(filter_=parse(text)))[0] == len(found), text

    with tempfile.TemporaryDirectory(dir=MEMORY) as directory:
        asyncio.run(check(Path(directory)))


async def test_the_index_of_forwards_is_used_and_holds_nothing_else(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.append(draft("m"))
        await log.append(draft("m"))
        await log.forwarded(1, answered())
    with closing(sqlite3.connect(tmp_path / "events.sqlite3")) as connection:
        query = "SELECT seq FROM facts INDEXED BY forwards WHERE kind = 'forward'"
        assert connection.execute(query).fetchall() == [(3,)]
