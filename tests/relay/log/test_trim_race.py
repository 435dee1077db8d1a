"""Retention at work while others read and retry: what goes is said, and what went is not new again."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from relay.log.base import NoSuchEvent, Retention, TrimmedEvent
from relay.log.sqlite import SqliteLog
from relay.log.trim import Trim
from tests.relay.log.drafts import draft

NOW_US = 1_795_183_400_000_000


async def filled(path: Path, count: int, *, keep: int) -> SqliteLog:
    """A log whose events are all on disk and none in memory."""
    log = SqliteLog.open(path, retention=Retention(0, 0, 0))
    await asyncio.gather(*(log.append(draft(f"m{n}")) for n in range(count)))
    await log.close()
    return SqliteLog.open(path, retention=Retention(keep, 0, 0), clock=lambda: NOW_US)


async def trimmed_behind_its_back(log: SqliteLog, events: int) -> None:
    """Take a slice as the writer does, before the loop hears of it."""
    trim = Trim(Retention(log.last_seq - events, 0, 0), NOW_US, log.last_seq)
    await log.write(trim.slice)


async def test_a_reader_that_is_ahead_of_the_loop_is_told_of_the_gap(tmp_path: Path) -> None:
    log = await filled(tmp_path / "x", 20, keep=0)
    await trimmed_behind_its_back(log, 5)
    part = await log.read(2, limit=3)
    assert (part.gap, [entry.seq for entry in part.entries], part.upto) == ((3, 5), [6, 7, 8], 8)
    await log.close()


async def test_an_event_that_went_before_the_loop_knew_is_a_trimmed_one(tmp_path: Path) -> None:
    log = await filled(tmp_path / "x", 20, keep=0)
    await trimmed_behind_its_back(log, 5)
    with pytest.raises(TrimmedEvent):
        await log.get(3)
    with pytest.raises(TrimmedEvent):
        await log.details([3])
    with pytest.raises(NoSuchEvent):
        await log.get(21)
    await log.close()


async def test_a_retry_in_the_very_batch_after_the_first_trim_is_a_duplicate(tmp_path: Path) -> None:
    log = await filled(tmp_path / "x", 20, keep=10)
    trimming = asyncio.create_task(log.trim())
    receipts = []
    while not trimming.done():
        receipts.append(await log.append(draft("m0")))
    assert all(receipt == (1, True) for receipt in receipts)
    assert await log.append(draft("m0")) == (1, True)
    await log.close()


async def test_many_large_later_facts_come_in_portions(tmp_path: Path) -> None:
    log = SqliteLog.open(tmp_path / "x", retention=Retention(0, 0, 0))
    for turn in (1, 2):
        for n in range(12):
            await log.append(draft(f"m{n}", body=b"%d" % turn + b"x" * 1_000_000))
    await log.close()
    log = SqliteLog.open(tmp_path / "x", retention=Retention(0, 0, 0))
    part = await log.read(12, limit=500, full=True)
    assert len(part.entries) < 8
    assert part.upto == part.entries[-1].seq
    await log.close()


async def test_a_clean_close_leaves_no_write_ahead_log(tmp_path: Path) -> None:
    log = await filled(tmp_path / "x", 5, keep=0)
    await log.get(1)
    await log.close()
    assert {path.name for path in tmp_path.iterdir()} == {"x", "facets.sqlite3"}  # noqa: ASYNC240 - nothing else runs
