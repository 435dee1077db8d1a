"""POST to painted row on a real pseudo-terminal.

    python -m tests.bench.painted [--rate 100] [--seconds 8] [--size 120x40]

A relay, a dashboard on a pseudo-terminal, and a sender that posts signed events at a steady rate. Each event
carries its number in the recipient's name; the clock runs from just before its request is written until the bytes
with that name come out of the terminal. Both ends are one process, so nothing is compared across clocks.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import sys
import tempfile
import threading
import time
from pathlib import Path

import httpx

from tests.bench.ingest import relay
from tests.relay_process import environment, signed
from tests.terminal import Terminal, terminal

SECRET = "bench-secret"
NAME = re.compile(rb"n(\d{7})e")


def body(number: int) -> bytes:
    """An event whose row shows its number."""
    return json.dumps(
        {
            "type": "message.sent",
            "created_at": f"2026-11-20T14:03:08.{number:06d}Z",
            "data": {"id": f"m{number}", "recipient": f"n{number:07d}e", "channel": {"type": "email"}},
        }
    ).encode()


class Painted(threading.Thread):
    """Reads the terminal, and notes when each number first comes out of it."""

    def __init__(self, program: Terminal) -> None:
        super().__init__(daemon=True)
        self._program = program
        self.at: dict[int, float] = {}
        self.stop = threading.Event()

    def run(self) -> None:
        rest = b""
        while not self.stop.is_set():
            data = os.read(self._program.descriptor, 1 << 16)
            now = time.perf_counter()
            rest = rest[-16:] + data
            for found in NAME.findall(rest):
                self.at.setdefault(int(found), now)


async def send(port: int, rate: float, seconds: float) -> dict[int, float]:
    """Post at a steady rate; when each event's request began."""
    sent: dict[int, float] = {}
    url = f"http://127.0.0.1:{port}/webhooks/knock"
    limits = httpx.Limits(max_connections=32, max_keepalive_connections=32)
    async with httpx.AsyncClient(trust_env=False, limits=limits) as client, asyncio.TaskGroup() as group:

        async def post(number: int, text: bytes, headers: dict[str, str]) -> None:
            sent[number] = time.perf_counter()
            (await client.post(url, content=text, headers=headers)).raise_for_status()

        started = time.perf_counter()
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(started + number / rate - time.perf_counter(), 0))
            text = body(number)
            group.create_task(post(number, text, signed(text, "message.sent", secret=SECRET)))
    return sent


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=100)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--size", default="120x40")
    options = parser.parse_args()
    columns, rows = (int(part) for part in options.size.split("x"))
    with tempfile.TemporaryDirectory() as directory, relay(Path(directory) / "data") as port:
        home = Path(directory)
        command = [sys.executable, "-m", "tui", "--relay", f"http://127.0.0.1:{port}"]
        environ = environment(home, KNOCKTOP_TOKEN="bench-token")
        with terminal(command, environ=environ, cwd=home, columns=columns, rows=rows) as program:
            program.wait_for_text("live")
            painted = Painted(program)
            painted.start()
            sent = asyncio.run(send(port, options.rate, options.seconds))
            time.sleep(1)
            painted.stop.set()
    late = sorted((painted.at[number] - at) * 1_000 for number, at in sent.items() if number in painted.at)
    print(f"{options.rate:.0f} events/s for {options.seconds:.0f} s on a terminal of {options.size}")
    print(f"painted: {len(late):,} of {len(sent):,} (rows that scroll by between two frames are never painted)")
    for share in (0.5, 0.9, 0.99):
        print(f"  p{share * 100:.0f} {late[min(int(len(late) * share), len(late) - 1)]:.1f} ms")


if __name__ == "__main__":
    main()
