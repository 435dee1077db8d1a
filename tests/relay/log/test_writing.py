"""The writer in a process of its own: it does all that the thread does, and its end is survived."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace

from relay.log import held
from relay.log.base import Declined, LogError, NotDurable, Retention, TrimmedEvent
from relay.log.holding import hold
from relay.log.sqlite import SqliteLog
from relay.log.writing import WritingProcess
from tests.relay.log.drafts import draft
from tests.relay.log.logged import KEEP_ALL, until


@asynccontextmanager
async def opened(directory: Path, retention: Retention = KEEP_ALL) -> AsyncIterator[SqliteLog]:
    log = SqliteLog.open(directory / "log", retention=retention, processes=True)
    try:
        yield log
    finally:
        await log.close()


def pid_of(log: SqliteLog) -> int:
    assert isinstance(log._writer, WritingProcess)
    return log._writer.pid


def refuse(_: sqlite3.Connection) -> None:
    raise held.QuarantineFull("no room")


class Unspeakable(Exception):
    """An error that can't be told to another process."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(one + other)


def fail_unspeakably(_: sqlite3.Connection) -> None:
    raise Unspeakable("it ", "broke")


async def test_a_batch_of_everything_is_answered_one_by_one(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        outcomes = await asyncio.gather(
            log.append(draft("a")),
            log.append(draft("a")),
            log.append(draft("b", kind="a\ud800")),
            log.write(held.count),
            log.append(draft("c"), only_if=partial(held.take, held_id=1)),
            log.write(refuse),
            log.write(fail_unspeakably),
            log.append(draft("d")),
            return_exceptions=True,
        )
        assert [outcomes[at] for at in (0, 1, 2, 3, 7)] == [(1, False), (1, True), (2, False), 0, (3, False)]
        assert [type(outcomes[at]) for at in (4, 5, 6)] == [Declined, held.QuarantineFull, LogError]
        assert str(outcomes[6]) == "Unspeakable: it broke"
        read = await log.read(0)
        assert [(entry.seq, entry.event.seq) for entry in read.entries] == [(1, 1), (2, 2), (3, 3), (4, 1)]
        assert (await log.get(1)).delivery_count == 2
        poison = replace(draft("poison"), remote="\ud800")
        two = await asyncio.gather(log.append(poison), log.append(draft("e")), return_exceptions=True)
        assert (type(two[0]), two[1]) == (NotDurable, (5, False))


async def test_what_is_queued_is_committed_before_the_end_and_the_process_is_gone(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as log:
        waiting = asyncio.gather(*(log.append(draft(f"m{n}")) for n in range(1_500)))
        await asyncio.sleep(0)
        pid = pid_of(log)
    assert [receipt.seq for receipt in await waiting] == list(range(1, 1_501))
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert not os.path.exists(tmp_path / "log-wal")  # noqa: PTH110, ASYNC240 - nothing else runs
    async with opened(tmp_path) as log:
        assert (log.last_seq, await log.count()) == (1_500, (1_500, 1_500))


async def test_retention_and_purges_reach_the_process(tmp_path: Path) -> None:
    async with opened(tmp_path, Retention(4, 0, 0)) as log:
        await asyncio.gather(*(log.append(draft(f"m{n}")) for n in range(6)))
        assert await log.trim() == 2
        assert await log.purge([4]) == 1
        assert await log.compact() == (True, True)
        with pytest.raises(TrimmedEvent):
            await log.get(4)
        assert await log.append(draft("m3")) == (4, True)


async def test_a_writer_that_is_killed_is_followed_by_another_which_goes_on_where_it_was(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.append(draft("a"))
        os.kill(pid_of(log), signal.SIGSTOP)
        unknown = asyncio.gather(*(log.append(draft(key)) for key in "bc"), return_exceptions=True)
        await asyncio.sleep(0)
        os.kill(pid_of(log), signal.SIGKILL)
        assert {type(outcome) for outcome in await unknown} == {NotDurable}
        assert not log.is_writable
        with pytest.raises(NotDurable):
            await log.append(draft("d"))
        await until(lambda: log.is_writable)
        assert await log.append(draft("a")) == (1, True)
        assert await log.append(draft("e")) == (3, False)
        assert (log.last_seq, await log.count()) == (3, (2, 3))


async def test_what_is_queued_while_a_writer_takes_the_place_of_another_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path) as log:
        answers: list[Exception | None] = []
        begin = log._new_writer

        def meanwhile() -> object:
            log.append_soon(draft("a"), lambda job: answers.append(job.error))
            return begin()

        monkeypatch.setattr(log, "_new_writer", meanwhile)
        os.kill(pid_of(log), signal.SIGKILL)
        await until(lambda: not log.is_writable)
        await until(lambda: log.is_writable)
        assert [type(error) for error in answers] == [NotDurable]


async def test_what_a_killed_writer_had_committed_is_counted_and_not_written_again(tmp_path: Path) -> None:
    """It is on disk, but nobody was told."""
    async with opened(tmp_path) as log:
        await log.append(draft("a"))
        assert isinstance(log._writer, WritingProcess)
        log._writer._child._heard = lambda _: None
        lost = log.append(draft("b"))
        waiting = asyncio.ensure_future(lost)
        with sqlite3.connect(tmp_path / "log") as other:
            await until(lambda: other.execute("SELECT count(*) FROM events").fetchone() == (2,))
        other.close()
        os.kill(pid_of(log), signal.SIGKILL)
        with pytest.raises(NotDurable):
            await waiting
        await until(lambda: log.is_writable)
        assert (log.last_seq, await log.count()) == (2, (2, 2))
        assert await log.append(draft("b")) == (2, True)


async def test_a_second_writer_waits_for_what_an_earlier_relay_left_behind(tmp_path: Path) -> None:
    async with opened(tmp_path):
        with pytest.raises(LogError, match="earlier relay"):
            hold(tmp_path / "log.lock", seconds=0)
    os.close(hold(tmp_path / "log.lock", seconds=0))
