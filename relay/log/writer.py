"""The writer in a thread of its own: it commits what waits, again and again."""

from __future__ import annotations

import asyncio
import logging
import queue
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Sequence

from relay.log.base import NotDurable
from relay.log.commit import MAX_BATCH, Commits, Committed, Job, failed

log = logging.getLogger(__name__)


class Writer:
    """The thread that owns the writing connection.

    `done` is called in that thread with each `Committed`; it must only hand it over. `last_seq` continues what the
    file holds.
    """

    def __init__(
        self, connection: sqlite3.Connection, *, last_seq: int, done: Callable[[Committed], None]
    ) -> None:
        self._connection = connection
        self._commits = Commits(connection, last_seq)
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

    async def close(self) -> None:
        """The same, away from the loop."""
        await asyncio.to_thread(self.stop)
        # What was handed over at the end is still on its way through the loop.
        await asyncio.sleep(0)

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
                self._done(self._commits.run_apart(self._apart.popleft()))
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
                self._done(failed(self._batch, NotDurable("the writer of the log has failed")))
            is_stopping = self._is_stopping
            self._batch = self._next_batch() or [self._apart.popleft() for _ in range(len(self._apart))]
            if not self._batch:
                if is_stopping:
                    return
                self._rest()

    def _commit(self, jobs: Sequence[Job]) -> Committed:
        return self._commits.commit(jobs)
