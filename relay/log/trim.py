"""Retention: what goes, oldest first, a slice at a time so that appends never wait for long."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from relay.log.base import Retention
from relay.log.imported import imported_us
from relay.log.stored import type_of

SLICE = 500
"""Events removed in one transaction."""

IDENTITY_KEPT_US = 7 * 24 * 3_600_000_000
"""How long the identity of a removed event is remembered: a late retry of it is no new event."""


@dataclass(frozen=True, slots=True)
class Trimmed:
    """One slice that went: every entry up to `upto`, and how many events of each type."""

    upto: int
    removed: dict[str, int]


@dataclass(frozen=True, slots=True)
class Trim:
    """What retention has to do at a time, in a log that holds so many events."""

    retention: Retention
    now_us: int
    events: int

    def slice(self, connection: sqlite3.Connection) -> Trimmed | None:
        """Remove the next slice, in the writer's transaction; `None` when nothing more has to go."""
        now_us = self.now_us
        connection.execute(
            "DELETE FROM trimmed WHERE identity IN (SELECT identity FROM trimmed WHERE at_us < ? LIMIT ?)",
            (now_us - IDENTITY_KEPT_US, 2 * SLICE),
        )
        wanted = min(self._excess(connection, now_us), SLICE)
        if wanted <= 0:
            return None
        row = connection.execute("SELECT seq FROM events ORDER BY seq LIMIT 1 OFFSET ?", (wanted - 1,)).fetchone()
        if row is None:
            return None
        (upto,) = row
        counts = connection.execute("SELECT type, count(*) FROM events WHERE seq <= ? GROUP BY +type", (upto,))
        removed = {type_of(kind): count for kind, count in counts.fetchall()}
        connection.execute(
            "INSERT OR REPLACE INTO trimmed SELECT identity, seq, ? FROM events WHERE seq <= ?", (now_us, upto)
        )
        connection.execute("DELETE FROM events WHERE seq <= ?", (upto,))
        connection.execute("DELETE FROM facts WHERE seq <= ?", (upto,))
        # Later deliveries and forwards of what went: the entries stay, since no seq is used twice, their bytes go.
        connection.execute(
            "UPDATE facts SET kind = 'trimmed', data = NULL, headers = NULL, body = NULL"
            " WHERE event <= ? AND kind != 'trimmed'",
            (upto,),
        )
        connection.execute("UPDATE meta SET value = ? WHERE name = 'trimmed_upto'", (upto,))
        return Trimmed(upto, removed)

    def _excess(self, connection: sqlite3.Connection, now_us: int) -> int:
        """How many of the oldest events have to go, as far as one slice needs to know."""
        over = 0
        if self.retention.events:
            over = max(over, self.events - self.retention.events)
        if self.retention.age_us:
            over = max(over, self._too_old(connection, now_us - self.retention.age_us))
        if self.retention.size:
            over = max(over, self._too_large(connection))
        return over

    def _too_old(self, connection: sqlite3.Connection, cutoff_us: int) -> int:
        count = 0
        query = "SELECT received_us, imported FROM events ORDER BY seq LIMIT ?"
        for received_us, imported in connection.execute(query, (SLICE,)):
            # What was imported is as old as the import: otherwise it would go at once.
            if max(received_us, imported_us(imported)) >= cutoff_us:
                break
            count += 1
        return count

    def _too_large(self, connection: sqlite3.Connection) -> int:
        """Pages in use, freed ones not counted: the file itself does not shrink, it is filled again."""
        names = ("page_count", "freelist_count", "page_size")
        pages, free, page_size = (int(connection.execute(f"PRAGMA {name}").fetchone()[0]) for name in names)
        used = (pages - free) * page_size
        if used <= self.retention.size:
            return 0
        count = max(self.events, 1)
        return min(count, (used - self.retention.size) * count // used + 1)
