"""The stream over connections that are cut, truncated, stalled and delayed: every match comes, once.

pytest tests/faults/test_spoiled_stream.py --rounds 1000
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from pathlib import Path

import httpx

from tests.faults.proxy import Fate, SpoilingProxy
from tests.relay_process import TOKEN, RelayProcess, running, signed
from tui.feed import Batch, Feed, Gap, Link, LinkState, NewLog

SILENCE = 0.3
"""Seconds without a frame after which the feeds of this test give a connection up."""
TYPES = ("message.sent", "message.delivered", "message.bounced")
VIEWERS = {"": TYPES, "type:message.bounced": TYPES[2:], "data.number:<5 -type:message.sent": TYPES[1:]}


class Sender:
    """Posts events until it is told to stop; knows which were acknowledged, and when."""

    def __init__(self, relay: RelayProcess, rng: random.Random) -> None:
        self._relay = relay
        self._rng = rng
        self.stopped = False
        self.acknowledged: dict[int, tuple[str, int]] = {}
        """Type and number by seq."""
        self.times: list[tuple[float, int]] = []

    async def run(self) -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
            turn = 0
            while not self.stopped:
                turn += 1
                kind, number = self._rng.choice(TYPES), turn % 10
                data = {"id": f"m{turn}", "number": number, "text": "x" * self._rng.randrange(2_000)}
                body = json.dumps({"type": kind, "created_at": "2026-11-20T14:03:08.1Z", "data": data}).encode()
                answer = await client.post(self._relay.webhooks, content=body, headers=signed(body, kind))
                assert answer.status_code == 200
                seq = answer.json()["seq"]
                self.acknowledged[seq] = (kind, number)
                self.times.append((time.monotonic(), seq))

    def before(self, moment: float) -> int:
        """The highest seq that was acknowledged before a moment."""
        return max((seq for at, seq in self.times if at < moment), default=0)

    def matching(self, filter_: str) -> list[int]:
        """The seqs that a viewer with one of the filters has to see."""
        wanted = VIEWERS[filter_]
        below_five = "number" in filter_
        return sorted(
            seq
            for seq, (kind, number) in self.acknowledged.items()
            if kind in wanted and (number < 5 or not below_five)
        )


async def soon(_: float) -> None:
    await asyncio.sleep(0.002)


async def watch(proxy: SpoilingProxy, sender: Sender, filter_: str, seqs: list[int], goal: list[int]) -> None:
    """Follow the stream through the proxy until all up to the goal was given, noting the seqs in order."""
    feed = Feed(proxy.url, TOKEN, after=0, filter=filter_, sleep=soon, timeout=lambda _: asyncio.timeout(SILENCE))
    async with feed:
        async for item in feed:
            assert not isinstance(item, Gap | NewLog), "nothing is gone, and the log is the same"
            if isinstance(item, Batch):
                seqs += [event.seq for event in item.events]
                assert not seqs or seqs[-1] <= item.upto
            if isinstance(item, Link) and feed.link.state is LinkState.LIVE:
                # The greeting tells how far the log goes, and it was written after this connection was accepted.
                assert feed.upto is not None
                assert feed.upto >= sender.before(proxy.accepted_at)
            if goal and feed.upto is not None and feed.upto >= goal[0] and feed.link.state is LinkState.LIVE:
                return


async def test_every_match_comes_once_whatever_becomes_of_the_connections(tmp_path: Path, rounds: int) -> None:
    rng = random.Random(rounds)
    with running(tmp_path / "data") as relay:
        sender = Sender(relay, rng)
        port = int(relay.url.rpartition(":")[2])
        proxies = {filter_: SpoilingProxy(port, random.Random(rng.random())) for filter_ in VIEWERS}
        seen: dict[str, list[int]] = {filter_: [] for filter_ in VIEWERS}
        goal: list[int] = []
        async with asyncio.timeout(60 + rounds), asyncio.TaskGroup() as group:
            sending = group.create_task(sender.run())
            viewers = [
                group.create_task(serve_and_watch(proxy, sender, filter_, seen[filter_], goal))
                for filter_, proxy in proxies.items()
            ]
            while min(proxy.faults.total() for proxy in proxies.values()) < rounds:
                assert not any(viewer.done() for viewer in viewers)
                await asyncio.sleep(0.02)
            for proxy in proxies.values():
                proxy.spoils = False
            sender.stopped = True
            await sending
            goal.append(max(sender.acknowledged))
        for filter_, seqs in seen.items():
            assert seqs == sender.matching(filter_)
        fates = sum((proxy.faults for proxy in proxies.values()), start=type(proxies[""].faults)())
        assert fates.keys() == set(Fate) - {Fate.WHOLE}, "each fate came over some connection"


async def serve_and_watch(
    proxy: SpoilingProxy, sender: Sender, filter_: str, seqs: list[int], goal: list[int]
) -> None:
    async with proxy.serving():
        await watch(proxy, sender, filter_, seqs, goal)
