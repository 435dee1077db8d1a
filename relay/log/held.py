"""The table of the quarantine, in the log's file: run by whoever has a connection."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from relay.log.base import Held
from relay.log.purge import overwriting

MAX_REQUESTS = 1_000
MAX_BYTES = 64 << 20
KEPT_US = 7 * 24 * 3_600_000_000


class QuarantineFull(Exception):
    """There is no room for another request."""


class Arrival(NamedTuple):
    """A request to be kept; what has the same fingerprint is the same request again."""

    fingerprint: bytes
    received_us: int
    endpoint: str | None
    remote: str | None
    reason: str
    headers: bytes
    body: bytes


def count(connection: sqlite3.Connection) -> int:
    """How many requests are held."""
    return int(connection.execute("SELECT count(*) FROM quarantine").fetchone()[0])


def next_held(connection: sqlite3.Connection, after: int) -> list[Held]:
    """Some requests above an id, the oldest first."""
    rows = connection.execute(
        "SELECT id, received_us, count, endpoint, headers, body, remote, reason FROM quarantine"
        " WHERE id > ? ORDER BY id LIMIT 16",
        (after,),
    )
    return [Held(*row) for row in rows]


def hold(connection: sqlite3.Connection, arrival: Arrival, now_us: int) -> int:
    """Keep a request; how many are held then. Raises `QuarantineFull`."""
    again = connection.execute(
        "UPDATE quarantine SET count = count + 1, last_us = ? WHERE fingerprint = ?",
        (arrival.received_us, arrival.fingerprint),
    )
    if again.rowcount == 0:
        held = expire(connection, now_us)
        (used,) = connection.execute("SELECT coalesce(sum(size + length(headers)), 0) FROM quarantine").fetchone()
        if held >= MAX_REQUESTS or used + len(arrival.body) + len(arrival.headers) > MAX_BYTES:
            raise QuarantineFull("the quarantine is full")
        connection.execute(
            "INSERT INTO quarantine (fingerprint, received_us, last_us, count, endpoint, remote, reason, size,"
            " headers, body) VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?)",
            (
                arrival.fingerprint,
                arrival.received_us,
                arrival.received_us,
                arrival.endpoint,
                arrival.remote,
                arrival.reason,
                len(arrival.body),
                arrival.headers,
                arrival.body,
            ),
        )
    return count(connection)


def take(connection: sqlite3.Connection, held_id: int) -> bool:
    """Forget a request; whether there was one."""
    return connection.execute("DELETE FROM quarantine WHERE id = ?", (held_id,)).rowcount == 1


def overwrite(connection: sqlite3.Connection, ids: Sequence[int]) -> int:
    """Forget some requests and overwrite what was kept of them; how many there were."""
    with overwriting(connection):
        return sum(take(connection, held_id) for held_id in ids)


def expire(connection: sqlite3.Connection, now_us: int) -> int:
    """Forget what is too old; how many are held then."""
    connection.execute("DELETE FROM quarantine WHERE last_us < ?", (now_us - KEPT_US,))
    return count(connection)
