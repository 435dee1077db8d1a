"""Writing that an event was forwarded: a later fact about it, and how much of such facts an event keeps."""

from __future__ import annotations

import sqlite3

from relay.contract import jsontext
from relay.contract.events import Forward
from relay.log.forwards import reported, stored_report
from relay.log.reader import find, missing
from relay.log.rows import stored_forwarded
from relay.log.stored import StoredEvent

FORWARDS_KEPT = 100
"""Forwards that one event keeps, the newest."""
ANSWERS_KEPT = 10
"""Of those, the newest ones that keep headers and body of their answer."""


def note_forward(
    connection: sqlite3.Connection, entry: int, *, seq: int, at_us: int, forward: Forward
) -> tuple[StoredEvent, tuple[int, int]]:
    """Write a forward of an event as an entry; gives the event as it is afterwards, the entry and its `n`.

    Raises `NoSuchEvent` or `TrimmedEvent`.
    """
    event = find(connection, seq)
    if event is None:
        raise missing(connection, seq)
    n = _last_n(connection, seq) + 1
    connection.execute(
        "INSERT INTO facts (seq, event, kind, at_us, body_differs, data, headers, body)"
        " VALUES (?, ?, 'forward', ?, 0, ?, ?, ?)",
        (
            entry,
            seq,
            at_us,
            stored_report(forward, n),
            None if forward.headers is None else jsontext.dumps(forward.headers),
            None if forward.body is None else forward.body.encode("utf-8", "surrogatepass"),
        ),
    )
    _forget_older(connection, seq)
    event.forward_failed = forward.status is None
    if forward.status is not None:
        event.forwarded = forward.status
    stored = stored_forwarded(event.forwarded, failed=event.forward_failed)
    connection.execute("UPDATE events SET forwarded = ? WHERE seq = ?", (stored, seq))
    return event, (entry, n)


def _last_n(connection: sqlite3.Connection, seq: int) -> int:
    row = connection.execute(
        "SELECT data FROM facts WHERE event = ? AND kind = 'forward' ORDER BY seq DESC LIMIT 1", (seq,)
    ).fetchone()
    return 0 if row is None else reported(row[0]).n


def _forget_older(connection: sqlite3.Connection, seq: int) -> None:
    newest = "SELECT seq FROM facts WHERE event = ? AND kind = 'forward' ORDER BY seq DESC LIMIT -1 OFFSET ?"
    connection.execute(
        f"UPDATE facts SET headers = NULL, body = NULL WHERE seq IN ({newest})"  # noqa: S608
        " AND (headers NOT NULL OR body NOT NULL)",
        (seq, ANSWERS_KEPT),
    )
    connection.execute(f"DELETE FROM facts WHERE seq IN ({newest})", (seq, FORWARDS_KEPT))  # noqa: S608
