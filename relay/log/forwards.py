"""Reading the forwards of events: each is a later fact about its event, with what was answered."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

import msgspec

from relay.contract import jsontext
from relay.contract.api import ForwardItem
from relay.contract.events import Forward
from relay.contract.moments import rfc3339
from relay.log.stored import masked, type_of


class Reported(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What the log keeps of a forward beside its time and the headers and body of the answer."""

    url: str
    n: int
    kind: str = "forward"
    sign: str | None = None
    edited: bool = False
    attempt: int = 1
    status: int | None = None
    ms: float | None = None
    error: str | None = None
    truncated: bool = False


class _About(msgspec.Struct):
    """What a list of forwards says of the event."""

    reading: str
    failed: bool
    message_id: str | None


def stored_report(forward: Forward, n: int) -> bytes:
    """What is kept of a forward, as JSON."""
    known = {name: getattr(forward, name) for name in Reported.__struct_fields__ if name != "n"}
    return jsontext.dumps(Reported(n=n, **known))


def reported(data: bytes) -> Reported:
    """The same, read."""
    return msgspec.convert(jsontext.loads(data), Reported)


def _fields(data: bytes) -> dict[str, Any]:
    report = reported(data)
    return {name: getattr(report, name) for name in Reported.__struct_fields__}


_COLUMNS = "at_us, data, headers, body"


def _forward_of(row: Sequence[Any]) -> Forward:
    at_us, data, headers, body = row
    return Forward(
        at=rfc3339(at_us),
        headers=None if headers is None else masked(headers),
        body=None if body is None else body.decode("utf-8", "surrogatepass"),
        **_fields(data),
    )


def forwards_of(connection: sqlite3.Connection, seq: int) -> list[Forward]:
    """Every forward of an event that is kept, the first one first."""
    query = f"SELECT {_COLUMNS} FROM facts WHERE event = ? AND kind = 'forward' ORDER BY seq"  # noqa: S608
    return [_forward_of(row) for row in connection.execute(query, (seq,))]


def page_of(connection: sqlite3.Connection, *, before: int, limit: int) -> list[ForwardItem]:
    """Forwards of all events without headers and body, those first that were reported last."""
    query = (
        "SELECT f.seq, f.event, f.at_us, f.data, e.type, e.summary FROM facts f INDEXED BY forwards"
        " CROSS JOIN events e ON e.seq = f.event"
        " WHERE f.kind = 'forward' AND f.seq < ? ORDER BY f.seq DESC LIMIT ?"
    )
    return [_item_of(row) for row in connection.execute(query, (before, limit))]


def _item_of(row: Sequence[Any]) -> ForwardItem:
    entry, seq, at_us, data, kind, summary = row
    about = msgspec.convert(jsontext.loads(summary), _About)
    return ForwardItem(
        entry=entry,
        seq=seq,
        type=type_of(kind),
        message_id=about.message_id,
        reading=about.reading,
        failed=about.failed,
        at=rfc3339(at_us),
        **_fields(data),
    )
