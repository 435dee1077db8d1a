"""When what arrived is applied to the screen: at once when idle, seldom enough when busy."""

from __future__ import annotations

SHORTEST = 0.030
LONGEST = 0.100
SLOW = 0.008
"""A flush that takes longer than this makes the next ones rarer."""


class Pace:
    """The least time between two flushes, from 30 to 100 ms. Moments are seconds of a monotonic clock."""

    def __init__(self) -> None:
        self.gap = SHORTEST
        self._last = float("-inf")

    def delay(self, now: float) -> float:
        """Give how long to wait before the next flush; 0 after a quiet time."""
        return max(self._last + self.gap - now, 0.0)

    def flushed(self, now: float) -> None:
        """Note a flush that has ended."""
        self._last = now

    def painted(self, took: float) -> None:
        """Note what a flush took with its painting: slow ones stretch the gap, quick ones shrink it again."""
        stretch = 1.5 if took > SLOW else 0.8
        self.gap = min(max(self.gap * stretch, SHORTEST), LONGEST)
