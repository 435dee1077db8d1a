"""Reading the log file: runs in reader threads, each with a connection of its own."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from relay.contract.events import Delivery, Verdict
from relay.contract.filter.checks import Check
from relay.contract.filter.intervals import Interval
from relay.contract.filter.values import Like
from relay.contract.moments import rfc3339
from relay.log.base import Entry, GapReason, Held, LogError, NoSuchEvent, Page, Slice, TrimmedEvent
from relay.log.faceted import Faceted
from relay.log.forwards import forwards_of
from relay.log.imported import imported_us, imported_verdict
from relay.log.provoked import answers_of
from relay.log.query import NOTHING, Sql, Told, Walk, exactly, is_unicode
from relay.log.rows import FULL, LISTED, event_of
from relay.log.search import Search, Segment, Wanted
from relay.log.stored import StoredEvent, masked, stored_type, type_of

MAX = (1 << 63) - 1
MAX_TYPES = 500
"""Types that a filter is compared with one by one."""
MAX_COUNTED = 10_000
"""Events up to which a list of them is counted, to know whether it is short."""


def trimmed_upto(connection: sqlite3.Connection) -> int:
    """The seq up to which everything is gone."""
    return int(connection.execute("SELECT value FROM meta WHERE name = 'trimmed_upto'").fetchone()[0])


def _gap_reason(connection: sqlite3.Connection, floor: int) -> GapReason:
    row = connection.execute("SELECT value FROM meta WHERE name = 'purged_upto'").fetchone()
    return "purge" if row is not None and row[0] == floor else "retention"


def missing(connection: sqlite3.Connection, seq: int) -> LogError:
    """Why there is no event with this seq."""
    if 0 < seq <= trimmed_upto(connection) or _was_purged(connection, seq):
        return TrimmedEvent(f"the event with seq {seq} is no longer kept")
    return NoSuchEvent(f"no event has seq {seq}")


def _was_purged(connection: sqlite3.Connection, seq: int) -> bool:
    return connection.execute("SELECT 1 FROM trimmed WHERE seq = ? LIMIT 1", (seq,)).fetchone() is not None


@contextmanager
def snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """Everything that is read within is as it was at one moment: retention may be at work."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("COMMIT")


def read(
    connection: sqlite3.Connection, after: int, last_seq: int, limit: int, max_bytes: int, full: bool
) -> Slice:
    """The entries after a cursor up to `last_seq`, at most `limit` and about `max_bytes` of them."""
    with snapshot(connection):
        floor = trimmed_upto(connection)
        gap = (after + 1, floor) if after < floor else None
        reason = _gap_reason(connection, floor) if gap else "retention"
        after = max(after, floor)
        entries, upto, taken = _new_events(connection, after, last_seq, limit, max_bytes, full)
        later = connection.execute(
            "SELECT seq, event FROM facts WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?", (after, upto, limit)
        ).fetchall()
        if len(later) == limit:
            upto = later[-1][0]
        held = {entry.seq: entry.event for entry in entries}
        for seq, about in later:
            event = held.get(about) or find(connection, about, full=full)
            if event is None:
                continue
            taken += 0 if about in held else _weight(event)
            held[about] = event
            entries.append(Entry(seq, event))
            if taken >= max_bytes:
                upto = min(upto, seq)
                break
    kept = [entry for entry in entries if entry.seq <= upto]
    return Slice(sorted(kept, key=lambda entry: entry.seq), upto, gap, reason)


def _new_events(
    connection: sqlite3.Connection, after: int, last_seq: int, limit: int, max_bytes: int, full: bool
) -> tuple[list[Entry], int, int]:
    """Events that entries made, the seq they reach to, and about how many bytes they are."""
    entries: list[Entry] = []
    taken = 0
    columns = FULL if full else LISTED
    query = f"SELECT {columns} FROM events e WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?"  # noqa: S608
    for row in connection.execute(query, (after, last_seq, limit)):
        event = event_of(row)
        entries.append(Entry(event.seq, event))
        taken += _weight(event)
        if taken >= max_bytes or len(entries) == limit:
            return entries, event.seq, taken
    return entries, max(last_seq, after), taken


def _weight(event: StoredEvent) -> int:
    return len(event.facts) + len(event.raw_body or b"")


def find(connection: sqlite3.Connection, seq: int, *, full: bool = True) -> StoredEvent | None:
    """One event, or `None` when no event has this seq."""
    query = f"SELECT {FULL if full else LISTED} FROM events e WHERE seq = ?"  # noqa: S608
    row = connection.execute(query, (seq,)).fetchone()
    return None if row is None else event_of(row)


