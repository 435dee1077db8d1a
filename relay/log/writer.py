"""Group commit: one thread, one connection, one transaction and one fsync for all appends that wait.

The cost of an append is the cost of a statement and of the interpreter lock that each statement gives up, so a
batch is folded in memory and written by as few statements as it takes.
"""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from relay.contract import jsontext
from relay.contract.events import Verdict
from relay.contract.moments import rfc3339
from relay.log.base import Draft, Entry, NotDurable, Receipt
from relay.log.schema import transaction
from relay.log.stored import StoredEvent, stored_type, type_of

log = logging.getLogger(__name__)

MAX_BATCH = 512
"""Jobs in one transaction."""

_EVENT_COLUMNS = (
    "seq, type, received_us, endpoint, verdict, delivery_count, body_differs, forwarded, imported, body_entry, "
    "first_verdict, signature_t, secret, remote, identity, summary, headers, body"
)
_WIDTH = 18
_ROW = f"({', '.join('?' * _WIDTH)})"
MAX_ROWS = 64
"""Rows in one statement; each statement that ran stays prepared."""


def _insert_of(rows: int) -> str:
    return f"INSERT INTO events ({_EVENT_COLUMNS}) VALUES {', '.join([_ROW] * rows)}"  # noqa: S608


def _lookup_of(rows: int) -> str:
    # Numbered, so that both halves take the same values.
    wanted = ", ".join(f"?{number}" for number in range(1, rows + 1))
    return (
        f"SELECT identity, seq, 0 FROM events WHERE identity IN ({wanted})"  # noqa: S608
        f" UNION ALL SELECT identity, seq, 1 FROM trimmed WHERE identity IN ({wanted})"
    )


_INSERTS = [_insert_of(rows) for rows in range(MAX_ROWS + 1)]
_LOOKUPS = [_lookup_of(rows) for rows in range(MAX_ROWS + 1)]

Call = Callable[[sqlite3.Connection], Any]
Done = Callable[["Job"], None]


class Job(msgspec.Struct, eq=False):
    """Something to commit: a draft, or a function of the connection; then what came of it, for `done` to hear.

    What runs `apart` is a function that no transaction may be open for; it has the connection to itself.
    A draft with `only_if` is appended when that function, in the same transaction, gives true; else it gets None.
    `result` means nothing where there is an `error`.
    """

    done: Done
    draft: Draft | None = None
    call: Call | None = None
    only_if: Call | None = None
    apart: Call | None = None
    result: Any = None
    error: Exception | None = None


@dataclass(slots=True)
class Committed:
    """One transaction that is on disk: its jobs, each with its outcome, and the entries that it added."""

    jobs: Sequence[Job]
    entries: list[Entry] = field(default_factory=list)


