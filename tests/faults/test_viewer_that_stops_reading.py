"""Viewers that read nothing cost no memory, and neither ingest nor another viewer notices them.

pytest tests/faults/test_viewer_that_stops_reading.py --rounds 200
"""

from __future__ import annotations

import asyncio
import json
import subprocess
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
from websockets.asyncio.client import ClientConnection, connect

from tests.relay_process import TOKEN, RelayProcess, running, signed
from tui.feed import Batch, Feed

STUCK = 8
A_ROUND = 50
"""Events of a round; their summaries have some 4 kB each."""
SENDERS = 8
WARM = 10
"""Rounds after which the relay has most of the memory that it needs for itself."""
ALLOWED = STUCK << 20
"""Bytes more than without them: a frame each. What comes in 20 rounds is four times as much."""


def resident(relay: RelayProcess) -> int:
    """Bytes that the relay has in memory."""
    told = subprocess.run(
        ["ps", "-o", "rss=", "-p", str(relay.child.pid)], capture_output=True, text=True, check=True
    )
    return int(told.stdout) * 1024


async def post(relay: RelayProcess, client: httpx.AsyncClient, first: int) -> None:
    """One round, over a few connections; every event is acknowledged."""

    async def send(numbers: range) -> None:
        for number in numbers:
            data = {"__typename": "Message", "id": f"m{number}", "recipient": "r" * 900, "workflow": "w" * 900}
            body = json.dumps(
                {
                    "type": "message.sent",
                    "created_at": "2026-11-20T14:03:08.1Z",
                    "data": data,
                    "event_data": {"x": "y" * 2_000},
                }
            ).encode()
            answer = await client.post(relay.webhooks, content=body, headers=signed(body, "message.sent"))
            assert answer.status_code == 200

    async with asyncio.TaskGroup() as group:
        for start in range(first, first + A_ROUND, A_ROUND // SENDERS + 1):
            group.create_task(send(range(start, min(start + A_ROUND // SENDERS + 1, first + A_ROUND))))


async def stuck(relay: RelayProcess) -> ClientConnection:
    """A viewer that takes the greeting, and then nothing: its queue is full, and it leaves the socket alone."""
    connection = await connect(
        f"{relay.stream}?after=0",
        additional_headers={"authorization": f"Bearer {TOKEN}"},
        compression=None,
        max_queue=1,
        ping_interval=None,
        proxy=None,
    )
    await connection.recv()
    return connection


async def seqs_of(relay: RelayProcess, count: int) -> list[int]:
    """What another viewer is given, until it has so many."""
    seqs: list[int] = []
    async with Feed(relay.url, TOKEN, after=0) as feed:
        async for item in feed:
            if isinstance(item, Batch):
                seqs += [event.seq for event in item.events]
            if len(seqs) >= count:
                break
    return seqs


async def growth(directory: Path, rounds: int, viewers: int) -> int:
    """Bytes by which a relay grows in so many rounds, with so many viewers that read nothing."""
    count = (WARM + rounds) * A_ROUND
    with running(directory) as relay:
        async with (
            asyncio.timeout(60 + rounds * 2),
            AsyncExitStack() as stack,
            httpx.AsyncClient(trust_env=False, timeout=20) as client,
        ):
            reading = asyncio.create_task(seqs_of(relay, count))
            for round_ in range(WARM):
                await post(relay, client, round_ * A_ROUND)
            before = resident(relay)
            for _ in range(viewers):
                stack.callback((await stuck(relay)).transport.abort)
            for round_ in range(WARM, WARM + rounds):
                await post(relay, client, round_ * A_ROUND)
            assert await reading == list(range(1, count + 1)), "another viewer was given everything, once"
            return resident(relay) - before


async def test_viewers_that_stop_reading_cost_nothing_and_disturb_nobody(tmp_path: Path, rounds: int) -> None:
    alone = await growth(tmp_path / "alone", rounds, 0)
    beside_them = await growth(tmp_path / "beside", rounds, STUCK)
    assert beside_them - alone < ALLOWED, f"{(beside_them - alone) >> 20} MiB more for {STUCK} viewers"
