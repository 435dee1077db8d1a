"""Ingest as a ratio of a bare ASGI application, on the same server, under the same load, in the same run.

    python -m tests.bench.ingest [--seconds 4] [--rounds 3] [--connections 64] [--no-viewer]

Every request is a signed event of its own (about 1.2 kB); the relay verifies it, makes it durable and streams it
to one attached viewer. Rounds alternate, so that a machine that slows down slows both.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import uvloop

from relay.contract.signature import sign
from tests.bench import load

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tests" / "samples" / "message.sent.json"
SECRET = "bench-secret"


def bodies() -> Iterator[bytes]:
    """Events that differ in message and time, each about 1.2 kB."""
    payload = json.loads(SAMPLE.read_bytes())
    payload["data"]["data"] = {"message": "Life finds a way", "severity": "critical"}
    payload["data"].pop("actors")
    text = json.dumps(payload, separators=(",", ":"), ensure_ascii=False)
    message_id = payload["data"]["id"]
    created_at = payload["created_at"]
    for number in itertools.count():
        minute, rest = divmod(number, 60_000_000)
        second, micros = divmod(rest, 1_000_000)
        moment = f"2026-11-20T{14 + minute // 60:02d}:{minute % 60:02d}:{second:02d}.{micros:06d}Z"
        yield text.replace(message_id, f"2w3SbXOIkDj8Q6xz{number:011d}").replace(created_at, moment).encode()


def requests(path: str, port: int) -> Iterator[bytes]:
    """Whole HTTP requests, signed now."""
    for body in bodies():
        signature = sign(SECRET, body, time.time_ns() // 1_000_000)
        head = (
            f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-type: application/json\r\n"
            "x-knock-environment-id: 123e4567-e89b-12d3-a456-426614174000\r\nx-knock-event: message.sent\r\n"
            f"x-knock-signature: {signature}\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        yield head.encode() + body


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, path: str) -> None:
    """Until the server answers at all; at most 15 s."""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=1).close()
            except urllib.error.HTTPError:
                return
            return
        time.sleep(0.05)
    raise TimeoutError(f"nothing answers at port {port}")


@contextlib.contextmanager
def process(*command: str, environ: dict[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    """A child that is ended, and waited for, when the block is left."""
    with subprocess.Popen(
        [sys.executable, *command], cwd=ROOT, env=os.environ | (environ or {}), stdout=subprocess.PIPE, text=True
    ) as child:
        try:
            yield child
        finally:
            child.send_signal(signal.SIGTERM)
            child.wait(30)


@contextlib.contextmanager
def bare_server() -> Iterator[int]:
    port = free_port()
    with process("-m", "tests.bench.bare", str(port)):
        wait_for(port, "/")
        yield port


@contextlib.contextmanager
def relay(directory: Path) -> Iterator[int]:
    """A relay on a new log; its token is `bench-token`."""
    port = free_port()
    environ = {"KNOCKTOP_SIGNING_SECRET": SECRET, "KNOCKTOP_TOKEN": "bench-token"}
    with process("-m", "relay", "--port", str(port), "--data-dir", str(directory), environ=environ):
        wait_for(port, "/readyz")
        yield port


@contextlib.contextmanager
def viewer(port: int) -> Iterator[subprocess.Popen[str]]:
    with process("-m", "tests.bench.viewer", f"ws://127.0.0.1:{port}/v1/stream", "bench-token") as child:
        assert child.stdout is not None
        assert child.stdout.readline().strip() == "attached"
        yield child


def measure(port: int, path: str, prepared: list[bytes], connections: int, seconds: float) -> load.Result:
    """One round. Requests are prepared beforehand: the generator only writes bytes."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        result = runner.run(load.run(port, iter(prepared), connections=connections, seconds=seconds))
    if set(result.statuses) != {200}:
        raise SystemExit(f"not every answer was 200: {result.statuses}")
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--no-viewer", action="store_true")
    options = parser.parse_args()
    path = "/webhooks/knock"
    rows: dict[str, list[load.Result]] = {"bare ASGI": [], "knocktop": []}
    seen = stored = 0
    with tempfile.TemporaryDirectory() as directory, bare_server() as bare_port, contextlib.ExitStack() as stack:
        relay_port = stack.enter_context(relay(Path(directory)))
        watching = None if options.no_viewer else stack.enter_context(viewer(relay_port))
        source = requests(path, relay_port)
        for _ in range(options.rounds):
            prepared = list(itertools.islice(source, int(60_000 * options.seconds)))
            rows["bare ASGI"].append(measure(bare_port, path, prepared, options.connections, options.seconds))
            result = measure(relay_port, path, prepared, options.connections, options.seconds)
            rows["knocktop"].append(result)
            stored += len(result.latencies)
        if watching is not None:
            time.sleep(1)
            watching.send_signal(signal.SIGTERM)
            assert watching.stdout is not None
            seen = int(watching.stdout.readline())
    report(rows)
    if not options.no_viewer:
        print(f"\nviewer: {seen:,} of {stored:,} events that were acknowledged")


def report(rows: dict[str, list[load.Result]]) -> None:
    """A table, and the ratios that count."""
    print(f"{'':12}{'requests/s':>12}{'p50 ms':>10}{'p99 ms':>10}")
    medians: dict[str, tuple[float, float]] = {}
    for name, results in rows.items():
        rate = statistics.median(each.rate for each in results)
        p50 = statistics.median(each.percentile(0.5) for each in results)
        p99 = statistics.median(each.percentile(0.99) for each in results)
        medians[name] = (rate, p99)
        print(f"{name:12}{rate:12,.0f}{p50:10.2f}{p99:10.2f}")
    ratio = medians["knocktop"][0] / medians["bare ASGI"][0]
    slower = medians["knocktop"][1] / medians["bare ASGI"][1]
    print(f"\nratio of bare ASGI: {ratio:.2f}   p99: {slower:.1f} times")


if __name__ == "__main__":
    main()
