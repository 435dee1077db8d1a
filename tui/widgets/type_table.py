"""The table of a type: a list over its rows that paints only those in sight, with a cursor on a cell."""

from __future__ import annotations

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from tui.keys import bindings
from tui.model.clock import Clock
from tui.model.typetable import TypeTable
from tui.widgets.look import look_of
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


class TypeTableView(ScrollView, can_focus=True, inherit_bindings=False):
    """The rows of a type's table."""

    BINDINGS = bindings("table")

    class Moved(Message):
        """The cursor is on another cell, or the rows stand in another order."""

    class Scrolled(Message):
        """Other rows are in sight: there may be pages to read."""

    class Opened(Message):
        """The event under the cursor is to be seen in full."""

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
        self._syncing = False
        self._sight: tuple[object, ...] = ()

    # Fitting the view to the table

    def sync(self) -> None:
        """Fit the view to the rows: follow, or keep what is in sight."""
        table = self.table
        self._measure()
        self._syncing = True
        try:
            self._stretch(Size(self.scrollable_content_region.width, len(table)))
            if table.following or self._top is None:
                self._to_row(len(table) if table.sort is None else 0)
            else:
                self._to_row(table.nearest(self._top))
        finally:
            self._syncing = False
        self._note_top()
        self._paint_if_changed()

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

    def _stretch(self, size: Size) -> None:
        """Take another virtual size without laying out the screen, which nothing here can change."""
        if self.virtual_size != size:
            self.set_reactive(TypeTableView.virtual_size, size)
            self._scroll_update(size)

    def _to_row(self, row: int) -> None:
        target = max(0, min(row, self.max_scroll_y))
        if target != self.scroll_y or target != self.scroll_target_y:
            self.scroll_to(y=target, animate=False, immediate=True)

    def _note_top(self) -> None:
        top = min(round(self.scroll_y), len(self.table) - 1)
        self._top = self.table[top].seq if top >= 0 else None

    def _paint_if_changed(self) -> None:
        table, top = self.table, round(self.scroll_y)
        rows = [id(table[index]) for index in range(top, min(top + self.size.height, len(table)))]
        sight = (
            table.browse.selected,
            table.column.key,
            table.sort,
            len(table.columns),
            self._painter is None,
            *rows,
        )
        if sight != self._sight:
            self._sight = sight
            self.refresh()
            self.heading.refresh()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Leave following when the rows are scrolled away from the end by hand."""
        super().watch_scroll_y(old_value, new_value)
        if self._syncing or round(old_value) == round(new_value):
            return
        if self.table.following and round(new_value) < self.max_scroll_y:
            self.table.browse.hold()
            self.post_message(self.Moved())
        self._note_top()
        self.post_message(self.Scrolled())

    def on_resize(self) -> None:
        """Lay out anew for another size."""
        self._painter = None
        self.sync()
        self._show_cursor()

    @property
    def near_start(self) -> bool:
        """Older rows will be in sight soon. In another order than theirs that is where the rows end."""
        return self.scroll_y < self.size.height if self.table.sort is None else self.near_end

    @property
    def near_end(self) -> bool:
        """Newer rows will be in sight soon."""
        return self.scroll_y + 2 * self.size.height >= len(self.table)

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
        index = round(self.scroll_y) + y
        if index >= len(self.table):
            return Strip.blank(painter.width, look_of(self).style("ink"))
        row = self.table[index]
        selected = row.seq == self.table.browse.selected
        ground = ("row-cursor" if self.has_focus else "row-cursor-blurred") if selected else "ground"
        return painter.paint(row, ground, selected=selected, focused=self.has_focus)

    def on_focus(self) -> None:
        """Show that the keys go here."""
        self.refresh()
        self.heading.refresh()

    def on_blur(self) -> None:
        """Show that the keys go elsewhere."""
        self.refresh()
        self.heading.refresh()

    # Moving

    def _show_cursor(self) -> None:
        cursor, top, height = self.table.cursor, round(self.scroll_y), self.size.height
        self._syncing = True
        try:
            if cursor < top:
                self._to_row(cursor)
            elif cursor >= top + height:
                self._to_row(cursor - height + 1)
        finally:
            self._syncing = False
        self._note_top()

    def _moved(self) -> None:
        self._show_cursor()
        self._paint_if_changed()
        self.post_message(self.Moved())

    def action_move(self, rows: int) -> None:
        """Move the cursor by rows."""
        self.table.move(rows)
        self._moved()

    def action_page(self, pages: int) -> None:
        """Move the cursor by what is in sight, less a row to keep one's place."""
        self.action_move(pages * max(self.size.height - 1, 1))

    def action_edge(self, side: int) -> None:
        """Go to the first row, or to the last; where that is the newest, follow it."""
        if side > 0 and self.table.sort is None:
            self.action_follow()
        else:
            self.table.move_to(0 if side < 0 else len(self.table) - 1)
            self._moved()

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
        self._moved()

    def action_sort(self, descending: bool) -> None:
        """Sort by the column under the cursor, or no longer."""
        self.sort(self.table.column_at, descending=descending)

    def sort(self, index: int, *, descending: bool) -> None:
        """Sort by a column, or no longer where that order is in force; the selected row stays in sight."""
        self.table.sort_by(index, descending=descending)
        self._top = None
        self.sync()
        self._show_cursor()
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

    def action_open(self) -> None:
        """See the event under the cursor in full."""
        self.post_message(self.Opened())

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the cell under the mouse; a second click opens the event."""
        index = round(self.scroll_y) + event.y
        if index >= len(self.table):
            return
        if event.chain >= 2:
            self.action_open()
            return
        column = self.painter.column_under(event.x)
        if column is not None:
            self.table.choose(column)
        self.table.move_to(index)
        self._moved()
