"""A key to its painted bytes on a real pseudo-terminal, while events pour in.

    python -m tests.bench.keys [--rate 5000] [--keys 200] [--size 120x40]

A relay, a dashboard on a pseudo-terminal, and a sender in a process of its own that posts signed events at a
steady rate. The clock runs from just before a key is written until the bytes come out that show what it did: the
cursor on another row of a list that stands still, a letter more in the filter, `paused` or `following` below one
that scrolls. Keys come at random times, each after the one before was painted.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench.ingest import process, relay
from tests.relay_process import environment
from tests.terminal import Terminal, terminal
from tui.themes import KNOCKTOP, variables

SETTLE = 3.0
"""Seconds of events before the first key."""
BETWEEN = (0.03, 0.15)
"""Seconds between a key's painting and the next key."""
PATIENCE = 3.0
LETTERS = 30


class Watch(threading.Thread):
    """Reads the terminal, and notes when what is waited for comes out of it."""

    def __init__(self, program: Terminal) -> None:
        super().__init__(daemon=True)
        self._program = program
        self._awaited: re.Pattern[bytes] | None = None
        self._seen = threading.Event()
        self._at = 0.0
        self.bytes = 0

    def run(self) -> None:
        rest = b""
        while True:
            try:
                data = os.read(self._program.descriptor, 1 << 16)
            except OSError:
                return
            now = time.perf_counter()
            self.bytes += len(data)
            awaited = self._awaited
            if awaited is None:
                rest = b""
                continue
            rest = rest[-100:] + data
            if awaited.search(rest):
                self._awaited, self._at = None, now
                self._seen.set()

    def press(self, key: str, shows: bytes) -> float | None:
        """Type a key; milliseconds until what it shows came out, None where that never came."""
        self._seen.clear()
        self._awaited = re.compile(shows)
        started = time.perf_counter()
        self._program.press(key)
        if not self._seen.wait(PATIENCE):
            self._awaited = None
            return None
        return (self._at - started) * 1_000

    def unasked(self, shows: bytes, seconds: float) -> bool:
        """Tell whether something comes out without a key."""
        self._seen.clear()
        self._awaited = re.compile(shows)
        found = self._seen.wait(seconds)
        self._awaited = None
        return found


def cursor_ground() -> bytes:
    """What the terminal is told where the row with the cursor begins."""
    colour = variables(KNOCKTOP, "truecolor")["row-cursor"].lstrip("#")
    return ";".join(["48", "2", *(str(int(colour[at : at + 2], 16)) for at in (0, 2, 4))]).encode()


def moves(watch: Watch, keys: int) -> list[float | None]:
    """Up and down in a list that stands still."""
    ground = cursor_ground()
    watch.press("k", ground)
    time.sleep(0.5)
    if watch.unasked(ground, 0.5):
        raise SystemExit("the list is painted without a key, so that nothing tells what a key did")
    return [timed(watch, "k" if number // 15 % 2 else "j", ground) for number in range(keys)]


def letters(watch: Watch, keys: int) -> list[float | None]:
    """Letters in the filter, above a list that scrolls."""
    found: list[float | None] = []
    while len(found) < keys:
        watch.press("/", b"apply")
        found += [timed(watch, "z", b"z" * number) for number in range(1, LETTERS + 1)]
        watch.press("\x15\x1b", b"following")
        time.sleep(0.2)
    return found[:keys]


def pauses(watch: Watch, keys: int) -> list[float | None]:
    """Pause and go on, below a list that scrolls."""
    return [timed(watch, " ", b"following" if number % 2 else b"paused") for number in range(keys)]


def timed(watch: Watch, key: str, shows: bytes) -> float | None:
    time.sleep(random.uniform(*BETWEEN))
    return watch.press(key, shows)


def tell(name: str, found: list[float | None]) -> None:
    """Print how long keys took."""
    took = sorted(one for one in found if one is not None)
    lost = len(found) - len(took)
    shares = "  ".join(
        f"p{share}{took[min(len(took) * share // 100, len(took) - 1)]:7.1f}" for share in (50, 90, 99)
    )
    print(f"{name:44}{shares}  worst{took[-1]:7.1f} ms" + (f"  never: {lost}" if lost else ""), flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=5_000)
    parser.add_argument("--keys", type=int, default=200)
    parser.add_argument("--size", default="120x40")
    options = parser.parse_args()
    columns, rows = (int(part) for part in options.size.split("x"))
    print(f"{options.rate:.0f} events/s, a terminal of {options.size}, {options.keys} keys each")
    ways: dict[str, tuple[str, Callable[[Watch, int], list[float | None]]]] = {
        "cursor, in a list that stands still": ("", moves),
        "letter in the filter, above one that scrolls": ("G", letters),
        "pause and go on": ("G", pauses),
    }
    seconds = SETTLE + options.keys * (sum(BETWEEN) / 2 + 0.05) + 2
    for name, (first, way) in ways.items():
        with tempfile.TemporaryDirectory() as directory, relay(Path(directory) / "data") as port:
            home = Path(directory)
            command = [sys.executable, "-m", "tui", "--relay", f"http://127.0.0.1:{port}"]
            environ = environment(home, KNOCKTOP_TOKEN="bench-token")
            sender = ["-m", "tests.bench.steady", str(port), str(options.rate), str(seconds)]
            with (
                terminal(command, environ=environ, cwd=home, columns=columns, rows=rows) as program,
                process(*sender) as posting,
            ):
                assert posting.stdout is not None
                program.wait_for_text("live")
                posting.stdout.readline()
                watch = Watch(program)
                watch.start()
                time.sleep(SETTLE)
                if first:
                    program.press(first)
                    time.sleep(0.3)
                tell(name, way(watch, options.keys))
                arrived = posting.stdout.readline().split() or ["?"]
                print(f"{'':44}{arrived[0]} events/s arrived", flush=True)


if __name__ == "__main__":
    main()
