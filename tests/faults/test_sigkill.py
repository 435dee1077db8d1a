"""SIGKILL under load: every acknowledged event is there afterwards, once.

pytest tests/faults/test_sigkill.py --rounds 200
"""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx

from tests.relay_process import RelayProcess, signed, start

CONNECTIONS = 16


def body(key: str) -> bytes:
    return json.dumps(
        {
            "type": "message.sent",
            "created_at": "2026-11-20T14:03:08.958652Z",
            "data": {"id": key, "recipient": "dr_grant"},
        }
    ).encode()


async def load_until_killed(relay: RelayProcess, prefix: str, seconds: float) -> dict[str, int]:
    """Post until the relay is killed, `seconds` from the first answer; what was acknowledged, by key."""
    acknowledged: dict[str, int] = {}
    first = asyncio.Event()

    async def sender(number: int) -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
            turn = 0
            while True:
                # Some keys are sent twice, so that duplicates are cut off as well.
                key = f"{prefix}-{number}-{turn - turn % 5 // 4}"
                text = body(key)
                try:
                    answer = await client.post(relay.webhooks, content=text, headers=signed(text, "message.sent"))
                except httpx.TransportError:
                    return
                assert answer.status_code == 200
                acknowledged[key] = answer.json()["seq"]
                first.set()
                turn += 1

    senders = [asyncio.create_task(sender(number)) for number in range(CONNECTIONS)]
    await asyncio.wait_for(first.wait(), 20)
    await asyncio.sleep(seconds)
    relay.child.kill()
    await asyncio.wait_for(asyncio.gather(*senders), 20)
    relay.child.wait(20)
    return acknowledged


def stored(directory: Path) -> tuple[dict[str, list[int]], list[int]]:
    """Seqs by key, and the seq of every entry, as the file has them."""
    with closing(sqlite3.connect(directory / "events.sqlite3")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        by_key: dict[str, list[int]] = {}
        for seq, text in connection.execute("SELECT seq, body FROM events"):
            by_key.setdefault(json.loads(text)["data"]["id"], []).append(seq)
        entries = connection.execute(
            "SELECT seq FROM events UNION ALL SELECT seq FROM facts ORDER BY 1"
        ).fetchall()
    return by_key, [seq for (seq,) in entries]


async def test_what_was_acknowledged_survives_sigkill_once(tmp_path: Path, rounds: int) -> None:
    rng = random.Random(rounds)
    acknowledged: dict[str, int] = {}
    for round_ in range(rounds):
        relay = start(tmp_path)
        try:
            acknowledged |= await load_until_killed(relay, f"r{round_}", rng.uniform(0.02, 0.25))
        finally:
            relay.kill()
            assert relay.child.stderr is not None
            relay.child.stderr.close()
        by_key, entries = stored(tmp_path)
        lost = acknowledged.keys() - by_key.keys()
        assert not lost, f"round {round_}: acknowledged and not stored"
        assert all(by_key[key] == [seq] for key, seq in acknowledged.items()), "stored under another seq, or twice"
        assert entries == list(range(1, len(entries) + 1)), "every seq is an entry, used once"
    assert len(acknowledged) > rounds
