"""Many viewers of one relay: each is given every event once, and ingest hardly notices.

    python -m tests.bench.viewers [--viewers 100] [--rate 1000] [--seconds 10] [--rounds 3]

Signed events are posted at a steady rate, in turns to a relay with one viewer and to one with many. The viewers
share a process of their own. What is told is how long ingest took to answer, and how many viewers were given every
event once, in order.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen

import msgspec
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.bench.ingest import process, relay

TOKEN = "bench-token"
AT_ONCE = 20
"""Viewers that attach at a time."""
LAST = 2.0
"""Seconds in which what was acknowledged last comes to every viewer."""


class _Item(msgspec.Struct):
    seq: int


class _Frame(msgspec.Struct):
    op: str
    items: list[_Item] = []
    upto: int = 0


async def watch(port: int, count: int) -> None:
    """Attach so many viewers, say so, and tell on SIGTERM how many saw every event once."""
    decode = msgspec.json.Decoder(_Frame).decode
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    seen: list[list[int]] = [[] for _ in range(count)]
    attached = [asyncio.Event() for _ in range(count)]
    door = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        await door.acquire()
        async with connect(
            f"ws://127.0.0.1:{port}/v1/stream",
            additional_headers={"authorization": f"Bearer {TOKEN}"},
            compression=None,
            max_size=8 << 20,
            ping_interval=None,
            proxy=None,
        ) as socket:
            await socket.recv()
            door.release()
            attached[number].set()
            try:
                while True:
                    frame = decode(await socket.recv(decode=False))
                    if frame.op == "events":
                        seen[number] += [item.seq for item in frame.items]
            except ConnectionClosed:
                return

    viewers = [asyncio.create_task(one(number)) for number in range(count)]
    for event in attached:
        await event.wait()
    print("attached", flush=True)
    await stop.wait()
    last = max(seqs[-1] for seqs in seen if seqs)
    whole = sum(seqs == list(range(1, last + 1)) for seqs in seen)
    print(f"{whole} {last}", flush=True)
    for viewer in viewers:
        viewer.cancel()
    await asyncio.gather(*viewers, return_exceptions=True)


@contextmanager
def attached(port: int, count: int) -> Iterator[Popen[str]]:
    with process("-m", "tests.bench.viewers", "--port", str(port), "--viewers", str(count)) as child:
        assert child.stdout is not None
        assert child.stdout.readline().strip() == "attached"
        yield child


def measured(viewers: int, rate: float, seconds: float) -> tuple[float, float, float, int, int]:
    """Requests a second, their median and p99 in ms, viewers that saw all of it once, and how much it was."""
    with (
        tempfile.TemporaryDirectory() as place,
        relay(Path(place, "data")) as port,
        attached(port, viewers) as watching,
    ):
        with process("-m", "tests.bench.steady", str(port), str(rate), str(seconds)) as posting:
            assert posting.stdout is not None
            assert posting.stdout.readline().strip() == "posting"
            answered, middle, most = (float(part) for part in posting.stdout.readline().split())
        # What was acknowledged last is a moment away from the viewers.
        time.sleep(LAST)
        watching.send_signal(signal.SIGTERM)
        assert watching.stdout is not None
        whole, last = (int(part) for part in watching.stdout.readline().split())
    return answered, middle, most, whole, last


def main() -> None:
    """Measure and print; with a port, be the viewers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--viewers", type=int, default=100)
    parser.add_argument("--rate", type=float, default=1_000)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.port:
        asyncio.run(watch(options.port, options.viewers))
        return
    slowest: dict[int, list[float]] = {1: [], options.viewers: []}
    for _ in range(options.rounds):
        for count, found in slowest.items():
            answered, middle, most, whole, last = measured(count, options.rate, options.seconds)
            found.append(most)
            print(
                f"{count:4} viewers: {answered:.0f} requests/s, p50 {middle:.1f}, p99 {most:.1f} ms;"
                f" {last} events, every one once to {whole} of {count}",
                flush=True,
            )
    one, many = (statistics.median(found) for found in slowest.values())
    print(f"p99 with {options.viewers} viewers is {many / one:.2f} times that with one")


if __name__ == "__main__":
    main()
