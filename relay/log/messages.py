"""A page of messages: the newest activity first, the failing ones first, or the slowest first.

A message is listed where its newest event is that matches. Later pages leave out what has a match that an earlier
page has passed, and what came after the first page was asked for is left to the next first page: so going on
neither repeats a message nor skips one.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from itertools import islice
from typing import Literal, NamedTuple, TypeAlias

from relay.contract.filter import Equals, MessageFilter, Name, Node, Term
from relay.contract.timeline import STALL_AFTER_US, MessagesPage, MessageTimeline, listed
from relay.contract.timeline.course import ATTEMPTED, BOUNCED, COMPLAINT, UNDELIVERED
from relay.log import reader
from relay.log.base import LogError
from relay.log.purge import newest_entry
from relay.log.walk import Found, Walk

Sort: TypeAlias = Literal["activity", "slowest", "failing"]

SECONDS = 0.2
"""How long a page is looked for at most."""
MAX_SLOW = 5_000
"""Messages of which the slowest are looked for, the newest that match."""
SLOW_SECONDS = 0.6

_LONGEST_US = 10**17
_ACTIVE, _FAILED, _OTHERS, _SLOW = "a", "f", "o", "s"
_PHASES = {"activity": _ACTIVE, "failing": _FAILED + _OTHERS, "slowest": _SLOW}
_CURSOR = re.compile(r"([afos])([0-9]{1,18})\.([0-9]{1,18})(?:\.(-?[0-9]{1,18})\.([0-9]{1,18}))?")
_FAILURES = (BOUNCED, UNDELIVERED, ATTEMPTED, COMPLAINT)


class BadCursor(LogError):
    """A cursor that no page of this order gave."""


class Cursor(NamedTuple):
    """Where a page ended: of the events up to `upto`, all from `seq` on were passed.

    Among the slowest, `took_us` and `seq` are those of the last one, and `low` is how far back they were sought.
    """

    phase: str
    seq: int
    upto: int
    took_us: int = 0
    low: int = 0

    def __str__(self) -> str:
        numbers = self[1:] if self.phase == _SLOW else self[1:3]
        return self.phase + ".".join(map(str, numbers))


def cursor_of(text: str, sort: Sort) -> Cursor:
    """Read what a page of this order gave as `next`. Raises `BadCursor`."""
    found = _CURSOR.fullmatch(text)
    if found is None or found[1] not in _PHASES[sort] or (found[1] == _SLOW) != (found[4] is not None):
        raise BadCursor("before has to be the next of a page with the same filter and order")
    seq, upto, took_us, low = (int(number or 0) for number in found.groups()[1:])
    return Cursor(found[1], seq, upto, took_us, low)


def page(
    connection: sqlite3.Connection,
    *,
    filter_: MessageFilter,
    sort: Sort,
    before: str | None,
    limit: int,
    indexed: bool,
    stall_after_us: int = STALL_AFTER_US,
) -> MessagesPage:
    """A page of messages, each with its newest steps. Raises `BadCursor`."""
    with reader.snapshot(connection):
        newest = newest_entry(connection)
        cursor = Cursor(_PHASES[sort][0], newest + 1, newest) if before is None else cursor_of(before, sort)
        if sort == "slowest":
            return _Slowest(connection, filter_, indexed=indexed, stall_after_us=stall_after_us).page(
                cursor, limit, is_first=before is None
            )
        listing = _Listing(connection, filter_, limit, indexed=indexed, stall_after_us=stall_after_us)
        if cursor.phase == _FAILED:
            following = listing.failing(cursor)
            if following is None and len(listing.items) < limit and not listing.is_late:
                following = listing.active(Cursor(_OTHERS, cursor.upto + 1, cursor.upto))
            elif following is None:
                following = Cursor(_OTHERS, cursor.upto + 1, cursor.upto)
        else:
            following = listing.active(cursor)
        return listing.page(following)


class _Listing:
    """A page in the making."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        filter_: MessageFilter,
        limit: int,
        *,
        indexed: bool,
        stall_after_us: int,
    ) -> None:
        self._connection = connection
        self._filter = filter_
        self._limit = limit
        self._indexed = indexed
        self._stall_after_us = stall_after_us
        self._scanned = 0
        self._walk = self._walk_of(filter_.events.tree)
        self.items: list[MessageTimeline] = []

    def _walk_of(self, node: Node | None) -> Walk:
        return Walk(
            self._connection,
            "message",
            node,
            now_us=self._filter.now_us,
            indexed=self._indexed,
            seconds=SECONDS,
            stall_after_us=self._stall_after_us,
        )

    @property
    def is_late(self) -> bool:
        return self._walk.is_late

    def page(self, following: Cursor | None) -> MessagesPage:
        items = [listed(message) for message in self.items]
        return MessagesPage(items=items, next=None if following is None else str(following), scanned=self._scanned)

    def active(self, cursor: Cursor) -> Cursor | None:
        """The messages whose newest match comes next, but those that are failing where they came before."""
        leave_failing = cursor.phase == _OTHERS
        needs_timeline = leave_failing or self._filter.speaks_of_messages

        def passes(walk: Walk, found: Found) -> bool:
            if not needs_timeline:
                return True
            message = walk.timeline(found.id)
            if message is None or (leave_failing and message.is_failing):
                return False
            return not self._filter.speaks_of_messages or walk.makes_listed(found, self._filter)

        def was_listed(walk: Walk, found: Found) -> bool:
            between = [seq for seq in walk.seqs(found.id) if cursor.seq <= seq <= cursor.upto]
            return self._any_matches(walk, found.id, between)

        return self._list(self._walk, cursor, passes, was_listed)

    def failing(self, cursor: Cursor) -> Cursor | None:
        """The messages that are failing, the newest failure first."""

        def passes(walk: Walk, found: Found) -> bool:
            message = walk.timeline(found.id)
            if message is None or not message.is_failing:
                return False
            return self._any_matches(walk, found.id, [seq for seq in walk.seqs(found.id) if seq <= cursor.upto])

        def was_listed(walk: Walk, found: Found) -> bool:
            message = walk.timeline(found.id)
            return message is not None and any(
                cursor.seq <= step.seq <= cursor.upto for step in message.steps if step.type in _FAILURES
            )

        walk = self._walk_of(Term(Name("type"), tuple(map(Equals, _FAILURES))))
        return self._list(walk, cursor, passes, was_listed)

    def _any_matches(self, walk: Walk, id_: str, seqs: list[int]) -> bool:
        return any(walk.makes_listed(Found(id_, seq), self._filter) for seq in reversed(seqs))

    def _list(
        self,
        walk: Walk,
        cursor: Cursor,
        passes: Callable[[Walk, Found], bool],
        was_listed: Callable[[Walk, Found], bool],
    ) -> Cursor | None:
        passed: set[str] = set()
        ids: list[str] = []
        end: int | None = None
        for found in walk.matches(cursor.seq):
            if found.id in passed or not passes(walk, found):
                continue
            passed.add(found.id)
            if not was_listed(walk, found):
                ids.append(found.id)
            if len(self.items) + len(ids) == self._limit:
                end = found.seq
                break
        walk.load(ids)
        self.items += filter(None, map(walk.timeline, ids))
        self._scanned += walk.scanned
        end = walk.last if end is None else end
        return cursor._replace(seq=end) if end else None


