"""Events on their way out: lines of NDJSON, oldest first, read a slice at a time.

What is asked for ends where the log ended when it was asked for, so that an export ends under any load.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import NamedTuple

from relay.contract.exported import line_of
from relay.contract.filter import Filter
from relay.log.imported import imported_verdict
from relay.log.rows import FULL, event_of
from relay.log.sqlite import SqliteLog
from relay.log.stored import StoredEvent

EVENTS = 256
"""Events that one slice has at most."""
BYTES = 1 << 20
"""Bytes after which a slice ends, whatever the last event of it took."""
_SECONDS = 0.2


class _Lines(NamedTuple):
    text: bytes
    upto: int


async def export(
    log: SqliteLog, *, after: int, before: int | None, types: frozenset[str] | None, filter_: Filter
) -> AsyncIterator[bytes]:
    """Give the lines of what matches between two seqs, neither included. Raises `LogError`.

    What retention takes meanwhile is left out. Between two slices whoever takes them may take their time: nothing
    is held but one of them.
    """
    end = log.last_seq + 1 if before is None else min(before, log.last_seq + 1)
    cursor: int | None = after
    while cursor is not None and cursor < end - 1:
        page = await log.page(after=cursor, limit=EVENTS, types=types, filter_=filter_, seconds=_SECONDS)
        seqs = [event.seq for event in page.events if event.seq < end]
        cursor = page.next if len(seqs) == len(page.events) else None
        while seqs:
            lines = await log.run_in_reader(partial(_lines, seqs=seqs))
            if lines.text:
                yield lines.text
            seqs = [seq for seq in seqs if seq > lines.upto]


def _lines(connection: sqlite3.Connection, seqs: Sequence[int]) -> _Lines:
    """The lines of the first of some events, as many as one slice holds, and the seq that they reach to."""
    query = f"SELECT {FULL} FROM events e WHERE e.seq BETWEEN ? AND ? ORDER BY e.seq"  # noqa: S608
    wanted = set(seqs)
    dense = seqs[-1] - seqs[0] < 2 * len(seqs)
    rows = (
        connection.execute(query, (seqs[0], seqs[-1]))
        if dense
        else (row for seq in seqs for row in connection.execute(query, (seq, seq)))
    )
    lines: list[bytes] = []
    size = 0
    for row in rows:
        if row[0] not in wanted:
            continue
        lines.append(exported(event_of(row), row[9]))
        size += len(lines[-1])
        if size >= BYTES:
            return _Lines(b"\n".join([*lines, b""]), row[0])
    return _Lines(b"\n".join([*lines, b""]) if lines else b"", seqs[-1])


def exported(event: StoredEvent, imported: int) -> bytes:
    """The line of one event that was read in full."""
    return line_of(event.full_json, event.headers, event.body, imported_verdict(imported))
