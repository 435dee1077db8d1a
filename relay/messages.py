"""Messages and runs, as the viewer API asks for them: looked up in the log, away from the loop."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable

from relay.contract.filter import Filter, MessageFilter
from relay.contract.text import plain
from relay.contract.timeline import STALL_AFTER_US, Funnel, MessagesPage, MessageTimeline, RunsPage, RunTree
from relay.log import funnel, messages, reader, runs
from relay.log.base import NoSuchEvent
from relay.log.funnel import By
from relay.log.messages import Sort
from relay.log.sqlite import SqliteLog
from relay.log.walk import Walk


class NotKept(NoSuchEvent):
    """No event of this message or run is in the log."""


BEHIND = 20_000
"""Events that the index has not come to from which on looking anything up takes long."""


class Messages:
    """Looks messages and runs up in a log; `clock` gives microseconds since the epoch.

    A message that can still move is stalled after so many microseconds of silence, with 0 never.
    """

    def __init__(
        self,
        log: SqliteLog,
        clock: Callable[[], int] = lambda: time.time_ns() // 1_000,
        *,
        stall_after_us: int = STALL_AFTER_US,
    ) -> None:
        self._log = log
        self._clock = clock
        self._stall_after_us = stall_after_us

    async def page(self, filter_: MessageFilter, *, sort: Sort, before: str | None, limit: int) -> MessagesPage:
        """A page of messages, each with its newest 20 steps. Raises `BadCursor`."""

        def look(connection: sqlite3.Connection, *, indexed: bool) -> MessagesPage:
            return messages.page(
                connection,
                filter_=filter_,
                sort=sort,
                before=before,
                limit=limit,
                indexed=indexed,
                stall_after_us=self._stall_after_us,
            )

        return await self._log.look_up(look, is_long=sort == "slowest" or self._is_unindexed)

    async def timeline(self, message_id: str) -> MessageTimeline:
        """What happened to one message. Raises `NotKept`."""

        def look(connection: sqlite3.Connection, *, indexed: bool) -> MessageTimeline:
            with reader.snapshot(connection):
                now_us = self._clock()
                walk = Walk(
                    connection,
                    "message",
                    None,
                    now_us=now_us,
                    indexed=indexed,
                    seconds=0,
                    whole=True,
                    stall_after_us=self._stall_after_us,
                )
                found = walk.timeline(message_id)
            if found is None:
                raise NotKept(f"no event of message {plain(message_id, 80)} is kept")
            return found

        return await self._log.look_up(look, is_long=self._is_unindexed)

    async def funnel(self, filter_: MessageFilter, *, by: By | None) -> Funnel:
        """How far the messages come that match."""

        def look(connection: sqlite3.Connection, *, indexed: bool) -> Funnel:
            return funnel.funnel(
                connection, filter_=filter_, by=by, indexed=indexed, stall_after_us=self._stall_after_us
            )

        return await self._log.look_up(look, is_long=True)

    async def runs(self, filter_: Filter, *, before: str | None, limit: int) -> RunsPage:
        """A page of runs. Raises `BadCursor`."""

        def look(connection: sqlite3.Connection, *, indexed: bool) -> RunsPage:
            return runs.page(
                connection,
                filter_=filter_,
                before=before,
                limit=limit,
                indexed=indexed,
                stall_after_us=self._stall_after_us,
            )

        return await self._log.look_up(look, is_long=self._is_unindexed)

    async def run(self, run_id: str) -> RunTree:
        """The tree of a run. Raises `NotKept`."""

        def look(connection: sqlite3.Connection, *, indexed: bool) -> RunTree:
            found = runs.tree(
                connection,
                run_id=run_id,
                now_us=self._clock(),
                indexed=indexed,
                stall_after_us=self._stall_after_us,
            )
            if found is None:
                raise NotKept(f"no event of run {plain(run_id, 80)} is kept")
            return found

        return await self._log.look_up(look, is_long=self._is_unindexed)

    @property
    def _is_unindexed(self) -> bool:
        """The index is being made anew, so that the log itself has to be gone through."""
        facets = self._log.facets
        return not facets.is_usable or self._log.last_seq - facets.reach > BEHIND
