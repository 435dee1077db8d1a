"""An index of the values that events have by name, in a file of its own that can be thrown away at any time.

It is filled behind the commit by somebody who reads the log's file, a block of seqs at a time: of each value in a
block one row says which of its events have it. What has not been come to yet is looked at one by one, so it
may lag, and nothing waits for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import queue
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from pathlib import Path

from relay.log.marks import ALL, BLOCK, RESERVED, UNCLEAR, packed, unpacked
from relay.log.rows import FULL, event_of
from relay.log.schema import transaction
from relay.log.stored import StoredEvent, type_of
from relay.log.stored import stored_type as stored_text
from relay.log.values import NAMES, Values

log = logging.getLogger(__name__)

VERSION = 1
TOGETHER = 8
"""Blocks in one transaction, at most: ids that come in no order dirty the same pages for all of them."""
PAUSE_S = 1.0
"""Between two transactions while few blocks are left to be done: the log's own threads come first."""
BEHIND = 32
"""Blocks left to be done from which on there is no pause."""
LATE = 64
"""Trimmed blocks in the index that are removed from it together."""
REMEMBERED = 10_000
"""Words of a name whose numbers are kept in memory: most come up again soon."""
_AT_ONCE = 250
NICE = 10

_SCHEMA = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID",
    "CREATE TABLE words (id INTEGER PRIMARY KEY, name INTEGER, value BLOB, UNIQUE (name, value))",
    """CREATE TABLE blocks (
        block INTEGER PRIMARY KEY, events, bytes, received_first, received_last, created_first, created_last
    )""",
    "CREATE TABLE marks (word INTEGER, block INTEGER, places BLOB, PRIMARY KEY (word, block)) WITHOUT ROWID",
)

NEVER = 1 << 62


