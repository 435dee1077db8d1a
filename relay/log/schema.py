"""The log file's schema: its version, how an older file is brought up to it, how a newer one is refused."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from relay.log.base import LogError, NewerLog

MAX_WAL = 64 << 20
"""Bytes that the write-ahead log is cut back to after a reader made it grow."""
VERSION = 2
"""Kept in the file's `user_version`."""

# `summary` and what stands before it is all that a list needs; headers and body come last, so that reading a row
# for a list does not touch the pages that they overflow to. `identity` begins with `created_at`: its
# index then grows at one end, instead of dirtying a page elsewhere for every event. `type` is UTF-8 in a blob,
# since a type may hold half of a surrogate pair, and TEXT can not.
_CREATE = """
CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value
) WITHOUT ROWID;
CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    type BLOB NOT NULL,
    received_us INTEGER NOT NULL,
    endpoint TEXT,
    verdict TEXT NOT NULL,
    delivery_count INTEGER NOT NULL,
    body_differs INTEGER NOT NULL,
    forwarded INTEGER,
    imported INTEGER NOT NULL,
    body_entry INTEGER,
    first_verdict TEXT NOT NULL,
    signature_t INTEGER,
    secret TEXT,
    remote TEXT,
    identity BLOB NOT NULL,
    summary BLOB NOT NULL,
    headers BLOB NOT NULL,
    body BLOB NOT NULL
);
CREATE UNIQUE INDEX events_by_identity ON events (identity);
CREATE INDEX events_by_type ON events (type);
CREATE TABLE facts (
    seq INTEGER PRIMARY KEY,
    event INTEGER NOT NULL,
    kind TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    endpoint TEXT,
    verdict TEXT,
    body_differs INTEGER NOT NULL,
    signature_t INTEGER,
    secret TEXT,
    remote TEXT,
    data BLOB,
    headers BLOB,
    body BLOB
);
CREATE INDEX facts_by_event ON facts (event);
CREATE INDEX forwards ON facts (seq) WHERE kind = 'forward';
CREATE TABLE trimmed (
    identity BLOB PRIMARY KEY,
    seq INTEGER NOT NULL,
    at_us INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX trimmed_by_age ON trimmed (at_us);
CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    fingerprint BLOB NOT NULL UNIQUE,
    received_us INTEGER NOT NULL,
    last_us INTEGER NOT NULL,
    count INTEGER NOT NULL,
    endpoint TEXT,
    remote TEXT,
    reason TEXT NOT NULL,
    size INTEGER NOT NULL,
    headers BLOB NOT NULL,
    body BLOB NOT NULL
);
"""

Step = Callable[[sqlite3.Connection], None]


def _to_2(connection: sqlite3.Connection) -> None:
    """Forwards are facts as deliveries are, which may be a great many more."""
    connection.execute("CREATE INDEX forwards ON facts (seq) WHERE kind = 'forward'")


STEPS: Mapping[int, Step] = {1: _to_2}
"""From each older version to the one after it. Version 1 is the first that landed."""


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Open the file the way the log wants it: autocommit, WAL, and durable when a commit returns."""
    uri = f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}"
    connection = sqlite3.connect(
        uri, uri=True, isolation_level=None, check_same_thread=False, cached_statements=256, timeout=10
    )
    if read_only:
        connection.execute("PRAGMA query_only=1")
    else:
        # Before the first table: with 8 KiB three events share a page that would otherwise hold one and a gap.
        connection.execute("PRAGMA page_size=8192")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        # On macOS an ordinary fsync leaves data in the drive's own cache; elsewhere these do nothing.
        connection.execute("PRAGMA fullfsync=1")
        connection.execute("PRAGMA checkpoint_fullfsync=1")
        # In pages. Small and often: a commit that has to checkpoint much is the slowest one.
        connection.execute("PRAGMA wal_autocheckpoint=250")
        connection.execute(f"PRAGMA journal_size_limit={MAX_WAL}")
        # What moves within a page leaves no copy of itself there, which a later purge would not know of.
        connection.execute("PRAGMA secure_delete=FAST")
    connection.execute("PRAGMA cache_size=-32768")
    return connection


def prepare(
    connection: sqlite3.Connection, path: Path, *, version: int = VERSION, steps: Mapping[int, Step] = STEPS
) -> None:
    """Create the schema in a new file, or bring an older file up to it step by step.

    A copy of the older file stays beside it as `NAME.vN.bak`. Raises `NewerLog` for a file that a newer version
    wrote, `LogError` for a file that is not a log.
    """
    found = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if found > version:
        raise NewerLog(
            f"{path.name} has schema version {found}, this version of knocktop knows up to {version}: "
            "start a newer knocktop, or choose another data directory"
        )
    if found == version:
        return
    if found == 0:
        if connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
            raise LogError(f"{path.name} is an SQLite file, but not a log of knocktop")
        _create(connection)
        return
    _keep_copy(connection, path.with_name(f"{path.name}.v{found}.bak"))
    for older in range(found, version):
        with transaction(connection):
            steps[older](connection)
            connection.execute(f"PRAGMA user_version={older + 1}")


def _create(connection: sqlite3.Connection) -> None:
    with transaction(connection):
        for statement in _CREATE.split(";\n"):
            if statement.strip():
                connection.execute(statement)
        connection.execute("INSERT INTO meta VALUES ('log_id', ?)", (secrets.token_hex(8),))
        connection.execute("INSERT INTO meta VALUES ('trimmed_upto', 0)")
        connection.execute(f"PRAGMA user_version={VERSION}")


def _keep_copy(connection: sqlite3.Connection, target: Path) -> None:
    # Written under another name first: a copy that was cut short must not pass for one.
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    with closing(sqlite3.connect(part)) as copy:
        connection.backup(copy)
    part.chmod(0o600)
    part.replace(target)


class transaction:  # noqa: N801 - reads as a statement
    """`BEGIN IMMEDIATE`, then COMMIT, or ROLLBACK when the block raises."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._connection.execute("COMMIT")
        elif self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
