"""The writer's thread: every job is answered, with what came of it in the end."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from relay.log import schema
from relay.log.base import Declined, NotDurable, Retention
from relay.log.commit import Committed, Job
from relay.log.sqlite import SqliteLog
from relay.log.writer import Writer
from tests.relay.log.drafts import draft


def connection_to(path: Path) -> sqlite3.Connection:
    connection = schema.connect(path)
    schema.prepare(connection, path)
    return connection


def answer_all(committed: Committed) -> None:
    for job in committed.jobs:
        job.done(job)


class StoppedAtOnce(Writer):
    """A job is queued, and the end asked for, right after the writer found nothing to do."""

    def __init__(self, connection: sqlite3.Connection, late: Callable[[], Job]) -> None:
        super().__init__(connection, last_seq=0, done=answer_all)
        self._late: Callable[[], Job] | None = late
        self._is_asked = threading.Event()

    def _next_batch(self) -> list[Job]:
        jobs = super()._next_batch()
        if self._late is not None:
            self.submit(self._late())
            self._is_stopping = True
            self._late = None
            self._is_asked.set()
        return jobs

    def stop(self) -> None:
        assert self._is_asked.wait(20)
        super().stop()


def test_what_is_queued_just_before_the_end_is_answered(tmp_path: Path) -> None:
    answered: list[Job] = []
    writer = StoppedAtOnce(connection_to(tmp_path / "log"), lambda: Job(answered.append, draft("m")))
    writer.start()
    writer.stop()
    assert [job.result for job in answered] == [(1, False)]


def test_what_is_queued_just_before_the_end_is_answered_also_by_a_writer_that_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Writer) -> None:
        raise MemoryError

    monkeypatch.setattr(Writer, "_work", fail)
    answered: list[Job] = []
    writer = StoppedAtOnce(connection_to(tmp_path / "log"), lambda: Job(answered.append, draft("m")))
    writer.start()
    writer.stop()
    assert [type(job.error) for job in answered] == [NotDurable]


async def test_no_draft_is_acknowledged_for_an_attempt_that_was_taken_back(tmp_path: Path) -> None:
    """One at a time, a call that came before it may take away what its condition found at first."""
    found = [1]

    def take(_: sqlite3.Connection) -> bool:
        return bool(found)

    log = SqliteLog.open(tmp_path / "log", retention=Retention(0, 0, 0))
    try:
        outcomes = await asyncio.gather(
            log.write(lambda _: found.clear()),
            log.append(draft("a"), only_if=take),
            log.append(replace(draft("poison"), endpoint="\ud800")),
            log.append(draft("b")),
            return_exceptions=True,
        )
    finally:
        await log.close()
    assert [type(outcome) for outcome in outcomes[1:3]] == [Declined, NotDurable]
    assert outcomes[3] == (1, False)
