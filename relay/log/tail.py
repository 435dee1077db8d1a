"""The newest entries, in memory: what live viewers read without touching the disk."""

from __future__ import annotations

from collections.abc import Sequence

from relay.log.base import Entry
from relay.log.stored import StoredEvent

MAX_ENTRIES = 4_096
MAX_BYTES = 32 << 20


class Tail:
    """A cache of the end of the log, bounded in entries and bytes.

    It holds every entry above `floor`, so a cursor at or above it is answered from here. A later fact about an
    event takes the event's own entry along: that gives the event as it is now, as reading from the disk does.
    """

    def __init__(self, floor: int, *, max_entries: int = MAX_ENTRIES, max_bytes: int = MAX_BYTES) -> None:
        self.floor = floor
        self._entries: list[Entry] = []
        self._bytes = 0
        self._max_entries = max_entries
        self._max_bytes = max_bytes

    def extend(self, entries: Sequence[Entry]) -> None:
        """Add the entries of one commit; their seqs follow the last one without a hole."""
        self._entries += entries
        for entry in entries:
            seq, event = entry
            self._bytes += _size(event)
            if seq == event.seq:
                continue
            # Every seq is an entry, so its place in the list follows from it.
            place = event.seq - self.floor - 1
            if place >= 0:
                self._bytes += _size(event) - _size(self._entries[place].event)
                self._entries[place] = Entry(event.seq, event)
        if len(self._entries) > 2 * self._max_entries or self._bytes > 2 * self._max_bytes:
            self._shrink()

    def _shrink(self) -> None:
        drop = max(len(self._entries) - self._max_entries, 0)
        self._bytes -= sum(_size(entry.event) for entry in self._entries[:drop])
        while self._bytes > self._max_bytes and drop < len(self._entries):
            self._bytes -= _size(self._entries[drop].event)
            drop += 1
        if drop:
            self.floor = self._entries[drop - 1].seq
            del self._entries[:drop]

    def read(self, after: int, limit: int) -> list[Entry] | None:
        """At most `limit` entries above `after`, or `None` when some of them are not held any more."""
        if after < self.floor:
            return None
        start = after - self.floor
        return self._entries[start : start + limit]


def _size(event: StoredEvent) -> int:
    return len(event.facts) + len(event.raw_body or b"") + len(event.raw_headers or b"") + 1_000
