"""What the relay says while the disk refuses: enough to know, and no line for every event."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from relay.canned import CannedAnswers
from relay.contract.readings import EarlierMessages
from relay.ingest import Ingest
from relay.log.base import NotDurable, Retention
from relay.log.commit import Job
from relay.log.sqlite import SqliteLog
from relay.metrics import Metrics
from relay.quarantine import Quarantine
from relay.secretstore import SecretStore

REFUSED = Job(lambda _: None, error=NotDurable("could not be written: disk full"))


class Clock:
    """Microseconds that move when told to."""

    us = 1_795_183_400_000_000

    def __call__(self) -> int:
        return self.us


@asynccontextmanager
async def ingest_with(path: Path, metrics: Metrics, clock: Clock) -> AsyncIterator[Ingest]:
    log = SqliteLog.open(path / "log", retention=Retention(0, 0, 0))
    secrets, earlier = SecretStore([], path / "secrets.toml"), EarlierMessages(1)
    quarantine = Quarantine(log, secrets, earlier, clock=clock)
    try:
        canned = CannedAnswers(log, clock=clock, changed=lambda: None)
        yield Ingest(log, secrets, quarantine, earlier, metrics, canned, verify="quarantine", clock=clock)
    finally:
        await log.close()


async def test_a_disk_that_refuses_is_told_of_now_and_then_with_how_often(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    metrics, clock = Metrics(), Clock()
    async with ingest_with(tmp_path, metrics, clock) as ingest:
        for _ in range(1_000):
            ingest.answer_to(REFUSED)
        clock.us += 10_000_000
        ingest.answer_to(REFUSED)
    assert [record.message.split(": ", 1)[1] for record in caplog.records] == [
        "1, the last: could not be written: disk full",
        "1000, the last: could not be written: disk full",
    ]
    assert b'knocktop_refused_total{reason="not-durable"} 1001.0' in metrics.page()
