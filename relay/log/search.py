"""Finding the events that a filter matches: SQL gives those that can, the predicate decides.

A search goes through the log in portions: each takes milliseconds, so whoever searches can stop in between, and no
reading transaction is held for long, which would keep the write-ahead log from being emptied.
"""

from __future__ import annotations

import heapq
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import groupby, islice
from operator import attrgetter
from typing import Any, NamedTuple

from relay.contract.filter import And, Equals, Filter, Name, Term
from relay.contract.filter.evaluate import predicate_of
from relay.contract.filter.reads import reads
from relay.contract.filter.tree import Node
from relay.log.base import Page
from relay.log.faceted import Faceted
from relay.log.marks import BLOCK, EVERY, Marks
from relay.log.query import FALSE, TRUE, Index, Plan, Sql, Told, both, plan
from relay.log.rows import BRIEF, FULL, GLANCE, LISTED, event_of
from relay.log.sparse import Read, sparse
from relay.log.stored import StoredEvent, type_of

_LEAST, _FIRST, _MOST = 16, 256, 16_384
_SHORT_S, _LONG_S = 0.01, 0.03
_HEAVY = 16 << 20
"""Bytes of bodies that one statement may look through."""
_PAUSE = 64
"""Events after which a page looks at the time."""
_ASKED = 64
"""Events of a portion by which it is told whether a condition on bodies is worth its time."""
_LISTED_SEQS = "json_each(?) AS chosen CROSS JOIN events e ON e.seq = chosen.value"


class Wanted(NamedTuple):
    """What is searched for: a tree, or `None` for every event, and the moment that its ages count back from."""

    node: Node | None
    now_us: int


def wanted(filter_: Filter | None, types: frozenset[str] | None) -> Wanted:
    """A filter narrowed to some types; `None` does not narrow."""
    node = None if filter_ is None else filter_.tree
    now_us = 0 if filter_ is None else filter_.now_us
    if types is None:
        return Wanted(node, now_us)
    if not types:
        # No type has this name: an empty one is refused when it arrives.
        types = frozenset({""})
    of_types = Term(Name("type"), tuple(Equals(kind) for kind in sorted(types)))
    return Wanted(of_types if node is None else And((of_types, node)), now_us)


class Segment(NamedTuple):
    """Seqs from one to another, both included, and the index that tells of them."""

    low: int
    high: int
    known: Index


class Portion(NamedTuple):
    """The events to look at next, `size` of them, from `start` to `end`, both included.

    `source` gives them where `span` holds, with `given` bound in it, in order where they are seqs; of these only
    those that are `chosen` can match.
    """

    start: int
    end: int
    size: int
    source: str
    span: Sql = TRUE
    chosen: Sql = TRUE
    given: tuple[str, ...] = ()

    @property
    def condition(self) -> Sql:
        return both(self.span, self.chosen)

    def choosing(self, condition: Sql, known: Index) -> Portion:
        """These events under a condition; which of them have the marks in it, an index tells."""
        if condition.marked and isinstance(known, Faceted):
            low, high = min(self.start, self.end), max(self.start, self.end)
            params = (known.listed(one, low, high) if isinstance(one, Marks) else one for one in condition.params)
            condition = replace(condition, params=tuple(params))
        return self._replace(chosen=condition)

    def before(self, seq: int) -> int:
        """About how many events were looked at when this one was found."""
        return min(self.size, abs(self.start - seq) + 1)


class Glance:
    """A `Subject` for filters that read little but the body: one object, set to each event in turn."""

    __slots__ = ("_read", "_type", "body", "payload", "received_us", "seq")

    def __init__(self, read: Read) -> None:
        self._read = read

    def set(self, row: Sequence[Any]) -> Glance:
        """Look at the event of a row of `GLANCE`."""
        self.seq, self._type, self.received_us, self.body = row
        self.payload = self._read(self.body)
        return self

    @property
    def type(self) -> str:
        return type_of(self._type)


Verify = Callable[[Sequence[Any]], bool]


