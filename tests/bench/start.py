"""How soon `knocktop` paints, beside the smallest Textual app, on a real pseudo-terminal.

    python -m tests.bench.start [--starts 15] [--size 120x40]

Each start runs from just before the program is executed: to its first frame (for the dashboard, with a relay that
runs and holds some events, also to the rows of the list). The two take turns.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.bench.ingest import measure, relay, requests
from tests.bench.memory import rows
from tests.relay_process import environment
from tests.terminal import terminal

SMALLEST = """
from textual.app import App
from textual.widgets import Static

class Smallest(App[None]):
    def compose(self):
        yield Static("smallest")

Smallest().run()
"""
EVENTS = 200
INGEST = "/webhooks/knock"


def started(command: Sequence[str], home: Path, size: tuple[int, int], shows: bytes, listed: bool) -> list[float]:
    """Milliseconds until something was written to the terminal and, if it is `listed`, rows were on the screen."""
    environ = environment(home, KNOCKTOP_TOKEN="bench-token")
    began = time.perf_counter()
    with terminal(list(command), environ=environ, cwd=home, columns=size[0], rows=size[1]) as program:
        while shows not in program.raw:
            program.read(1)
        took = [(time.perf_counter() - began) * 1e3]
        if listed:
            program.wait_for(lambda screen: rows(screen) > 3)
            took.append((time.perf_counter() - began) * 1e3)
    return took


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--starts", type=int, default=15)
    parser.add_argument("--size", default="120x40")
    options = parser.parse_args()
    columns, lines = (int(part) for part in options.size.split("x"))
    size = (columns, lines)
    smallest: list[float] = []
    frames: list[float] = []
    listed: list[float] = []
    with tempfile.TemporaryDirectory() as place, relay(Path(place, "data")) as port:
        home = Path(place)
        script = home / "smallest.py"
        script.write_text(SMALLEST)
        prepared = list(itertools.islice(requests(INGEST, port), EVENTS))
        measure(port, INGEST, prepared, connections=4, seconds=10)
        dashboard = [sys.executable, "-m", "tui", "--relay", f"http://127.0.0.1:{port}"]
        for _ in range(options.starts):
            smallest += started([sys.executable, str(script)], home, size, b"smallest", listed=False)
            frame, list_ = started(dashboard, home, size, b"knocktop", listed=True)
            frames.append(frame)
            listed.append(list_)
    of = statistics.median(smallest)
    for name, took in (("smallest app", smallest), ("knocktop, first frame", frames), ("knocktop, rows", listed)):
        middle = statistics.median(took)
        print(f"{name:24} median {middle:6.0f} ms, {min(took):.0f} to {max(took):.0f}; ratio {middle / of:.2f}")


if __name__ == "__main__":
    main()
