"""Reading what deliveries were answered where that was not the ordinary answer: later facts about their event."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

import msgspec


class _Answered(msgspec.Struct):
    """The entry that the delivery is, and the status that was sent."""

    delivery: int
    status: int


_decoder = msgspec.json.Decoder(_Answered)


def stored_answer(delivery: int, status: int) -> bytes:
    """What is kept of an answer, as JSON."""
    return msgspec.json.encode(_Answered(delivery, status))


def answers_of(connection: sqlite3.Connection, seq: int) -> Mapping[int, int]:
    """The statuses that deliveries of an event were answered with, by the entries that the deliveries are."""
    rows = connection.execute("SELECT data FROM facts WHERE event = ? AND kind = 'answered' ORDER BY seq", (seq,))
    return {one.delivery: one.status for one in (_decoder.decode(data) for (data,) in rows)}
