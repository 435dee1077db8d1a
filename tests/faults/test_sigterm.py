"""SIGTERM under load: what was stored was answered, what was answered is stored, and the relay ends cleanly.

pytest tests/faults/test_sigterm.py --rounds 30
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import signal
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

from tests.relay_process import RelayProcess, signed, start

CONNECTIONS = 48
STOP_SECONDS = 4.0
"""The relay itself gives up on connections after five."""


def request(key: str, *, is_signed: bool) -> bytes:
    body = json.dumps({"type": "message.sent", "created_at": "2026-11-20T14:03:08Z", "data": {"id": key}}).encode()
    lines = ["POST /webhooks/knock HTTP/1.1", "Host: relay", f"Content-Length: {len(body)}"]
    if is_signed:
        lines += [f"{name}: {value}" for name, value in signed(body, "message.sent").items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


@asynccontextmanager
async def connected(relay: RelayProcess) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    host, port = relay.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def answer(reader: asyncio.StreamReader) -> int:
    """The status of one whole answer. Raises `OSError` or `EOFError` where the connection ends before."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head)
    assert length is not None
    await reader.readexactly(int(length[1]))
    return int(head.split(b" ", 2)[1])


async def load_until_stopped(relay: RelayProcess, seconds: float) -> tuple[set[str], set[str]]:
    """Post until the relay has stopped, SIGTERM `seconds` from now; the keys acknowledged, and those set aside."""
    acknowledged: set[str] = set()
    set_aside: set[str] = set()

    async def sender(number: int) -> None:
        turn = 0
        async with connected(relay) as (reader, writer):
            while True:
                key = f"{number}-{turn}"
                is_signed = (number + turn) % 6 > 0
                writer.write(request(key, is_signed=is_signed))
                try:
                    status = await answer(reader)
                except (OSError, EOFError):
                    return
                assert status == (200 if is_signed else 202)
                (acknowledged if is_signed else set_aside).add(key)
                turn += 1

    senders = [asyncio.create_task(sender(number)) for number in range(CONNECTIONS)]
    await asyncio.sleep(seconds)
    relay.child.send_signal(signal.SIGTERM)
    await asyncio.wait_for(asyncio.gather(*senders), 20)
    return acknowledged, set_aside


def stored(directory: Path, table: str) -> list[str]:
    with closing(sqlite3.connect(directory / "events.sqlite3")) as connection:
        bodies = connection.execute(f"SELECT body FROM {table}").fetchall()
    return [json.loads(body)["data"]["id"] for (body,) in bodies]


async def test_sigterm_leaves_nothing_half_done(tmp_path: Path, rounds: int) -> None:
    rng = random.Random(rounds)
    for round_ in range(rounds):
        relay = start(tmp_path / str(round_))
        try:
            acknowledged, set_aside = await load_until_stopped(relay, rng.uniform(0.05, 0.3))
            began = time.monotonic()
            assert await asyncio.to_thread(relay.child.wait, 20) == 0
            assert time.monotonic() - began < STOP_SECONDS
        finally:
            relay.kill()
            assert relay.child.stderr is not None
            relay.child.stderr.close()
        events, held = stored(relay.directory, "events"), stored(relay.directory, "quarantine")
        assert sorted(events) == sorted(acknowledged), f"round {round_}: stored and answered are not the same"
        assert sorted(held) == sorted(set_aside), f"round {round_}: set aside and answered are not the same"
        assert acknowledged
