"""The table of a type: a list over its rows that paints only those in sight, with a cursor on a cell."""

from __future__ import annotations

from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui.keys import bindings
from tui.model.clock import Clock
from tui.model.typetable import TypeTable
from tui.widgets.look import look_of
from tui.widgets.row_list import RowList
from tui.widgets.table_row import TablePainter, Widths


class TableHeading(Widget):
    """The names of the columns; a click sorts by one."""

    def __init__(self, view: TypeTableView) -> None:
        super().__init__(id="table-heading")
        self.view = view

    def render_line(self, y: int) -> Strip:
        """Paint the names."""
        look, width = look_of(self), self.size.width
        if y > 0:
            return Strip.blank(width, look.style("ink", "side"))
        view = self.view
        strip = view.painter.heading(view.table.sort, focused=view.has_focus)
        return strip.adjust_cell_length(width, look.style("ink", "side"))

    def on_click(self, event: events.Click) -> None:
        """Sort by the column: most first, then least first, then as the rows came."""
        index = self.view.painter.column_under(event.x)
        if index is not None:
            self.view.turn_sort(index)


class TypeTableView(RowList, can_focus=True, inherit_bindings=False):
    """The rows of a type's table."""

    BINDINGS = bindings("table")

    class Moved(RowList.Moved):
        """The cursor is on another cell, or the rows stand in another order."""

    class Scrolled(RowList.Scrolled):
        """Other rows are in sight: there may be pages to read."""

    class Opened(RowList.Opened):
        """The event under the cursor is to be seen in full."""

    class Beyond(Message):
        """Rows beyond those that are loaded are asked for."""

    def __init__(self, table: TypeTable, clock: Clock) -> None:
        super().__init__(id="table")
        self.table = table
        self.clock = clock
        self.heading = TableHeading(self)
        self._widths: Widths | None = None
        self._measured: tuple[int, int] | None = None
        self._painter: TablePainter | None = None
        self._key: tuple[object, ...] = ()
        self._first = 1
        self._top: int | None = None

    # Fitting the view to the table

    @property
    def count(self) -> int:
        """How many rows are loaded."""
        return len(self.table)

    @property
    def cursor(self) -> int:
        """The place of the selected event, in the order in force."""
        return self.table.cursor

    def place_cursor(self, index: int) -> None:
        """Select another event."""
        self.table.move_to(index)

    def hold(self) -> bool:
        """Follow no longer."""
        if not self.table.following:
            return False
        self.table.browse.hold()
        return True

    def sync(self) -> None:
        """Fit the view to the rows: follow, or keep what is in sight."""
        table = self.table
        self._measure()
        with self.scrolling():
            self.stretch()
            if table.following or self._top is None:
                self.scroll_to_row(len(table) if table.sort is None else 0)
            else:
                self.scroll_to_row(table.nearest(self._top))
        self.note_top()
        self.paint_if_changed()

    def _measure(self) -> None:
        """Learn how wide the columns are from the rows that were not measured yet."""
        look, window = look_of(self), self.table.browse.window
        if self._widths is None or self._widths.look is not look:
            self._widths, self._measured = Widths(look), None
        first, last = window.first_seq, window.last_seq
        if first is None or last is None:
            self._widths.measure(self.table.columns, ())
            return
        if self._measured is None or not self._measured[0] <= last or not first <= self._measured[1]:
            rows = window.rows
        else:
            low, high = self._measured
            older = window.rows[: window.nearest(low)] if first < low else ()
            newer = window.rows[len(window) - window.count_above(high) :]
            rows = [*older, *newer]
        self._measured = (first, last)
        if self._widths.measure(self.table.columns, rows):
            self._painter = None

    def note_top(self) -> None:
        """Keep in mind which event is the first in sight."""
        top = min(self.top, len(self.table) - 1)
        self._top = self.table[top].seq if top >= 0 else None

    def appearance(self) -> tuple[object, ...]:
        """The rows, the cell under the cursor, the order and the columns."""
        table = self.table
        rows = [id(table[index]) for index in range(self.top, min(self.top + self.size.height, len(table)))]
        chosen = (table.browse.selected, table.column.key, table.sort, len(table.columns))
        return (*chosen, self._painter is None, *rows)

    def paint_if_changed(self) -> None:
        """Paint the names of the columns with the rows."""
        before = self._painted
        super().paint_if_changed()
        if self._painted != before:
            self.heading.refresh()

    def on_resize(self) -> None:
        """Lay out anew for another size."""
        self._painter = None
        self.sync()
        self.show_cursor()

    @property
    def near_start(self) -> bool:
        """Older rows will be in sight soon. In another order than theirs that is where the rows end."""
        return super().near_start if self.table.sort is None else self.near_end

    # Painting

    def notify_style_update(self) -> None:
        """Paint everything anew."""
        super().notify_style_update()
        self._painter = None

    @property
    def painter(self) -> TablePainter:
        """How rows are painted now."""
        look, width, table = look_of(self), self.scrollable_content_region.width, self.table
        key = (look, width, len(table.columns), table.column.key, self.clock.today())
        if self._painter is None or self._key != key or self._widths is None:
            if self._widths is None or self._widths.look is not look:
                self._measure()
            assert self._widths is not None  # noqa: S101 - measured just now
            columns = list(table.columns)
            self._painter = TablePainter(
                look, self.clock, columns, self._widths, width, table.column_at, self._first
            )
            self._first = self._painter.first
            self._key = key
        return self._painter

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint the rows in sight; how they are laid out is looked up once for all of them."""
        self.painter  # noqa: B018 - made anew where it has to be
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Paint one row in sight."""
        painter = self._painter or self.painter
        index = self.top + y
        if index >= len(self.table):
            return Strip.blank(painter.width, look_of(self).style("ink"))
        row = self.table[index]
        selected = row.seq == self.table.browse.selected
        return painter.paint(row, self.ground(selected), selected=selected, focused=self.has_focus)

    # Moving

    def action_edge(self, side: int) -> None:
        """Go to the first row, or to the last; where that is the newest, follow it."""
        if side > 0 and self.table.sort is None:
            self.action_follow()
        else:
            self.move_to(0 if side < 0 else len(self.table) - 1)
            self.post_message(self.Beyond())

    def action_move(self, rows: int) -> None:
        """Move the cursor by rows, or ask for more of them at either end."""
        at_end = self.cursor == (0 if rows < 0 else self.count - 1)
        super().action_move(rows)
        if at_end or not self.count:
            self.post_message(self.Beyond())

    def action_follow(self) -> None:
        """Go to the newest event and stay there."""
        self.table.follow()
        self.sync()
        self.post_message(self.Moved())

    def action_across(self, columns: int) -> None:
        """Move the cursor by columns."""
        self.choose(self.table.column_at + columns)

    def choose(self, index: int) -> None:
        """Put the cursor on a column."""
        self.table.choose(index)
        self.moved()

    def action_sort(self, descending: bool) -> None:
        """Sort by the column under the cursor, or no longer."""
        self.sort(self.table.column_at, descending=descending)

    def sort(self, index: int, *, descending: bool) -> None:
        """Sort by a column, or no longer where that order is in force; the selected row stays in sight."""
        self.table.sort_by(index, descending=descending)
        self._top = None
        self.sync()
        self.show_cursor()
        self.refresh()
        self.heading.refresh()
        self.post_message(self.Moved())

    def turn_sort(self, index: int) -> None:
        """Sort by a column the way that comes after the one in force: most first, least first, as they came."""
        self.table.choose(index)
        sort = self.table.sort
        if sort is not None and sort.column == self.table.columns[index].key:
            self.sort(index, descending=False)
        else:
            self.sort(index, descending=True)

    def click(self, index: int, x: int, /) -> None:
        """Put the cursor on the cell that was clicked."""
        column = self.painter.column_under(x)
        if column is not None:
            self.table.choose(column)
        self.move_to(index)
