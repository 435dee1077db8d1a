"""How soon the stream obeys another filter, over a long log, while events pour in and its first page is read.

    python -m tests.bench.filtered --dir DIRECTORY [--rate 500] [--filters 200]

`DIRECTORY` holds the log that `python -m tests.bench.history --dir DIRECTORY` builds; a copy of it is worked on.
As the dashboard does, each filter is sent over the stream, and at the same moment its first page and its counts
are asked for. The clock runs from before the frame is sent until `filtered` has come.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import tempfile
import time
from pathlib import Path

import httpx
import msgspec
from websockets.asyncio.client import connect

from tests.bench.ingest import process
from tests.bench.memory import copied, relay_on

TOKEN = "bench-token"
FILTERS = [
    "workflow:welcome",
    "-channel:email -status:sent",
    "type:message.bounced",
    "thousandth",
    "data.place:>998",
    "bottommost",
    "data.shelf:bottommost",
    "data.recipient_snapshot.email~^ops@",
    "",
]
BETWEEN = (0.2, 0.6)
"""Seconds from one filter to the next."""


class _Frame(msgspec.Struct):
    op: str
    id: int | None = None


async def obeyed(port: int, filters: int) -> list[float]:
    """Set one filter after another; milliseconds until each was obeyed."""
    decode = msgspec.json.Decoder(_Frame).decode
    headers = {"authorization": f"Bearer {TOKEN}"}
    took: list[float] = []
    answered = asyncio.Event()
    awaited, at = -1, 0.0
    async with (
        connect(
            f"ws://127.0.0.1:{port}/v1/stream",
            additional_headers=headers,
            compression=None,
            max_size=8 << 20,
            proxy=None,
        ) as socket,
        httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60, trust_env=False
        ) as api,
    ):

        async def read() -> None:
            nonlocal at
            async for text in socket:
                frame = decode(text)
                if frame.op == "filtered" and frame.id == awaited:
                    at = time.perf_counter()
                    answered.set()

        async def ask(text: str) -> None:
            with contextlib.suppress(httpx.HTTPError):
                await api.get("/v1/events", params={"filter": text, "limit": 500})
                await api.get("/v1/types", params={"filter": text})

        reading = asyncio.create_task(read())
        asking: asyncio.Task[None] | None = None
        for number in range(filters):
            text = FILTERS[number % len(FILTERS)]
            if asking is not None:
                asking.cancel()
            answered.clear()
            awaited = number
            started = time.perf_counter()
            await socket.send(msgspec.json.encode({"op": "filter", "id": number, "filter": text}).decode())
            asking = asyncio.create_task(ask(text))
            await asyncio.wait_for(answered.wait(), 10)
            took.append((at - started) * 1_000)
            await asyncio.sleep(random.uniform(*BETWEEN))
        reading.cancel()
        if asking is not None:
            asking.cancel()
        await asyncio.gather(reading, *([asking] if asking else []), return_exceptions=True)
    return took


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("--rate", type=float, default=500)
    parser.add_argument("--filters", type=int, default=200)
    options = parser.parse_args()
    seconds = options.filters * (sum(BETWEEN) / 2 + 0.1) + 5
    with tempfile.TemporaryDirectory() as directory:
        copied(options.dir, Path(directory))
        with relay_on(Path(directory)) as port:
            sender = ["-m", "tests.bench.steady", str(port), str(options.rate), str(seconds)]
            with process(*sender) as posting:
                assert posting.stdout is not None
                posting.stdout.readline()
                took = sorted(asyncio.run(obeyed(port, options.filters)))
    shares = "  ".join(
        f"p{share} {took[min(len(took) * share // 100, len(took) - 1)]:.1f}" for share in (50, 90, 99)
    )
    print(f"filtered after, over {options.filters} filters at {options.rate:.0f} events/s: {shares} ms")


if __name__ == "__main__":
    main()
