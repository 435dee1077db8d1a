"""Group commit: one transaction and one fsync for all appends that wait.

The cost of an append is the cost of a statement, so a batch is folded in memory and written by as few statements
as it takes.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import msgspec
from msgspec.structs import astuple

from relay.contract import jsontext
from relay.contract.events import Verdict
from relay.contract.moments import rfc3339
from relay.log.base import Draft, Entry, NotDurable, Receipt
from relay.log.rows import forwarded_of
from relay.log.schema import transaction
from relay.log.stored import StoredEvent, stored_type, type_of

log = logging.getLogger(__name__)

MAX_BATCH = 512
"""Jobs in one transaction."""

_EVENT_COLUMNS = (
    "seq, type, received_us, endpoint, verdict, first_verdict, signature_t, secret, remote, identity, summary,"
    " headers, body, delivery_count, body_differs, forwarded, imported, body_entry"
)
_WIDTH = 13
_ROW = f"({'?, ' * _WIDTH}1, 0, NULL, ?, NULL)"
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
Note = Callable[[sqlite3.Connection, int], tuple[StoredEvent, Any]]
"""Writes a later fact about an event as the entry with a seq; gives the event as it is then, and a result."""
Done = Callable[["Job"], None]
Fields: TypeAlias = tuple[Any, ...]
"""A draft's fields, in their order."""


class Job(msgspec.Struct, eq=False):
    """Something to commit: a draft, or a function of the connection; then what came of it, for `done` to hear.

    Functions and what they give can be pickled, since the writer may be another process.

    What runs `apart` is a function that no transaction may be open for; it has the connection to itself.
    A draft with `only_if` is appended when that function, in the same transaction, gives true; else it gets None.
    A `note` is a later fact about an event, and an entry of the log.
    `result` means nothing where there is an `error`.
    """

    done: Done
    draft: Draft | None = None
    call: Call | None = None
    only_if: Call | None = None
    apart: Call | None = None
    note: Note | None = None
    result: Any = None
    error: Exception | None = None


@dataclass(slots=True)
class Committed:
    """One transaction that is on disk: its jobs, each with its outcome, and the entries that it added."""

    jobs: Sequence[Job]
    entries: list[Entry] = field(default_factory=list)


class Commits:
    """Transactions on the writing connection, one after the other; `last_seq` continues what the file holds."""

    def __init__(self, connection: sqlite3.Connection, last_seq: int) -> None:
        self._connection = connection
        self._last_seq = last_seq

    def add(self, drafts: Sequence[Fields]) -> int | None:
        """Write drafts, given by their fields, if all are of events that nobody knows yet, and few enough.

        Gives the seq of the first, the others follow; `None` when nothing was written. Raises what SQLite raises.
        """
        identities = {fields[0] for fields in drafts}
        if not drafts or len(identities) < len(drafts) or len(drafts) > MAX_ROWS:
            return None
        if _look_up(self._connection, identities):
            return None
        first = self._last_seq + 1
        # One statement commits by itself.
        _insert(self._connection, first, drafts)
        self._last_seq += len(drafts)
        return first

    def commit(self, jobs: Sequence[Job]) -> Committed:
        """Write a batch; when it fails as a whole nothing of it is stored, and each job hears why."""
        committed = Committed(jobs)
        try:
            plain = [astuple(job.draft) for job in jobs if job.draft is not None and job.only_if is None]
            first = self.add(plain) if len(plain) == len(jobs) else None
            if first is not None:
                were_added(jobs, first, committed)
                return committed
            fold = _Fold(self._connection, self._last_seq)
            with transaction(self._connection):
                fold.drafts([job for job in jobs if job.draft is not None], committed)
                for job in jobs:
                    if job.note is not None:
                        fold.note(job, job.note, committed)
                    if job.call is not None:
                        _attempt(self._connection, job, job.call)
        except (sqlite3.Error, OSError) as error:
            return failed(jobs, NotDurable(f"could not be written: {error}"))
        except Exception as error:
            if len(jobs) == 1:
                log.exception("something could not be written, and its like will not be either")
                return failed(jobs, NotDurable(f"could not be written: {error}"))
            return self._commit_one_by_one(jobs)
        self._last_seq = fold.last_seq
        return committed

    def _commit_one_by_one(self, jobs: Sequence[Job]) -> Committed:
        """One job in the batch can't be written, whatever the disk does: the others need not suffer for it."""
        together = Committed(jobs)
        for job in jobs:
            # What it got before was taken back with the others.
            job.result = job.error = None
            together.entries += self.commit([job]).entries
        return together

    def run_apart(self, job: Job) -> Committed:
        """Run what can only run outside a transaction; nothing else is written meanwhile."""
        try:
            job.result = job.apart(self._connection) if job.apart is not None else None
        except Exception as error:  # noqa: BLE001 - whoever waits for it gets it
            job.error = error
        return Committed([job])


