"""What a relay and a dashboard cost while nothing arrives.

    python -m tests.bench.rest [--seconds 30] [--size 120x40]

The relay holds some events, the dashboard shows them. What is told is processor time of each, the relay's with the
processes that it began, as a share of one core. Linux only.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.ingest import measure, relay, requests
from tests.bench.memory import rows
from tests.relay_process import environment
from tests.terminal import terminal

EVENTS = 2_000
INGEST = "/webhooks/knock"
SETTLE = 10.0
"""Seconds until the index has caught up and the dashboard has read what it shows."""


def spent(pid: int) -> float:
    """Seconds of processor time of a process, and of those that it began and that still run."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return own + sum(spent(int(child)) for child in children)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--size", default="120x40")
    options = parser.parse_args()
    columns, lines = (int(part) for part in options.size.split("x"))
    with tempfile.TemporaryDirectory() as place, relay(Path(place, "data")) as port:
        home = Path(place)
        served = int(json.loads(Path(place, "data", "relay.json").read_text())["pid"])
        measure(port, INGEST, list(itertools.islice(requests(INGEST, port), EVENTS)), connections=8, seconds=30)
        environ = environment(home, KNOCKTOP_TOKEN="bench-token")
        command = [sys.executable, "-m", "tui", "--relay", f"http://127.0.0.1:{port}"]
        with terminal(command, environ=environ, cwd=home, columns=columns, rows=lines) as program:
            program.wait_for(lambda screen: rows(screen) > 3)
            until = time.monotonic() + SETTLE
            while time.monotonic() < until:
                program.read(0.5)
            before = spent(served), spent(program.child.pid)
            started = time.monotonic()
            while time.monotonic() < started + options.seconds:
                program.read(0.5)
            passed = time.monotonic() - started
            after = spent(served), spent(program.child.pid)
    for what, first, last in zip(("relay", "dashboard"), before, after, strict=True):
        print(f"{what} at rest: {(last - first) / passed:.2%} of a core over {passed:.0f} s")


if __name__ == "__main__":
    main()
