"""Export a long log to a file and import it into a fresh relay: how long, how much memory, who waits meanwhile.

    python -m tests.bench.carry --dir DIRECTORY

`DIRECTORY` has a log, such as `tests.bench.history` builds; a relay runs on it, and nothing is added to it. The
file and the other relay are in a temporary directory beside it, and go with that.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Self

import httpx

from tests.bench.ingest import SECRET, free_port, process, wait_for

TOKEN = "bench-token"
LIFTED = ["--retention-events", "0", "--retention-age", "0", "--retention-size", "0"]


class Relay(NamedTuple):
    port: int
    pid: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def pids(self) -> list[int]:
        """The relay and the processes that it has."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [self.pid, *map(int, children)]


@contextlib.contextmanager
def relay(directory: Path) -> Iterator[Relay]:
    port = free_port()
    environ = {"KNOCKTOP_SIGNING_SECRET": SECRET, "KNOCKTOP_TOKEN": TOKEN}
    with process(
        "-m", "relay", "--port", str(port), "--data-dir", str(directory), *LIFTED, environ=environ
    ) as child:
        wait_for(port, "/readyz")
        yield Relay(port, child.pid)


class Watch(threading.Thread):
    """Asks a relay again and again how it is, as long as the block runs; `peak` is its memory in MB."""

    def __init__(self, watched: Relay) -> None:
        super().__init__(daemon=True)
        self._watched = watched
        self._over = threading.Event()
        self.waits: list[float] = []
        self.peak = 0.0

    def run(self) -> None:
        with httpx.Client(base_url=self._watched.url, trust_env=False, timeout=30) as client:
            while not self._over.wait(0.01):
                started = time.perf_counter()
                client.get("/healthz")
                self.waits.append(time.perf_counter() - started)
                if len(self.waits) % 20 == 1:
                    self.peak = max(self.peak, sum(map(resident, self._watched.pids())))

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()

    def __str__(self) -> str:
        waits = sorted(self.waits)
        p99 = waits[len(waits) * 99 // 100] * 1e3
        return (
            f"relay {self.peak:,.0f} MB in all its processes; beside it an answer took "
            f"{statistics.median(waits) * 1e3:.1f} ms, p99 {p99:.1f} ms, at most {waits[-1] * 1e3:.0f} ms"
        )


def resident(pid: int) -> float:
    """Memory of its own that a process has, in MB; pages that it shares with the file it reads are not."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    found = dict(line.split(":", 1) for line in lines if ":" in line)
    return int(found.get("RssAnon", "0 kB").split()[0]) / 1_000


def run(what: str, served: Relay, directory: Path, *arguments: str) -> float:
    """Run a command against a relay, and print what it took."""
    environ = {
        "PATH": os.environ["PATH"],
        "KNOCKTOP_TOKEN": TOKEN,
        "KNOCKTOP_RELAY_URL": served.url,
        "KNOCKTOP_DATA_DIR": str(directory / "none"),
        "XDG_CONFIG_HOME": str(directory),
    }
    started = time.perf_counter()
    with Watch(served) as watch:
        child = subprocess.Popen([sys.executable, "-m", "tui", *arguments], env=environ, stderr=subprocess.PIPE)
        assert child.stderr is not None
        said = child.stderr.read().decode()
        _, status, usage = os.wait4(child.pid, 0)
    took = time.perf_counter() - started
    said = said.splitlines()[0] if said else f"exit {os.waitstatus_to_exitcode(status)}"
    print(f"{what:24}{took:7.1f} s  {said}")
    print(f"{'':24}command {usage.ru_maxrss / 1_000:,.0f} MB; {watch}", flush=True)
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dir", type=Path, required=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.dir.absolute().parent) as name:
        directory = Path(name)
        file = directory / "all.ndjson"
        with relay(options.dir.absolute()) as served:
            with httpx.Client(base_url=served.url, headers={"authorization": f"Bearer {TOKEN}"}) as client:
                events = client.get("/v1/stats").json()["events"]
            took = run("export, ndjson", served, directory, "export", "-o", str(file))
            print(f"{'':24}{events / took:,.0f} events/s, {file.stat().st_size / took / 1e6:,.0f} MB/s")
            one_kind = ["export", "type:message.bounced", "-o", str(directory / "some")]
            run("export of one type", served, directory, *one_kind)
            for kind in ("csv", "curl", "pytest"):
                run(f"the same as {kind}", served, directory, *one_kind, "--format", kind)
        with relay(directory / "fresh") as served:
            took = run("import", served, directory, "import", str(file))
            print(f"{'':24}{events / took:,.0f} events/s")
            run("the same once more", served, directory, "import", str(file))


if __name__ == "__main__":
    main()
