"""A row of a type's table: how wide its columns are, and how a value looks in a cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from relay.contract.events import EventSummary
from tui.model.cellvalue import Kind, Value
from tui.model.clock import Clock
from tui.model.source import Missing, Row
from tui.model.typecolumns import Column
from tui.model.typetable import Sort
from tui.widgets.cells import fit
from tui.widgets.look import Look

LIMIT = 1_024
GAP = 2
_TIME = 11
_MODEST, _WIDE, _MOST = 26, 64, 200
_NAME = 24
_SLIVER = 6
"""Cells of a column that are worth being seen at the edge."""
_MEASURED = 240
_INKS = {Kind.NUMBER: "json-number", Kind.FLAG: "json-word", Kind.JSON: "json-key"}


class Placed(NamedTuple):
    """A column on screen: its number, where it begins, and its cells."""

    column: int
    start: int
    width: int


class Widths:
    """How many cells the columns need, learned from the rows that were seen; they only grow."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self._needed: dict[str, int] = {}
        self._kinds: dict[str, set[Kind]] = {}

    def measure(self, columns: Iterable[Column], rows: Sequence[Row]) -> bool:
        """Learn from rows; tells whether a column needs more than before."""
        grown = False
        for column in columns:
            key = column.key
            if key not in self._needed:
                name = self.look.text(column.name, _NAME)
                self._needed[key] = _TIME if key == "time" else max(cell_len(name) + 2, 4)
                self._kinds[key] = set()
                grown = True
            if key != "time":
                grown |= self._measure(column, rows)
        return grown

    def _measure(self, column: Column, rows: Sequence[Row]) -> bool:
        needed, kinds = self._needed[column.key], self._kinds[column.key]
        before = needed, len(kinds)
        for row in rows:
            if isinstance(row, Missing):
                continue
            value = column.read(row)
            if value.kind is not Kind.NONE:
                kinds.add(value.kind)
                needed = max(needed, self._cells(value))
        self._needed[column.key] = needed
        return (needed, len(kinds)) != before

    def _cells(self, value: Value) -> int:
        text = value.text[:_MEASURED]
        return min(len(text) if text.isascii() else cell_len(self.look.text(text)), _MOST)

    def right_aligned(self, column: Column) -> bool:
        """All values that were seen are numbers."""
        return self._kinds.get(column.key) == {Kind.NUMBER}

    def share(self, columns: Sequence[Column], room: int) -> list[int]:
        """Give each column its cells: those of EventData come first, the context gets what they leave.

        What does not fit is reached sideways; no column is made so narrow that it says nothing.
        """
        needed = [self._needed.get(column.key, 4) for column in columns]
        widths = [
            min(cells, _MODEST if column.quiet else _WIDE) for cells, column in zip(needed, columns, strict=True)
        ]
        first = [index for index, column in enumerate(columns) if not column.quiet or column.key == "time"]
        self._narrow(widths, first, room)
        spare = room - sum(widths) - GAP * len(columns)
        for index, cells in enumerate(needed):
            more = max(min(cells - widths[index], spare), 0)
            widths[index] += more
            spare -= more
        return widths

    def _narrow(self, widths: list[int], which: Sequence[int], room: int) -> None:
        """Take cells from the widest of these columns until all of them fit, or are modest."""
        over = sum(widths[index] + GAP for index in which) - room
        for index in sorted(which, key=lambda index: -widths[index]):
            less = max(min(widths[index] - _MODEST, over), 0)
            widths[index] -= less
            over -= less


