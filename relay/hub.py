"""Wake-ups: "the log grew". Holds no events; its cost does not grow with how far a viewer lags."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Hub:
    """Tells every session that there is something to read. Used in the loop's thread only."""

    def __init__(self) -> None:
        self._sleepers: set[asyncio.Event] = set()

    def wake(self) -> None:
        for sleeper in self._sleepers:
            sleeper.set()

    @contextmanager
    def listen(self) -> Iterator[asyncio.Event]:
        """An event that is set whenever the log changed since it was last cleared."""
        sleeper = asyncio.Event()
        self._sleepers.add(sleeper)
        try:
            yield sleeper
        finally:
            self._sleepers.discard(sleeper)

    @property
    def viewers(self) -> int:
        return len(self._sleepers)