class Search:
    """One search over the segments of a log, which follow each other from the newest to the oldest."""

    def __init__(self, connection: sqlite3.Connection, what: Wanted, segments: Sequence[Segment]) -> None:
        self._connection = connection
        self._what = what
        self._segments = segments

    def page(
        self, *, below: int, above: int, limit: int, newest_first: bool, until: float, clock: Callable[[], float]
    ) -> Page:
        """At most `limit` matches between two seqs, neither included; looks no further when it is late."""
        found: list[StoredEvent] = []
        scanned = 0
        for segment, planned in self._planned(below, above, newest_first=newest_first):
            columns, verify = _judge(planned, self._what.now_us, LISTED)
            for portion in _portions(self._connection, planned, segment, newest_first):
                for seq, event in self._found(portion, columns, verify, newest_first):
                    if event is not None:
                        found.append(event)
                    if len(found) == limit or clock() > until:
                        return Page(found, seq, scanned + portion.before(seq))
                scanned += portion.size
                if clock() > until:
                    return Page(found, portion.end, scanned)
        return Page(found, None, scanned)

    def matches(self, *, upto: int) -> Iterator[tuple[int, bytes, int] | None]:
        """The seq, type and time of arrival of every match up to a seq, newest first; `None` between portions."""
        for segment, planned in self.planned(upto):
            for row in self.rows_of(segment, planned, BRIEF):
                yield None if row is None else (row[0], row[1], row[2])

    def planned(self, upto: int) -> Iterator[tuple[Segment, Plan]]:
        """The segments up to a seq, newest first, each with how it is searched."""
        return self._planned(upto + 1, 0, newest_first=True)

    def rows_of(self, segment: Segment, planned: Plan, columns: str) -> Iterator[Sequence[Any] | None]:
        """Some columns of every match in a segment, newest first, the seq first; `None` between portions."""
        read, verify = _judge(planned, self._what.now_us, columns)
        for portion in _portions(self._connection, planned, segment, newest_first=True):
            yield None
            with closing(self._rows(portion, read, newest_first=True)) as rows:
                for row in rows:
                    if verify is None:
                        yield row
                    elif verify(row):
                        yield row if columns == BRIEF else self._row(row[0], columns)

    def count(self, *, upto: int) -> Iterator[int]:
        """How many match up to a seq, portion by portion: the sum is what counts."""
        for segment, planned in self._planned(upto + 1, 0, newest_first=True):
            known, marks = segment.known, planned.marks_alone
            if marks is not None and isinstance(known, Faceted):
                chunks = known.chunks(marks, segment.low, segment.high, newest_first=True)
                yield from (chunk.bits.bit_count() for chunk in chunks)
                continue
            if planned.rest is None and (tables := _countable(planned.told)) is not None:
                yield from self._counted(tables, segment)
                continue
            columns, verify = _judge(planned, self._what.now_us, BRIEF)
            for portion in _portions(self._connection, planned, segment, newest_first=True):
                if verify is None and portion.size:
                    query = f"SELECT count(*) FROM {portion.source} WHERE {portion.condition.text}"  # noqa: S608
                    params = portion.given + portion.condition.params
                    yield self._connection.execute(query, params).fetchone()[0]
                    continue
                with closing(self._rows(portion, columns, newest_first=True)) as rows:
                    yield sum(map(verify or bool, rows))

    def _counted(self, tables: Sequence[tuple[str, Sql]], segment: Segment) -> Iterator[int]:
        for source, condition in tables:
            query = f"SELECT count(*) FROM {source} WHERE {condition.text} AND e.seq BETWEEN ? AND ?"  # noqa: S608
            yield self._connection.execute(query, (*condition.params, segment.low, segment.high)).fetchone()[0]

    def received_us(self, seq: int) -> int:
        """When an event arrived; 0 where it has gone meanwhile."""
        row = self._connection.execute("SELECT received_us FROM events WHERE seq = ?", (seq,)).fetchone()
        return 0 if row is None else int(row[0])

    def _planned(self, below: int, above: int, *, newest_first: bool) -> Iterator[tuple[Segment, Plan]]:
        """The segments between two seqs, in the order of the search, cut to where anything can match."""
        for segment in self._segments if newest_first else reversed(self._segments):
            low, high = max(segment.low, above + 1), min(segment.high, below - 1)
            if low > high:
                continue
            planned = plan(self._what.node, segment.known, self._what.now_us)
            low, high = max(low, planned.told.low), min(high, planned.told.high)
            if low <= high and planned.told.may != FALSE:
                yield Segment(low, high, segment.known), planned

    def _found(
        self, portion: Portion, columns: str, verify: Verify | None, newest_first: bool
    ) -> Iterator[tuple[int, StoredEvent | None]]:
        """Each match in a portion, as its seq and itself; between matches, now and then a seq without an event."""
        with closing(self._rows(portion, columns, newest_first)) as rows:
            for number, row in enumerate(rows):
                if verify is None:
                    yield row[0], event_of(row)
                elif verify(row):
                    yield row[0], self._listed(row[0])
                elif not number % _PAUSE:
                    yield row[0], None

    def _listed(self, seq: int) -> StoredEvent | None:
        row = self._row(seq, LISTED)
        return None if row is None else event_of(row)

    def _row(self, seq: int, columns: str) -> Sequence[Any] | None:
        query = f"SELECT {columns} FROM events e WHERE e.seq = ?"  # noqa: S608
        row: Sequence[Any] | None = self._connection.execute(query, (seq,)).fetchone()
        return row

    def _rows(self, portion: Portion, columns: str, newest_first: bool) -> sqlite3.Cursor:
        if not portion.size:
            return self._connection.cursor()
        # A list of seqs is in order already; asking for it would sort what was read.
        order = "" if portion.given else f" ORDER BY e.seq {_order(newest_first)}"
        condition = portion.condition
        query = f"SELECT {columns} FROM {portion.source} WHERE {condition.text}{order}"  # noqa: S608
        return self._connection.execute(query, portion.given + condition.params)