class Writer:
    """The thread that owns the writing connection.

    `done` is called in that thread with each `Committed`; it must only hand it over. `last_seq` continues what the
    file holds.
    """

    def __init__(
        self, connection: sqlite3.Connection, *, last_seq: int, done: Callable[[Committed], None]
    ) -> None:
        self._connection = connection
        self._last_seq = last_seq
        self._done = done
        self._jobs: deque[Job] = deque()
        self._apart: deque[Job] = deque()
        self._bell: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._is_idle = False
        self._is_stopping = False
        self._batch: list[Job] = []
        self._failed = False
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Queue a job; one thread calls, and what it queues is committed in order. `wake` sees to it."""
        if job.apart is None:
            self._jobs.append(job)
        else:
            self._apart.append(job)

    @property
    def is_idle(self) -> bool:
        """It waits for `wake`; otherwise it takes by itself what was queued meanwhile."""
        return self._is_idle

    def wake(self) -> None:
        """Commit what is queued, if nothing is being committed."""
        if self._is_idle and (self._jobs or self._apart):
            self._is_idle = False
            self._bell.put(None)

    def stop(self) -> None:
        """Commit what is queued, then end the thread and close the connection."""
        self._is_stopping = True
        self._bell.put(None)
        self._thread.join()

    @property
    def has_failed(self) -> bool:
        """The thread came upon something that it did not expect: nothing is stored any more."""
        return self._failed

    def _run(self) -> None:
        try:
            self._work()
        except Exception:
            log.exception("the writer of the log failed: nothing more is stored, and nothing acknowledged")
            self._failed = True
            self._refuse()
        finally:
            self._connection.close()

    def _work(self) -> None:
        while True:
            # Looked at before the jobs are: what is queued last comes before the stop.
            is_stopping = self._is_stopping
            self._batch = self._next_batch()
            if self._batch:
                self._done(self._commit(self._batch))
            if self._apart:
                self._done(self._run_apart(self._apart.popleft()))
            elif self._batch:
                continue
            elif is_stopping:
                return
            else:
                self._rest()

    def _next_batch(self) -> list[Job]:
        jobs = self._jobs
        return [jobs.popleft() for _ in range(min(len(jobs), MAX_BATCH))]

    def _rest(self) -> None:
        """Wait to be woken. Whoever queues looks at `is_idle` afterwards: one of the two sees the other."""
        self._is_idle = True
        if self._jobs or self._apart or self._is_stopping:
            self._is_idle = False
        else:
            self._bell.get()

    def _refuse(self) -> None:
        """Answer what waits and what still comes, so that nobody waits for ever."""
        while True:
            if self._batch:
                self._done(_failed(self._batch, NotDurable("the writer of the log has failed")))
            is_stopping = self._is_stopping
            self._batch = self._next_batch() or [self._apart.popleft() for _ in range(len(self._apart))]
            if not self._batch:
                if is_stopping:
                    return
                self._rest()

    def _commit(self, jobs: Sequence[Job]) -> Committed:
        """Write a batch; when it fails as a whole nothing of it is stored, and each job hears why."""
        committed = Committed(jobs)
        try:
            fold = _Fold(self._connection, self._last_seq)
            # One statement commits by itself; each statement less is one hand-over of the interpreter less.
            if fold.all_new(jobs):
                fold.add(jobs, committed)
            else:
                with transaction(self._connection):
                    fold.drafts([job for job in jobs if job.draft is not None], committed)
                    for job in jobs:
                        if job.call is not None:
                            self._call(job, job.call)
        except (sqlite3.Error, OSError) as error:
            return _failed(jobs, NotDurable(f"could not be written: {error}"))
        except Exception as error:
            if len(jobs) == 1:
                log.exception("something could not be written, and its like will not be either")
                return _failed(jobs, NotDurable(f"could not be written: {error}"))
            return self._commit_one_by_one(jobs)
        self._last_seq = fold.last_seq
        return committed

    def _commit_one_by_one(self, jobs: Sequence[Job]) -> Committed:
        """One job in the batch can't be written, whatever the disk does: the others need not suffer for it."""
        together = Committed(jobs)
        for job in jobs:
            # What it got before was taken back with the others.
            job.result = job.error = None
            together.entries += self._commit([job]).entries
        return together

    def _run_apart(self, job: Job) -> Committed:
        """Run what can only run outside a transaction; nothing else is written meanwhile."""
        try:
            job.result = job.apart(self._connection) if job.apart is not None else None
        except Exception as error:  # noqa: BLE001 - whoever waits for it gets it
            job.error = error
        return Committed([job])

    def _call(self, job: Job, call: Call) -> None:
        """One failing call must not take the appends beside it with it: it has a savepoint of its own."""
        self._connection.execute("SAVEPOINT call")
        try:
            job.result = call(self._connection)
        except Exception as error:  # noqa: BLE001 - whoever waits for the call gets it
            self._connection.execute("ROLLBACK TO call")
            is_ours = isinstance(error, sqlite3.Error | OSError)
            job.error = NotDurable(f"could not be written: {error}") if is_ours else error
        self._connection.execute("RELEASE call")


def _failed(jobs: Sequence[Job], error: NotDurable) -> Committed:
    for job in jobs:
        job.error = error
    return Committed(jobs)