class Kept:
    """What the log's own file tells of the values that events have: their types, and little else."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @cached_property
    def _types(self) -> list[str] | None:
        # One seek of the index for each type.
        query = (
            "WITH RECURSIVE kept(type) AS (SELECT min(type) FROM events UNION ALL"
            " SELECT (SELECT min(type) FROM events WHERE events.type > kept.type)"
            " FROM kept WHERE kept.type NOT NULL)"
            " SELECT type FROM kept WHERE type NOT NULL LIMIT ?"
        )
        found = [type_of(stored) for (stored,) in self._connection.execute(query, (MAX_TYPES + 1,))]
        return found if len(found) <= MAX_TYPES else None

    def types(self) -> list[str] | None:
        return self._types

    def walk_of_type(self, kind: str) -> Walk:
        query = "SELECT count(*) FROM (SELECT 1 FROM events WHERE type = ? LIMIT ?)"
        stored = stored_type(kind)
        (size,) = self._connection.execute(query, (stored, MAX_COUNTED)).fetchone()
        return Walk("events", "type", stored, size)

    def having(
        self,
        name: str,
        only: frozenset[str] | None,
        like: Like | None,  # noqa: ARG002 - an `Index`
        check: Check,  # noqa: ARG002 - an `Index`
    ) -> Told:
        if name != "endpoint" or only is None or len(only) > MAX_TYPES:
            return NOTHING
        texts = tuple(text for text in only if is_unicode(text))
        return exactly(Sql(f"coalesce(e.endpoint IN ({', '.join('?' * len(texts))}), 0)", texts, row=True))

    def during(self, column: str, spans: Sequence[Interval]) -> Told:  # noqa: ARG002 - an `Index`
        return NOTHING

    def present(self, name: str) -> Told:
        return exactly(Sql("e.endpoint NOT NULL", row=True)) if name == "endpoint" else NOTHING


def search(connection: sqlite3.Connection, what: Wanted, *, indexed: bool) -> Search:
    """A search over the whole log, with the index of facets as far as it reaches where that is attached."""
    kept = Kept(connection)
    if indexed and (known := Faceted(connection, kept)).is_of_use:
        low = max(known.low, trimmed_upto(connection) + 1)
        segments = [Segment(known.high + 1, MAX, kept), Segment(low, known.high, known), Segment(1, low - 1, kept)]
        return Search(connection, what, segments)
    return Search(connection, what, [Segment(1, MAX, kept)])


def page(
    connection: sqlite3.Connection,
    *,
    before: int | None,
    after: int | None,
    limit: int,
    what: Wanted,
    indexed: bool,
    seconds: float,
    clock: Callable[[], float] = time.monotonic,
) -> Page:
    """Matches below `before` (newest first), or above `after` alone (oldest first), for at most `seconds`."""
    until = clock() + seconds
    # A plan knows the types that are kept: none may come up while it is carried out.
    with snapshot(connection):
        return search(connection, what, indexed=indexed).page(
            below=MAX if before is None else before,
            above=0 if after is None else after,
            limit=limit,
            newest_first=before is not None or after is None,
            until=until,
            clock=clock,
        )


def seqs_before(connection: sqlite3.Connection, upto: int, before_us: int) -> list[int]:
    """The seqs of all events up to one that arrived before a time, ascending."""
    query = "SELECT seq FROM events WHERE seq <= ? AND received_us < ? ORDER BY seq"
    return [seq for (seq,) in connection.execute(query, (upto, before_us))]


_DELIVERY = "received_us, endpoint, {verdict}, signature_t, secret, remote, headers, body"


def deliveries(connection: sqlite3.Connection, seq: int) -> list[tuple[Delivery, bytes]]:
    """Every delivery of an event with its bytes, the first one first. Raises `NoSuchEvent` or `TrimmedEvent`."""
    query = f"SELECT {_DELIVERY.format(verdict='first_verdict')}, body_entry, imported FROM events WHERE seq = ?"  # noqa: S608
    first = connection.execute(query, (seq,)).fetchone()
    if first is None:
        raise missing(connection, seq)
    *row, body_entry, imported = first
    query = (
        "SELECT at_us, endpoint, verdict, signature_t, secret, remote, headers, body, seq"
        " FROM facts WHERE event = ? AND kind = 'delivery' ORDER BY seq"
    )
    own: bytes = row[-1]
    bodies = [own]
    entries = [seq]
    answers = answers_of(connection, seq)
    rows: list[Sequence[Any]] = [row]
    current = own  # the event's body at the time of each delivery
    for *later, entry in connection.execute(query, (seq,)):
        body = current if later[-1] is None else later[-1]
        if entry == body_entry:
            current = body
        bodies.append(body)
        rows.append(later)
        entries.append(entry)
    return [
        (
            Delivery(
                n=n,
                received_at=rfc3339(each[0]),
                endpoint=each[1],
                verdict=Verdict(each[2]),
                signature_t=each[3],
                secret=each[4],
                remote=each[5],
                headers=masked(each[6]),
                body_differs=body != current,
                # Only what made an event can be from a file.
                imported_at=rfc3339(imported_us(imported)) if imported and n == 1 else None,
                imported_verdict=imported_verdict(imported) if n == 1 else None,
                answered=answers.get(entries[n - 1]),
            ),
            body,
        )
        for n, (each, body) in enumerate(zip(rows, bodies, strict=True), 1)
    ]


def details(connection: sqlite3.Connection, seqs: Iterable[int], max_bytes: int | None) -> dict[int, bytes]:
    """The `EventDetail`s of some events as JSON, all of one moment. Raises `NoSuchEvent` or `TrimmedEvent`.

    One that would be longer than `max_bytes` says what its summary says, and that it is truncated.
    """
    found: dict[int, bytes] = {}
    with snapshot(connection):
        for seq in seqs:
            event = find(connection, seq)
            if event is None:
                raise missing(connection, seq)
            forwards = forwards_of(connection, seq)
            detail = event.detail_json([delivery for delivery, _ in deliveries(connection, seq)], forwards)
            fits = max_bytes is None or len(detail) <= max_bytes
            found[seq] = detail if fits else event.short_detail_json()
    return found


_HELD = "id, received_us, count, endpoint, headers, body, remote, reason"


def held(connection: sqlite3.Connection, *, before: int | None, limit: int) -> list[Held]:
    """Requests in quarantine, newest first."""
    query = f"SELECT {_HELD} FROM quarantine WHERE id < ? ORDER BY id DESC LIMIT ?"  # noqa: S608
    return [Held(*row) for row in connection.execute(query, (before or (1 << 62), limit))]


def held_one(connection: sqlite3.Connection, held_id: int) -> Held | None:
    """One request in quarantine, or `None`."""
    row = connection.execute(f"SELECT {_HELD} FROM quarantine WHERE id = ?", (held_id,)).fetchone()  # noqa: S608
    return None if row is None else Held(*row)
