"""The files of a data directory."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


def is_private(path: Path) -> bool:
    """Whether a file is for its owner alone, where the system knows modes."""
    return os.name == "nt" or path.stat().st_mode & 0o077 == 0


@dataclass(frozen=True, slots=True)
class DataFiles:
    """The files of one data directory."""

    directory: Path

    @property
    def log(self) -> Path:
        """The event log."""
        return self.directory / "events.sqlite3"

    @property
    def token(self) -> Path:
        """The viewer token that the relay made; mode 0600."""
        return self.directory / "token"

    @property
    def secrets(self) -> Path:
        """Signing secrets that were added to a running relay; mode 0600."""
        return self.directory / "secrets.toml"

    @property
    def relay(self) -> Path:
        """What the running relay says of itself: pid, address, version, log id, who started it."""
        return self.directory / "relay.json"

    @property
    def lock(self) -> Path:
        """Held by the relay while it runs."""
        return self.directory / "lock"

    @property
    def relay_log(self) -> Path:
        """What the relay narrates; rotated."""
        return self.directory / "relay.log"

    @property
    def tui_log(self) -> Path:
        """What the dashboard narrates; rotated."""
        return self.directory / "tui.log"

    @property
    def tunnel_log(self) -> Path:
        """What the program of a tunnel says; rotated."""
        return self.directory / "tunnel.log"

    @property
    def dashboard(self) -> Path:
        """What the dashboard keeps between its runs; mode 0600."""
        return self.directory / "dashboard.json"
