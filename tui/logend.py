"""The last lines of a log file, for who wants to say why something failed."""

from __future__ import annotations

import os
from pathlib import Path

_LINES = 5
_BYTES = 8 * 1024


class LogEnd:
    """The end of a log file, as far as it was written since `mark`, or all of it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._begin = 0

    def mark(self) -> None:
        """Leave out what is written by now."""
        try:
            self._begin = self._path.stat().st_size
        except OSError:
            self._begin = 0

    def lines(self) -> list[str]:
        """Return the last few lines; none where the file cannot be read."""
        try:
            with self._path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                # A file that shrank was rotated: all that is in it is new.
                file.seek(max(self._begin if self._begin <= size else 0, size - _BYTES))
                text = file.read(_BYTES).decode("utf-8", "replace")
        except OSError:
            return []
        return text.splitlines()[-_LINES:]
