"""When the events of each type came: by the quarter of a minute where they were seen, else by the minute."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from relay.contract.events import EventSummary
from relay.contract.moments import microseconds
from tui.model.dashboard import Dashboard
from tui.model.minutes import MINUTE_US, MINUTES

QUARTERS = 4
LEAST_MINUTES = 5
"""A log that began just now is shown over this long, so that its first minutes say something."""
_MOST_TYPES = 128
_QUARTER_S = 15


@lru_cache(64)
def _minute_of(stamp: str) -> int:
    us = microseconds(f"{stamp}:00Z")
    return -1 if us is None else us // MINUTE_US


class History:
    """Counts over time. The relay tells how many a minute there were; the part of it is learned as they come."""

    def __init__(self, board: Dashboard) -> None:
        self.board = board
        self._seen: dict[str, dict[int, list[int]]] = {}

    def restart(self) -> None:
        """Forget what was seen."""
        self._seen.clear()

    def note(self, events: Iterable[EventSummary]) -> None:
        """Learn when events came that have just arrived."""
        for event in events:
            minutes = self._seen.get(event.type)
            if minutes is None:
                if len(self._seen) >= _MOST_TYPES:
                    continue
                minutes = self._seen[event.type] = {}
            stamp = event.received_at
            minute, second = _minute_of(stamp[:16]), stamp[17:19]
            if minute not in minutes:
                minutes[minute] = [0] * QUARTERS
                if len(minutes) > 2 * MINUTES:
                    del minutes[min(minutes)]
            if second.isdigit():
                minutes[minute][min(int(second) // _QUARTER_S, QUARTERS - 1)] += 1

    def minutes(self, types: Iterable[str]) -> int:
        """Give over how many minutes bars go: the span, or as long as there is anything where all is asked for."""
        span = self.board.span.minutes
        if span is not None:
            return span
        first = MINUTES
        for name in types:
            counts = self.board.per_minute(name)
            first = min(first, next((place for place, count in enumerate(counts) if count), MINUTES))
        return max(MINUTES - first, LEAST_MINUTES)

    def of(self, type_: str, minutes: int) -> tuple[int, ...]:
        """Give four times the counts of each quarter of the last minutes, oldest first, up to the present one."""
        newest = self.board.minute
        seen = self._seen.get(type_, {})
        quarters: list[int] = []
        for minute, count in enumerate(self.board.per_minute(type_)[-minutes:], newest - minutes + 1):
            known = seen.get(minute) if count else None
            # Where not every event was seen to come, nothing tells which quarter the others belong to.
            if known is not None and sum(known) == count:
                quarters += [QUARTERS * part for part in known]
            else:
                quarters += [count] * QUARTERS
        return tuple(quarters[: len(quarters) - self._to_come()])

    def _to_come(self) -> int:
        """Count the quarters of this minute that have not begun."""
        second = self.board.now_us // 1_000_000 % 60
        return QUARTERS - 1 - second // _QUARTER_S
