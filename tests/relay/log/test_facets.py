"""The index of facets: what it knows, what it can't know, and that it may go at any time."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.contract.events import Verdict
from relay.contract.filter import parse
from relay.log import reader, schema
from relay.log.base import Retention
from relay.log.marks import BLOCK
from relay.log.search import wanted
from relay.log.sqlite import FACETS, SqliteLog
from tests.relay.log.logged import (
    KEEP_ALL,
    MEMORY,
    NEAR,
    NOW_US,
    Arrival,
    arrivals,
    everything,
    expected,
    fill,
    filter_of,
    log_of,
    paged,
    portions_of,
    until,
)
from tests.relay.log.test_search import hostile, run, some_trees


@pytest.fixture(scope="module", autouse=True)
def no_pause() -> Iterator[None]:
    """The index goes on at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("relay.log.facets.PAUSE_S", 0.001)
        yield


@given(arrivals, arrivals, st.data(), st.sampled_from(["", "purge", "trim"]), st.sampled_from([2, 256]))
@hostile
def test_with_the_index_the_predicate_still_decides(
    before: list[Arrival], after: list[Arrival], data: st.DataObject, change: str, first: int
) -> None:
    """Some events are in the index; of these some get another body behind its back, or go."""

    async def check(directory: Path) -> None:
        async with log_of(directory, before, after=NEAR) as log:
            filled = await fill(log)
            for arrival in after:
                await log.append(arrival.draft())
            if change == "purge":
                await log.purge([NEAR + 2])
            elif change == "trim":
                log._retention = Retention(filled + 3, 0, 0)
                await log.trim()
            events = await everything(log)
            # In an order of their own: what is drawn from them must be the same when it is drawn again.
            ordered = sorted(events, key=lambda event: (event.body, event.received_us))
            looked_at = [event for event in ordered if event.type != "message.sent"][:20] or ordered[:2]
            for tree in some_trees(data, looked_at):
                found = expected(events, tree)
                assert await log.count(filter_=filter_of(tree)) == (len(found), log.last_seq), tree
                assert await paged(log, tree, limit=30) == found, tree
                assert await paged(log, tree, limit=30, oldest_first=True) == found[::-1], tree
                _, totals = await log.types(filter_=filter_of(tree))
                kept = Counter(event.type for event in events if event.seq in set(found))
                assert {each.type: each.count for each in totals} == kept, tree

    with tempfile.TemporaryDirectory(dir=MEMORY) as directory, portions_of(first):
        run(check(Path(directory)))


def sent(number: int, *, workflow: str) -> Arrival:
    body = f'{{"type":"message.sent","data":{{"workflow":"{workflow}"}}}}'
    return Arrival(body.encode(), number, Verdict.VERIFIED)


async def found(log: SqliteLog, filter_: str) -> list[int]:
    page = await log.page(filter_=parse(filter_))
    return [event.seq for event in page.events]


async def test_what_a_filter_names_is_found_without_looking_at_the_others(tmp_path: Path) -> None:
    async with log_of(tmp_path, [sent(1, workflow="welcome"), sent(2, workflow="goodbye")]) as log:
        await fill(log)
        page = await log.page(filter_=parse("workflow:wel*"))
        assert [event.seq for event in page.events] == [1]
        assert page.scanned <= log.last_seq - log.facets.reach + 1


async def test_a_name_or_a_text_is_found_by_the_index_and_in_the_bodies(tmp_path: Path) -> None:
    came = [sent(n, workflow=f"flow-{n}") for n in range(5)]
    async with log_of(tmp_path, came) as log:
        await fill(log)
        events = await everything(log)
        for filter_ in [
            "workflow:flow-1 OR flow-3",
            "-(workflow:flow-1 OR flow-3) seq:<10",
            "workflow:flow-1 OR data.workflow:*-3",
            "(workflow:flow-* -flow-2) OR (recipient:x flow-2)",
            "-workflow:filling -(flow-3 OR workflow:flow-0)",
        ]:
            tree = parse(filter_).tree
            assert tree is not None
            seqs = expected(events, tree)
            assert seqs, filter_
            assert await paged(log, tree, limit=2) == seqs, filter_
            assert await log.count(filter_=filter_of(tree)) == (len(seqs), log.last_seq), filter_


async def test_a_wildcard_may_stand_for_any_number_of_values(tmp_path: Path) -> None:
    async with log_of(tmp_path, [sent(1, workflow="welcome")], after=NEAR) as log:
        filled = await fill(log)
        assert await log.count(filter_=parse("message:m*")) == (filled, log.last_seq)
        assert await log.count(filter_=parse("message:*77")) == (1, log.last_seq)
        page = await log.page(filter_=parse("message:m*"), before=BLOCK, limit=3)
        assert ([event.seq for event in page.events], page.scanned) == ([BLOCK - 1, BLOCK - 2, BLOCK - 3], 3)


async def test_an_event_is_found_by_its_new_body_and_not_by_the_one_before(tmp_path: Path) -> None:
    async with log_of(tmp_path, [replace(sent(1, workflow="forged"), verdict=Verdict.UNVERIFIED)]) as log:
        await fill(log)
        await log.append(sent(1, workflow="genuine").draft())
        for _ in range(2):
            assert (await found(log, "workflow:genuine"), await found(log, "workflow:forged")) == ([1], [])
            assert await found(log, "-workflow:genuine seq:1") == []
            assert await found(log, "-workflow:forged seq:1") == [1]
            await fill(log)


async def test_a_commit_id_that_is_no_text_is_found(tmp_path: Path) -> None:
    body = b'{"type":"workflow.committed","data":{},"event_data":{"commit_id":5}}'
    async with log_of(tmp_path, [Arrival(body, 1, Verdict.VERIFIED)]) as log:
        await fill(log)
        assert (await found(log, "commit:5"), await found(log, "exists(commit)")) == ([1], [1])