def _attempt(connection: sqlite3.Connection, job: Job, call: Call) -> None:
    """One failing call must not take the appends beside it with it: it has a savepoint of its own."""
    connection.execute("SAVEPOINT call")
    try:
        job.result = call(connection)
    except Exception as error:  # noqa: BLE001 - whoever waits for the call gets it
        connection.execute("ROLLBACK TO call")
        is_ours = isinstance(error, sqlite3.Error | OSError)
        job.error = NotDurable(f"could not be written: {error}") if is_ours else error
    connection.execute("RELEASE call")


def failed(jobs: Sequence[Job], error: NotDurable) -> Committed:
    for job in jobs:
        job.error = error
    return Committed(jobs)


class _Fold:
    """Decides for the drafts of one transaction, in order, which are new events and which further deliveries."""

    def __init__(self, connection: sqlite3.Connection, last_seq: int) -> None:
        self._connection = connection
        self.last_seq = last_seq

    def drafts(self, jobs: Sequence[Job], committed: Committed) -> None:
        wanted = list(self._wanted(jobs))
        if not wanted:
            return
        known = _look_up(self._connection, {draft.identity for _, draft in wanted})
        fresh: list[Job] = []
        fields: list[Fields] = []
        added: dict[bytes, int] = {}
        again: list[tuple[Job, Draft, int]] = []
        for job, draft in wanted:
            seq, is_trimmed = known.get(draft.identity, (None, False))
            if draft.identity in added:
                seq, is_trimmed = added[draft.identity], False
            elif is_trimmed and draft.imported:
                # Who imports an event wants it back, whatever took it.
                self._connection.execute("DELETE FROM trimmed WHERE identity = ?", (draft.identity,))
                seq = None
            if seq is None:
                fresh.append(job)
                fields.append(astuple(draft))
                added[draft.identity] = self.last_seq + len(fresh)
            elif is_trimmed or draft.imported:
                # What is in a file was not delivered once more.
                job.result = Receipt(seq, True)
            else:
                again.append((job, draft, seq))
        _insert(self._connection, self.last_seq + 1, fields)
        were_added(fresh, self.last_seq + 1, committed)
        self.last_seq += len(fresh)
        # After the inserts, so that a second delivery in the same batch finds its event in the table.
        for job, draft, seq in again:
            self.last_seq += 1
            event = deliver_again(self._connection, self.last_seq, seq, draft)
            committed.entries.append(Entry(self.last_seq, event))
            job.result = Receipt(seq, True)

    def note(self, job: Job, note: Note, committed: Committed) -> None:
        """Write a later fact, unless what it is about is not there."""
        entry = self.last_seq + 1
        _attempt(self._connection, job, lambda connection: note(connection, entry))
        if job.error is None:
            event, job.result = job.result
            committed.entries.append(Entry(entry, event))
            self.last_seq = entry

    def _wanted(self, jobs: Sequence[Job]) -> Iterator[tuple[Job, Draft]]:
        """The drafts whose condition holds."""
        for job in jobs:
            if job.draft is not None and (job.only_if is None or job.only_if(self._connection)):
                yield job, job.draft


def _look_up(connection: sqlite3.Connection, identities: set[bytes]) -> dict[bytes, tuple[int, bool]]:
    """The seqs of events that are there or were once, and whether retention took them."""
    found: dict[bytes, tuple[int, bool]] = {}
    wanted = list(identities)
    for start in range(0, len(wanted), MAX_ROWS):
        some = wanted[start : start + MAX_ROWS]
        for identity, seq, is_trimmed in connection.execute(_LOOKUPS[len(some)], some).fetchall():
            found[identity] = (seq, bool(is_trimmed))
    return found


def _insert(connection: sqlite3.Connection, first: int, drafts: Sequence[Fields]) -> None:
    """Write new events, whose seqs begin with `first`."""
    for start in range(0, len(drafts), MAX_ROWS):
        some = drafts[start : start + MAX_ROWS]
        values: list[Any] = []
        for seq, fields in enumerate(some, first + start):
            identity, kind, received_us, endpoint, verdict, summary, headers, body, *rest = fields
            signature_t, secret, remote, imported = rest
            values += (
                seq,
                stored_type(kind),
                received_us,
                endpoint,
                verdict.value,
                verdict.value,
                signature_t,
                secret,
                remote,
                identity,
                summary,
                headers,
                body,
                imported,
            )
        connection.execute(_INSERTS[len(some)], values)


def were_added(jobs: Sequence[Job], first: int, committed: Committed) -> None:
    """Tell the jobs of new events what came of them: their seqs begin with `first`."""
    entries = committed.entries
    for seq, job in enumerate(jobs, first):
        assert job.draft is not None  # noqa: S101 - whoever calls has made sure
        job.result = Receipt(seq, False)
        entries.append(Entry(seq, stored(seq, job.draft)))


def stored(seq: int, draft: Draft) -> StoredEvent:
    """The event that a draft has become."""
    # In the order of its fields: one is made for every event.
    return StoredEvent(
        seq,
        draft.type,
        draft.received_us,
        draft.endpoint,
        draft.verdict,
        draft.summary,
        imported=bool(draft.imported),
        raw_headers=draft.headers,
        raw_body=draft.body,
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
    answered, forward_failed = forwarded_of(forwarded)
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
        forwarded=answered,
        forward_failed=forward_failed,
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
