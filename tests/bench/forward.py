"""How fast events are forwarded, and how much later than at the relay they arrive at the app.

    python -m tests.bench.forward [--events 3000] [--rate 50] [--seconds 20]

A relay, `knocktop forward` and an app that answers at once, each in a process of its own on loopback. For the
speed a backlog is forwarded; for the latency signed events are posted at a steady rate, and each is timed from
just before its POST until the app has all of it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.relay_process import ROOT, TOKEN, RelayProcess, environment, running, signed

PATIENCE_S = 120.0


class _App(asyncio.Protocol):
    """Answers 200 at once, and notes when each request had come."""

    def __init__(self, arrivals: list[tuple[str, float]]) -> None:
        self._arrivals = arrivals
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, separator, rest = self._buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        if len(rest) < length:
            return
        self._buffer = b""
        self._arrivals.append((json.loads(rest)["data"]["id"], time.monotonic()))
        assert self._transport is not None
        self._transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")


async def serve() -> None:
    """Be the app until SIGTERM: print the port, on each line how many came, and at the end when each did."""
    arrivals: list[tuple[str, float]] = []
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    server = await loop.create_server(lambda: _App(arrivals), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    loop.add_reader(sys.stdin, lambda: print(len(arrivals) if sys.stdin.readline() else "", flush=True))
    await stop.wait()
    print(json.dumps(arrivals), flush=True)


class _Arrivals:
    """The app, from outside."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.bench.forward", "--app"]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True
        )
        self.url = f"http://127.0.0.1:{int(self._line())}/hooks"

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def wait(self, count: int) -> None:
        assert self._process.stdin is not None
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            self._process.stdin.write("\n")
            self._process.stdin.flush()
            if int(self._line()) >= count:
                return
            time.sleep(0.05)
        raise TimeoutError("not all events arrived")

    def end(self) -> dict[str, float]:
        self._process.send_signal(signal.SIGTERM)
        arrivals: list[tuple[str, float]] = json.loads(self._process.communicate(timeout=PATIENCE_S)[0])
        assert len(arrivals) == len({key for key, _ in arrivals})
        return dict(arrivals)


@contextmanager
def forwarding(relay: RelayProcess, url: str, *flags: str) -> Iterator[None]:
    """Run the command; the block begins once it forwards."""
    variables = {
        "KNOCKTOP_DATA_DIR": str(relay.directory),
        "KNOCKTOP_RELAY_URL": relay.url,
        "KNOCKTOP_TOKEN": TOKEN,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "tui", "forward", url, *flags],
        env=environment(relay.directory, **variables),
        cwd=relay.directory,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    while "forwarding to" not in (line := process.stderr.readline()):
        assert line, "knocktop forward ended"
    yield
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=PATIENCE_S)[1] == ""


def request(key: str, port: int) -> bytes:
    """One signed event of its own message, as bytes on the wire."""
    data: dict[str, Any] = {"id": key, "recipient": "user_1", "workflow": {"key": "welcome"}, "filling": "x" * 700}
    body = json.dumps({"type": "message.sent", "created_at": "2026-11-20T14:03:08.1Z", "data": data}).encode()
    headers = {**signed(body, "message.sent"), "host": f"127.0.0.1:{port}", "content-length": str(len(body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST /webhooks/knock HTTP/1.1\r\n{lines}\r\n".encode() + body


async def post(relay: RelayProcess, keys: list[str], rate: float | None = None) -> dict[str, float]:
    """Post an event for each key, and give when each was sent."""
    port = int(relay.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    sent = {}
    began = time.monotonic()
    for number, key in enumerate(keys):
        wire = request(key, port)
        if rate is not None:
            await asyncio.sleep(max(began + number / rate - time.monotonic(), 0))
        sent[key] = time.monotonic()
        writer.write(wire)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        await reader.readexactly(int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0]))
    writer.close()
    return sent


def speed(events: int, concurrency: int) -> float:
    """Give the events a second at which a backlog is forwarded."""
    with tempfile.TemporaryDirectory() as directory, running(Path(directory)) as relay:
        app = _Arrivals()
        asyncio.run(post(relay, [f"m{number}" for number in range(events)]))
        flags = ("--since", "beginning", "--backlog", str(events), "--concurrency", str(concurrency))
        with forwarding(relay, app.url, *flags):
            app.wait(events)
        times = sorted(app.end().values())
        return (len(times) - 1) / (times[-1] - times[0])


def latencies(rate: float, seconds: float) -> list[float]:
    """Give, in ascending order, the milliseconds from POST to arrival."""
    with tempfile.TemporaryDirectory() as directory, running(Path(directory)) as relay:
        app = _Arrivals()
        with forwarding(relay, app.url):
            sent = asyncio.run(post(relay, [f"m{number}" for number in range(int(rate * seconds))], rate))
            app.wait(len(sent))
        arrived = app.end()
        return sorted((arrived[key] - at) * 1_000 for key, at in sent.items())


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--app", action="store_true")
    parser.add_argument("--events", type=int, default=3_000)
    parser.add_argument("--rate", type=float, default=50.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    given = parser.parse_args()
    if given.app:
        asyncio.run(serve())
        return
    for concurrency in (4, 32):
        print(f"concurrency {concurrency}: {speed(given.events, concurrency):.0f} events/s", flush=True)
    found = latencies(given.rate, given.seconds)
    p50, p99 = (found[min(int(len(found) * share), len(found) - 1)] for share in (0.5, 0.99))
    print(f"at {given.rate:g} events/s: POST to app p50 {p50:.1f} ms, p99 {p99:.1f} ms, of {len(found)}")


if __name__ == "__main__":
    main()
