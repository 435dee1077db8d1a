"""A sender for benchmarks, in a process of its own: posts signed events at a steady rate and prints what it did.

    python -m tests.bench.steady PORT RATE SECONDS

It says `posting` once all requests are made up, and posts from then on; at the end it prints how many were
answered a second, and the median and the 99th percentile of their milliseconds. A relay that falls behind is not
pressed: every connection waits for its answer before it sends again.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
from collections.abc import Iterator
from functools import partial
from time import perf_counter
from typing import cast

from tests.bench.ingest import requests

CONNECTIONS = 64
TURN = 0.004
"""Seconds between two looks at what is due."""


class _Connection(asyncio.Protocol):
    """One keep-alive connection, idle until it is given a request; answers are small and come whole."""

    def __init__(self, idle: list[_Connection]) -> None:
        self._idle = idle
        self._sent_at = 0.0
        self.transport: asyncio.Transport | None = None
        self.took: list[float] = []
        """Milliseconds until each answer."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self._idle.append(self)

    def send(self, request: bytes) -> None:
        assert self.transport is not None
        self._sent_at = perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.took.append((perf_counter() - self._sent_at) * 1_000)
        self._idle.append(self)


async def post(port: int, prepared: Iterator[bytes], rate: float, seconds: float) -> tuple[list[float], float]:
    """Post for so long; gives the milliseconds of each answer, ascending, and how many seconds it was."""
    loop = asyncio.get_running_loop()
    idle: list[_Connection] = []
    every: list[_Connection] = []
    for _ in range(CONNECTIONS):
        _, connection = await loop.create_connection(partial(_Connection, idle), "127.0.0.1", port)
        every.append(connection)
    started = perf_counter()
    sent = 0
    while (passed := perf_counter() - started) < seconds:
        for _ in range(min(int(passed * rate) - sent, len(idle))):
            idle.pop().send(next(prepared))
            sent += 1
        await asyncio.sleep(TURN)
    for connection in every:
        assert connection.transport is not None
        connection.transport.close()
    return sorted(took for connection in every for took in connection.took), perf_counter() - started


def main() -> None:
    """Make the requests up, post them, and print the rate."""
    port, rate, seconds = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
    prepared = list(itertools.islice(requests("/webhooks/knock", port), int(rate * seconds) + CONNECTIONS))
    print("posting", flush=True)
    took, passed = asyncio.run(post(port, iter(prepared), rate, seconds))
    middle, most = took[len(took) // 2], took[len(took) * 99 // 100]
    print(f"{len(took) / passed:.0f} {middle:.1f} {most:.1f}", flush=True)


if __name__ == "__main__":
    main()