class Facets:
    """The index of one log, filled by a thread of its own from `start` to `stop`.

    Whoever makes the log grow calls `wake` once its last seq is no less than `due`. `is_sound` as long as nothing
    is wrong with the file; `is_current` unless events may have gone from the log otherwise than from its
    beginning, which the index does not know yet. `generation` counts how often it was begun anew, `incarnation`
    how often there may be another file in its place. `told` is called in the thread after each change.
    """

    def __init__(
        self,
        path: Path,
        log_path: Path,
        log_id: str,
        last_seq: Callable[[], int],
        *,
        told: Callable[[], None] = lambda: None,
    ) -> None:
        self.path = path
        self._told = told
        self._log_path = log_path
        self._log_id = log_id
        self._last_seq = last_seq
        self._jobs: queue.SimpleQueue[Future[None] | None] = queue.SimpleQueue()
        self._is_stopping = False
        self._has_ended = True
        self._ids: dict[int, dict[str, int]] = {name: {} for name in NAMES.values()}
        self._next_block = 0
        self._first_block = 0
        self.due = NEVER
        self.is_sound = False
        self.is_current = True
        self.generation = 0
        self.incarnation = 0
        self.has_failed = False
        self._thread = threading.Thread(target=self._run, name="log-facets", daemon=True)

    @property
    def reach(self) -> int:
        """The seq up to which it knows the events."""
        return self._next_block * BLOCK - 1

    @property
    def is_usable(self) -> bool:
        """What it says can be relied on."""
        return self.is_sound and self.is_current

    def doubt(self) -> None:
        """What it says can't be relied on, and will not be."""
        self.is_sound = False

    def start(self) -> None:
        self._has_ended = False
        self._thread.start()

    def wake(self) -> None:
        """Go on: there is enough for another block."""
        self.due = NEVER
        self._jobs.put(None)

    def forget(self) -> Future[None]:
        """Begin anew, with nothing of what was there left in the file; the future hears when it is gone."""
        done: Future[None] = Future()
        self._jobs.put(done)
        if self._has_ended:
            self._let_go()
        return done

    def stop(self) -> None:
        """End the thread. What it has not come to is left for the next time."""
        self._is_stopping = True
        self._jobs.put(None)
        if self._thread.is_alive():
            self._thread.join()

    async def close(self) -> None:
        """The same, away from the loop."""
        await asyncio.to_thread(self.stop)

    # -- in its thread

    def _run(self) -> None:
        if sys.platform == "linux":
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
        try:
            with contextlib.closing(self._opened()) as connection:
                self.is_sound = True
                self._told()
                while not self._is_stopping:
                    self._work(connection)
        except Exception:
            log.exception("the index of the log can't be kept: filters will take longer")
            self.has_failed = True
        finally:
            self.is_sound = False
            self._has_ended = True
            self._told()
            self._let_go()

    def _let_go(self) -> None:
        """Without the thread what is to be forgotten goes with the whole file."""
        with contextlib.suppress(queue.Empty):
            while True:
                job = self._jobs.get_nowait()
                if job is not None:
                    with contextlib.suppress(OSError):
                        remove(self.path)
                    job.set_result(None)

    def _work(self, connection: sqlite3.Connection) -> None:
        """Add a block if there is one, or wait until there is; then hear what else is wanted."""
        left = (self._last_seq() + 1) // BLOCK - self._next_block
        if left > 0:
            self._add(connection, min(left, TOGETHER))
            self._drop_trimmed(connection)
            self._told()
            self._hear(connection, 0 if left > BEHIND else PAUSE_S)
            return
        self.due = (self._next_block + 1) * BLOCK - 1
        self._told()
        # Whoever makes the log grow looks at `due` afterwards: one of the two sees the other.
        if self._last_seq() < self.due:
            self._hear(connection, None)
        self.due = NEVER

    def _hear(self, connection: sqlite3.Connection, seconds: float | None) -> None:
        try:
            job = self._jobs.get(seconds != 0, seconds)
        except queue.Empty:
            return
        if job is None:
            return
        try:
            self._begin_anew(connection)
            self._told()
        except BaseException:
            remove(self.path)
            raise
        finally:
            job.set_result(None)

    def _opened(self) -> sqlite3.Connection:
        """The file, or a new one in the place of what is no index of this log."""
        with contextlib.suppress(sqlite3.Error):
            connection = _connect(self.path, self._log_path)
            try:
                if self._is_ours(connection):
                    return connection
            except sqlite3.Error:
                pass
            connection.close()
        remove(self.path)
        connection = _connect(self.path, self._log_path)
        self.path.chmod(0o600)
        self._create(connection)
        return connection

    def _is_ours(self, connection: sqlite3.Connection) -> bool:
        if connection.execute("PRAGMA user_version").fetchone() != (VERSION,):
            return False
        meta = dict(connection.execute("SELECT name, value FROM meta"))
        self._first_block, self._next_block = meta["first_block"], meta["next_block"]
        is_here = self._next_block * BLOCK - 1 <= self._last_seq()
        return meta["log_id"] == self._log_id and is_here and self._is_whole(connection)

    def _is_whole(self, connection: sqlite3.Connection) -> bool:
        """It has just the events that the log has: a purge may have been cut short before it came to the index."""
        connection.execute("BEGIN")
        try:
            return self._counts_agree(connection)
        finally:
            connection.execute("COMMIT")

    def _counts_agree(self, connection: sqlite3.Connection) -> bool:
        first = max(floor_of(connection) + 1, self._first_block * BLOCK)
        query = "SELECT block, places FROM marks WHERE word = ? AND block >= ?"
        found = sum(
            (unpacked(places) >> max(first - block * BLOCK, 0)).bit_count()
            for block, places in connection.execute(query, (ALL, first // BLOCK))
        )
        # All of them are counted by an index, a range of them would be by the table.
        query = "SELECT (SELECT count(*) FROM log.events) - (SELECT count(*) FROM log.events WHERE seq > ?)"
        (kept,) = connection.execute(query, (self.reach,)).fetchone()
        return bool(found == kept)

    def _create(self, connection: sqlite3.Connection) -> None:
        self._first_block = self._next_block = (floor_of(connection) + 1) // BLOCK
        meta = {"log_id": self._log_id, "first_block": self._first_block, "next_block": self._next_block}
        with transaction(connection):
            for statement in _SCHEMA:
                connection.execute(statement)
            connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
            connection.execute("INSERT INTO words VALUES (?, 0, x'')", (RESERVED,))
            connection.execute(f"PRAGMA user_version={VERSION}")

    def _begin_anew(self, connection: sqlite3.Connection) -> None:
        self.generation += 1
        self._forget_words()
        connection.execute("PRAGMA secure_delete=ON").fetchall()
        for table in ("meta", "words", "blocks", "marks"):
            connection.execute(f"DROP TABLE {table}")
        self._create(connection)
        connection.execute("PRAGMA main.wal_checkpoint(TRUNCATE)").fetchall()
        self.is_current = True

    def _add(self, connection: sqlite3.Connection, count: int) -> None:
        """Index the next blocks."""
        following = self._next_block + count
        with transaction(connection):
            for block in range(self._next_block, following):
                self._add_block(connection, block)
            connection.execute("UPDATE meta SET value = ? WHERE name = 'next_block'", (following,))
        self._next_block = following

    def _add_block(self, connection: sqlite3.Connection, block: int) -> None:
        """Index the events of a block as they are by now."""
        low, high = block * BLOCK, block * BLOCK + BLOCK - 1
        values = Values(lambda place: _whole(connection, low + place))
        received: list[int] = []
        bytes_ = 0
        # In one reading of the log: later ones know of other bodies.
        query = "SELECT seq, type, summary, received_us, length(body) FROM log.events WHERE seq BETWEEN ? AND ?"
        for seq, kind, summary, received_us, size in connection.execute(query, (low, high)):
            values.add(seq - low, type_of(kind), summary)
            received.append(received_us)
            bytes_ += size
        extent = (len(received), bytes_, *_ends(received), *_ends(values.created()))
        rows = [(ALL, block, packed(values.places)), (UNCLEAR, block, packed(values.unclear))]
        rows += [(number, block, packed(values.present(name))) for name, number in NAMES.items()]
        for name, number in NAMES.items():
            found = values.by_name[name]
            ids = self._words(connection, number, found)
            rows += [(ids[value], block, packed(places)) for value, places in found.items()]
        rows.sort()
        connection.executemany("INSERT INTO marks VALUES (?, ?, ?)", [row for row in rows if row[2]])
        connection.execute("INSERT INTO blocks VALUES (?, ?, ?, ?, ?, ?, ?)", (block, *extent))
        self._doubt_replaced(connection, low, high)

    def _words(self, connection: sqlite3.Connection, name: int, values: Iterable[str]) -> dict[str, int]:
        """The words of some values of a name, made where there are none yet."""
        known = self._ids[name]
        ids = {value: known[value] for value in values if value in known}
        new = {stored_text(value): value for value in values if value not in ids}
        if not new:
            return ids
        wanted = list(new)
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            query = f"SELECT value, id FROM words WHERE name = ? AND value IN ({_marks(len(some))})"  # noqa: S608
            for stored, word in connection.execute(query, (name, *some)):
                ids[new.pop(stored)] = word
        (last,) = connection.execute("SELECT max(id) FROM words").fetchone()
        rows = [(word, name, stored) for word, stored in enumerate(sorted(new), last + 1)]
        connection.executemany("INSERT INTO words VALUES (?, ?, ?)", rows)
        ids.update((new[stored], word) for word, _, stored in rows)
        if len(known) > REMEMBERED:
            known.clear()
        known.update(ids)
        return ids

    def _forget_words(self) -> None:
        for known in self._ids.values():
            known.clear()

    def _doubt_replaced(self, connection: sqlite3.Connection, low: int, high: int) -> None:
        """Events of earlier blocks that were given another body: what is in the index is of the one before."""
        for seq in replaced(connection, "log.", after=low - 1, upto=high, below=low):
            block, place = divmod(seq, BLOCK)
            row = connection.execute(
                "SELECT places FROM marks WHERE word = ? AND block = ?", (UNCLEAR, block)
            ).fetchone()
            bits = (0 if row is None else unpacked(row[0])) | 1 << place
            stored = bits.to_bytes(BLOCK // 8, "little")
            connection.execute("INSERT OR REPLACE INTO marks VALUES (?, ?, ?)", (UNCLEAR, block, stored))

    def _drop_trimmed(self, connection: sqlite3.Connection) -> None:
        """Let go of what retention took: what is left of it in the index is never looked at."""
        first = (floor_of(connection) + 1) // BLOCK
        if first < self._first_block + LATE:
            return
        with transaction(connection):
            connection.execute("DELETE FROM marks WHERE block < ?", (first,))
            connection.execute("DELETE FROM blocks WHERE block < ?", (first,))
            connection.execute(
                "DELETE FROM words WHERE id > ? AND id NOT IN (SELECT word FROM marks)", (RESERVED,)
            )
            connection.execute("UPDATE meta SET value = ? WHERE name = 'first_block'", (first,))
        self._first_block = first
        self._forget_words()


def _ends(moments: list[int]) -> tuple[int | None, int | None]:
    """The first and the last, if there is any."""
    return (min(moments), max(moments)) if moments else (None, None)


def _marks(count: int) -> str:
    return ",".join("?" * count)


def _whole(connection: sqlite3.Connection, seq: int) -> StoredEvent:
    row = connection.execute(f"SELECT {FULL} FROM log.events e WHERE e.seq = ?", (seq,)).fetchone()  # noqa: S608
    return event_of(row)


def floor_of(connection: sqlite3.Connection) -> int:
    """The seq up to which the log that is attached has nothing any more."""
    return int(connection.execute("SELECT value FROM log.meta WHERE name = 'trimmed_upto'").fetchone()[0])


def replaced(connection: sqlite3.Connection, log_: str, *, after: int, upto: int, below: int) -> list[int]:
    """The seqs below one of the events that entries between two others gave their body."""
    query = (
        f"SELECT DISTINCT f.event FROM {log_}facts f CROSS JOIN {log_}events e ON e.seq = f.event"  # noqa: S608
        # Not by the index on `event`: nearly all of them are below.
        " WHERE f.seq > ? AND f.seq <= ? AND +f.event < ? AND e.body_entry = f.seq"
    )
    return [seq for (seq,) in connection.execute(query, (after, upto, below))]


def _connect(path: Path, log_path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rwc", uri=True, isolation_level=None, check_same_thread=False, timeout=10
    )
    try:
        connection.execute("PRAGMA page_size=8192")
        connection.execute("PRAGMA journal_mode=WAL").fetchall()
        # What a power cut takes of it is filled again.
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA journal_size_limit=16777216")
        connection.execute("PRAGMA wal_autocheckpoint=2000")
        connection.execute("PRAGMA cache_size=-16384")
        connection.execute("ATTACH ? AS log", (f"{log_path.absolute().as_uri()}?mode=ro",))
    except BaseException:
        connection.close()
        raise
    return connection


def remove(path: Path) -> None:
    """Remove the file of an index, with what SQLite keeps beside it."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
