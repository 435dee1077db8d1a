"""A proxy that spoils connections: it cuts, truncates, stalls and delays what comes through."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from enum import StrEnum

CHUNK = 16_384
LONGEST_DELAY = 0.02
"""Seconds that a slow connection holds back each piece at most."""


class Fate(StrEnum):
    """What becomes of a connection after some of its bytes have gone through to the client."""

    CUT = "cut"
    TRUNCATED = "truncated"
    STALLED = "stalled"
    SLOW = "slow, then cut"
    WHOLE = "whole"


class SpoilingProxy:
    """Passes connections on to a port of this machine until their fate comes over them.

    With `spoils` unset every further connection is left whole. `faults` counts the fates that came over one;
    `accepted_at` is when, by the monotonic clock, each connection of a client was accepted, by its own port.
    """

    def __init__(self, port: int, rng: random.Random) -> None:
        self._port = port
        self._rng = rng
        self._tasks: set[asyncio.Task[None]] = set()
        self.spoils = True
        self.faults: Counter[Fate] = Counter()
        self.accepted_at = time.monotonic()
        self.url = ""

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Listen on a free port while the block runs; ends every connection after it."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield
        finally:
            server.close()
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.accepted_at = time.monotonic()
        upstream: asyncio.StreamWriter | None = None
        try:
            relayed, upstream = await asyncio.open_connection("127.0.0.1", self._port)
            up = asyncio.ensure_future(_pass_on(reader, upstream))
            try:
                await self._down(relayed, writer)
            finally:
                up.cancel()
                await asyncio.gather(up, return_exceptions=True)
        except OSError:
            pass
        finally:
            self._tasks.discard(task)
            writer.transport.abort()
            if upstream is not None:
                upstream.transport.abort()

    async def _down(self, relayed: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        fate = self._rng.choice([Fate.CUT, Fate.TRUNCATED, Fate.STALLED, Fate.SLOW]) if self.spoils else Fate.WHOLE
        # From the middle of the upgrade to some dozens of frames. A client waits long for an upgrade.
        left = int(10 ** self._rng.uniform(2.7 if fate is Fate.STALLED else 1.5, 4.5))
        while data := await relayed.read(CHUNK):
            if fate is Fate.SLOW:
                await asyncio.sleep(self._rng.uniform(0, LONGEST_DELAY))
            if fate is Fate.WHOLE or len(data) < left:
                writer.write(data)
                await writer.drain()
                left -= len(data)
                continue
            await self._end(fate, writer, data[:left])
            return

    async def _end(self, fate: Fate, writer: asyncio.StreamWriter, last: bytes) -> None:
        self.faults[fate] += 1
        if fate is not Fate.CUT:
            writer.write(last)
            await writer.drain()
        if fate is Fate.STALLED:
            # Nothing more, in either direction, and no word about it: until the client gives up.
            await writer.wait_closed()
        elif fate is Fate.TRUNCATED:
            # A goodbye in the middle of a frame, and not the reset that `abort` makes.
            writer.close()
            await writer.wait_closed()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
