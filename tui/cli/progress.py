"""How far a long command is: one line on a terminal's stderr that is written over and goes at the end."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self, TextIO

from relay.contract.text import plain

_EVERY_S = 0.1


class Progress:
    """A `with` block; where `err` is no terminal nothing is written."""

    def __init__(self, err: TextIO, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._err = err
        self._clock = clock
        self._shows = err.isatty()
        self._next = 0.0
        self._is_dirty = False

    def __call__(self, text: str) -> None:
        """Show how far it is, unless that was shown a moment ago."""
        now = self._clock()
        if not self._shows or now < self._next:
            return
        self._next = now + _EVERY_S
        width = shutil.get_terminal_size().columns - 1
        self._write(f"\r\x1b[K{plain(text, width)}")
        self._is_dirty = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._is_dirty:
            self._write("\r\x1b[K")

    def _write(self, text: str) -> None:
        try:
            self._err.write(text)
            self._err.flush()
        except OSError:
            # Nobody sees it.
            self._shows = False
