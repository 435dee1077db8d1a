"""How soon the dashboard has rows, and what memory it takes, over a long log.

    python -m tests.bench.memory --dir DIRECTORY [--size 120x40] [--starts 5]

`DIRECTORY` holds the log that `python -m tests.bench.history --dir DIRECTORY` builds; a copy of it is worked on. A
start runs from just before the program is executed until rows are on the terminal, with a relay that runs. Memory
is the resident set of the dashboard's process: at rest, after its oldest loaded row was gone to again and again,
after searches through all of the history, and after as many events as an hour of 20 a second brings, followed and
not followed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.ingest import SECRET, free_port, process, wait_for
from tests.relay_process import environment
from tests.terminal import Terminal, terminal

ROW = re.compile(r"\d\d:\d\d(:\d\d)?\S* +\S \w+ ")
FILES = ("events.sqlite3", "facets.sqlite3")
STEPS_BACK = 150
"""Times that the oldest loaded row is gone to: each reads a page of 500."""
SEARCHES = ("bottommost", "data.shelf:bottommost", "data.place:7")
HOUR = 72_000
RATE = 4_000
QUIET = 1.0


def copied(source: Path, data: Path) -> None:
    """Copy a log, with its index, for a relay to work on."""
    for name in FILES:
        shutil.copy(source / name, data / name)


@contextlib.contextmanager
def relay_on(directory: Path) -> Iterator[int]:
    """A relay on a log that is there, which it keeps whole."""
    port = free_port()
    keep = [part for what in ("events", "age", "size") for part in (f"--retention-{what}", "0")]
    environ = {"KNOCKTOP_SIGNING_SECRET": SECRET, "KNOCKTOP_TOKEN": "bench-token"}
    command = ["-m", "relay", "--port", str(port), "--data-dir", str(directory), *keep]
    with process(*command, environ=environ):
        wait_for(port, "/readyz")
        yield port


@contextlib.contextmanager
def dashboard(port: int, home: Path, size: tuple[int, int]) -> Iterator[Terminal]:
    """A dashboard of its own user on a terminal."""
    command = [sys.executable, "-m", "tui", "--utc", "--relay", f"http://127.0.0.1:{port}"]
    environ = environment(home, KNOCKTOP_TOKEN="bench-token")
    with terminal(command, environ=environ, cwd=home, columns=size[0], rows=size[1]) as program:
        yield program


def rows(lines: list[str]) -> int:
    """Count the rows of events on a screen."""
    return sum(ROW.search(line) is not None for line in lines)


def resident(program: Terminal) -> tuple[float, float]:
    """Megabytes that the program has in memory now, and had at most."""
    status = Path(f"/proc/{program.child.pid}/status").read_text()
    now, most = (
        int(line.split()[1]) for name in ("VmRSS", "VmHWM") for line in status.splitlines() if name in line
    )
    return now * 1024 / 1e6, most * 1024 / 1e6


def tell(what: str, program: Terminal) -> None:
    """Print the memory."""
    now, most = resident(program)
    print(f"  {what:58}{now:7.1f} MB, at most so far{most:7.1f} MB", flush=True)


def quiet(program: Terminal, seconds: float = QUIET) -> None:
    """Read until nothing but the clock was painted for so long."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if len(program.read(0.1)) > 2_000:
            until = time.monotonic() + seconds


def starts(port: int, home: Path, size: tuple[int, int], count: int) -> None:
    """Print how long it takes from the program's execution to its rows."""
    found: list[float] = []
    for _ in range(count):
        started = time.perf_counter()
        with dashboard(port, home, size) as program:
            program.wait_for(lambda lines: rows(lines) > 3)
            found.append(time.perf_counter() - started)
            quiet(program, 0.5)
    each = ", ".join(f"{one * 1e3:.0f}" for one in found)
    print(f"start to rows: median {statistics.median(found) * 1e3:.0f} ms of {each}", flush=True)


def scroll_back(program: Terminal, times: int) -> None:
    """Go to the oldest loaded row, again and again."""
    for _ in range(times):
        program.press("g")
        top = program.lines
        program.wait_for(lambda lines, top=top: lines != top, 10)  # type: ignore[misc]
        program.read(0.05)


def search(program: Terminal, text: str, seconds: float = 60) -> None:
    """Filter, and wait until all of the history was looked through."""
    program.press(f"/\x15{text}\r")
    started = time.monotonic()
    quiet(program, 3)
    print(f"  {text}: {time.monotonic() - started - 3:.1f} s until it was quiet", flush=True)


def arrive(program: Terminal, port: int, count: int) -> None:
    """Let so many events arrive as fast as a relay takes them."""
    command = [sys.executable, "-m", "tests.bench.steady", str(port), str(RATE), str(count / RATE)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=Path(__file__).parents[2]) as sender:
        while sender.poll() is None:
            program.read(0.2)
    quiet(program)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("--size", default="120x40")
    parser.add_argument("--starts", type=int, default=5)
    options = parser.parse_args()
    columns, lines = (int(part) for part in options.size.split("x"))
    size = (columns, lines)
    with tempfile.TemporaryDirectory() as place:
        home, data = Path(place), Path(place, "data")
        data.mkdir()
        copied(options.dir, data)
        os.environ["NO_PROXY"] = "*"
        with relay_on(data) as port:
            starts(port, home, size, options.starts)
            with dashboard(port, home, size) as program:
                program.wait_for(lambda lines: rows(lines) > 3)
                quiet(program)
                print("memory", flush=True)
                tell("at rest", program)
                scroll_back(program, STEPS_BACK)
                tell(f"{STEPS_BACK} pages back", program)
                for text in SEARCHES:
                    search(program, text)
                    tell(f"after a search for {text}", program)
                program.press("/\x15\rG")
                quiet(program)
                arrive(program, port, HOUR)
                tell(f"after {HOUR:,} events that it followed", program)
                program.press("k")
                arrive(program, port, HOUR)
                tell(f"after {HOUR:,} more while the cursor was elsewhere", program)


if __name__ == "__main__":
    main()
