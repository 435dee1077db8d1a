"""Writing what a delivery was answered where that was not the ordinary answer: a later fact about its event."""

from __future__ import annotations

import sqlite3

from relay.log.base import NoSuchEvent
from relay.log.provoked import answers_of, stored_answer
from relay.log.reader import find, missing
from relay.log.stored import StoredEvent


def note_answered(
    connection: sqlite3.Connection, entry: int, *, seq: int, received_us: int, at_us: int, status: int
) -> tuple[StoredEvent, None]:
    """Write as an entry what the delivery of an event that came at a time was answered; gives the event.

    Raises `NoSuchEvent` or `TrimmedEvent`.
    """
    event = find(connection, seq)
    if event is None:
        raise missing(connection, seq)
    delivery = _delivery(connection, seq, received_us)
    if delivery is None:
        raise NoSuchEvent(f"no delivery of event {seq} came then")
    connection.execute(
        "INSERT INTO facts (seq, event, kind, at_us, body_differs, data) VALUES (?, ?, 'answered', ?, 0, ?)",
        (entry, seq, at_us, stored_answer(delivery, status)),
    )
    return event, None


def _delivery(connection: sqlite3.Connection, seq: int, received_us: int) -> int | None:
    """The entry of the first delivery that came at a time and has no answer yet."""
    known = answers_of(connection, seq)
    rows = connection.execute(
        "SELECT seq FROM events WHERE seq = ?1 AND received_us = ?2"
        " UNION ALL SELECT seq FROM facts WHERE event = ?1 AND kind = 'delivery' AND at_us = ?2 ORDER BY seq",
        (seq, received_us),
    )
    return next((entry for (entry,) in rows if entry not in known), None)