def _order(newest_first: bool) -> str:
    return "DESC" if newest_first else "ASC"


def _judge(planned: Plan, now_us: int, unjudged: str) -> tuple[str, Verify | None]:
    """The columns to read, and what tells of such a row whether it matches; `None` where SQL has decided."""
    if planned.rest is None:
        return unjudged, None
    predicate = predicate_of(planned.rest, now_us)
    read = reads(planned.rest)
    if read.more:
        return FULL, lambda row: predicate(event_of(row))
    look = Glance(sparse(read.paths)).set
    return GLANCE, lambda row: predicate(look(row))  # type: ignore[arg-type] # it reads nothing else, as `reads` says


def _portions(
    connection: sqlite3.Connection, planned: Plan, segment: Segment, newest_first: bool
) -> Iterator[Portion]:
    """What can match, a portion at a time, in order."""
    told, known = planned.told, segment.known
    found: Iterator[Portion]
    if isinstance(known, Faceted) and told.marks != EVERY:
        found, condition = _marked(known, told, segment, newest_first), attrgetter("left")
    else:
        found = _paced(connection, told, segment, newest_first)
        condition = attrgetter("may" if told.walks is None else "walked")
    for portion in found:
        chosen = portion.choosing(condition(told), known)
        if planned.eased is not None and portion.size >= _FIRST and _spares_few(connection, chosen):
            chosen = portion.choosing(condition(planned.eased), known)
        yield chosen


def _spares_few(connection: sqlite3.Connection, portion: Portion) -> bool:
    """Whether most of a portion's first events pass its condition: what is searched for is in nearly every one."""
    query = (
        f"SELECT total(passes), count(*) FROM (SELECT {portion.chosen.text} AS passes FROM {portion.source}"  # noqa: S608
        f" WHERE {portion.span.text} LIMIT ?)"
    )
    params = (*portion.chosen.params, *portion.given, *portion.span.params, _ASKED)
    passed, asked = connection.execute(query, params).fetchone()
    return bool(passed * 2 > asked)


