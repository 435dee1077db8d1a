"""How many events of each type match the filter: what the log said, plus what arrived since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from tui.model.source import Arrivals, Totals

MAX_WAITING = 1_000
MAX_TYPES = 512
OTHERS = "other types"
"""What further types are counted as, since anyone may make up as many as they like."""


def counted(arrivals: Arrivals, above: int = 0) -> Mapping[str, int]:
    """Give the new events of `arrivals` by type, of those above a seq as far as that can be told."""
    if arrivals.counts and (not arrivals.events or arrivals.events[0].seq > above):
        return arrivals.counts
    return Counter(event.type for event in arrivals.events if event.seq > above)


class TypeCounts:
    """Counts by type. Arrivals wait until the log's own counts are there, since only those say where to begin."""

    def __init__(self) -> None:
        self.by_type: Counter[str] = Counter()
        self.known = False
        """The log's counts are in; before that the counts are those of what arrived alone."""
        self.wanted = True
        """The log's counts are to be read."""
        self.of: int | None = None
        """Events that there are without a filter, where that was asked because none matched."""
        self._upto = 0
        """The log's counts hold what is up to here, be it that some of it arrives only after them."""
        self._waiting: list[Arrivals] = []

    @property
    def total(self) -> int:
        """Events of all types."""
        return self.by_type.total()

    def restart(self) -> None:
        """Forget everything: another filter is in force, or another log."""
        self.by_type = Counter()
        self.known = False
        self.of = None
        self._upto = 0
        self.recount()

    def recount(self) -> None:
        """Ask for the log's counts, and show what there is until they come."""
        self.wanted = True
        self._waiting = []

    def take(self, arrivals: Arrivals) -> None:
        """Add new events."""
        if arrivals.upto > self._upto:
            self._count(counted(arrivals, self._upto))
        if self.wanted:
            self._waiting = [*self._waiting, arrivals][-MAX_WAITING:]

    def base(self, totals: Totals) -> None:
        """Take the log's counts, and add what arrived above them."""
        self.by_type = Counter()
        self._count(totals.by_type)
        self._upto = totals.upto
        self.known = True
        self.wanted = False
        for arrivals in self._waiting:
            if arrivals.upto > totals.upto:
                self._count(counted(arrivals, totals.upto))
        self._waiting = []

    def _count(self, by_type: Mapping[str, int]) -> None:
        for name, count in by_type.items():
            self.by_type[name if name in self.by_type or len(self.by_type) < MAX_TYPES else OTHERS] += count
