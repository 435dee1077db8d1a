"""How many events came in each of the last minutes, by the relay's clock."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

MINUTES = 60
"""Minutes that are kept: as many as the relay tells of."""
MINUTE_US = 60_000_000


class Span(StrEnum):
    """Over how long counts and sparklines go."""

    MINUTE = "1 min"
    QUARTER = "15 min"
    HOUR = "60 min"
    ALL = "all"

    @property
    def minutes(self) -> int | None:
        """How many minutes that are; None for all that the log holds."""
        return {Span.MINUTE: 1, Span.QUARTER: 15, Span.HOUR: 60, Span.ALL: None}[self]

    @property
    def next(self) -> Span:
        """The span after this one, the first after the last."""
        spans = list(Span)
        return spans[(spans.index(self) + 1) % len(spans)]


class Minutes:
    """Counts by minute. A minute is a number: microseconds since the epoch, divided by `MINUTE_US`."""

    def __init__(self, counts: Sequence[int] = (), newest: int = 0) -> None:
        first = newest - len(counts) + 1
        self._counts = {first + place: count for place, count in enumerate(counts) if count}

    def add(self, minute: int, count: int) -> None:
        """Count events of a minute."""
        self._counts[minute] = self._counts.get(minute, 0) + count
        if len(self._counts) > 2 * MINUTES:
            oldest = max(self._counts) - MINUTES
            self._counts = {one: count for one, count in self._counts.items() if one > oldest}

    def until(self, newest: int, length: int = MINUTES) -> list[int]:
        """Give the counts of `length` minutes up to and including `newest`, oldest first."""
        return [self._counts.get(minute, 0) for minute in range(newest - length + 1, newest + 1)]
