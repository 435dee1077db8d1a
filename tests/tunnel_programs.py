"""Programs on a PATH of their own that open tunnels, and what became of them."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import sys
import time
from pathlib import Path

from tests.tunnel_standin import PUBLIC

STANDIN = Path(__file__).with_name("tunnel_standin.py")
BOUND = 20.0


class Programs:
    """A directory with programs; `notes` is where they write about themselves."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "bin"
        self.notes = directory / "notes"
        self.path.mkdir()
        self.notes.mkdir()

    def install(self, name: str, habits: str = "opens") -> str:
        """Put a program there; gives its public address."""
        look = name if name in PUBLIC else "other"
        program = self.path / name
        words = [sys.executable, str(STANDIN), str(self.notes), habits, look]
        program.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
        program.chmod(0o755)
        return PUBLIC[look]

    def which(self, name: str) -> str | None:
        return shutil.which(name, path=str(self.path))

    def note(self, name: str) -> str:
        """What a program wrote about itself, once it did."""
        deadline = time.monotonic() + BOUND
        while not (self.notes / name).exists():
            assert time.monotonic() < deadline, f"no program wrote its {name}"
            time.sleep(0.01)
        return (self.notes / name).read_text()

    @property
    def pid(self) -> int:
        return int(self.note("pid"))

    @property
    def url(self) -> str:
        """The other end of the tunnel, where the public address would lead to."""
        return f"http://127.0.0.1:{self.note('port')}"

    @property
    def arguments(self) -> list[str]:
        found: list[str] = json.loads(self.note("arguments"))
        return found

    def end(self) -> None:
        """Have a program that ends `later` do so."""
        (self.notes / "end").touch()

    def kill(self) -> None:
        """Leave nothing behind."""
        for name in ("pid", "child"):
            if (self.notes / name).exists() and lives(pid := int(self.note(name))):
                os.kill(pid, signal.SIGKILL)


def lives(pid: int) -> bool:
    """Whether a process runs; one that ended and was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + BOUND
    while lives(pid):
        assert time.monotonic() < deadline, f"process {pid} goes on"
        time.sleep(0.01)
