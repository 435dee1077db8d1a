"""How many events of each type match the filter: what the log said, plus what arrived since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from relay.contract.api import TypeCount
from relay.contract.moments import microseconds
from tui.model.minutes import MINUTE_US, Minutes
from tui.model.source import Arrivals, Totals

MAX_WAITING = 1_000
MAX_TYPES = 512
OTHERS = "other types"
"""What further types are counted as, since anyone may make up as many as they like."""

_TO_THE_MINUTE = 16


class Lifted(NamedTuple):
    """How many events match once a term is taken out of the filter."""

    term: str
    matches: int


def counted(arrivals: Arrivals, above: int = 0) -> Mapping[str, int]:
    """Give the new events of `arrivals` by type, of those above a seq as far as that can be told."""
    if arrivals.counts is not None:
        return arrivals.counts if arrivals.since >= above else {}
    return Counter(event.type for event in arrivals.events if event.seq > above)


class TypeCounts:
    """Counts by type. Arrivals wait until the log's own counts are there, since only those say where to begin.

    Minutes are those of `tui.model.minutes`, by the relay's clock.
    """

    def __init__(self) -> None:
        self.by_type: Counter[str] = Counter()
        self.items: Mapping[str, TypeCount] = {}
        """What the log said of each type when it was last asked."""
        self.known = False
        """The log's counts are in; before that the counts are those of what arrived alone."""
        self.wanted = True
        """The log's counts are to be read."""
        self.of: int | None = None
        """Events that there are without a filter, where that was asked because none matched."""
        self.lifted: Sequence[Lifted] = ()
        """What lifting each term of the filter would give, asked for the same reason."""
        self._minutes: dict[str, Minutes] = {}
        self._upto = 0
        """The log's counts hold what is up to here, be it that some of it arrives only after them."""
        self._waiting: list[tuple[Arrivals, int]] = []

    @property
    def total(self) -> int:
        """Events of all types."""
        return self.by_type.total()

    def per_minute(self, type_: str, minute: int) -> list[int]:
        """Give how many events of a type came in each of the sixty minutes up to this one, oldest first."""
        return self._minutes.get(type_, Minutes()).until(minute)

    def restart(self) -> None:
        """Forget everything: another filter is in force, or another log."""
        self.by_type = Counter()
        self.items = {}
        self._minutes = {}
        self.known = False
        self.of = None
        self.lifted = ()
        self._upto = 0
        self.recount()

    def recount(self) -> None:
        """Ask for the log's counts, and show what there is until they come."""
        self.wanted = True
        self._waiting = []

    def take(self, arrivals: Arrivals, minute: int = 0) -> None:
        """Add new events, which came in this minute as far as they do not say themselves."""
        self._add(arrivals, minute)
        if self.wanted:
            self._waiting = [*self._waiting, (arrivals, minute)][-MAX_WAITING:]

    def base(self, totals: Totals, minute: int = 0) -> None:
        """Take the log's counts, and add what arrived above them."""
        self.by_type = Counter()
        self._minutes = {}
        self.items = {item.type: item for item in totals.items[:MAX_TYPES]}
        for item in totals.items:
            self.by_type[self._name(item.type)] += item.count
        self._minutes = {name: Minutes(item.per_minute, minute) for name, item in self.items.items()}
        self._upto = totals.upto
        self.known = True
        self.wanted = False
        waiting, self._waiting = self._waiting, []
        for arrivals, then in waiting:
            self._add(arrivals, then)

    def _add(self, arrivals: Arrivals, minute: int) -> None:
        if arrivals.upto <= self._upto:
            return
        if arrivals.counts is not None and arrivals.since < self._upto:
            # The log's counts hold some of these and not others, and nothing tells which.
            self.recount()
        for (name, when), count in self._timed(arrivals, minute).items():
            known_as = self._name(name)
            self.by_type[known_as] += count
            self._minutes.setdefault(known_as, Minutes()).add(when, count)

    def _timed(self, arrivals: Arrivals, minute: int) -> Mapping[tuple[str, int], int]:
        if arrivals.counts is not None:
            return {(name, minute): count for name, count in counted(arrivals, self._upto).items()}
        stamped = Counter(
            (event.type, event.received_at[:_TO_THE_MINUTE]) for event in arrivals.events if event.seq > self._upto
        )
        return _summed((name, _minute(stamp, minute), count) for (name, stamp), count in stamped.items())

    def _name(self, name: str) -> str:
        return name if name in self.by_type or len(self.by_type) < MAX_TYPES else OTHERS


def _minute(stamp: str, otherwise: int) -> int:
    us = microseconds(f"{stamp}:00Z")
    return otherwise if us is None else us // MINUTE_US


def _summed(timed: Iterator[tuple[str, int, int]]) -> Mapping[tuple[str, int], int]:
    sums: Counter[tuple[str, int]] = Counter()
    for name, minute, count in timed:
        sums[name, minute] += count
    return sums
