"""Counting by value: how many events have each value of a field, and when they came."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Any

from relay.contract.filter import Field, Name, Path
from relay.contract.filter.subject import header_values
from relay.contract.filter.terms import TERMS
from relay.contract.filter.walk import leaves
from relay.contract.masking import masked
from relay.log.base import Group
from relay.log.faceted import Faceted
from relay.log.marks import BLOCK, Marks, unpacked
from relay.log.rows import BODY, BRIEF, FULL, GLANCE, event_of
from relay.log.search import Glance, Search, Segment
from relay.log.sparse import sparse
from relay.log.stored import type_of as text_of
from relay.log.totals import MINUTES, minute_of
from relay.log.values import NAMES

# The summary lies where the row begins, the body on pages of its own; a summary in which anything was cut says so.
_OF_EVENT_DATA = (
    "e.seq, e.type, e.received_us,"
    f" CASE WHEN instr(e.summary, CAST('\"truncated\":true' AS BLOB)) THEN {BODY} ELSE e.summary END"
)

MAX_GROUPS = 200_000
"""Different values that are counted; others after these are not."""


class _Running:
    __slots__ = ("count", "first", "last", "minutes", "value")

    def __init__(self, value: Any, seq: int) -> None:
        self.value = value
        self.count = 0
        self.first = self.last = seq
        self.minutes: dict[int, int] = {}


class Groups:
    """Events by value; `now_us` is in microseconds since the epoch. With `mask`, texts are counted as `masked`."""

    def __init__(self, now_us: int, *, mask: bool) -> None:
        self._newest = minute_of(now_us)
        self._mask = mask
        self._running: dict[tuple[type, Any], _Running] = {}

    @property
    def oldest_us(self) -> int:
        """From when on events are counted by the minute."""
        return (self._newest - MINUTES + 1) * 60_000_000

    def add(self, values: Iterable[Any], seq: int, received_us: int) -> None:
        """Count one event under each of its values once."""
        minute = minute_of(received_us)
        for running in {id(each): each for each in self._of(values, seq)}.values():
            self._count(running, 1, seq, seq)
            if minute > self._newest - MINUTES:
                running.minutes[minute] = running.minutes.get(minute, 0) + 1

    def add_many(self, value: str, count: int, first: int, last: int, received_us: Iterable[int]) -> None:
        """Count events from one seq to another; `received_us` are the times of those since `oldest_us`."""
        for running in self._of([value], first):
            self._count(running, count, first, last)
            for minute in map(minute_of, received_us):
                if minute > self._newest - MINUTES:
                    running.minutes[minute] = running.minutes.get(minute, 0) + 1

    def _of(self, values: Iterable[Any], seq: int) -> Iterator[_Running]:
        for value in values:
            if value is None or isinstance(value, dict | list):
                continue
            shown = masked(value) if self._mask and isinstance(value, str) else value
            # True is no 1 here, and 1.0 no other number than 1.
            key = (bool if isinstance(shown, bool) else str if isinstance(shown, str) else float, shown)
            running = self._running.get(key)
            if running is None:
                if len(self._running) >= MAX_GROUPS:
                    continue
                running = self._running[key] = _Running(shown, seq)
            yield running

    def _count(self, running: _Running, count: int, first: int, last: int) -> None:
        running.count += count
        running.first = min(running.first, first)
        running.last = max(running.last, last)

    def all(self, limit: int | None = None) -> list[Group]:
        """The largest groups, at most `limit`, of those as large the one with the newest event first."""
        order = sorted(self._running.values(), key=lambda each: (-each.count, -each.last))
        minutes = range(self._newest - MINUTES + 1, self._newest + 1)
        return [
            Group(one.value, one.count, one.first, one.last, [one.minutes.get(minute, 0) for minute in minutes])
            for one in order[:limit]
        ]


def count_groups(search: Search, field: Field, groups: Groups, upto: int) -> Iterator[None]:
    """Count what a search finds up to a seq; pauses now and then, for whoever wants to stop it."""
    for segment, planned in search.planned(upto):
        known = segment.known
        name = field.name if isinstance(field, Name) else ""
        marks = planned.marks_alone
        if isinstance(known, Faceted) and name in NAMES and marks is not None and known.is_certain:
            yield from _of_index(known, name, marks, segment, groups)
            continue
        columns, read = _reading(field)
        for row in search.rows_of(segment, planned, columns):
            if row is None:
                yield
            else:
                groups.add(read(row), row[0], row[2])


def _reading(field: Field) -> tuple[str, Callable[[Any], Iterable[Any]]]:
    """The columns that a field is read from, and how."""
    if isinstance(field, Path):
        keys = field.keys
        glance = Glance(sparse([keys]))

        def read(row: Any) -> Iterable[Any]:
            glance.set(row)
            return leaves(glance.payload, keys)

        return _OF_EVENT_DATA if keys[0] == "event_data" and len(keys) > 1 else GLANCE, read
    if field == Name("type"):
        return BRIEF, lambda row: (text_of(row[1]),)
    if isinstance(field, Name):
        term = TERMS[field.name].read

        def read_name(row: Any) -> Iterable[Any]:
            value = term(event_of(row))
            return value if isinstance(value, list) else (value,)

        return FULL, read_name
    name = field.name
    return FULL, lambda row: header_values(event_of(row), name)


def _of_index(known: Faceted, name: str, marks: Marks, segment: Segment, groups: Groups) -> Iterator[None]:
    chosen = dict(known.by_block(marks, segment.low, segment.high))
    recent = known.received_since(groups.oldest_us)
    yield
    for stored, rows in groupby(known.marks_of(name), key=lambda row: row[0]):
        count, first, last = 0, segment.high, segment.low
        times: list[int] = []
        for _, block, some in rows:
            bits = unpacked(some) & chosen.get(block, 0)
            if not bits:
                continue
            count += bits.bit_count()
            first = min(first, block * BLOCK + (bits & -bits).bit_length() - 1)
            last = max(last, block * BLOCK + bits.bit_length() - 1)
            if block in recent:
                times += [us for place, us in recent[block].items() if bits >> place & 1]
        if count:
            groups.add_many(text_of(stored), count, first, last, times)
        yield