async def test_an_object_is_found_by_its_id_alone(tmp_path: Path) -> None:
    body = b'{"type":"message.sent","data":{"recipient":{"collection":"a/b","id":"c/d"}}}'
    async with log_of(tmp_path, [Arrival(body, 1, Verdict.VERIFIED)]) as log:
        await fill(log)
        assert await found(log, 'recipient:"c/d"') == [1]
        assert await found(log, 'recipient:"a/b/c/d"') == [1]


async def test_a_file_that_is_no_index_of_this_log_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / FACETS).write_bytes(b"no database at all" * 1_000)
    async with log_of(tmp_path, [sent(1, workflow="welcome")]) as log:
        await fill(log)
        assert log.facets.is_usable
        assert await found(log, "workflow:welcome") == [1]
    (tmp_path / "events.sqlite3").unlink()
    async with log_of(tmp_path, [sent(1, workflow="goodbye")]) as log:
        await fill(log)
        assert (await found(log, "workflow:welcome"), await found(log, "workflow:goodbye")) == ([], [1])


async def test_an_index_that_breaks_is_done_without(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with log_of(tmp_path, [sent(1, workflow="welcome")]) as log:
        await fill(log)
        with closing(sqlite3.connect(tmp_path / FACETS)) as other:
            other.execute("DROP TABLE marks")
            other.commit()
        assert await found(log, "workflow:welcome") == [1]
        assert not log.facets.is_usable
        assert "filters will take longer" in caplog.text


async def test_an_index_goes_on_where_it_was(tmp_path: Path) -> None:
    async with log_of(tmp_path, [sent(1, workflow="welcome")]) as log:
        await fill(log)
    before = (tmp_path / FACETS).stat().st_ino
    log = SqliteLog.open(tmp_path / "events.sqlite3", retention=KEEP_ALL)
    await until(lambda: log.facets.is_usable)
    assert (log.facets.reach, (tmp_path / FACETS).stat().st_ino) == (BLOCK - 1, before)
    await log.close()


async def test_what_was_purged_is_in_no_file_of_the_index(tmp_path: Path) -> None:
    async with log_of(tmp_path, [sent(1, workflow="very-personal"), sent(2, workflow="harmless")]) as log:
        await fill(log)
        assert await found(log, "workflow:very-personal") == [1]
        await log.purge([1])
        assert not any(b"very-personal" in path.read_bytes() for path in tmp_path.glob(f"{FACETS}*"))  # noqa: ASYNC240
        await fill(log)
        assert (await found(log, "workflow:very-personal"), await found(log, "workflow:harmless")) == ([], [2])


async def test_a_purge_that_the_index_never_heard_of_is_noticed(tmp_path: Path) -> None:
    async with log_of(tmp_path, [sent(1, workflow="welcome"), sent(2, workflow="welcome")]) as log:
        await fill(log)
    with closing(sqlite3.connect(tmp_path / "events.sqlite3")) as other:
        other.execute("DELETE FROM events WHERE seq = 1")
        other.commit()
    log = SqliteLog.open(tmp_path / "events.sqlite3", retention=KEEP_ALL)
    await until(lambda: log.facets.is_usable and log.facets.reach >= BLOCK - 1)
    assert await log.count(filter_=parse("workflow:welcome")) == (1, log.last_seq)
    await log.close()


async def test_what_retention_took_leaves_the_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relay.log.facets.LATE", 1)
    log = SqliteLog.open(tmp_path / "events.sqlite3", retention=Retention(BLOCK, 0, 0), clock=lambda: NOW_US)
    await log.append(sent(1, workflow="long-gone").draft())
    await fill(log)
    await fill(log)
    await log.trim()
    await fill(log)
    await until(lambda: log.facets.reach >= 3 * BLOCK - 1)
    assert await found(log, "workflow:long-gone") == []
    await log.close()
    with closing(sqlite3.connect(tmp_path / FACETS)) as other:
        assert other.execute("SELECT count(*) FROM words WHERE value = ?", (b"long-gone",)).fetchone() == (0,)
        assert other.execute("SELECT min(block) FROM marks").fetchone() == (1,)


@pytest.mark.parametrize(
    "filter_",
    [
        "workflow:welcome",
        "workflow:wel* -type:message.read",
        "recipient:nobody OR tenant:nobody",
        "-exists(tenant) workflow:welcome",
        "workflow:welcome event_data.attempt:3",
        "created:<2020-01-01",
    ],
)
async def test_no_statement_reads_all_events_or_the_whole_index(tmp_path: Path, filter_: str) -> None:
    async with log_of(tmp_path, [sent(1, workflow="welcome"), sent(2, workflow="goodbye")]) as log:
        await fill(log)
        parsed, statements = parse(filter_), list[str]()
        with closing(schema.connect(tmp_path / "events.sqlite3", read_only=True)) as connection:
            connection.execute("ATTACH ? AS facets", (f"{(tmp_path / FACETS).as_uri()}?mode=ro",))
            connection.set_trace_callback(statements.append)
            search = reader.search(connection, wanted(parsed, None), indexed=True)
            below, until = log.facets.reach + 1, time.monotonic() + 10
            search.page(below=below, above=0, limit=5, newest_first=True, until=until, clock=time.monotonic)
            connection.set_trace_callback(None)
            steps = [
                row[-1]
                for statement in statements
                for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()
            ]
        assert any(step.startswith("SEARCH facets.words") or "facets.blocks" in step for step in steps)
        assert not [
            step for step in steps if step.startswith(("SCAN e", "SCAN facets.marks", "SCAN facets.words"))
        ]
