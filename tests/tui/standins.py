"""Start and end processes that stand in for a relay; none is left when a test ends."""

from __future__ import annotations

import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from relay.settings import Loaded, load
from tui.spawn import Detached

SCRIPT = Path(__file__).with_name("standin.py")
TOKEN = "good"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert isinstance(port, int)
    return port


@dataclass(frozen=True)
class Standin:
    process: subprocess.Popen[bytes]
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        return self.process.pid


@dataclass
class Standins:
    """Where the processes of one test live: a data directory with a token, and all that was started."""

    home: Path
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def data_dir(self) -> Path:
        return self.home / "data"

    def start(self, mode: str = "relay", port: int = 0, **options: object) -> Standin:
        """Start one and wait until it listens."""
        process = subprocess.Popen(self.command(mode, port, **options), stdout=subprocess.PIPE)
        self.started.append(process)
        assert process.stdout is not None
        with process.stdout as told:
            return Standin(process, int(told.readline()))

    def command(self, mode: str, port: int, **options: object) -> list[str]:
        return [
            sys.executable,
            str(SCRIPT),
            mode,
            str(port),
            *(f"{name}={value}" for name, value in options.items()),
        ]

    def detached(self, mode: str, port: int, **options: object) -> Detached:
        """Start one as a dashboard does, its words appended to the data directory's log."""
        with (self.data_dir / "relay.log").open("ab") as log:
            process = Detached(self.command(mode, port, **options), stdout=log, stderr=log)
        self.started.append(process)
        return process

    def loaded(self, port: int | None = None, environ: dict[str, str] | None = None, **flags: Any) -> Loaded:
        """Settings for this data directory and nothing of the machine's own."""
        variables = (environ or {}) | ({} if port is None else {"KNOCKTOP_PORT": str(port)})
        flags = {"data_dir": self.data_dir} | flags
        return load(flags, environ=variables, cwd=self.home, user_config_dir=self.home / "user")

    def end(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.wait(10)