class _Slowest:
    """The messages that took longest, of the newest that match."""

    def __init__(
        self, connection: sqlite3.Connection, filter_: MessageFilter, *, indexed: bool, stall_after_us: int
    ) -> None:
        self._filter = filter_
        self._walk = Walk(
            connection,
            "message",
            filter_.events.tree,
            now_us=filter_.now_us,
            indexed=indexed,
            seconds=SLOW_SECONDS,
            stall_after_us=stall_after_us,
        )

    def page(self, cursor: Cursor, limit: int, *, is_first: bool) -> MessagesPage:
        messages, low = self._sought(cursor)
        of_all = not low
        order = sorted(messages.items(), key=lambda each: (-each[1][0], -each[0]))
        left = [each for each in order if is_first or (-each[1][0], -each[0]) > (-cursor.took_us, -cursor.seq)]
        items = [listed(message) for _, (_, message) in left[:limit]]
        following = None
        if len(left) > limit:
            seq, (took_us, _) = left[limit - 1]
            following = str(Cursor(_SLOW, seq, cursor.upto, took_us, low))
        elif not messages and self._walk.last:
            # Nothing yet: to be sought further down.
            following = str(Cursor(_SLOW, 0, self._walk.last - 1, _LONGEST_US))
        newest = None if of_all else len(messages)
        return MessagesPage(items=items, next=following, scanned=len(messages), newest=newest)

    def _sought(self, cursor: Cursor) -> tuple[dict[int, tuple[int, MessageTimeline]], int]:
        """Messages by the seq of their newest match, with the microseconds each took; and how far back they go.

        That is 0 where they are all that match.
        """
        found: dict[str, int] = {}
        low = cursor.upto + 1
        walk = self._walk
        matches = walk.matches(cursor.upto + 1, cursor.low)
        while len(found) < MAX_SLOW and (some := list(islice(matches, 256))):
            walk.load([each.id for each in some])
            for each in some:
                low = each.seq
                message = walk.timeline(each.id)
                if message is None or each.id in found:
                    continue
                if not self._filter.speaks_of_messages or walk.makes_listed(each, self._filter):
                    found[each.id] = each.seq
        if not walk.last and not cursor.low:
            low = 0
        messages = {}
        for id_, seq in found.items():
            message = walk.timeline(id_)
            if message is not None:
                messages[seq] = (-1 if message.took_ms is None else round(message.took_ms * 1_000), message)
        return messages, low
