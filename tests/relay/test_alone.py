"""A relay that a dashboard started ends by itself after twelve hours without a viewer, and not before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect

from relay import server
from relay.holdings import address
from relay.idle import Idle
from relay.settings import Settings
from tui.spawn import IDLE_EXIT

HOURS = 3_600.0
TOKEN = "test-token"


class Clock:
    """Seconds that pass when told to; `looked` is set whenever the relay looks whether its time is over."""

    def __init__(self) -> None:
        self.now = 0.0
        self.looked = asyncio.Event()

    def __call__(self) -> float:
        return self.now

    async def pass_(self, seconds: float) -> None:
        """Let time pass once the relay has looked, and have it look again: once may be in the middle of it."""
        await self._looks()
        self.now += seconds
        for _ in range(2):
            await self._looks()

    async def _looks(self) -> None:
        self.looked.clear()
        await asyncio.wait_for(self.looked.wait(), 20)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The relay's clock, which it looks at all the time."""
    found = Clock()

    class Watched(Idle):
        def is_over(self, viewers: int) -> bool:
            found.looked.set()
            return super().is_over(viewers)

    monkeypatch.setattr("relay.server.Idle", lambda seconds, _: Watched(seconds, found))
    monkeypatch.setattr("relay.server.TRIM_SECONDS", 0.01)
    monkeypatch.setattr("relay.server._settle_memory", lambda: None)
    return found


@asynccontextmanager
async def serving(directory: Path, idle_exit: timedelta | None) -> AsyncIterator[tuple[asyncio.Task[None], int]]:
    """A relay in this process, and its port."""
    (directory / "token").touch(mode=0o600)
    (directory / "token").write_text(TOKEN)
    settings = Settings(data_dir=directory, port=0, idle_exit=idle_exit, started_by="dashboard")
    with address(settings) as listener:
        task = asyncio.create_task(server._Running(settings, listener).serve())
        try:
            yield task, listener.getsockname()[1]
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def twelve_hours() -> timedelta:
    assert IDLE_EXIT == "12h"
    return timedelta(hours=12)


async def test_after_twelve_hours_alone_it_ends(tmp_path: Path, clock: Clock) -> None:
    async with serving(tmp_path, twelve_hours()) as (relay, _):
        await clock.pass_(12 * HOURS - 1)
        assert not relay.done()
        clock.now += 1
        await asyncio.wait_for(relay, 20)
    assert not (tmp_path / "relay.json").exists()


async def test_a_viewer_keeps_it_and_the_hours_count_from_when_it_left(tmp_path: Path, clock: Clock) -> None:
    async with serving(tmp_path, twelve_hours()) as (relay, port):
        await clock.pass_(11 * HOURS)
        headers = {"authorization": f"Bearer {TOKEN}"}
        url = f"ws://127.0.0.1:{port}/v1/stream"
        async with connect(url, additional_headers=headers, proxy=None) as viewer:
            await viewer.recv()
            await clock.pass_(100 * HOURS)
            assert not relay.done()
            await viewer.close()
            await noticed(port)
        await clock.pass_(12 * HOURS - 1)
        assert not relay.done()
        clock.now += 2
        await asyncio.wait_for(relay, 20)


async def noticed(port: int) -> None:
    """Wait until the relay knows that its viewer left."""
    async with asyncio.timeout(10), httpx.AsyncClient(trust_env=False) as http:
        while (await http.get(f"http://127.0.0.1:{port}/healthz")).json()["viewers"]:
            pass


async def test_one_that_nobody_limited_goes_on(tmp_path: Path, clock: Clock) -> None:
    async with serving(tmp_path, None) as (relay, _):
        await clock.pass_(1_000 * HOURS)
        assert not relay.done()
