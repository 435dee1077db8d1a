"""Purge: what was picked by hand goes for good, a slice at a time so that appends never wait for long."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from relay.log.stored import type_of
from relay.log.totals import minute_of

SLICE = 500
"""Events removed in one transaction."""

COMPACTED = 256 << 20
"""Bytes of what is left that are written anew after a purge; nothing can be appended meanwhile."""


@dataclass(frozen=True, slots=True)
class Purged:
    """One slice that went. `upto` is the seq up to which nothing is left, `newest` the newest entry by then.

    `minutes` counts what went by type and minute; `latest` has the newest event left of each such type,
    its seq and when it arrived, where there is one.
    """

    upto: int
    newest: int
    minutes: Counter[tuple[str, int]]
    latest: dict[str, tuple[int, int]]


@contextmanager
def overwriting(connection: sqlite3.Connection) -> Iterator[None]:
    """What is deleted within is overwritten with zeros in the file, also where that costs another write."""
    connection.execute("PRAGMA secure_delete=ON").fetchall()
    try:
        yield
    finally:
        connection.execute("PRAGMA secure_delete=FAST").fetchall()


def purge(connection: sqlite3.Connection, seqs: Sequence[int], now_us: int) -> Purged:
    """Remove some events with all that is known of them, in the writer's transaction; their identities stay."""
    chosen = f"({','.join('?' * len(seqs))})"
    newest = newest_entry(connection)
    found = connection.execute(f"SELECT type, received_us FROM events WHERE seq IN {chosen}", seqs)  # noqa: S608
    minutes = Counter((type_of(stored), minute_of(received_us)) for stored, received_us in found)
    connection.execute(
        f"INSERT OR REPLACE INTO trimmed SELECT identity, seq, ? FROM events WHERE seq IN {chosen}",  # noqa: S608
        (now_us, *seqs),
    )
    with overwriting(connection):
        connection.execute(f"DELETE FROM facts WHERE event IN {chosen}", seqs)  # noqa: S608
        connection.execute(f"DELETE FROM events WHERE seq IN {chosen}", seqs)  # noqa: S608
        upto = _raise_floor(connection, newest)
    if newest_entry(connection) < newest:
        # A seq is never used twice: the place of the newest entry is kept, with nothing in it.
        connection.execute(
            "INSERT INTO facts (seq, event, kind, at_us, body_differs) VALUES (?, 0, 'purged', ?, 0)",
            (newest, now_us),
        )
    return Purged(upto, newest, minutes, dict(_latest(connection, {kind for kind, _ in minutes})))


def newest_entry(connection: sqlite3.Connection) -> int:
    """The seq of the newest entry that the file knows of."""
    (newest,) = connection.execute(
        "SELECT max(coalesce((SELECT max(seq) FROM events), 0), coalesce((SELECT max(seq) FROM facts), 0),"
        " (SELECT value FROM meta WHERE name = 'trimmed_upto'))"
    ).fetchone()
    return int(newest)


def _raise_floor(connection: sqlite3.Connection, newest: int) -> int:
    """Note up to where nothing is left, so that viewers who had not come so far are told of the gap."""
    (floor,) = connection.execute("SELECT value FROM meta WHERE name = 'trimmed_upto'").fetchone()
    (oldest,) = connection.execute("SELECT min(seq) FROM events").fetchone()
    upto = newest if oldest is None else int(oldest) - 1
    if upto <= floor:
        return int(floor)
    connection.execute("DELETE FROM facts WHERE seq <= ?", (upto,))
    connection.execute("UPDATE meta SET value = ? WHERE name = 'trimmed_upto'", (upto,))
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('purged_upto', ?)", (upto,))
    return upto


def _latest(connection: sqlite3.Connection, kinds: set[str]) -> Iterator[tuple[str, tuple[int, int]]]:
    for kind in kinds:
        row = connection.execute(
            "SELECT seq, received_us FROM events WHERE type = ? ORDER BY seq DESC LIMIT 1",
            (kind.encode("utf-8", "surrogatepass"),),
        ).fetchone()
        if row is not None:
            yield kind, (row[0], row[1])


def compact(connection: sqlite3.Connection, limit: int = COMPACTED) -> tuple[bool, bool]:
    """Write the file anew without what is free in it, and empty the write-ahead log; outside any transaction.

    Gives whether the file was written anew, which it is up to `limit` bytes of what is left, and whether nothing
    that was deleted is in the write-ahead log any more. Raises `sqlite3.Error`.
    """
    names = ("page_count", "freelist_count", "page_size")
    pages, free, page_size = (int(connection.execute(f"PRAGMA {name}").fetchone()[0]) for name in names)
    small = (pages - free) * page_size <= limit
    if small:
        connection.execute("VACUUM")
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return small, not busy
