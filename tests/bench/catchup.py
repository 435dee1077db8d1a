"""How fast one viewer catches up with a long log.

    python -m tests.bench.catchup --dir DIRECTORY [--rounds 3]

`DIRECTORY` holds the log that `python -m tests.bench.history --dir DIRECTORY` builds; a copy of it is worked on.
The viewer, in a process of its own, begins at the oldest event kept and decodes as much of a summary as counting
needs. The clock runs from before it attaches until it is told that it is live.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

import msgspec
from websockets.asyncio.client import connect

from tests.bench.ingest import process
from tests.bench.memory import copied, relay_on

TOKEN = "bench-token"


class _Frame(msgspec.Struct):
    op: str
    items: list[msgspec.Raw] = []
    upto: int = 0
    last_seq: int = -1


async def catch_up(port: int) -> tuple[int, float]:
    """Follow the stream from its beginning until it is live; gives the summaries and seconds."""
    decode = msgspec.json.Decoder(_Frame).decode
    seen = 0
    started = time.perf_counter()
    async with connect(
        f"ws://127.0.0.1:{port}/v1/stream?after=0",
        additional_headers={"authorization": f"Bearer {TOKEN}"},
        compression=None,
        max_size=8 << 20,
        proxy=None,
    ) as socket:
        while True:
            frame = decode(await socket.recv(decode=False))
            if frame.op == "events":
                seen += len(frame.items)
            elif frame.op == "heartbeat" and frame.upto >= frame.last_seq:
                return seen, time.perf_counter() - started


def main() -> None:
    """Measure and print; with a port alone, be the viewer."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dir", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.port:
        seen, seconds = asyncio.run(catch_up(options.port))
        print(f"{seen:,} summaries in {seconds:.1f} s: {seen / seconds:,.0f}/s")
        return
    if options.dir is None:
        parser.error("--dir is needed")
    with tempfile.TemporaryDirectory() as directory:
        copied(options.dir, Path(directory))
        with relay_on(Path(directory)) as port:
            for _ in range(options.rounds):
                with process("-m", "tests.bench.catchup", "--port", str(port)) as viewer:
                    assert viewer.stdout is not None
                    print(viewer.stdout.readline().strip(), flush=True)


if __name__ == "__main__":
    main()