class _Fold:
    """Decides for the drafts of one transaction, in order, which are new events and which further deliveries."""

    def __init__(self, connection: sqlite3.Connection, last_seq: int) -> None:
        self._connection = connection
        self._known: dict[bytes, tuple[int, bool]] | None = None
        self.last_seq = last_seq

    def all_new(self, jobs: Sequence[Job]) -> bool:
        """All jobs are drafts of events that nobody knows yet, and few enough for one statement."""
        identities = {job.draft.identity for job in jobs if job.draft is not None and job.only_if is None}
        if len(identities) < len(jobs) or len(jobs) > MAX_ROWS:
            return False
        self._known = self._look_up(identities)
        return not self._known

    def add(self, jobs: Sequence[Job], committed: Committed) -> None:
        """Write the drafts of new events, in order."""
        rows: list[Any] = []
        seq = self.last_seq
        for job in jobs:
            draft = job.draft
            assert draft is not None  # noqa: S101 - whoever calls has made sure
            seq += 1
            rows += _row(seq, draft)
            job.result = Receipt(seq, False)
            # In the order of its fields: one is made for every event.
            event = StoredEvent(
                seq,
                draft.type,
                draft.received_us,
                draft.endpoint,
                draft.verdict,
                draft.summary,
                raw_headers=draft.headers,
                raw_body=draft.body,
            )
            committed.entries.append(Entry(seq, event))
        self.last_seq = seq
        self._insert(rows)

    def drafts(self, jobs: Sequence[Job], committed: Committed) -> None:
        wanted = list(self._wanted(jobs))
        if not wanted:
            return
        known = self._known
        if known is None:
            known = self._look_up({draft.identity for _, draft in wanted})
        fresh: list[Job] = []
        added: dict[bytes, int] = {}
        again: list[tuple[Job, Draft, int]] = []
        for job, draft in wanted:
            seq, is_trimmed = known.get(draft.identity, (None, False))
            if seq is not None and is_trimmed:
                job.result = Receipt(seq, True)
            elif seq is not None or draft.identity in added:
                again.append((job, draft, added[draft.identity] if seq is None else seq))
            else:
                fresh.append(job)
                added[draft.identity] = self.last_seq + len(fresh)
        self.add(fresh, committed)
        # After the inserts, so that a second delivery in the same batch finds its event in the table.
        for job, draft, seq in again:
            self.last_seq += 1
            event = deliver_again(self._connection, self.last_seq, seq, draft)
            committed.entries.append(Entry(self.last_seq, event))
            job.result = Receipt(seq, True)

    def _wanted(self, jobs: Sequence[Job]) -> Iterator[tuple[Job, Draft]]:
        """The drafts whose condition holds."""
        for job in jobs:
            if job.draft is not None and (job.only_if is None or job.only_if(self._connection)):
                yield job, job.draft

    def _look_up(self, identities: set[bytes]) -> dict[bytes, tuple[int, bool]]:
        """The seqs of events that are there or were once, and whether retention took them."""
        found: dict[bytes, tuple[int, bool]] = {}
        wanted = list(identities)
        for start in range(0, len(wanted), MAX_ROWS):
            some = wanted[start : start + MAX_ROWS]
            for identity, seq, is_trimmed in self._connection.execute(_LOOKUPS[len(some)], some).fetchall():
                found[identity] = (seq, bool(is_trimmed))
        return found

    def _insert(self, values: list[Any]) -> None:
        for start in range(0, len(values), MAX_ROWS * _WIDTH):
            some = values[start : start + MAX_ROWS * _WIDTH]
            self._connection.execute(_INSERTS[len(some) // _WIDTH], some)


def _row(seq: int, draft: Draft) -> tuple[Any, ...]:
    return (
        seq,
        stored_type(draft.type),
        draft.received_us,
        draft.endpoint,
        draft.verdict.value,
        1,
        0,
        None,
        0,
        None,
        draft.verdict.value,
        draft.signature_t,
        draft.secret,
        draft.remote,
        draft.identity,
        draft.summary,
        draft.headers,
        draft.body,
    )


def _worth(verdict: Verdict) -> int:
    """How good a delivery's word is: ours whenever it was signed, unknown, or not ours."""
    return Verdict.VERIFIED.rank if verdict.authentic else min(verdict.rank, Verdict.UNVERIFIED.rank)


def _arrived(summary: bytes, received_us: int, endpoint: str | None) -> bytes:
    """What another body says, of an event that came first at this time and place."""
    facts = jsontext.loads(summary)
    facts |= {"received_at": rfc3339(received_us), "endpoint": endpoint}
    return jsontext.dumps(facts)


def deliver_again(connection: sqlite3.Connection, entry: int, seq: int, draft: Draft) -> StoredEvent:
    """Write a further delivery of an event as an entry; gives the event as it is afterwards.

    It counts when its signature is as good as the event's; what is known to be ours is, whenever it was signed. A
    better one makes those before it count no more. The first that is known to be ours gives the event its body.
    """
    row = connection.execute(
        "SELECT type, received_us, endpoint, verdict, delivery_count, body_differs, forwarded, imported,"
        " body_entry, summary, headers, body FROM events WHERE seq = ?",
        (seq,),
    ).fetchone()
    (kind, received_us, endpoint, verdict_text, count, differs, forwarded, imported, body_entry) = row[:9]
    summary, headers, body = row[9:]
    if body_entry is not None:
        headers, body = connection.execute(
            "SELECT headers, coalesce(body, ?) FROM facts WHERE seq = ?", (body, body_entry)
        ).fetchone()
    verdict = Verdict(verdict_text)
    better = _worth(draft.verdict) > _worth(verdict)
    proves = draft.verdict.authentic and not verdict.authentic
    counts = _worth(draft.verdict) >= _worth(verdict)
    body_differs = draft.body != body
    connection.execute(
        "INSERT INTO facts (seq, event, kind, at_us, endpoint, verdict, body_differs, signature_t, secret, remote,"
        " headers, body) VALUES (?, ?, 'delivery', ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            entry,
            seq,
            draft.received_us,
            draft.endpoint,
            draft.verdict.value,
            body_differs,
            draft.signature_t,
            draft.secret,
            draft.remote,
            draft.headers,
            draft.body if body_differs else None,
        ),
    )
    if proves:
        body_entry, headers, body = entry, draft.headers, draft.body
        summary = _arrived(draft.summary, received_us, endpoint)
    event = StoredEvent(
        seq=seq,
        type=type_of(kind),
        received_us=received_us,
        endpoint=endpoint,
        verdict=max(verdict, draft.verdict, key=lambda each: each.rank),
        facts=summary,
        # What came before the first that is ours was somebody's word only.
        delivery_count=1 if better else count + counts,
        body_differs=bool(differs or (counts and body_differs)),
        forwarded=forwarded,
        imported=bool(imported),
        raw_headers=headers,
        raw_body=body,
    )
    connection.execute(
        "UPDATE events SET verdict = ?, delivery_count = ?, body_differs = ?, body_entry = ?, summary = ?"
        " WHERE seq = ?",
        (event.verdict.value, event.delivery_count, event.body_differs, body_entry, summary, seq),
    )
    return event