def _paced(connection: sqlite3.Connection, told: Told, segment: Segment, newest_first: bool) -> Iterator[Portion]:
    """The events that no marks tell of; each portion as large as its like took little time."""
    size = _FIRST
    low, high = segment.low, segment.high
    while low <= high:
        if told.walks is not None:
            portion = _walked(connection, told, low, high, size, newest_first)
        elif told.may.body and isinstance(segment.known, Faceted):
            portion = _weighed(segment.known, low, high, size, newest_first)
        else:
            portion = _scanned(connection, told, low, high, size, newest_first)
        if portion is None:
            return
        began = time.monotonic()
        yield portion
        taken = time.monotonic() - began
        if taken < _SHORT_S:
            size = min(size * 2, _MOST)
        elif taken > _LONG_S:
            size = max(size // 2, _LEAST)
        if newest_first:
            high = portion.end - 1
        else:
            low = portion.end + 1


def _marked(known: Faceted, told: Told, segment: Segment, newest_first: bool) -> Iterator[Portion]:
    """The events that have the marks of a plan. A portion may be empty: that, too, took some time."""
    size = _FIRST
    for chunk in known.chunks(told.marks, segment.low, segment.high, newest_first=newest_first):
        seqs = chunk.seqs(newest_first=newest_first)
        while some := list(islice(seqs, size)):
            yield _of_seqs(some)
            size = min(size * 2, _MOST)
        edge = chunk.low if newest_first else chunk.high
        yield Portion(edge, edge, 0, "")


def _of_seqs(seqs: Sequence[int]) -> Portion:
    """Events by their seqs, in that order."""
    return Portion(seqs[0], seqs[-1], len(seqs), _LISTED_SEQS, given=(f"[{','.join(map(str, seqs))}]",))


def _of_range(start: int, end: int, size: int) -> Portion:
    """All events between two seqs, both included."""
    span = Sql("e.seq BETWEEN ? AND ?", (min(start, end), max(start, end)))
    return Portion(start, end, size, "events e", span)


def _scanned(
    connection: sqlite3.Connection, told: Told, low: int, high: int, size: int, newest_first: bool
) -> Portion | None:
    """The next events whatever they are; fewer of them where they are large and have to be searched."""
    edge = "min" if newest_first else "max"
    weight = "sum(length(body))" if told.may.body else "0"
    body = ", body" if told.may.body else ""
    query = (
        f"SELECT {edge}(seq), count(*), {weight} FROM"  # noqa: S608
        f" (SELECT seq{body} FROM events WHERE seq BETWEEN ? AND ? ORDER BY seq {_order(newest_first)} LIMIT ?)"
    )
    while True:
        end, count, bytes_ = connection.execute(query, (low, high, size)).fetchone()
        if bytes_ is None or bytes_ <= _HEAVY or count == 1:
            break
        size = max(min(size - 1, size * _HEAVY // bytes_), 1)
    return _of_range(high if newest_first else low, end, count) if count else None


def _weighed(known: Faceted, low: int, high: int, size: int, newest_first: bool) -> Portion:
    """The next seqs; fewer of them where the index says that their bodies are large."""
    while True:
        first, last = (max(low, high - size + 1), high) if newest_first else (low, min(high, low + size - 1))
        blocks = last // BLOCK - first // BLOCK + 1
        weight = known.weight(first // BLOCK, last // BLOCK) * size // (blocks * BLOCK)
        if weight <= _HEAVY or size == 1:
            break
        size = max(min(size // 2, size * _HEAVY // weight), 1)
    start, end = (last, first) if newest_first else (first, last)
    return _of_range(start, end, last - first + 1)


def _walked(
    connection: sqlite3.Connection, told: Told, low: int, high: int, size: int, newest_first: bool
) -> Portion | None:
    """The next events that the walks of a plan give."""
    cursors = [
        connection.execute(
            f"SELECT seq FROM {walk.table} WHERE {walk.column} = ? AND seq BETWEEN ? AND ?"  # noqa: S608
            f" ORDER BY seq {_order(newest_first)}",
            (walk.key, low, high),
        )
        for walk in told.walks or ()
    ]
    merged = heapq.merge(*cursors, reverse=newest_first)
    seqs = [seq for (seq,), _ in islice(groupby(merged), size)]
    for cursor in cursors:
        cursor.close()
    if not seqs:
        return None
    return _of_seqs(seqs)


def _countable(told: Told) -> list[tuple[str, Sql]] | None:
    """The tables whose rows, under a condition, are just the matches; `None` where there are none such."""
    if told.walks is None or not told.apart or told.walked.body or told.walked.marked:
        return None
    return [_counting(walk.table, walk.column, walk.key, told.walked) for walk in told.walks]


def _counting(table: str, column: str, key: bytes | int, left: Sql) -> tuple[str, Sql]:
    condition = Sql(f"e.{column} = ?", (key,))
    if table == "events" or not left.row:
        return f"{table} e", both(condition, left)
    return f"{table} w CROSS JOIN events e ON e.seq = w.seq", both(Sql(f"w.{column} = ?", (key,)), left)
