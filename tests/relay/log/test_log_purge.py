"""What is purged is gone from the file, from memory and from the counts; its place and its identity stay."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from relay.contract.filter import parse
from relay.log import purge as purging
from relay.log.base import Retention, TrimmedEvent
from relay.log.sqlite import SqliteLog
from tests.relay.log.drafts import draft

NOW_US = 1_795_183_400_000_000
HUSH = b"hush-hush"


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[SqliteLog]:
    log = SqliteLog.open(path / "events.sqlite3", retention=Retention(0, 0, 0), clock=lambda: NOW_US)
    try:
        yield log
    finally:
        await log.close()


async def fill(log: SqliteLog, count: int) -> None:
    await asyncio.gather(*(log.append(draft(f"m{n}")) for n in range(1, count + 1)))


async def seqs(log: SqliteLog, after: int = 0) -> list[int]:
    found: list[int] = []
    while after < log.last_seq:
        part = await log.read(after, limit=7)
        found += [entry.seq for entry in part.entries]
        after = part.upto
    return found


def on_disk(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(path.glob("events.sqlite3*")))


async def test_what_is_purged_is_on_no_page_and_in_no_slice(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await fill(log, 6)
        assert await log.purge([2, 4]) == 2
        assert [event.seq for event in (await log.page()).events] == [6, 5, 3, 1]
        assert await seqs(log) == [1, 3, 5, 6]
        assert await log.count() == (4, 6)


async def test_a_viewer_that_reads_from_memory_sees_nothing_of_it_either(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await fill(log, 3)
        await log.purge([3])
        await log.append(draft("m4"))
        assert await seqs(log, after=2) == [4]


async def test_a_purged_seq_is_no_longer_kept(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await fill(log, 3)
        await log.purge([2])
        with pytest.raises(TrimmedEvent):
            await log.get(2)


async def test_a_late_retry_of_what_was_purged_makes_no_new_event(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await fill(log, 3)
        await log.purge([2, 3])
        assert await log.append(draft("m2")) == (2, True)
        assert await seqs(log) == [1]


@pytest.mark.parametrize("gone", [[3], [1, 2, 3], [2, 3]])
async def test_no_seq_is_used_again_after_a_restart(tmp_path: Path, gone: list[int]) -> None:
    async with opened(tmp_path) as log:
        await fill(log, 3)
        await log.purge(gone)
        assert log.last_seq == 3
    async with opened(tmp_path) as log:
        assert log.last_seq == 3
        assert await log.append(draft("new")) == (4, False)


async def test_no_seq_of_a_later_fact_is_used_again_after_a_restart(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await fill(log, 2)
        await log.append(draft("m2"))
        await log.purge([2])
    async with opened(tmp_path) as log:
        assert log.last_seq == 3
        assert await seqs(log) == [1]


async def test_where_all_up_to_a_seq_is_gone_there_is_one_gap_and_its_reason(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await fill(log, 5)
        await log.purge([1, 2, 4])
        part = await log.read(0)
        assert (part.gap, part.reason) == ((1, 2), "purge")
        assert [entry.seq for entry in part.entries] == [3, 5]
        assert log.first_seq == 3


async def test_a_gap_that_retention_made_later_is_not_called_a_purge(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await fill(log, 5)
        await log.purge([1])
    log = SqliteLog.open(tmp_path / "events.sqlite3", retention=Retention(2, 0, 0), clock=lambda: NOW_US)
    await log.trim()
    part = await log.read(0)
    assert (part.gap, part.reason) == ((1, 3), "retention")
    await log.close()


async def test_later_facts_of_what_was_purged_go_with_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.append(draft("m1", body=b'{"n":1}'))
        await log.append(draft("m1", body=HUSH))
        await log.append(draft("m2"))
        await log.purge([1])
    with closing(sqlite3.connect(tmp_path / "events.sqlite3")) as file:
        assert file.execute("SELECT count(*) FROM facts").fetchone() == (0,)


async def test_the_counts_are_those_of_a_log_opened_anew(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        for n in range(1, 9):
            kind = "message.sent" if n % 2 else "message.read"
            await log.append(draft(f"m{n}", kind=kind, received_us=NOW_US - n * 60_000_000))
        await log.purge([2, 4, 6, 8, 7])
        now = await log.types()
        events = log.stats().events
    async with opened(tmp_path) as log:
        assert await log.types() == now
        assert log.stats().events == events == 3


async def test_a_count_goes_on_from_what_came_after_the_purge(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await fill(log, 3)
        purge, receipt = await asyncio.gather(log.purge([1, 3]), log.append(draft("late")))
        assert (purge, receipt.seq) == (2, 4)
        (totals,) = (await log.types())[1]
        assert (totals.count, totals.last_seq) == (2, 4)


async def purged_and_left(path: Path, log: SqliteLog, numbers: Iterable[int]) -> None:
    """Events with a text to look for, of which these are purged."""
    for n in range(1, 41):
        await log.append(draft(f"m{n}", body=b'{"n":%d,"text":"%s%d."}' % (n, HUSH * 400, n)))
    assert HUSH in on_disk(path)
    await log.purge(list(numbers))


async def test_bodies_are_overwritten_in_the_file_as_soon_as_it_is_compacted(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await purged_and_left(tmp_path, log, range(1, 41, 2))
        assert await log.compact() == (True, True)
        left = on_disk(tmp_path)
        assert [n for n in range(1, 41) if b"%s%d." % (HUSH, n) in left] == list(range(2, 41, 2))


async def test_bodies_are_overwritten_also_where_the_file_is_too_large_to_be_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.log.sqlite.compact", lambda connection: purging.compact(connection, limit=0))
    async with opened(tmp_path) as log:
        await purged_and_left(tmp_path, log, range(1, 41))
        assert await log.compact() == (False, True)
        assert HUSH not in on_disk(tmp_path)


async def test_the_file_gets_smaller(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await purged_and_left(tmp_path, log, range(1, 40))
        before = log.stats().size
        await log.compact()
        assert log.stats().size < before / 4


async def test_a_disk_that_refuses_is_told_and_the_log_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: sqlite3.Connection) -> tuple[bool, bool]:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("relay.log.sqlite.compact", refuse)
    async with opened(tmp_path) as log:
        assert await log.compact() == (False, False)
        assert (await log.append(draft("m1"))).seq == 1


async def test_appends_go_on_between_the_slices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relay.log.sqlite.SLICE", 2)
    async with opened(tmp_path) as log:
        await fill(log, 20)
        purge = asyncio.create_task(log.purge(list(range(1, 20))))
        late = [await log.append(draft(f"late{n}")) for n in range(3)]
        assert not purge.done()
        assert await purge == 19
        assert [receipt.seq for receipt in late] == [21, 22, 23]
        assert await seqs(log) == [20, 21, 22, 23]


async def test_what_arrived_before_a_time_is_found_without_a_filter(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        for n in range(1, 5):
            await log.append(draft(f"m{n}", received_us=n * 1_000_000))
        assert await log.matching(types=None, filter_=None, before_us=3_000_000) == [1, 2]
        found = await log.matching(types=None, filter_=parse("-seq:1"), before_us=4_000_000)
        assert found == [2, 3]
