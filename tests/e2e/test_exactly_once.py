"""A stock WebSocket client that cuts its connection at random ends with every event exactly once."""

from __future__ import annotations

import asyncio
import json
import random
from pathlib import Path

import httpx
from websockets.asyncio.client import connect

from tests.relay_process import RelayProcess, running, signed

EVENTS = 1_500


def body(number: int) -> bytes:
    return json.dumps(
        {
            "__typename": "Event",
            "type": "message.sent",
            "created_at": f"2026-11-20T14:03:08.{number:06d}Z",
            "data": {"__typename": "Message", "id": f"m{number}", "recipient": "dr_grant"},
            "event_data": None,
        }
    ).encode()


async def post_all(relay: RelayProcess) -> set[int]:
    """Post every event, every tenth of them twice; the seqs that were acknowledged."""
    acknowledged: set[int] = set()
    limits = httpx.Limits(max_connections=16)
    async with httpx.AsyncClient(trust_env=False, limits=limits, timeout=30) as client:

        async def post(number: int) -> None:
            text = body(number)
            answer = await client.post(relay.webhooks, content=text, headers=signed(text, "message.sent"))
            assert answer.status_code == 200
            acknowledged.add(answer.json()["seq"])

        numbers = [number for number in range(EVENTS) for _ in range(2 if number % 10 == 0 else 1)]
        for start in range(0, len(numbers), 50):
            await asyncio.gather(*(post(number) for number in numbers[start : start + 50]))
    return acknowledged


async def follow(
    relay: RelayProcess, posting: asyncio.Task[set[int]], rng: random.Random
) -> tuple[list[int], int]:
    """Follow with a plain client, cutting after a random number of frames; the seqs seen, and how many cuts."""
    seen: list[int] = []
    upto = 0
    cuts = 0
    while True:
        left = rng.randint(1, 6)
        async with connect(f"{relay.stream}?after={upto}", additional_headers=relay.authorization) as socket:
            async for text in socket:
                frame = json.loads(text)
                if frame["op"] == "events":
                    seen += [item["seq"] for item in frame["items"]]
                upto = max(upto, frame.get("upto", 0))
                if frame["op"] == "heartbeat" and posting.done() and upto == frame["last_seq"]:
                    return seen, cuts
                left -= 1
                if left == 0 and not posting.done():
                    break
            socket.transport.abort()
        cuts += 1


async def test_a_client_that_cuts_at_random_sees_every_event_once(tmp_path: Path) -> None:
    with running(tmp_path / "data") as relay:
        posting = asyncio.create_task(post_all(relay))
        seen, cuts = await asyncio.wait_for(follow(relay, posting, random.Random(7)), 90)
        acknowledged = await posting
    assert cuts > 10
    assert sorted(seen) == sorted(acknowledged)
    assert len(acknowledged) == EVENTS
