"""Runs found in the log: a page of them, the newest activity first, and the tree of one."""

from __future__ import annotations

import sqlite3
from functools import partial

from relay.contract.filter import Filter
from relay.contract.timeline import (
    NO_ORIGIN,
    STALL_AFTER_US,
    Origin,
    RunInList,
    RunsPage,
    RunTree,
    in_list,
    run_of,
)
from relay.log import reader
from relay.log.members import MOST
from relay.log.messages import SECONDS, Cursor, cursor_of
from relay.log.purge import newest_entry
from relay.log.walk import Walk

MAX_LISTED = 2_000
"""Events of a run that are read to tell of it in a list, the newest."""


def page(
    connection: sqlite3.Connection,
    *,
    filter_: Filter,
    before: str | None,
    limit: int,
    indexed: bool,
    stall_after_us: int = STALL_AFTER_US,
) -> RunsPage:
    """Runs with an event that matches, the one with the newest first. Raises `BadCursor`."""
    with reader.snapshot(connection):
        newest = newest_entry(connection)
        cursor = Cursor("a", newest + 1, newest) if before is None else cursor_of(before, "activity")
        walk = Walk(
            connection,
            "run",
            filter_.tree,
            now_us=filter_.now_us,
            indexed=indexed,
            seconds=SECONDS,
            stall_after_us=stall_after_us,
        )
        passed: set[str] = set()
        items: list[RunInList] = []
        for found in walk.matches(cursor.seq):
            if found.id in passed:
                continue
            passed.add(found.id)
            between = [seq for seq in walk.seqs(found.id) if cursor.seq <= seq <= cursor.upto]
            if walk.has_match(between, filter_):
                continue
            tree = _tree(walk, found.id, MAX_LISTED)
            if tree is not None:
                items.append(in_list(tree))
            if len(items) == limit:
                break
        following = str(cursor._replace(seq=walk.last)) if walk.last else None
        return RunsPage(items=items, next=following, scanned=walk.scanned)


def tree(
    connection: sqlite3.Connection,
    *,
    run_id: str,
    now_us: int,
    indexed: bool,
    stall_after_us: int = STALL_AFTER_US,
) -> RunTree | None:
    """The tree of a run; none where no event of it is kept."""
    with reader.snapshot(connection):
        walk = Walk(
            connection,
            "run",
            None,
            now_us=now_us,
            indexed=indexed,
            seconds=SECONDS,
            whole=True,
            stall_after_us=stall_after_us,
        )
        return _tree(walk, run_id, MOST)


def _tree(walk: Walk, run_id: str, most: int) -> RunTree | None:
    seqs = walk.seqs(run_id)
    events = list(walk.members.events(seqs[-most:]).values())
    if not events:
        return None
    one_each = {event.summary.message_id: event.seq for event in events if event.summary.message_id is not None}
    said = walk.members.origins(one_each.values())
    origins = {id_: said.get(seq, NO_ORIGIN) for id_, seq in one_each.items()}
    summaries = [event.summary for event in events]
    complete = len(seqs) <= most and walk.members.complete
    return run_of(run_id, summaries, walk.standpoint, partial(_origin, origins), complete=complete)


def _origin(origins: dict[str, Origin], message_id: str) -> Origin:
    return origins.get(message_id, NO_ORIGIN)
