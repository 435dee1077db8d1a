"""Going through the events that match, newest first, by what they belong to: messages, or runs."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from relay.contract.filter import Filter, MessageFilter, Node
from relay.contract.timeline import STALL_AFTER_US, MessageTimeline, Standpoint, timeline_of
from relay.log import reader
from relay.log.faceted import Faceted
from relay.log.members import MOST, Members, Of
from relay.log.search import Wanted
from relay.log.stored import StoredEvent

_FIRST, _MOST = 256, 4_096
"""Matches that are searched for at once."""
_SHARE_OF_SEARCH = 0.7
"""Of the time that there is: the rest is for what was found."""
MOST_UNINDEXED = 20_000
"""Events that the index has not come to which are gone through for a list, the newest."""
_ALL = 1 << 62
_OF_THE_WHOLE = frozenset({"body", "payload", "headers"})


class Found(NamedTuple):
    """What an event that matches belongs to, by its id."""

    id: str
    seq: int


class Told:
    """An event as a filter on messages asks about it; its body is read when it is asked for."""

    def __init__(self, event: StoredEvent, members: Members, timeline: MessageTimeline | None) -> None:
        self._event = event
        self._members = members
        self._timeline = timeline

    @property
    def timeline(self) -> MessageTimeline:
        """Of a filter that asks for it."""
        if self._timeline is None:
            raise LookupError("this filter was to ask about events alone")
        return self._timeline

    def __getattr__(self, name: str) -> Any:
        if self._event.raw_body is None and name in _OF_THE_WHOLE:
            self._event = self._members.whole(self._event.seq) or self._event
        return getattr(self._event, name)


class Walk:
    """A walk through one snapshot of the log, for at most `seconds`; what it comes by is read once.

    While the index is being made, events that it does not know yet may be missing where others than the newest of
    these belong to the same; with `whole` all of them are gone through.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        of: Of,
        wanted: Node | None,
        *,
        now_us: int,
        indexed: bool,
        seconds: float,
        whole: bool = False,
        stall_after_us: int = STALL_AFTER_US,
    ) -> None:
        self._connection = connection
        # Most events are of a message and of a run: those that are not are passed over.
        self._search = reader.search(connection, Wanted(wanted, now_us), indexed=indexed)
        self._now_us = now_us
        self._stall_after_us = stall_after_us
        known = Faceted(connection, reader.Kept(connection)) if indexed else None
        of_use = known if known is not None and known.is_of_use else None
        self.members = Members(connection, of, of_use, _ALL if whole else MOST_UNINDEXED)
        began = time.monotonic()
        self._search_until = began + seconds * _SHARE_OF_SEARCH
        self._until = began + seconds
        self._rest = seconds * (1 - _SHARE_OF_SEARCH)
        self.scanned = 0
        self.last = 0
        self._seqs: dict[str, list[int]] = {}
        self._timelines: dict[str, MessageTimeline | None] = {}
        self._events: dict[int, StoredEvent] = {}

    @property
    def is_late(self) -> bool:
        return time.monotonic() > self._until

    def matches(self, below: int, low: int = 0) -> Iterator[Found]:
        """Each event that matches below a seq and no lower than another, newest first, until it is late.

        `last` is the seq down to which all was looked at, 0 at the end.
        """
        size = _FIRST
        following: int | None = below
        while following is not None:
            self.last = following
            page = self._search.page(
                below=following,
                above=max(low - 1, 0),
                limit=size,
                newest_first=True,
                until=self._search_until,
                clock=time.monotonic,
            )
            self.scanned += page.scanned
            # However long the search took, something is made of what it found.
            self._until = max(self._until, time.monotonic() + self._rest)
            for event in page.events:
                self.last = event.seq
                if (id_ := self.members.id_of(event.seq, event.facts)) is not None:
                    yield Found(id_, event.seq)
                if self.is_late:
                    return
            following = page.next
            size = min(size * 2, _MOST)
            if following is not None and time.monotonic() > self._search_until:
                self.last = following
                return
        self.last = 0

    def seqs(self, id_: str) -> list[int]:
        """The seqs of what belongs to an id, ascending."""
        if id_ not in self._seqs:
            self._seqs[id_] = self.members.seqs(id_)
        return self._seqs[id_]

    def load(self, ids: Sequence[str]) -> None:
        """Read the timelines of some messages, all of them together."""
        new = [id_ for id_ in dict.fromkeys(ids) if id_ not in self._timelines]
        if not new:
            return
        events = self.members.events(seq for id_ in new for seq in self.seqs(id_)[-MOST:])
        mine = {id_: [events[seq] for seq in self.seqs(id_)[-MOST:] if seq in events] for id_ in new}
        self._events.update(events)
        origins = self.members.origins(some[-1].seq for some in mine.values() if some)
        for id_, some in mine.items():
            if not some:
                self._timelines[id_] = None
                continue
            summaries = (event.summary for event in some)
            told = timeline_of(id_, summaries, self.standpoint, origins[some[-1].seq])
            told.complete = self.members.complete
            self._timelines[id_] = told

    def timeline(self, id_: str) -> MessageTimeline | None:
        """The whole timeline of a message; none where its events are gone."""
        self.load([id_])
        return self._timelines[id_]

    def forget(self) -> None:
        """Let go of what was read: there may be more of it than is good to hold."""
        self._seqs.clear()
        self._timelines.clear()
        self._events.clear()

    def has_match(self, seqs: Sequence[int], filter_: Filter) -> bool:
        """Whether any of some events matches a filter on events."""
        if not seqs or filter_.tree is None:
            return bool(seqs)
        events = self.members.events(seqs).values()
        return any(filter_.matches(Told(event, self.members, None)) for event in events)

    def makes_listed(self, found: Found, filter_: MessageFilter) -> bool:
        """Whether an event makes its message listed."""
        if filter_.tree is None:
            return True
        message = self.timeline(found.id)
        event = self._events.get(found.seq)
        return event is not None and filter_.matches(Told(event, self.members, message))

    @cached_property
    def standpoint(self) -> Standpoint:
        return Standpoint(self._now_us, self._stall_after_us, self._kept_from_us())

    def _kept_from_us(self) -> int | None:
        if not reader.trimmed_upto(self._connection):
            return None
        row = self._connection.execute("SELECT received_us FROM events ORDER BY seq LIMIT 1").fetchone()
        return None if row is None else int(row[0])
