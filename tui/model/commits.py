"""What was committed and promoted lately, whatever the filter shows: marks on every axis of time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from relay.contract.events import EventSummary
from relay.contract.moments import microseconds

FILTER = "type:*.committed,commits.promoted"
"""The filter that finds what was committed and promoted."""
MOST = 100
"""Commits that are kept: the newest."""
EVERY = 5.0
"""Seconds between two readings, where commits do not come by themselves."""


def is_commit(type_: str) -> bool:
    """Tell whether events of a type say that something was committed or promoted."""
    return type_.endswith(".committed") or type_ == "commits.promoted"


class Commits:
    """The newest commits and promotions of the log."""

    def __init__(self) -> None:
        self.events: Sequence[EventSummary] = ()
        """Oldest first."""
        self.upto: int | None = None
        """Those up to this seq are known; None before they were read."""
        self._read_at = 0.0

    def restart(self) -> None:
        """Forget all: the log is another."""
        self.events, self.upto = (), None

    def lacking(self, last_seq: int, now: float) -> bool:
        """Tell whether the log may have some that are not known, and it is time to ask."""
        return self.upto is None or (last_seq > self.upto and now >= self._read_at + EVERY)

    def take(self, events: Iterable[EventSummary], upto: int, now: float) -> None:
        """Take what was read, all that there is up to a seq, at a time by the clock of `lacking`."""
        self._add(events)
        self.upto, self._read_at = max(upto, self.upto or 0), now

    def arrive(self, events: Iterable[EventSummary], upto: int, *, whole: bool) -> None:
        """Take what arrived; where it is the whole of what came, nothing up to `upto` is left to be read."""
        self._add(events)
        if whole and self.upto is not None:
            self.upto = max(self.upto, upto)

    def _add(self, events: Iterable[EventSummary]) -> None:
        found = {event.seq: event for event in events if is_commit(event.type)}
        if found:
            known = {event.seq: event for event in self.events}
            self.events = sorted({**known, **found}.values(), key=_seq)[-MOST:]

    # Where they stand

    def times(self) -> list[int]:
        """Give when each was received, in microseconds since the epoch."""
        return [us for event in self.events if (us := microseconds(event.received_at)) is not None]

    def before(self, seq: int, most: int) -> Sequence[EventSummary]:
        """Give the last ones that came before a seq, newest first."""
        end = bisect_left(self.events, seq, key=_seq)
        return self.events[max(end - most, 0) : end][::-1]

    def between(self, seq: int, other: int) -> bool:
        """Tell whether one came between two seqs."""
        low, high = min(seq, other), max(seq, other)
        return bisect_right(self.events, low, key=_seq) < bisect_left(self.events, high, key=_seq)

    def made(self, from_us: int, to_us: int) -> Sequence[tuple[int, EventSummary]]:
        """Give those that were made from one time to another, with when, the oldest first."""
        timed = ((microseconds(event.created_at or event.received_at), event) for event in self.events)
        return sorted(
            ((us, event) for us, event in timed if us is not None and from_us <= us <= to_us),
            key=lambda pair: pair[0],
        )


def _seq(event: EventSummary) -> int:
    return event.seq
