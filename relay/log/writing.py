"""The writer in a process of its own: the loop hands it batches, and hears what came of each."""

from __future__ import annotations

import asyncio
import gc
import pickle
from collections import deque
from collections.abc import Callable, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from msgspec.structs import astuple

from relay.log import schema
from relay.log.base import Draft, Entry, LogError, NotDurable
from relay.log.child import Child, Parent
from relay.log.commit import MAX_BATCH, Commits, Committed, Fields, Job, failed, were_added
from relay.log.purge import newest_entry

WINDOW = 2
"""Batches on their way: one is written while the next is there already."""
MAX_BYTES = 8 << 20
"""Bytes of bodies in a batch, if it has more than one."""


class _Item(NamedTuple):
    """A job that is more than a draft, or none; its functions are pickled already."""

    draft: Fields | None
    call: bytes | None
    only_if: bytes | None
    apart: bytes | None
    note: bytes | None


class _Outcome(NamedTuple):
    """What came of a batch: a result or an error for each job, and the entries that are no new events."""

    of_jobs: list[tuple[Any, Exception | None]]
    later: list[Entry]


class WritingProcess:
    """Like `Writer`, and used in the loop's thread only.

    `done` is called with each `Committed`; `ended` when the process has ended by itself, after what it had not
    answered was refused: some of that may be on disk nevertheless.
    """

    def __init__(
        self,
        path: Path,
        *,
        done: Callable[[Committed], None],
        ended: Callable[[], None],
        keep: Sequence[int] = (),
    ) -> None:
        self._done = done
        self._ended = ended
        self._jobs: deque[tuple[Job, Fields | _Item]] = deque()
        self._apart: deque[tuple[Job, Fields | _Item]] = deque()
        self._sent: deque[list[Job]] = deque()
        self._is_stopping = False
        self._has_ended = asyncio.Event()
        self._child = Child(__name__, [str(path)], heard=self._heard, ended=self._gone, keep=keep)

    @property
    def pid(self) -> int:
        return self._child.pid

    def submit(self, job: Job) -> None:
        """Queue a job; `wake` sees to it. Raises what pickling its functions raises."""
        calls = (job.call, job.only_if, job.apart, job.note)
        if calls == (None, None, None, None):
            self._jobs.append((job, _fields(job.draft)))
            return
        draft = None if job.draft is None else _fields(job.draft)
        item = _Item(draft, *map(_pickled, calls))
        (self._jobs if job.apart is None else self._apart).append((job, item))

    @property
    def is_idle(self) -> bool:
        """It waits for `wake`; otherwise it takes by itself what was queued meanwhile."""
        return len(self._sent) < WINDOW

    @property
    def has_failed(self) -> bool:
        return self._has_ended.is_set()

    def wake(self) -> None:
        """Hand over what is queued, unless enough is on its way."""
        while self.is_idle and (self._jobs or self._apart):
            if self._jobs:
                self._send(self._next_batch())
            if self._apart:
                self._send([self._apart.popleft()])

    async def close(self) -> None:
        """Commit what is queued, then let the process end."""
        self._is_stopping = True
        self._finish_if_done()
        await self._has_ended.wait()

    def _next_batch(self) -> list[tuple[Job, Fields | _Item]]:
        batch: list[tuple[Job, Fields | _Item]] = []
        size = 0
        while self._jobs and len(batch) < MAX_BATCH:
            draft = self._jobs[0][0].draft
            size += 0 if draft is None else len(draft.body)
            if batch and size > MAX_BYTES:
                break
            batch.append(self._jobs.popleft())
        return batch

    def _send(self, batch: list[tuple[Job, Fields | _Item]]) -> None:
        jobs = [job for job, _ in batch]
        if self.has_failed:
            self._done(failed(jobs, _FAILED))
            return
        self._sent.append(jobs)
        self._child.send([item for _, item in batch])

    def _heard(self, answer: int | _Outcome) -> None:
        jobs = self._sent.popleft()
        # The process has something to do while the answers are given.
        self.wake()
        committed = Committed(jobs)
        if isinstance(answer, int):
            were_added(jobs, answer, committed)
        else:
            _note(jobs, answer, committed)
        self._done(committed)
        self._finish_if_done()

    def _gone(self) -> None:
        is_expected = self._is_stopping and not self._sent and not self._jobs and not self._apart
        self._has_ended.set()
        while self._sent:
            self._done(failed(self._sent.popleft(), _FAILED))
        self.wake()
        if not is_expected:
            self._ended()

    def _finish_if_done(self) -> None:
        if self._is_stopping and not self._sent and not self._jobs and not self._apart:
            self._child.finish()


_FAILED = NotDurable("the writer of the log has failed")


def _fields(draft: Draft | None) -> Fields:
    assert draft is not None  # noqa: S101 - a job without it has something else
    return astuple(draft)


def _pickled(call: Callable[..., Any] | None) -> bytes | None:
    return None if call is None else pickle.dumps(call, pickle.HIGHEST_PROTOCOL)


def _note(jobs: Sequence[Job], outcome: _Outcome, committed: Committed) -> None:
    """Tell jobs what came of them, and find the entries that they added."""
    for job, (result, error) in zip(jobs, outcome.of_jobs, strict=True):
        if job.draft is not None and error is None and result is not None and not result.duplicate:
            were_added([job], result.seq, committed)
        else:
            job.result, job.error = result, error
    committed.entries += outcome.later
    committed.entries.sort(key=itemgetter(0))


# -- in the process


def run(parent: Parent, commits: Commits) -> None:
    """Commit what the relay hands over, until there is no more."""
    while (batch := parent.receive()) is not None:
        first = _added(commits, batch)
        parent.send(_outcome(commits, batch) if first is None else first)


def _added(commits: Commits, batch: list[Fields | _Item]) -> int | None:
    """Write a batch the short way, or nothing of it: what is wrong with it is found out the long way."""
    if any(isinstance(item, _Item) for item in batch):
        return None
    try:
        return commits.add(batch)
    except Exception:  # noqa: BLE001 - it is tried again
        return None


def _outcome(commits: Commits, batch: list[Fields | _Item]) -> _Outcome:
    jobs = [_job(item) for item in batch]
    is_apart = len(jobs) == 1 and jobs[0].apart is not None
    committed = commits.run_apart(jobs[0]) if is_apart else commits.commit(jobs)
    later = [entry for entry in committed.entries if not entry.is_new]
    return _Outcome([(job.result, _told(job.error)) for job in jobs], later)


def _job(item: Fields | _Item) -> Job:
    if not isinstance(item, _Item):
        return Job(_nobody, Draft(*item))
    draft, *calls = item
    return Job(
        _nobody,
        None if draft is None else Draft(*draft),
        *(None if call is None else pickle.loads(call) for call in calls),  # noqa: S301 - the relay's
    )


def _nobody(job: Job) -> None:
    """The relay answers."""


def _told(error: Exception | None) -> Exception | None:
    """An error that the relay can be told of."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    except Exception:  # noqa: BLE001 - whatever it is, it has a text
        return LogError(f"{type(error).__name__}: {error}")
    return error


def main(parent: Parent, path: str) -> None:
    connection = schema.connect(Path(path))
    gc.freeze()
    # A batch is freed as a whole; walking it while it is there finds nothing.
    gc.set_threshold(20_000, 50, 50)
    run(parent, Commits(connection, newest_entry(connection)))
    connection.close()
