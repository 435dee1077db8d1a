"""The embedded log: one SQLite file in WAL mode, one writer with group commit, a few reader threads.

Everything that callers see changes in the event loop's thread only: the writer hands over what is on disk, and the
tail, the totals and `last_seq` move together.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

from relay.contract.api import ForwardItem
from relay.contract.events import Delivery, Forward
from relay.contract.filter import Field, Filter, Name
from relay.log import reader, schema
from relay.log.answered import note_answered
from relay.log.base import (
    Declined,
    Draft,
    Group,
    LogError,
    LogStats,
    NoSuchEvent,
    NotDurable,
    Page,
    Receipt,
    Retention,
    Slice,
    TrimmedEvent,
    TypeTotals,
)
from relay.log.commit import Call, Committed, Done, Job, Note
from relay.log.facets import Facets
from relay.log.forwarded import note_forward
from relay.log.forwards import forwards_of, page_of
from relay.log.groups import Groups, count_groups
from relay.log.holding import hold
from relay.log.indexing import IndexingProcess
from relay.log.purge import SLICE, Purged, compact, newest_entry, purge
from relay.log.search import Search, Wanted, wanted
from relay.log.stored import StoredEvent, type_of
from relay.log.tail import Tail
from relay.log.totals import Totals
from relay.log.trim import Trim
from relay.log.writer import Writer
from relay.log.writing import WritingProcess

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Look(Protocol[T_co]):
    """Something to be looked up with or without the index of facets."""

    def __call__(self, connection: sqlite3.Connection, *, indexed: bool) -> T_co: ...


log = logging.getLogger(__name__)

FACETS = "facets.sqlite3"
"""The file of the index, beside the log's."""
READERS = 4
EAGER = 8
"""Jobs for which an idle writer is woken at once: it writes while the loop goes on reading."""
MAX_SLICE_BYTES = 4 << 20
MAX_WAITING_BYTES = 256 << 20
"""Bodies that may wait for their commit; beyond that an append is refused rather than held in memory."""

_PAUSES = 0.5, 30.0
"""Seconds before another writer is begun, the first time and at most."""
_HOUR_US = 3_600_000_000
_RECENT = 200_000


STEPS = 1_000
"""Of SQLite's own, after which a look-up sees whether it is still awaited."""


class Asked:
    """Whether whoever wants something that takes long still waits for it; read in a reader's thread."""

    __slots__ = ("is_over",)

    def __init__(self) -> None:
        self.is_over = False


def _while_asked(look: Look[T], asked: Asked) -> Look[T]:
    """Have a look-up end in the middle of a statement once nobody waits for it."""

    def looking(connection: sqlite3.Connection, *, indexed: bool) -> T:
        connection.set_progress_handler(lambda: asked.is_over, STEPS)
        try:
            return look(connection, indexed=indexed)
        except sqlite3.OperationalError:
            if asked.is_over:
                raise LogError("nobody waits for this any more") from None
            raise
        finally:
            connection.set_progress_handler(None, 0)

    return looking


