"""The index of facets filled by a process of its own: it is told how far the log goes, and tells how far it is."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import NamedTuple

from relay.log.child import Child, Parent
from relay.log.facets import NEVER, NICE, Facets, remove
from relay.log.marks import BLOCK

log = logging.getLogger(__name__)

START_SECONDS = 1.0
"""The relay begins first: until then nobody asks for what is in the index."""
AGAIN_SECONDS = 10.0
"""Before another process is begun in the place of one that ended."""


class Grown(NamedTuple):
    """The log goes up to this seq."""

    last_seq: int


class Forget(NamedTuple):
    """Begin anew; the answer is the same."""


class Told(NamedTuple):
    """How far the index goes, and at which seq there is more to be done; whether it can be kept at all."""

    reach: int
    due: int
    is_sound: bool
    has_failed: bool


class IndexingProcess:
    """Like `Facets`, and used in the loop's thread, but for what readers ask: there is no process before there is
    something to index, and another one where one ends.
    """

    def __init__(
        self, path: Path, log_path: Path, log_id: str, last_seq: Callable[[], int], *, keep: Sequence[int] = ()
    ) -> None:
        self.path = path
        self._arguments = [str(path), str(log_path), log_id]
        self._last_seq = last_seq
        self._keep = keep
        self._loop = asyncio.get_running_loop()
        self._child: Child | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._forgetting: list[Future[None]] = []
        self._has_failed = False
        self._is_stopping = False
        self._has_ended = asyncio.Event()
        self.reach = -1
        self.due = NEVER
        self.is_sound = False
        self.is_current = True
        self.generation = 0
        self.incarnation = 0

    @property
    def is_usable(self) -> bool:
        """What it says can be relied on."""
        return self.is_sound and self.is_current

    @property
    def pid(self) -> int | None:
        return None if self._child is None else self._child.pid

    def start(self) -> None:
        self._begin_after(START_SECONDS)

    def wake(self) -> None:
        """Go on: there is enough for another block."""
        self.due = NEVER
        if self._child is not None:
            self._child.send(Grown(self._last_seq()))
        else:
            self._begin()

    def doubt(self) -> None:
        """What it says can't be relied on, and will not be."""
        self._has_failed = True
        self.is_sound = False

    def forget(self) -> Future[None]:
        """Begin anew, with nothing of what was there left in the file; the future hears when it is gone."""
        done: Future[None] = Future()
        # What is being looked up at this moment finds the file as it was, or half gone.
        self.generation += 1
        self._forgetting.append(done)
        if self._child is None:
            self._let_go()
        else:
            self._child.send(Forget())
        return done

    async def close(self) -> None:
        """End the process. What it has not come to is left for the next time."""
        self._is_stopping = True
        if self._timer is not None:
            self._timer.cancel()
        if self._child is not None:
            self._child.finish()
            await self._has_ended.wait()

    def _begin_after(self, seconds: float) -> None:
        """Begin a process once there is something to index."""
        if self._last_seq() < BLOCK - 1:
            self.due = BLOCK - 1
        else:
            self._timer = self._loop.call_later(seconds, self._begin)

    def _begin(self) -> None:
        if self._child is not None or self._has_failed or self._is_stopping:
            return
        self.incarnation += 1
        try:
            self._child = Child(__name__, self._arguments, heard=self._heard, ended=self._ended, keep=self._keep)
        except OSError as error:
            log.warning("the index of the log is not kept for now, filters will take longer: %s", error)
            self._timer = self._loop.call_later(AGAIN_SECONDS, self._begin)
        else:
            self._child.send(Grown(self._last_seq()))

    def _heard(self, message: Told | Forget) -> None:
        if isinstance(message, Forget):
            self._forgetting.pop(0).set_result(None)
            # Others may have asked for the same meanwhile.
            self.is_current = not self._forgetting
            return
        self.reach, self.due = message.reach, message.due
        self._has_failed |= message.has_failed
        self.is_sound = message.is_sound and not self._has_failed
        if self._last_seq() >= self.due:
            self.wake()

    def _ended(self) -> None:
        self._child = None
        self.is_sound = False
        self.due = NEVER
        self._has_ended.set()
        self._let_go()
        if not self._is_stopping and not self._has_failed:
            log.warning("the process that keeps the index of the log ended by itself: filters will take longer")
            self._has_ended.clear()
            self._begin_after(AGAIN_SECONDS)

    def _let_go(self) -> None:
        """Without the process what is to be forgotten goes with the whole file."""
        while self._forgetting:
            with contextlib.suppress(OSError):
                remove(self.path)
            self.reach = -1
            self.is_current = True
            self._forgetting.pop().set_result(None)


# -- in the process


class _Kept:
    """The index, and the relay that asks for it."""

    def __init__(self, parent: Parent, path: Path, log_path: Path, log_id: str) -> None:
        self._parent = parent
        self._sending = threading.Lock()
        self._last_seq = 0
        self._facets = Facets(path, log_path, log_id, lambda: self._last_seq, told=self._tell)

    def run(self) -> None:
        """Do what the relay asks for, until it asks for nothing more."""
        message = self._parent.receive()
        self._last_seq = message.last_seq if isinstance(message, Grown) else 0
        self._facets.start()
        while message is not None:
            message = self._parent.receive()
            if isinstance(message, Grown):
                self._last_seq = message.last_seq
                self._facets.wake()
            elif isinstance(message, Forget):
                self._facets.forget().add_done_callback(lambda _: self._send(Forget()))
        self._facets.stop()

    def _tell(self) -> None:
        facets = self._facets
        self._send(Told(facets.reach, facets.due, facets.is_sound, facets.has_failed))

    def _send(self, message: Told | Forget) -> None:
        # Where the relay is gone, there is nothing to tell.
        with self._sending, contextlib.suppress(OSError):
            self._parent.send(message)


def main(parent: Parent, path: str, log_path: str, log_id: str) -> None:
    os.nice(NICE)
    _Kept(parent, Path(path), Path(log_path), log_id).run()
