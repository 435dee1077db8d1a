"""The wall of types: which have a panel, in which order, and the newest events of each.

Counts are the dashboard's. What is here is the order of the panels, which no arrival changes for those that are
there, and a few events of each type, which pages bring where the stream does not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from heapq import nlargest

from relay.contract.events import EventSummary
from relay.contract.knock import CATALOGUE, FAILED, is_known
from tui.model.counts import OTHERS
from tui.model.dashboard import Dashboard
from tui.model.source import Arrivals, Began, Item, Missing

NEWEST = 16
"""Events that are kept of a type."""
MAX_UNKNOWN = 64
"""Types outside the catalogue with a panel of their own, since anyone may make up as many as they like."""
AGAIN = 2.0
"""Seconds between two readings of the newest events of a type that the stream leaves out."""

_SEEDS = 2_000
_ORDER = {name: place for place, name in enumerate(sorted(CATALOGUE, key=lambda name: name not in FAILED))}


class Newest:
    """The newest events of one type that are known, oldest first."""

    __slots__ = ("behind", "events", "read_at", "searched")

    def __init__(self) -> None:
        self.events: list[EventSummary] = []
        self.behind = False
        """There are newer ones that were counted and not seen."""
        self.searched = False
        """The log was asked, and has no more than these."""
        self.read_at = float("-inf")

    def add(self, events: Iterable[EventSummary]) -> None:
        """Take in events in any order; a newer summary of an event takes the place of the older one."""
        by_seq = {event.seq: event for event in self.events}
        by_seq.update((event.seq, event) for event in events)
        self.events = [by_seq[seq] for seq in sorted(by_seq)][-NEWEST:]

    def append(self, event: EventSummary) -> None:
        """Take in an event that has just arrived."""
        if self.events and event.seq <= self.events[-1].seq:
            self.add([event])
            return
        self.events.append(event)
        del self.events[:-NEWEST]

    def change(self, event: EventSummary) -> None:
        """Take in newer facts about an event, if it is held."""
        for place, held in enumerate(self.events):
            if held.seq == event.seq:
                self.events[place] = event


class Wall:
    """The panels of the types that were seen, with their newest events."""

    def __init__(self, board: Dashboard) -> None:
        self.board = board
        self.run = 0
        """Counts the restarts: what was asked for in an earlier run is of no use in this one."""
        self._newest: dict[str, Newest] = {}
        self._unknown: list[str] = []
        self._filter = board.filtering.applied
        events = [row for row in board.browse.window.rows if not isinstance(row, Missing)]
        for event in events[-_SEEDS:]:
            self._of(event.type).append(event)

    def _of(self, type_: str) -> Newest:
        return self._newest.setdefault(type_, Newest())

    def take(self, item: Item) -> None:
        """Take in what the source gave."""
        if isinstance(item, Arrivals):
            self._arrive(item)
        elif isinstance(item, Began):
            self._begin(item)

    def _begin(self, began: Began) -> None:
        # Another choice of types leaves each panel what it says.
        if began.why == "filter" and began.filter == self._filter:
            return
        self._filter = began.filter
        self.run += 1
        self._newest.clear()
        self._unknown.clear()

    def _arrive(self, arrivals: Arrivals) -> None:
        panels = self._newest
        for event in arrivals.events:
            newest = panels.get(event.type)
            if newest is not None or event.type in _ORDER or len(panels) < MAX_UNKNOWN + len(_ORDER):
                self._of(event.type).append(event)
        for event in arrivals.changes:
            newest = panels.get(event.type)
            if newest is not None:
                newest.change(event)
        if arrivals.counts is not None:
            self._note_unseen(arrivals.counts, Counter(event.type for event in arrivals.events))

    def _note_unseen(self, counts: Mapping[str, int], given: Mapping[str, int]) -> None:
        for name, count in counts.items():
            if count > given.get(name, 0) and name in self._newest:
                self._newest[name].behind = True

    # What is on the wall

    def types(self) -> list[str]:
        """Give the types with a panel: failing ones first, then in the catalogue's order, then unknown ones."""
        counts = self.board.counts.by_type
        seen = [name for name, count in counts.items() if count and name != OTHERS]
        known = sorted((name for name in seen if name in _ORDER), key=_ORDER.__getitem__)
        self._take_unknown([name for name in seen if name not in _ORDER])
        return [*known, *self._unknown]

    def _take_unknown(self, seen: Sequence[str]) -> None:
        here = set(seen)
        self._unknown = [name for name in self._unknown if name in here]
        room = MAX_UNKNOWN - len(self._unknown)
        if room and len(seen) > len(self._unknown):
            held = set(self._unknown)
            newcomers = [name for name in seen if name not in held]
            self._unknown += sorted(nlargest(room, newcomers, key=self.board.counts.by_type.__getitem__))

    def without_panel(self) -> tuple[int, int]:
        """Count the types that have no panel, and their events. Types beyond what is counted are one here."""
        counts = self.board.counts.by_type
        shown = set(self._unknown)
        rest = [count for name, count in counts.items() if count and not is_known(name) and name not in shown]
        return len(rest), sum(rest)

    def newest(self, type_: str) -> Sequence[EventSummary]:
        """Give the newest events of a type that are known, oldest first."""
        newest = self._newest.get(type_)
        return newest.events if newest is not None else ()

    # Reading on

    def wanted(self, seen: Iterable[str], now: float) -> str | None:
        """Give the first of the types whose newest events are to be read; None where all are known."""
        return next((name for name in seen if self._is_wanted(name, now)), None)

    def _is_wanted(self, name: str, now: float) -> bool:
        newest = self._of(name)
        if now - newest.read_at < AGAIN:
            return False
        short = len(newest.events) < min(self.board.counts.by_type[name], NEWEST)
        return newest.behind or (short and not newest.searched)

    def asked(self, type_: str, now: float) -> None:
        """Note that the newest events of a type are being read."""
        newest = self._of(type_)
        newest.read_at = now
        newest.behind = False

    def fill(self, type_: str, events: Sequence[EventSummary], *, whole: bool) -> None:
        """Take in what was read of a type; `whole` where the log holds no more."""
        newest = self._of(type_)
        newest.add(events)
        newest.searched = whole or len(newest.events) >= NEWEST