class SqliteLog:
    """An `EventLog` in one file.

    `woken` is called, in the loop's thread, whenever `last_seq` or `first_seq` moved. Open it with `open`.
    """

    def __init__(
        self,
        path: Path,
        connection: sqlite3.Connection,
        *,
        retention: Retention,
        woken: Callable[[], None],
        clock: Callable[[], int],
        held: int | None,
    ) -> None:
        self._path = path
        self._connection = connection
        self._held = held
        self._retention = retention
        self._woken = woken
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="log-reader")
        # Counting with a filter reads everything: two at a time leave readers for those who only page.
        self._long_scans = asyncio.Semaphore(READERS // 2)
        self._closed = False
        self._awaited = 0
        self._waiting_bytes = 0
        self.log_id: str = connection.execute("SELECT value FROM meta WHERE name = 'log_id'").fetchone()[0]
        self.last_seq = self.first_seq = 0
        self._begin(_standing(connection, clock()))
        self._recovering: asyncio.Task[None] | None = None
        self._pause = _PAUSES[0]
        self._writer = self._new_writer()
        self._indexed: dict[sqlite3.Connection, int] = {}
        self.facets = self._new_facets()
        self.facets.start()

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        retention: Retention,
        woken: Callable[[], None] = lambda: None,
        clock: Callable[[], int] = lambda: time.time_ns() // 1_000,
        processes: bool = False,
    ) -> SqliteLog:
        """Open or create the log file; `clock` gives microseconds since the epoch.

        With `processes` what would be a thread beside the loop is a process, where the system lets it be one.
        Raises `NewerLog`, `LogError`, or `sqlite3.Error` or `OSError` when the file can't be used.
        """
        new = not path.exists()
        with contextlib.ExitStack() as undo:
            held = None
            if processes and sys.platform != "win32":
                held = hold(path.with_name(f"{path.name}.lock"))
                undo.callback(os.close, held)
            connection = schema.connect(path)
            undo.callback(connection.close)
            if new:
                path.chmod(0o600)
            schema.prepare(connection, path)
            opened = cls(path, connection, retention=retention, woken=woken, clock=clock, held=held)
            undo.pop_all()
            return opened

    def _begin(self, standing: _Standing) -> None:
        """Go on from what is on disk."""
        self.last_seq, self.first_seq, self._totals = standing
        self._tail = Tail(self.last_seq)

    def _new_writer(self) -> Writer | WritingProcess:
        if self._held is None:
            writer = Writer(self._connection, last_seq=self.last_seq, done=self._hand_over)
            writer.start()
            return writer
        return WritingProcess(self._path, done=self._committed, ended=self._writer_ended, keep=[self._held])

    def _new_facets(self) -> Facets | IndexingProcess:
        of_log = (self._path.with_name(FACETS), self._path, self.log_id, lambda: self.last_seq)
        return Facets(*of_log) if self._held is None else IndexingProcess(*of_log, keep=[self._held])

    def _writer_ended(self) -> None:
        if not self._closed:
            log.error("the writer of the log ended by itself: nothing is stored until there is another")
            self._recovering = self._loop.create_task(self._recover())

    async def _recover(self) -> None:
        """Begin another writer, after what the one before has put on disk, told or not."""
        while True:
            await asyncio.sleep(self._pause)
            self._pause = min(2 * self._pause, _PAUSES[1])
            try:
                self._begin(await self._in_reader(lambda connection: _standing(connection, self._clock())))
                writer = self._new_writer()
            except (LogError, OSError) as error:
                log.warning("no other writer of the log could be begun: %s", error)
            else:
                # What the one before was given in this turn of the loop is refused, and not left with it.
                self._wake()
                self._writer = writer
                log.warning("another writer of the log has begun, after seq %d", self.last_seq)
                self._woken()
                return

    @property
    def is_writable(self) -> bool:
        """Whether appends can succeed at all."""
        return not self._closed and not self._writer.has_failed

    @property
    def oldest_seq(self) -> int:
        """The oldest entry kept, as viewers are told it: 0 while nothing was ever stored."""
        return self.first_seq if self.last_seq else 0

    # -- appending

    async def append(self, draft: Draft, *, only_if: Call | None = None) -> Receipt:
        """Make a draft durable. Raises `NotDurable`, or `Declined` when `only_if` said no."""
        receipt: Receipt | None = await self._submit(draft=draft, only_if=only_if)
        if receipt is None:
            raise Declined("its condition did not hold")
        return receipt

    def append_soon(self, draft: Draft, done: Done) -> bool:
        """Make a draft durable; `done` hears what came of it, in the loop's thread.

        False, with nothing done, when too much is waiting to be written.
        """
        if self._closed or self._waiting_bytes + len(draft.body) > MAX_WAITING_BYTES:
            return False
        self._enqueue(Job(done, draft))
        return True

    async def write(self, call: Callable[[sqlite3.Connection], T]) -> T:
        """Run a function in the writer's transaction; it is on disk when this returns. Raises `NotDurable`."""
        result: T = await self._submit(call=call)
        return result

    async def forwarded(self, seq: int, forward: Forward) -> tuple[int, int]:
        """Make it durable that an event was forwarded; gives the entry and how many forwards the event had then.

        Raises `NoSuchEvent`, `TrimmedEvent` or `NotDurable`.
        """
        self._check_range(seq)
        note = partial(note_forward, seq=seq, at_us=self._clock(), forward=forward)
        found: tuple[int, int] = await self._submit(note=note)
        return found

    async def answered(self, seq: int, *, received_us: int, status: int) -> None:
        """Make it durable what the delivery of an event that came at a time was answered.

        Raises `NoSuchEvent`, `TrimmedEvent` or `NotDurable`.
        """
        note = partial(note_answered, seq=seq, received_us=received_us, at_us=self._clock(), status=status)
        await self._submit(note=note)

    def _submit(
        self,
        *,
        draft: Draft | None = None,
        call: Call | None = None,
        only_if: Call | None = None,
        apart: Call | None = None,
        note: Note | None = None,
    ) -> asyncio.Future[Any]:
        future: asyncio.Future[Any] = self._loop.create_future()
        if self._closed:
            future.set_exception(NotDurable("the log is closed"))
        elif draft is not None and self._waiting_bytes + len(draft.body) > MAX_WAITING_BYTES:
            future.set_exception(NotDurable("too much is waiting to be written"))
        else:
            self._enqueue(Job(partial(_settle, future), draft, call, only_if, apart, note))
        return future

    def _enqueue(self, job: Job) -> None:
        if job.draft is not None:
            self._waiting_bytes += len(job.draft.body)
        self._writer.submit(job)
        if not self._writer.is_idle:
            return
        # Waking the writer is the dear part: once for what a turn of the loop brings, sooner only if that is much.
        self._awaited += 1
        if self._awaited >= EAGER:
            self._wake()
        elif self._awaited == 1:
            self._loop.call_soon(self._wake)

    def _wake(self) -> None:
        self._awaited = 0
        self._writer.wake()

    def _hand_over(self, committed: Committed) -> None:
        self._loop.call_soon_threadsafe(self._committed, committed)

    def _committed(self, committed: Committed) -> None:
        if committed.entries:
            self._pause = _PAUSES[0]
            self.last_seq = committed.entries[-1].seq
            self._tail.extend(committed.entries)
            for seq, event in committed.entries:
                if seq == event.seq:
                    is_recent = not event.imported or abs(self._clock() - event.received_us) < _HOUR_US
                    self._totals.add(event.type, seq, event.received_us, is_recent=is_recent)
        for job in committed.jobs:
            if job.draft is not None:
                self._waiting_bytes -= len(job.draft.body)
            try:
                job.done(job)
            except Exception:
                log.exception("an answer could not be given; the others still can")
        if committed.entries:
            if self.last_seq >= self.facets.due:
                self.facets.wake()
            self._woken()

    # -- reading

    async def read(self, after: int, *, limit: int = 500, full: bool = False) -> Slice:
        """The entries after a cursor; a range that retention took comes first, as a gap."""
        entries = self._tail.read(after, limit) if after + 1 >= self.first_seq else None
        if entries is not None:
            upto = entries[-1].seq if entries else after
            # Later facts about events that retention took are about nothing that a viewer could look at.
            return Slice([entry for entry in entries if entry.event.seq >= self.first_seq], upto)
        last_seq = self.last_seq
        return await self._in_reader(
            lambda connection: reader.read(connection, after, last_seq, limit, MAX_SLICE_BYTES, full)
        )

    async def page(
        self,
        *,
        before: int | None = None,
        after: int | None = None,
        limit: int = 100,
        types: frozenset[str] | None = None,
        filter_: Filter | None = None,
        seconds: float = 0.2,
    ) -> Page:
        what = wanted(filter_, types)
        look = partial(reader.page, before=before, after=after, limit=limit, what=what, seconds=seconds)
        return await self._in_reader(partial(self._with_index, look))

    async def count(
        self, *, types: frozenset[str] | None = None, filter_: Filter | None = None
    ) -> tuple[int, int]:
        what = wanted(filter_, types)
        upto = self.last_seq
        if filter_ is None or filter_.tree is None:
            return self._totals.of(types), upto

        def run(search: Search, asked: Asked) -> int:
            return sum(self._while_asked(search.count(upto=upto), asked))

        return await self._in_search(what, run), upto

    async def types(self, *, filter_: Filter | None = None) -> tuple[int, list[TypeTotals]]:
        now, upto = self._clock(), self.last_seq
        if filter_ is None or filter_.tree is None:
            return upto, self._totals.all(now)

        def run(search: Search, asked: Asked) -> list[TypeTotals]:
            groups = Groups(now, mask=False)
            for _ in self._while_asked(count_groups(search, Name("type"), groups, upto), asked):
                pass
            found = sorted(groups.all(), key=lambda group: str(group.value))
            return [
                TypeTotals(
                    each.value, each.count, each.last_seq, search.received_us(each.last_seq), each.per_minute
                )
                for each in found
            ]

        return upto, await self._in_search(wanted(filter_, None), run)

    async def groups(
        self, by: Field, *, filter_: Filter | None, mask: bool, limit: int
    ) -> tuple[int, list[Group]]:
        now, upto = self._clock(), self.last_seq

        def run(search: Search, asked: Asked) -> list[Group]:
            groups = Groups(now, mask=mask)
            for _ in self._while_asked(count_groups(search, by, groups, upto), asked):
                pass
            return groups.all(limit)

        return upto, await self._in_search(wanted(filter_, None), run)

    async def _in_search(self, what: Wanted, call: Callable[[Search, Asked], T]) -> T:
        """Run a function that goes through the whole log: only so many at a time, and as long as it is awaited."""
        async with self._long_scans:
            asked = Asked()
            try:
                return await self._in_reader(
                    partial(
                        self._with_index,
                        lambda connection, indexed: call(reader.search(connection, what, indexed=indexed), asked),
                    )
                )
            finally:
                asked.is_over = True

    async def look_up(self, look: Look[T], *, is_long: bool = False) -> T:
        """Look something up in a reader's thread, as long as it is awaited; of what `is_long` only so many run."""
        asked = Asked()
        looking = partial(self._in_reader, partial(self._with_index, _while_asked(look, asked)))
        try:
            if not is_long:
                return await looking()
            async with self._long_scans:
                return await looking()
        finally:
            asked.is_over = True

    def _with_index(self, look: Look[T], connection: sqlite3.Connection) -> T:
        """Look something up with the index of facets, or without where there is something wrong with it."""
        facets = self.facets
        generation = facets.generation
        if facets.is_usable:
            try:
                self._attach_facets(connection)
                found = look(connection, indexed=True)
            except sqlite3.Error:
                # It may just have been begun anew.
                if facets.generation == generation:
                    log.exception("the index of the log can't be read: filters will take longer")
                    facets.doubt()
            else:
                if facets.generation == generation:
                    return found
        return look(connection, indexed=False)

    def _attach_facets(self, connection: sqlite3.Connection) -> None:
        incarnation = self.facets.incarnation
        if self._indexed.get(connection) == incarnation:
            return
        if self._indexed.pop(connection, None) is not None:
            connection.execute("DETACH facets")
        connection.execute("ATTACH ? AS facets", (f"{self.facets.path.absolute().as_uri()}?mode=ro",))
        self._indexed[connection] = incarnation

    def _matches(self, search: Search, upto: int, asked: Asked) -> Iterator[tuple[int, bytes, int]]:
        return filter(None, self._while_asked(search.matches(upto=upto), asked))

    def _while_asked(self, found: Iterable[T], asked: Asked) -> Iterator[T]:
        for each in found:
            if self._closed:
                raise LogError("the log is closed")
            if asked.is_over:
                raise LogError("nobody waits for this any more")
            yield each

    async def get(self, seq: int) -> StoredEvent:
        self._check_range(seq)

        def run(connection: sqlite3.Connection) -> StoredEvent:
            found = reader.find(connection, seq)
            if found is None:
                raise reader.missing(connection, seq)
            return found

        return await self._in_reader(run)

    async def deliveries(self, seq: int) -> list[Delivery]:
        return [delivery for delivery, _ in await self._deliveries(seq)]

    async def delivery_body(self, seq: int, n: int) -> bytes:
        found = await self._deliveries(seq)
        if not 1 <= n <= len(found):
            raise NoSuchEvent(f"event {seq} has {len(found)} deliveries, not {n}")
        return found[n - 1][1]

    async def forward(self, seq: int, n: int) -> Forward:
        """The n-th forward of an event, with what was answered. Raises `NoSuchEvent` or `TrimmedEvent`."""
        await self.get(seq)
        found = await self._in_reader(partial(forwards_of, seq=seq))
        wanted = next((forward for forward in found if forward.n == n), None)
        if wanted is not None:
            return wanted
        if found and 0 < n < found[0].n:
            raise TrimmedEvent(f"forward {n} of event {seq} is no longer kept")
        raise NoSuchEvent(f"event {seq} has no forward {n}")

    async def forwards(self, *, before: int, limit: int) -> list[ForwardItem]:
        """Forwards of all events whose entries are below a seq, the newest first, without headers and body."""
        return await self._in_reader(partial(page_of, before=before, limit=limit))

    async def details(self, seqs: Sequence[int], *, max_bytes: int | None = None) -> dict[int, bytes]:
        """The `EventDetail`s of some events as JSON, each at most `max_bytes` long.

        Raises `NoSuchEvent` or `TrimmedEvent`.
        """
        for seq in seqs:
            self._check_range(seq)
        return await self._in_reader(lambda connection: reader.details(connection, seqs, max_bytes))

    async def _deliveries(self, seq: int) -> list[tuple[Delivery, bytes]]:
        self._check_range(seq)
        return await self._in_reader(partial(reader.deliveries, seq=seq))

    def _check_range(self, seq: int) -> None:
        """Numbers that no event had yet, some of them too large for the file."""
        if not 0 < seq <= self.last_seq:
            raise NoSuchEvent(f"no event has seq {seq}")

    async def run_in_reader(self, call: Callable[[sqlite3.Connection], T]) -> T:
        """Run a function on a reading connection, away from the loop."""
        return await self._in_reader(call)

    async def _in_reader(self, call: Callable[[sqlite3.Connection], T]) -> T:
        if self._closed:
            raise LogError("the log is closed")
        try:
            return await self._loop.run_in_executor(self._readers, self._run, call)
        except (sqlite3.Error, OSError) as error:
            raise LogError(f"the log can't be read: {error}") from error

    def _run(self, call: Callable[[sqlite3.Connection], T]) -> T:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = schema.connect(self._path, read_only=True)
            self._local.connection = connection
            self._connections.append(connection)
        return call(connection)

    # -- keeping

    async def trim(self) -> int:
        removed = 0
        while True:
            trim = Trim(self._retention, self._clock(), self._totals.events)
            slice_ = await self.write(trim.slice)
            if slice_ is None:
                return removed
            self.first_seq = slice_.upto + 1
            for kind, count in slice_.removed.items():
                self._totals.remove(kind, count)
                removed += count
            self._woken()

    async def matching(self, *, types: frozenset[str] | None, filter_: Filter | None, before_us: int) -> list[int]:
        upto = self.last_seq

        def run(search: Search, asked: Asked) -> list[int]:
            found = self._matches(search, upto, asked)
            return [seq for seq, _, received_us in found if received_us < before_us][::-1]

        return await self._in_search(wanted(filter_, types), run)

    async def purge(self, seqs: Sequence[int]) -> int:
        if not seqs:
            return 0
        removed = 0
        self.facets.is_current = False
        try:
            for start in range(0, len(seqs), SLICE):
                some = seqs[start : start + SLICE]
                removed += self._forget(await self.write(partial(purge, seqs=some, now_us=self._clock())))
        finally:
            await asyncio.wrap_future(self.facets.forget())
        return removed

    def _forget(self, went: Purged) -> int:
        self.first_seq = max(self.first_seq, went.upto + 1)
        # What the tail holds of the events that went is not to be told to anyone; the disk has the rest.
        self._tail = Tail(self.last_seq)
        for (kind, minute), count in went.minutes.items():
            self._totals.take(kind, minute, count)
        for kind in {kind for kind, _ in went.minutes}:
            self._totals.settle(kind, went.newest, went.latest.get(kind))
        self._woken()
        return went.minutes.total()

    async def compact(self) -> tuple[bool, bool]:
        try:
            found: tuple[bool, bool] = await self._submit(apart=compact)
        except sqlite3.Error as error:
            log.warning("the log's file could not be written anew after a purge: %s", error)
            return False, False
        return found

    def stats(self) -> LogStats:
        wal = self._path.with_name(self._path.name + "-wal")
        size = sum(file.stat().st_size for file in (self._path, wal) if file.exists())
        return LogStats(self.log_id, self.first_seq, self.last_seq, self._totals.events, size)

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        if self._recovering is not None:
            self._recovering.cancel()
        await self.facets.close()
        # The writing connections are the last to go: only then is the write-ahead log emptied and removed.
        await asyncio.to_thread(self._readers.shutdown)
        for connection in self._connections:
            connection.close()
        await self._writer.close()
        self._connection.close()
        if self._held is not None:
            os.close(self._held)


