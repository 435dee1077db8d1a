"""When the events of each type came: by the second lately, then by the quarter of a minute, else by the minute."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from relay.contract.events import EventSummary
from relay.contract.moments import microseconds
from tui.model.minutes import MINUTES

if TYPE_CHECKING:
    from tui.model.dashboard import Dashboard

QUARTERS = 4
LEAST_MINUTES = 5
"""A log that began a while ago is shown over this long, so that its bars tell something apart."""
YOUNG_MINUTES = 3
"""One that began no longer ago than this is shown over the last minute."""
BUCKET_S = 2
"""Seconds that a bar of the last minute stands for."""
BUCKETS = 60 // BUCKET_S

_MOST_TYPES = 128
_QUARTER_S = 15
_SECOND_US = 1_000_000
_KEPT_S = 90


@lru_cache(256)
def _second_of(stamp: str) -> int:
    us = microseconds(f"{stamp}Z")
    return -1 if us is None else us // _SECOND_US


class History:
    """Counts over time. The relay tells how many a minute there were; the part of it is learned as they come."""

    def __init__(self, board: Dashboard) -> None:
        self.board = board
        self._seen: dict[str, dict[int, list[int]]] = {}
        self._seconds: dict[str, dict[int, int]] = {}

    def restart(self) -> None:
        """Forget what was seen."""
        self._seen.clear()
        self._seconds.clear()

    def note(self, events: Iterable[EventSummary]) -> None:
        """Learn when events came; each is to be given once."""
        stamped = Counter((event.type, event.received_at[:19]) for event in events)
        oldest = self.board.now_us // _SECOND_US - 2 * MINUTES * 60
        for (type_, stamp), count in stamped.items():
            second = _second_of(stamp)
            if second >= max(oldest, 0) and self._has_room(type_):
                self._note_quarter(type_, second, count)
                self._note_second(type_, second, count)

    def note_unseen(self, type_: str, count: int) -> None:
        """Learn that events of a type came just now that are not given."""
        if count > 0 and self._has_room(type_):
            self._note_second(type_, self.board.now_us // _SECOND_US, count)

    def _has_room(self, type_: str) -> bool:
        return type_ in self._seconds or len(self._seconds) < _MOST_TYPES

    def _note_quarter(self, type_: str, second: int, count: int) -> None:
        minutes = self._seen.setdefault(type_, {})
        minute = second // 60
        minutes.setdefault(minute, [0] * QUARTERS)[second % 60 // _QUARTER_S] += count
        if len(minutes) > 2 * MINUTES:
            # Who reads on into the past brings older minutes than all that are kept.
            del minutes[min(minutes)]

    def _note_second(self, type_: str, second: int, count: int) -> None:
        seconds = self._seconds.setdefault(type_, {})
        seconds[second] = seconds.get(second, 0) + count
        if len(seconds) > 2 * _KEPT_S:
            oldest = max(seconds) - _KEPT_S
            self._seconds[type_] = {one: number for one, number in seconds.items() if one > oldest}

    def minutes(self, types: Iterable[str]) -> int:
        """Give over how many minutes bars go: the span, or where all is asked for as long as there is anything.

        A log that has just begun has little to tell but its last minute.
        """
        span = self.board.span.minutes
        if span is not None:
            return span
        names = list(types)
        first = MINUTES
        for name in names:
            counts = self.board.per_minute(name)
            first = min(first, next((place for place, count in enumerate(counts) if count), MINUTES))
        length = MINUTES - first
        young = length <= YOUNG_MINUTES and any(self.within_a_minute(name) for name in names)
        return 1 if young else max(length, LEAST_MINUTES)

    def of(self, type_: str, minutes: int) -> tuple[int, ...]:
        """Give how many came over the last minutes, oldest first, up to the present moment.

        One minute is told in buckets of two seconds; more in quarters of a minute, four times what came in each.
        """
        return self._lately(type_) if minutes == 1 else self._in_quarters(type_, minutes)

    def marks(self, minutes: int) -> set[int]:
        """Give the places of what was committed, among the counts that `of` gives."""
        length, unit = self._counts_of(minutes)
        first = self.board.now_us // _SECOND_US // unit - length + 1
        places = (us // _SECOND_US // unit - first for us in self.board.commits.times())
        return {place for place in places if 0 <= place < length}

    def _counts_of(self, minutes: int) -> tuple[int, int]:
        """Give how many counts there are over the last minutes, and of how many seconds each is."""
        return (BUCKETS, BUCKET_S) if minutes == 1 else (QUARTERS * minutes - self._to_come(), _QUARTER_S)

    def within_a_minute(self, type_: str) -> int:
        """Count the events that were seen to come in the last sixty seconds."""
        now = self.board.now_us // _SECOND_US
        return sum(count for second, count in self._seconds.get(type_, {}).items() if now - 60 < second <= now)

    def _lately(self, type_: str) -> tuple[int, ...]:
        newest = self.board.now_us // _SECOND_US // BUCKET_S
        buckets = [0] * BUCKETS
        for second, count in self._seconds.get(type_, {}).items():
            place = BUCKETS - 1 - (newest - second // BUCKET_S)
            if 0 <= place < BUCKETS:
                buckets[place] += count
        return tuple(buckets)

    def _in_quarters(self, type_: str, minutes: int) -> tuple[int, ...]:
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
        second = self.board.now_us // _SECOND_US % 60
        return QUARTERS - 1 - second // _QUARTER_S


def together(parts: Iterable[Sequence[int]]) -> tuple[int, ...]:
    """Add up the counts of several types, which go over the same time."""
    return tuple(map(sum, zip(*parts, strict=True)))
