"""Wake-ups: "the log grew". Holds no events; its cost does not grow with how far a viewer lags."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

GAP_SECONDS = 0.01
"""Under load viewers are woken this far apart at least; the first time after a pause at once."""
PER_VIEWER_SECONDS = 0.001
"""Many viewers are woken less often: all of them together at most a thousand times a second."""
LONGEST_GAP_SECONDS = 0.1
AT_ONCE = 8
"""Viewers that are woken in one turn of the loop; what senders wait for comes between that and the next."""


class Hub:
    """Tells every session that there is something to read, all of them in a row.

    What follows at once goes out together: a frame an event would cost more than the events do. Used in the loop's
    thread only.
    """

    def __init__(self) -> None:
        self._sleepers: set[asyncio.Event] = set()
        self._told = float("-inf")
        self._timer: asyncio.TimerHandle | None = None
        self.rounds = 0
        """How often all of them were woken."""

    @property
    def gap(self) -> float:
        """Seconds between two wake-ups at least."""
        return min(max(GAP_SECONDS, len(self._sleepers) * PER_VIEWER_SECONDS), LONGEST_GAP_SECONDS)

    def wake(self) -> None:
        if self._timer is not None:
            return
        loop = asyncio.get_running_loop()
        due = self._told + self.gap
        if loop.time() >= due:
            self._tell()
        else:
            self._timer = loop.call_at(due, self._tell)

    def _tell(self) -> None:
        self._timer = None
        self.rounds += 1
        loop = asyncio.get_running_loop()
        self._told = loop.time()
        self._go_on(loop, iter(list(self._sleepers)))

    def _go_on(self, loop: asyncio.AbstractEventLoop, sleepers: Iterator[asyncio.Event]) -> None:
        some = list(islice(sleepers, AT_ONCE))
        for sleeper in some:
            sleeper.set()
        if len(some) == AT_ONCE:
            loop.call_soon(self._go_on, loop, sleepers)

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