def _settle(future: asyncio.Future[Any], job: Job) -> None:
    if future.done():  # whoever waited has given up
        return
    if job.error is None:
        future.set_result(job.result)
    else:
        future.set_exception(job.error)


class _Standing(NamedTuple):
    """What is on disk."""

    last_seq: int
    first_seq: int
    totals: Totals


def _standing(connection: sqlite3.Connection, now_us: int) -> _Standing:
    with reader.snapshot(connection):
        first_seq = reader.trimmed_upto(connection) + 1
        return _Standing(newest_entry(connection), first_seq, _load_totals(connection, now_us))


def _load_totals(connection: sqlite3.Connection, now_us: int) -> Totals:
    totals = Totals()
    rows = connection.execute("SELECT type, count(*), max(seq) FROM events GROUP BY type").fetchall()
    for stored, count, last_seq in rows:
        kind = type_of(stored)
        (last_us,) = connection.execute("SELECT received_us FROM events WHERE seq = ?", (last_seq,)).fetchone()
        totals.load(kind, count, last_seq, last_us)
    with closing(
        connection.execute("SELECT type, received_us, imported FROM events ORDER BY seq DESC LIMIT ?", (_RECENT,))
    ) as recent:
        for stored, received_us, imported in recent:
            if received_us < now_us - _HOUR_US:
                if imported:
                    continue
                break
            totals.load_minute(type_of(stored), received_us)
    return totals