class TablePainter:
    """Paints rows and heading for one width. The first column stays; the others go sideways with the cursor."""

    def __init__(
        self, look: Look, clock: Clock, columns: Sequence[Column], widths: Widths, width: int, at: int, first: int
    ) -> None:
        self.look = look
        self.clock = clock
        self.columns = columns
        self.widths = widths
        self.width = width
        self.at = at
        self._shared = widths.share(columns, width - 2)
        self.first = self._first(first)
        self.placed = list(self._place())
        last = self.placed[-1]
        self.more_left = self.first > 1
        self.more_right = last.column < len(columns) - 1 or last.start + last.width > width

    def _first(self, first: int) -> int:
        """Give the first column after the one that stays, so that the cursor's is in sight and little moves."""
        first = max(1, min(first, self.at or 1, len(self.columns) - 1))
        while first < self.at and self._end(first, self.at) > self.width:
            first += 1
        return first

    def _end(self, first: int, last: int) -> int:
        return 1 + self._shared[0] + GAP + sum(self._shared[first : last + 1]) + GAP * (last - first)

    def _place(self) -> Iterator[Placed]:
        start = 1
        for index in (0, *range(self.first, len(self.columns))):
            if start + min(self._shared[index], _SLIVER) > self.width and index != self.at:
                return
            yield Placed(index, start, self._shared[index])
            start += self._shared[index] + GAP

    def column_under(self, cell: int) -> int | None:
        """Give the column at a cell of the row; None behind the last one."""
        return next((one.column for one in self.placed if one.start <= cell < one.start + one.width + GAP), None)

    def _segment(self, text: str, ink: str, ground: str, *, bold: bool = False) -> Segment:
        return Segment(text, self.look.style(ink, ground, bold=bold))

    def heading(self, sort: Sort | None, *, focused: bool) -> Strip:
        """Paint the names of the columns, with an arrow at the one that rows are sorted by."""
        look, ground = self.look, "side"
        segments = [self._segment(" ", "quiet", ground)]
        for one in self.placed:
            column = self.columns[one.column]
            arrow = self._arrow(sort, column)
            name = fit(look.text(column.name, _NAME) + arrow, one.width, look.ellipsis)
            if self.widths.right_aligned(column):
                name = name.strip().rjust(one.width)
            here = one.column == self.at
            ink = "focus" if here and focused else "ink" if here else "quiet"
            segments += [self._segment(name, ink, ground, bold=here), self._segment(" " * GAP, "quiet", ground)]
        strip = Strip(segments).crop(0, self.width).adjust_cell_length(self.width, look.style("ink", ground))
        if not self.more_right:
            return strip
        mark = self._segment(">" if look.ascii_only else "›", "focus", ground)
        return Strip([*strip.crop(0, self.width - 1), mark])

    def _arrow(self, sort: Sort | None, column: Column) -> str:
        if sort is None or sort.column != column.key:
            return ""
        if self.look.ascii_only:
            return " v" if sort.descending else " ^"
        return " ▼" if sort.descending else " ▲"

    def paint(self, row: Row, ground: str, *, selected: bool, focused: bool) -> Strip:
        """Paint a row; on the selected one the cell under the cursor stands out."""
        segments = [self._segment(self.look.own("▌") if selected else " ", "focus", ground)]
        if isinstance(row, Missing):
            segments.append(self._gone(row, ground))
        else:
            for one in self.placed:
                segments += self._cell(row, one, ground, here=selected and one.column == self.at, focused=focused)
        blank = self.look.style("ink", ground)
        return Strip(segments).crop(0, self.width).adjust_cell_length(self.width, blank)

    def _gone(self, gap: Missing, ground: str) -> Segment:
        what = f"seq {gap.seq:,} is" if gap.seq == gap.to else f"seqs {gap.seq:,} to {gap.to:,} are"
        dash = self.look.own("─") * 4
        reason = self.look.text(gap.reason, 200)
        return self._segment(f"{dash} {what} gone for good: {reason} {dash}", "warn", ground)

    def _cell(
        self, event: EventSummary, one: Placed, ground: str, *, here: bool, focused: bool
    ) -> Sequence[Segment]:
        column = self.columns[one.column]
        value = column.read(event)
        text = self.clock.short(event.received_at) if value.kind is Kind.TIME else self.text(value)
        cell = fit(text, one.width, self.look.ellipsis)
        if value.kind is Kind.NUMBER and self.widths.right_aligned(column):
            cell = cell.rstrip().rjust(one.width)
        ink = "quiet" if column.quiet else _INKS.get(value.kind, "ink")
        if not here:
            return (self._segment(cell + " " * GAP, ink, ground),)
        chosen = (
            self._segment(cell, "badge-ink", "badge") if focused else self._segment(cell, ink, ground, bold=True)
        )
        return chosen, self._segment(" " * GAP, ink, ground)

    def text(self, value: Value) -> str:
        """Write a value as it stands in a cell."""
        return self.look.text(value.text, LIMIT)
