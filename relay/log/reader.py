"""Reading the log file: runs in reader threads, each with a connection of its own."""

from __future__ import annotations

import heapq
import sqlite3
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from relay.contract.events import Delivery, Verdict
from relay.contract.moments import rfc3339
from relay.log.base import Entry, GapReason, Held, LogError, Matcher, NoSuchEvent, Page, Slice, TrimmedEvent
from relay.log.stored import StoredEvent, masked, stored_type, type_of

_PORTION = 500
_LARGE = 1 << 20
_LISTED = "seq, type, received_us, endpoint, verdict, summary, delivery_count, body_differs, forwarded, imported"
# The event's body is that of the delivery which first proved to be ours.
_FULL = (
    "seq, type, received_us, endpoint, verdict, summary, delivery_count, body_differs, forwarded, imported,"
    " coalesce((SELECT facts.headers FROM facts WHERE facts.seq = body_entry), headers),"
    " coalesce((SELECT facts.body FROM facts WHERE facts.seq = body_entry), body)"
)


def _event(row: Sequence[Any]) -> StoredEvent:
    return StoredEvent(
        seq=row[0],
        type=type_of(row[1]),
        received_us=row[2],
        endpoint=row[3],
        verdict=Verdict(row[4]),
        facts=row[5],
        delivery_count=row[6],
        body_differs=bool(row[7]),
        forwarded=row[8],
        imported=bool(row[9]),
        raw_headers=row[10] if len(row) > 10 else None,
        raw_body=row[11] if len(row) > 10 else None,
    )


def _columns(full: bool) -> str:
    return _FULL if full else _LISTED


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
    query = f"SELECT {_columns(full)} FROM events WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?"  # noqa: S608
    for row in connection.execute(query, (after, last_seq, limit)):
        event = _event(row)
        entries.append(Entry(event.seq, event))
        taken += _weight(event)
        if taken >= max_bytes or len(entries) == limit:
            return entries, event.seq, taken
    return entries, max(last_seq, after), taken


def _weight(event: StoredEvent) -> int:
    return len(event.facts) + len(event.raw_body or b"")


def find(connection: sqlite3.Connection, seq: int, *, full: bool = True) -> StoredEvent | None:
    """One event, or `None` when no event has this seq."""
    query = f"SELECT {_columns(full)} FROM events WHERE seq = ?"  # noqa: S608
    row = connection.execute(query, (seq,)).fetchone()
    return None if row is None else _event(row)


def _rows(
    connection: sqlite3.Connection,
    *,
    below: int,
    above: int,
    types: frozenset[str] | None,
    full: bool,
    newest_first: bool,
) -> Generator[StoredEvent, None, None]:
    """Events between two seqs, neither included, one at a time: bodies may be large."""
    order = "DESC" if newest_first else "ASC"
    if types is None:
        query = f"SELECT {_columns(full)} FROM events WHERE seq < ? AND seq > ? ORDER BY seq {order}"  # noqa: S608
        for row in connection.execute(query, (below, above)):
            yield _event(row)
        return
    # One walk of the index for each type, merged: asking for all at once would sort every match first.
    query = f"SELECT seq FROM events WHERE type = ? AND seq < ? AND seq > ? ORDER BY seq {order}"  # noqa: S608
    walks: list[Iterable[tuple[int]]] = [
        connection.execute(query, (stored_type(kind), below, above)) for kind in sorted(types)
    ]
    for (seq,) in heapq.merge(*walks, reverse=newest_first):
        event = find(connection, seq, full=full)
        if event is not None:
            yield event


def page(
    connection: sqlite3.Connection,
    *,
    before: int | None,
    after: int | None,
    limit: int,
    types: frozenset[str] | None,
    match: Matcher | None,
    seconds: float,
    clock: Callable[[], float] = time.monotonic,
) -> Page:
    """Matches below `before` (newest first), or above `after` alone (oldest first), for at most `seconds`."""
    newest_first = before is not None or after is None
    deadline = clock() + seconds
    found: list[StoredEvent] = []
    scanned = weight = 0
    for event in _rows(
        connection,
        below=(1 << 62) if before is None else before,
        above=0 if after is None else after,
        types=types,
        full=match is not None,
        newest_first=newest_first,
    ):
        scanned += 1
        weight += _weight(event)
        if match is None or match(event):
            found.append(event)
        event.release()
        # The clock is looked at every few events, or every large one.
        if len(found) == limit or ((scanned % 16 == 0 or weight > _LARGE) and clock() > deadline):
            return Page(found, event.seq, scanned)
        weight = 0 if weight > _LARGE else weight
    return Page(found, None, scanned)


def seqs_before(connection: sqlite3.Connection, upto: int, before_us: int) -> list[int]:
    """The seqs of all events up to one that arrived before a time, ascending."""
    query = "SELECT seq FROM events WHERE seq <= ? AND received_us < ? ORDER BY seq"
    return [seq for (seq,) in connection.execute(query, (upto, before_us))]


def scan(connection: sqlite3.Connection, upto: int, types: frozenset[str] | None) -> Iterator[StoredEvent]:
    """Every event up to a seq, in full, newest first.

    It is read in portions: one long read would keep the write-ahead log from being emptied all the while.
    """
    below = upto + 1
    seen = _PORTION
    while seen == _PORTION:
        rows = _rows(connection, below=below, above=0, types=types, full=True, newest_first=True)
        seen = 0
        for seen, event in enumerate(islice(rows, _PORTION), 1):  # noqa: B007 - how many there were
            yield event
            event.release()
            below = event.seq
        rows.close()


_DELIVERY = "received_us, endpoint, {verdict}, signature_t, secret, remote, headers, body"


def deliveries(connection: sqlite3.Connection, seq: int) -> list[tuple[Delivery, bytes]]:
    """Every delivery of an event with its bytes, the first one first. Raises `NoSuchEvent` or `TrimmedEvent`."""
    query = f"SELECT {_DELIVERY.format(verdict='first_verdict')}, body_entry FROM events WHERE seq = ?"  # noqa: S608
    first = connection.execute(query, (seq,)).fetchone()
    if first is None:
        raise missing(connection, seq)
    *row, body_entry = first
    query = (
        "SELECT at_us, endpoint, verdict, signature_t, secret, remote, headers, body, seq"
        " FROM facts WHERE event = ? AND kind = 'delivery' ORDER BY seq"
    )
    own: bytes = row[-1]
    bodies = [own]
    rows: list[Sequence[Any]] = [row]
    current = own  # the event's body at the time of each delivery
    for *later, entry in connection.execute(query, (seq,)):
        body = current if later[-1] is None else later[-1]
        if entry == body_entry:
            current = body
        bodies.append(body)
        rows.append(later)
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
            detail = event.detail_json([delivery for delivery, _ in deliveries(connection, seq)], [])
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
