"""The table of one type: its events as rows, in order of a column or as they came, and a column's values counted.

Where the viewer is in the table obeys the same rules as the stream: what arrives never moves the selection unless
the viewer follows. Rows are those that are loaded; `coverage` says which those are. Values are counted in these at
once, and in all of the log as soon as the relay has counted them.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from relay.contract.events import EventSummary
from tui.model.browse import Browse, Stance
from tui.model.cellvalue import MINUTE_US, Kind, SortKey, Value
from tui.model.counts import counted
from tui.model.dashboard import Dashboard
from tui.model.source import Arrivals, Began, Item, Missing, Page, Recount, Row
from tui.model.typecolumns import Column, TypeColumns
from tui.model.valuecounts import ValueCounts
from tui.model.window import Window

CAPACITY = 5_000
"""Rows of a table; reading on beyond them lets others go."""


class Sort(NamedTuple):
    """By which column rows stand in order, and from which end."""

    column: str
    descending: bool


class Tally(NamedTuple):
    """The values of a column, the most frequent first (of times the newest), and how many events they come from.

    `of_log`: they are counted in all that the log holds, not in the rows that are loaded alone. `all_values` is
    false where the rarest of them are not known.
    """

    values: Sequence[tuple[Value, int]]
    rows: int
    of_log: bool = False
    all_values: bool = True


_Stamp = tuple[int, int, int | None, int]


class TypeTable:
    """The events of one type that are loaded, and where the viewer is in them."""

    def __init__(self, type_: str, board: Dashboard, capacity: int = CAPACITY) -> None:
        self.type = type_
        self.board = board
        self.browse = Browse(Window(capacity))
        self.browse.restart(board.upto)
        self.columns = TypeColumns(type_)
        self.sort: Sort | None = None
        self._column = ""
        self._changes = 0
        self._order: list[tuple[SortKey, int]] = []
        self._ordered: tuple[Sort | None, _Stamp, int] | None = None
        self._counter: Counter[Value] = Counter()
        self._counted: tuple[str, _Stamp, int] | None = None
        self.log = ValueCounts()
        """The values in all of the log."""
        self._rows = 0
        self._cut = 0
        self._late = False
        self._choose_first_field()

    def _choose_first_field(self) -> None:
        """Begin at the first column that says what is special about this type."""
        fields = [column for column in self.columns if column.key.startswith("event_data")]
        self._column = fields[0].key if fields else self.columns[min(1, len(self.columns) - 1)].key

    # From the source

    def take(self, item: Item) -> None:
        """Take in what the source gave."""
        match item:
            case Arrivals():
                self._arrive(item)
            case Began():
                self.browse.restart(item.after)
                self.log.restart()
                self._changes += 1
                if self.sort is not None:
                    self.browse.hold()
            case Missing():
                self.browse.lose(item)
                self.log.doubt()
            case Recount():
                self.log.doubt()

    def _arrive(self, arrivals: Arrivals) -> None:
        events = [event for event in arrivals.events if event.type == self.type]
        self.browse.arrive(events)
        self._learn(events)
        self.log.arrive(events, self.columns)
        changes = [event for event in arrivals.changes if event.type == self.type]
        left = [event for event in arrivals.left if event.type == self.type]
        if changes or left:
            self.browse.change(changes)
            self.browse.leave(left)
            self.log.doubt()
            self._changes += 1
        # A choice of types may keep them out of the stream; then they are counted here and read by pages.
        unseen = counted(arrivals).get(self.type, 0) - len(events) if arrivals.counts is not None else 0
        if unseen > 0:
            self.browse.hear_of(unseen)
            self.log.doubt()
            self._late = True

    def _learn(self, events: Sequence[EventSummary]) -> None:
        first = not self.browse.window.rows
        if self.columns.learn(events) and first:
            self._choose_first_field()

    def take_older(self, page: Page) -> None:
        """Put a page of the past before the rows."""
        fresh = not len(self.browse.window)
        self.browse.take_older(page)
        if self.columns.learn(page.events) and fresh:
            self._choose_first_field()

    def begin_newer(self) -> int | None:
        """Give the seq to read on from towards the present; None when there is nothing to read."""
        self._late = False
        return self.browse.begin_newer()

    def take_newer(self, page: Page) -> None:
        """Put a page behind the rows that `begin_newer` led to."""
        self.browse.take_newer(page)
        self.columns.learn(page.events)
        if self._late and self.browse.attached:
            self.browse.hear_of(1)

    # The rows

    def _stamp(self) -> _Stamp:
        window = self.browse.window
        return self.browse.run, self._changes, window.first_seq, len(window)

    def __len__(self) -> int:
        return len(self.browse.window) if self.sort is None else len(self._sorted())

    def __getitem__(self, index: int) -> Row:
        window = self.browse.window
        if self.sort is None:
            return window[index]
        order = self._sorted()
        seq = order[len(order) - 1 - index if self.sort.descending else index][1]
        place = window.index_of(seq)
        assert place is not None  # noqa: S101 - the order is made of what the window holds
        return window[place]

    def nearest(self, seq: int) -> int:
        """Give the place of the row with this seq, else of one near it."""
        window = self.browse.window
        if self.sort is None or not len(window):
            return window.nearest(seq)
        order = self._sorted()
        row = window[window.nearest(seq)]
        if isinstance(row, Missing) or not order:
            return 0
        place = min(bisect_left(order, self._entry(row, self.sort)), len(order) - 1)
        return len(order) - 1 - place if self.sort.descending else place

    def _entry(self, row: EventSummary, sort: Sort) -> tuple[SortKey, int]:
        column = self.columns[self.columns.index(sort.column)]
        return column.read(row).sort_key(none_first=sort.descending), row.seq

    def _sorted(self) -> list[tuple[SortKey, int]]:
        sort = self.sort
        assert sort is not None  # noqa: S101 - only asked for while rows are sorted
        stamp, last = self._stamp(), self.browse.window.last_seq or 0
        if self._ordered == (sort, stamp, last):
            return self._order
        new = self._appended(self._ordered, sort, stamp)
        if new is None:
            rows = [row for row in self.browse.window.rows if not isinstance(row, Missing)]
            self._order = sorted(self._entry(row, sort) for row in rows)
        else:
            for row in new:
                insort(self._order, self._entry(row, sort))
        self._ordered = (sort, stamp, last)
        return self._order

    def _appended(
        self, before: tuple[object, _Stamp, int] | None, what: object, stamp: _Stamp
    ) -> list[EventSummary] | None:
        """Give the rows that came behind those of an earlier stamp; None where more than that has changed."""
        if before is None or before[0] != what or before[1][:3] != stamp[:3]:
            return None
        new = self.browse.window.rows[before[1][3] :]
        if any(row.seq <= before[2] for row in new):
            return None
        return [row for row in new if not isinstance(row, Missing)]

    # The cursor

    @property
    def cursor(self) -> int:
        """Place of the selected row."""
        selected = self.browse.selected
        return 0 if selected is None else self.nearest(selected)

    @property
    def row(self) -> Row | None:
        """The selected row."""
        return self.browse.selected_row

    @property
    def column_at(self) -> int:
        """Place of the column under the cursor."""
        return self.columns.index(self._column)

    @property
    def column(self) -> Column:
        """The column under the cursor."""
        return self.columns[self.column_at]

    @property
    def value(self) -> Value | None:
        """The value under the cursor."""
        row = self.row
        return None if row is None or isinstance(row, Missing) else self.column.read(row)

    def move_to(self, index: int) -> None:
        """Put the cursor on a row."""
        if len(self):
            row = self[max(0, min(index, len(self) - 1))]
            place = self.browse.window.index_of(row.seq)
            if place is not None:
                self.browse.move_to(place)

    def move(self, rows: int) -> None:
        """Move the cursor by rows."""
        self.move_to(self.cursor + rows)

    def choose(self, index: int) -> None:
        """Put the cursor on a column."""
        self._column = self.columns[max(0, min(index, len(self.columns) - 1))].key

    def follow(self) -> None:
        """Go to the newest event and stay there; in any order but theirs that means nothing."""
        self.sort = None
        self.browse.follow()

    def sort_by(self, index: int, *, descending: bool) -> None:
        """Sort the rows by a column; the same order once more gives back that in which they came."""
        sort = Sort(self.columns[index].key, descending)
        self.sort = None if sort == self.sort else sort
        if self.sort is not None:
            self.browse.hold()

    # The values

    def tally(self) -> Tally:
        """Count the values of the column under the cursor, in all of the log where that is known."""
        whole = self._count_rows()
        known = None if whole else self.log.of(self.column)
        if known is None:
            return Tally(self._ranked(self._counter), self._rows, of_log=whole)
        counts, all_values = known
        rows = max(self.total or 0, max(counts.values(), default=0))
        return Tally(self._ranked(counts), rows, of_log=True, all_values=all_values)

    @property
    def seen(self) -> Collection[Value]:
        """The values of the column under the cursor in the rows that are loaded."""
        self._count_rows()
        return self._counter.keys()

    def wants_values(self) -> bool:
        """Tell whether the relay is to be asked for the values of the column under the cursor."""
        return not self._count_rows() and self.log.wants(self.column, self.board.monotonic())

    def term(self, *values: Value, exclude: bool = False) -> str | None:
        """Write what of a filter keeps the events with values of the column, or leaves them out."""
        texts = {value.text for value, _ in self.tally().values if value.kind is Kind.TEXT}
        alike = any(value.kind is Kind.NUMBER and value.text in texts for value in values)
        return self.column.term(*values, exclude=exclude, alike=alike)

    def _count_rows(self) -> bool:
        """Count the values in the rows that are loaded; tells whether these are all that the log has."""
        stamp, last = self._stamp(), self.browse.window.last_seq or 0
        if self._counted != (self._column, stamp, last):
            new = self._appended(self._counted, self._column, stamp)
            if new is None:
                self._counter.clear()
                self._rows = self._cut = 0
                new = [row for row in self.browse.window.rows if not isinstance(row, Missing)]
            column = self.column
            self._counter.update(_grouped(value) for row in new for value in column.values(row))
            self._rows += len(new)
            self._cut += sum(row.truncated for row in new) if column.of_event_data else 0
            self._counted = (self._column, stamp, last)
        return self.has_all and not self._cut

    def _ranked(self, counts: Mapping[Value, int]) -> list[tuple[Value, int]]:
        if self.column.key == "time":
            return sorted(counts.items(), key=lambda item: -(item[0].raw or 0))
        return sorted(counts.items(), key=lambda item: (-item[1], item[0].sort_key(none_first=False)))

    # The truth about it

    @property
    def total(self) -> int | None:
        """How many events of this type match the filter; None where that is not known."""
        counts = self.board.counts
        found = counts.by_type.get(self.type)
        return found if counts.known and found is not None else (0 if counts.known and not len(self) else None)

    @property
    def has_all(self) -> bool:
        """Every event of this type that matches is loaded."""
        return self.browse.attached and self.browse.older_from is None

    @property
    def coverage(self) -> str:
        """Say which rows are loaded, as `all 212`, `the newest 500 of 1,733`; the word rows is left to add."""
        loaded, total = len(self.browse.window), self.total
        if total is None:
            return f"{loaded:,} loaded"
        if loaded >= total or self.has_all:
            return f"all {loaded:,}"
        newest = "the newest " if self.browse.attached else ""
        return f"{newest}{loaded:,} of {total:,}"

    @property
    def following(self) -> bool:
        """The cursor stays on the newest event."""
        return self.browse.stance is Stance.FOLLOWING


def _grouped(value: Value) -> Value:
    """Times are counted by the minute."""
    return Value(Kind.TIME, value.raw - value.raw % MINUTE_US) if value.kind is Kind.TIME else value
