"""Rows of the log file as events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from relay.contract.events import Verdict
from relay.log.stored import StoredEvent, type_of

LISTED = (
    "e.seq, e.type, e.received_us, e.endpoint, e.verdict, e.summary, e.delivery_count, e.body_differs,"
    " e.forwarded, e.imported"
)
"""All that a list needs, of `events e`."""

# The event's body is that of the delivery which first proved to be ours. Nearly always that is the first one, and
# then nothing is looked up.
BODY = (
    "CASE WHEN e.body_entry IS NULL THEN e.body"
    " ELSE coalesce((SELECT facts.body FROM facts WHERE facts.seq = e.body_entry), e.body) END"
)
_HEADERS = (
    "CASE WHEN e.body_entry IS NULL THEN e.headers"
    " ELSE coalesce((SELECT facts.headers FROM facts WHERE facts.seq = e.body_entry), e.headers) END"
)
FULL = f"{LISTED}, {_HEADERS}, {BODY}"
"""The same, with headers and body."""

GLANCE = f"e.seq, e.type, e.received_us, {BODY}"
"""What a filter that reads only the body needs."""

BRIEF = "e.seq, e.type, e.received_us"
"""What counting needs."""


NO_ANSWER = 1_000
"""Added to the status in `events.forwarded`, or alone there, where the last forward got no answer.

A column of its own would be the last of an older file's table, behind bodies that lists must not read.
"""
FORWARDED = f"nullif(e.forwarded % {NO_ANSWER}, 0)"
"""The status that the last forward was answered with that was, of `events e`."""


def stored_forwarded(status: int | None, *, failed: bool) -> int:
    """What `events.forwarded` says of the last answer, and of whether the last forward got none."""
    return (status or 0) + (NO_ANSWER if failed else 0)


def forwarded_of(stored: int | None) -> tuple[int | None, bool]:
    """The status of the last answer, and whether the last forward got none, from `events.forwarded`."""
    return (None, False) if stored is None else (stored % NO_ANSWER or None, stored >= NO_ANSWER)


def event_of(row: Sequence[Any]) -> StoredEvent:
    """The event of a row of `LISTED` or `FULL`."""
    forwarded, forward_failed = forwarded_of(row[8])
    return StoredEvent(
        seq=row[0],
        type=type_of(row[1]),
        received_us=row[2],
        endpoint=row[3],
        verdict=Verdict(row[4]),
        facts=row[5],
        delivery_count=row[6],
        body_differs=bool(row[7]),
        forwarded=forwarded,
        forward_failed=forward_failed,
        imported=bool(row[9]),
        raw_headers=row[10] if len(row) > 10 else None,
        raw_body=row[11] if len(row) > 10 else None,
    )
