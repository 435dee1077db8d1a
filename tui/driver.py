"""The terminal as the dashboard is drawn on it: one that may go away at any moment."""

from __future__ import annotations

from contextlib import suppress
from typing import IO, Any

from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver


class TerminalDriver(LinuxDriver):
    """Writes to nobody, instead of waiting for ever, once the terminal is gone.

    The thread that writes would end on the first error, and the screen would stop where its queue is full.
    """

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._file: Any = _Uncomplaining(self._file)


def enduring(driver: type[Driver]) -> type[Driver]:
    """Return the driver to take where `driver` was chosen; one that the environment names stays."""
    return TerminalDriver if driver is LinuxDriver else driver


class _Uncomplaining:
    """A file that takes also what can no longer be written."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def write(self, text: str) -> int:
        with suppress(OSError):
            return self._file.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._file.flush()

    def fileno(self) -> int:
        return self._file.fileno()

    def isatty(self) -> bool:
        return self._file.isatty()
