"""What one command line brings: the flags before the command, the settings under them, where details go."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from relay.settings import Loaded, load


class Invocation:
    """One command line. `details` is the file for what nobody expected, once the data directory is known."""

    def __init__(self) -> None:
        self.flags: dict[str, Any] = {}
        self.details: Path | None = None

    def load(self, flags: Mapping[str, Any] | None = None) -> Loaded:
        """Load the settings under the flags of a command, then the ones before it. Raises `SettingsError`."""
        given = {name: value for name, value in (flags or {}).items() if value not in (None, [])}
        loaded = load(self.flags | given)
        if loaded.settings.data_dir.is_dir():
            self.details = loaded.settings.files.tui_log
        return loaded
