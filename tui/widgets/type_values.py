"""The values of the column under the cursor, each with how many events have it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from tui.keys import bindings
from tui.model.cellvalue import Kind, Value
from tui.model.clock import Clock
from tui.model.typetable import Tally, TypeTable
from tui.widgets.cells import fit, fit_right
from tui.widgets.look import Look, look_of
from tui.widgets.wall_panel import share_text

LIMIT = 1_024
SOON = 0.25
"""Seconds for which nothing is said of an answer that is awaited, those included that the cursor rests before."""
_COUNT, _SHARE = 9, 7
_MINUTE = slice(5, 16)


class ValuesHeading(Widget):
    """Which column it is, how many values it has, and which rows were counted."""

    def __init__(self, view: TypeValues) -> None:
        super().__init__(id="values-heading")
        self.view = view

    def render_line(self, y: int) -> Strip:
        """Paint the heading; what was counted is on a line of its own where there are two."""
        look, width = look_of(self), self.size.width
        table = self.view.table
        tally = self.view.tally
        count = len(tally.values)
        what = "minute" if table.column.key == "time" else "value"
        most = "" if tally.all_values else "most frequent "
        values = f"{count:,} {most}{what}{'s' * (count != 1)}" if count else "no values"
        room = width if self.size.height > 1 else width - cell_len(f" {look.text(table.column.name, 24)} {values}")
        covered = self._covered(room) if count or self.view.counting else ""
        name = look.text(table.column.name, 24)
        focused = self.view.has_focus
        words = [(f" {name} ", "focus" if focused else "ink", True), (values, "quiet", False)]
        if self.size.height == 1:
            words.append((covered, "quiet", False))
        elif y == 1:
            words = [(covered, "quiet", False)]
        segments = [Segment(text, look.style(ink, "side", bold=bold)) for text, ink, bold in words if y < 2]
        return Strip(segments).adjust_cell_length(width, look.style("ink", "side")).crop(0, width)

    def _covered(self, room: int) -> str:
        """Say which rows were counted, and that those of the log are being counted, as there is room."""
        table, tally = self.view.table, self.view.tally
        if tally.of_log:
            return f" in all {tally.rows:,} row{'s' * (tally.rows != 1)}"
        covered = f" in {table.coverage} row{'s' * (len(table.browse.window) != 1)}"
        if not self.view.counting:
            return covered
        ways = (
            f"{covered}, counting the log",
            f" in {tally.rows:,} so far, counting the log",
            " counting the log",
        )
        return next((way for way in ways if len(way) <= room), ways[-1])


class TypeValues(ScrollView, can_focus=True, inherit_bindings=False):
    """A row a value, with its part of all rows as a bar behind it."""

    BINDINGS = bindings("values")

    class Chosen(Message):
        """Only the events with the value under the cursor are wanted."""

    def __init__(self, table: TypeTable, clock: Clock) -> None:
        super().__init__(id="values")
        self.table = table
        self.clock = clock
        self.heading = ValuesHeading(self)
        self.tally = Tally((), 0)
        self._column = ""
        self._selected: Value | None = None
        self._drawn: object = None

    def renew(self) -> None:
        """Count anew, and paint where something is another; for a few times a second."""
        column = self.table.column.key
        if column != self._column:
            self._column, self._selected = column, None
        self.tally = self.table.tally()
        coverage = self.table.coverage
        drawn = (column, coverage, self.tally, self.counting, self._selected, self.has_focus, look_of(self))
        if drawn == self._drawn:
            return
        self._drawn = drawn
        size = Size(self.scrollable_content_region.width, len(self.tally.values))
        if size != self.virtual_size:
            self.set_reactive(TypeValues.virtual_size, size)
            self._scroll_update(size)
        self.refresh()
        self.heading.refresh()

    @property
    def counting(self) -> bool:
        """The values are being counted in all of the log, and not only just now."""
        return self.table.log.waits(self.table.board.monotonic()) > SOON

    @property
    def cursor(self) -> int:
        """Place of the value under the cursor; a value keeps the cursor while others overtake it."""
        values = self.tally.values
        return next((place for place, (value, _) in enumerate(values) if value == self._selected), 0)

    @property
    def selected(self) -> Value | None:
        """The value under the cursor; None where there are no rows."""
        return self.tally.values[self.cursor][0] if self.tally.values else None

    # Painting

    def render_line(self, y: int) -> Strip:
        """Paint one value."""
        look, width = look_of(self), self.scrollable_content_region.width
        index = round(self.scroll_y) + y
        if index >= len(self.tally.values):
            return Strip.blank(width, look.style("ink", "side"))
        value, count = self.tally.values[index]
        here = index == self.cursor and self.has_focus
        figures = fit_right(f"{count:,}", _COUNT) + fit_right(share_text(count, self.tally.rows), _SHARE) + " "
        edge = look.own("▌") if here else " "
        text, ink = self._written(value, look)
        room = width - len(figures) - 1
        row = fit(text, max(room, 4), look.ellipsis)
        bar = round(width * count / max(self.tally.rows, 1))
        strip = Strip(
            [
                Segment(edge, look.style("focus", "row-cursor" if here else "side")),
                Segment(row, look.style(ink, "row-cursor" if here else "side", bold=here)),
                Segment(figures, look.style("ink", "row-cursor" if here else "side")),
            ]
        ).adjust_cell_length(width, look.style("ink", "side"))
        return strip if here else self._with_bar(strip, look, max(bar, 1), width)

    def _with_bar(self, strip: Strip, look: Look, cells: int, width: int) -> Strip:
        behind = Style(bgcolor=look.style("ink", "row-cursor-blurred").bgcolor)
        head = [Segment(text, style + behind if style else behind) for text, style, _ in strip.crop(0, cells)]
        return Strip([*head, *strip.crop(cells, width)])

    def _written(self, value: Value, look: Look) -> tuple[str, str]:
        if value.kind is Kind.NONE:
            return "(none)", "quiet"
        if value.kind is Kind.TIME:
            return self.clock.full_us(value.raw)[_MINUTE], "ink"
        ink = {Kind.NUMBER: "json-number", Kind.FLAG: "json-word", Kind.JSON: "json-key"}.get(value.kind, "ink")
        return look.text(value.told, LIMIT), ink

    def on_focus(self) -> None:
        """Show the cursor."""
        self.renew()

    def on_blur(self) -> None:
        """Hide the cursor."""
        self.renew()

    def on_resize(self) -> None:
        """Fit the values to another size."""
        self._drawn = None
        self.renew()

    # Moving

    def _to(self, index: int) -> None:
        values: Sequence[tuple[Value, int]] = self.tally.values
        if not values:
            return
        index = max(0, min(index, len(values) - 1))
        self._selected = values[index][0]
        top, height = round(self.scroll_y), self.size.height
        if index < top:
            self.scroll_to(y=index, animate=False, immediate=True)
        elif index >= top + height:
            self.scroll_to(y=index - height + 1, animate=False, immediate=True)
        self.renew()

    def action_move(self, values: int) -> None:
        """Move the cursor by values."""
        self._to(self.cursor + values)

    def action_page(self, pages: int) -> None:
        """Move the cursor by what is in sight."""
        self._to(self.cursor + pages * max(self.size.height - 1, 1))

    def action_edge(self, side: int) -> None:
        """Move the cursor to the first value, or to the last."""
        self._to(0 if side < 0 else len(self.tally.values) - 1)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is; a second click filters by the value."""
        index = round(self.scroll_y) + event.y
        if index >= len(self.tally.values):
            return
        if event.chain >= 2:
            self.post_message(self.Chosen())
        else:
            self._to(index)
