"""A load generator on loopback: keeps N connections busy with prepared requests for a bounded time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter
from typing import cast


@dataclass
class Result:
    """What one run saw; latencies in seconds, ascending."""

    seconds: float
    statuses: dict[int, int] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """The latency in milliseconds that this share of the requests did not exceed."""
        return self.latencies[min(int(len(self.latencies) * share), len(self.latencies) - 1)] * 1_000


class _Connection(asyncio.Protocol):
    """One keep-alive connection; answers are small and have a content-length."""

    def __init__(
        self, requests: Iterator[bytes], deadline: float, result: Result, done: asyncio.Future[None]
    ) -> None:
        self._requests = requests
        self._deadline = deadline
        self._result = result
        self._done = done
        self._buffer = b""
        self._sent_at = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but ancestry
        self._next()

    def _next(self) -> None:
        assert self._transport is not None
        now = perf_counter()
        request = next(self._requests, None)
        if request is None or now >= self._deadline:
            self._transport.close()
            return
        self._sent_at = now
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, separator, rest = self._buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        if len(rest) < length:
            return
        self._buffer = rest[length:]
        status = int(head[9:12])
        self._result.statuses[status] = self._result.statuses.get(status, 0) + 1
        self._result.latencies.append(perf_counter() - self._sent_at)
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_result(None)


def _same(connection: _Connection) -> _Connection:
    return connection


async def run(port: int, requests: Iterator[bytes], *, connections: int, seconds: float) -> Result:
    """Send requests over `connections` connections for `seconds`, or until there are none left."""
    loop = asyncio.get_running_loop()
    result = Result(seconds)
    started = perf_counter()
    waiting: list[asyncio.Future[None]] = []
    for _ in range(connections):
        done: asyncio.Future[None] = loop.create_future()
        waiting.append(done)
        connection = _Connection(requests, started + seconds, result, done)
        await loop.create_connection(partial(_same, connection), "127.0.0.1", port)
    await asyncio.wait_for(asyncio.gather(*waiting), seconds + 30)
    result.seconds = perf_counter() - started
    result.latencies.sort()
    return result
