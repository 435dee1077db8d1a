"""The index of facets filled by a process of its own: it does what the thread does, and its end is survived."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from relay.contract.events import Verdict
from relay.contract.filter import parse
from relay.log.holding import hold
from relay.log.indexing import IndexingProcess
from relay.log.marks import BLOCK
from relay.log.sqlite import FACETS, SqliteLog
from tests.relay.log.logged import KEEP_ALL, Arrival, fill, until


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relay.log.indexing.START_SECONDS", 0.0)
    monkeypatch.setattr("relay.log.indexing.AGAIN_SECONDS", 0.0)


@asynccontextmanager
async def opened(directory: Path) -> AsyncIterator[SqliteLog]:
    log = SqliteLog.open(directory / "log", retention=KEEP_ALL, processes=True)
    try:
        yield log
    finally:
        await log.close()


def indexing(log: SqliteLog) -> IndexingProcess:
    assert isinstance(log.facets, IndexingProcess)
    return log.facets


def sent(number: int, workflow: str) -> Arrival:
    body = f'{{"type":"message.sent","data":{{"workflow":"{workflow}"}}}}'
    return Arrival(body.encode(), number, Verdict.VERIFIED)


async def looked_at(log: SqliteLog, filter_: str) -> tuple[list[int], bool]:
    """What a filter finds, and whether the index spared looking at most of the others."""
    page = await log.page(filter_=parse(filter_))
    return [event.seq for event in page.events], page.scanned < BLOCK // 2


async def test_a_log_shorter_than_a_block_needs_no_process(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.append(sent(1, "welcome").draft())
        await asyncio.sleep(0)
        assert indexing(log).pid is None
        await log.purge([1])


async def test_it_follows_the_log_and_goes_on_where_it_was(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.append(sent(1, "welcome").draft())
        await fill(log)
        assert await looked_at(log, "workflow:wel*") == ([1], True)
    before = (tmp_path / FACETS).stat().st_ino
    async with opened(tmp_path) as log:
        await until(lambda: log.facets.is_usable)
        assert (log.facets.reach, (tmp_path / FACETS).stat().st_ino) == (BLOCK - 1, before)


async def test_what_was_purged_is_forgotten_and_the_rest_indexed_anew(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await asyncio.gather(*(log.append(sent(n, f"very-personal-{n}").draft()) for n in (1, 2)))
        await fill(log)
        await log.purge([1])
        assert log.facets.is_current
        assert not any(b"personal-1" in path.read_bytes() for path in tmp_path.glob(f"{FACETS}*"))  # noqa: ASYNC240
        await until(lambda: log.facets.reach >= BLOCK - 1)
        assert await looked_at(log, "workflow:very-*") == ([2], True)


async def test_a_process_that_is_killed_is_done_without_until_there_is_another(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.append(sent(1, "welcome").draft())
        await fill(log)
        assert await looked_at(log, "workflow:wel*") == ([1], True)
        pid = indexing(log).pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await until(lambda: not log.facets.is_usable)
        assert (await looked_at(log, "workflow:wel*"))[0] == [1]
        await until(lambda: log.facets.is_usable)
        assert await looked_at(log, "workflow:wel*") == ([1], True)


async def test_what_is_to_be_forgotten_by_a_process_that_ends_goes_with_the_file(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.append(sent(1, "very-personal").draft())
        await fill(log)
        pid = indexing(log).pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        purging = asyncio.ensure_future(log.purge([1]))
        await until(lambda: not log.facets.is_current and log.facets.generation == 1)
        os.kill(pid, signal.SIGKILL)
        assert await asyncio.wait_for(purging, 20) == 1
        assert not any(b"very-personal" in path.read_bytes() for path in tmp_path.glob(f"{FACETS}*"))  # noqa: ASYNC240


RELAY = """
import asyncio, sys, time
from pathlib import Path
from relay.log import indexing
from tests.relay.log.logged import fill
from tests.relay.log.test_indexing import indexing as of, opened
indexing.START_SECONDS = 0.0
async def main():
    async with opened(Path(sys.argv[1])) as log:
        await fill(log)
        print(of(log).pid, flush=True)
        await asyncio.sleep(60)
asyncio.run(main())
"""


def test_no_process_outlives_a_relay_that_is_killed(tmp_path: Path) -> None:
    """Each of them holds the lock for as long as it lives."""
    root = Path(__file__).parents[3]
    with subprocess.Popen(
        [sys.executable, "-c", RELAY, str(tmp_path)], cwd=root, stdout=subprocess.PIPE, text=True
    ) as relay:
        assert relay.stdout is not None
        assert int(relay.stdout.readline())
        relay.kill()
    os.close(hold(tmp_path / "log.lock", seconds=20))
